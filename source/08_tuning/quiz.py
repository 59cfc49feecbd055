"""Questions of 08_tuning: predictions before a picture or number, and the quiz at the end.

Every option has its own reply. The replies say why; they are what a learner reads.
"""

from autograder.questions import Choice, Number, Question, TrueFalse

PREDICTIONS: tuple[Question, ...] = (
    Choice(
        "degree_by_training_error",
        "Degrees 1 to 15 are tried, and the one with the lowest training error is taken. Which?",
        {
            "1": "A line cannot follow a wave, so its error is high everywhere.",
            "About 5": "That may be the best curve. But does the training error know?",
            "15": (
                "A polynomial of degree 15 can do all that one of degree 14 can, and a little "
                "more. The training error always asks for more."
            ),
        },
        "15",
    ),
    Choice(
        "shape_of_validation_error",
        "The degree grows from 1 to 12. What will the error on the validation points do?",
        {
            "It falls all the way, like the training error.": (
                "The curves were never fitted to these points. What helps to hit the noise of "
                "other points need not help here."
            ),
            "It falls, and later rises.": (
                "At first the curve becomes able to follow the wave, then it follows the noise of "
                "the training points."
            ),
            "It rises all the way.": "A line is too weak for a wave: more must help at first.",
        },
        "It falls, and later rises.",
    ),
    Number(
        "fits_of_a_search",
        "12 configs are compared by cross-validation with 5 folds; the best is refitted once. How "
        "many fits is that in all?",
        61,
        2,
        "12 times 5 fits for the scores, and one more of the winner on all the data.",
        {
            60: "Nearly: the winner is fitted once more.",
            17: "Every config needs all five folds.",
            12: "One fit a config is a single split. Here each config is fitted once a fold.",
            13: "Every config needs all five folds.",
        },
    ),
    Choice(
        "accuracy_on_coins",
        "500 measurements of pure noise, 60 coins, ten folds. What will the suspect's "
        "cross-validation report?",
        {
            "About 50 %": (
                "It would, if the held-out coins had no part in it. Which line has seen them?"
            ),
            "Far more than 50 %": (
                "The columns were chosen by all 60 coins. Of 500 columns, ten go well with them by "
                "chance, with the held-out ones as well."
            ),
            "Far less than 50 %": "Chance errs in both directions alike.",
        },
        "Far more than 50 %",
    ),
    Number(
        "uniform_below_a_hundredth",
        "Learning rates are drawn uniformly between 0.0001 and 1. Which share lies below 0.01? (1 "
        "significant digit)",
        0.01,
        1,
        "The share is a share of the length: 0.0099 of 0.9999. Two of the four powers of ten get "
        "one trial in a hundred.",
        {
            0.5: "That is the share for a log-uniform draw: two of four powers of ten.",
            0.1: "Below 0.1 lies a tenth. Below 0.01?",
            0.001: "Below 0.001 lies a thousandth. Below 0.01?",
        },
    ),
    Number(
        "size_of_a_grid",
        "Six hyperparameters with five values each. How many training runs is the whole grid?",
        15625,
        5,
        "5 to the power 6. L0: a grid scales exponentially with the number of hyperparameters.",
        {
            30: "That is 6 times 5: one name at a time. A grid holds all combinations.",
            7776: "That is 6 to the power 5. Every one of six names has five values.",
        },
    ),
    Choice(
        "values_of_the_one_that_matters",
        "Nine trials. How many different values of the important hyperparameter does each search "
        "try?",
        {
            "Both nine": "A 3 by 3 grid repeats each value three times.",
            "The grid three, random search nine": (
                "The grid's other six trials only change what hardly matters."
            ),
            "The grid nine, random search three": "Count the columns of a 3 by 3 grid.",
        },
        "The grid three, random search nine",
    ),
    Choice(
        "training_error_with_decay",
        "The strength of the penalty grows from nearly 0. What does the error on the training "
        "points do?",
        {
            "It falls at first.": (
                "Without the penalty the fit is the one with the lowest training error there is."
            ),
            "It never falls.": (
                "The penalty pulls the fit away from the lowest training error. What it may lower "
                "is the error on other points: that is L1's definition of regularisation."
            ),
            "It stays as it is.": "The weights shrink, so the curve changes.",
        },
        "It never falls.",
    ),
    Choice(
        "peak_of_double_descent",
        "40 training points, minimum-norm least squares on 2 to 300 random features. Where is the "
        "test error highest?",
        {
            "At 2 features": "Two features are too weak, but they cannot go wild.",
            "Near 40 features": (
                "With as many features as points there is one exact fit, and it must hit all the "
                "noise. With more there is a choice, and the shortest is taken."
            ),
            "At 300 features": (
                "The classical U says so. But of the many exact fits the shortest is taken."
            ),
        },
        "Near 40 features",
    ),
    Choice(
        "which_of_two_equals",
        "Two methods are the same; each run has a spread of 0.02. One run each: how often do they "
        "differ by 0.02 or more?",
        {
            "Hardly ever, about 5 %": (
                "The difference of two runs has a larger spread than one run: 0.028."
            ),
            "In about half of the cases": (
                "The spread of the difference is the root of 2 times 0.02, so 0.02 is 0.7 of it. "
                "A normal number strays that far in 48 % of the cases."
            ),
            "Nearly always": "Then one run would say nothing at all. It is not quite that bad.",
        },
        "In about half of the cases",
    ),
    Choice(
        "best_of_fifty_guessers",
        "50 models guess 100 answers, each right with probability one half. How good is "
        "the best of "
        "them on these 100?",
        {
            "About 50 %": "That is their mean. The best of fifty is another thing.",
            "About 61 %": (
                "One model strays by 5 % from 50 %. The best of 50 lies a little more than two of "
                "these above the mean."
            ),
            "About 90 %": "That would be 8 spreads above the mean, far beyond the luck of fifty.",
        },
        "About 61 %",
    ),
)

QUIZ: tuple[Question, ...] = (
    Choice(
        "what_test_data_is_for",
        "You have trained ten networks. What may the test data do? (L0)",
        {
            "Choose the best of the ten.": (
                "Then it is validation data, and its accuracy is too good. Choose by validation "
                "data."
            ),
            "Say how good the chosen one is.": "Once, at the end, and nothing is changed after it.",
            "Decide when to stop training.": "That is a choice too. It belongs to validation data.",
        },
        "Say how good the chosen one is.",
    ),
    TrueFalse(
        "scaler_before_the_folds",
        "Scaling all features with the mean of the whole data before cross-validation is no leak, "
        "since no label is used.",
        answer=False,
        why="The held-out rows moved the mean, so the training has seen something of them. "
        "Often little comes of it, and it costs nothing to do it right.",
        why_not="Labels are not all that can leak. Which rows does the mean know?",
    ),
    TrueFalse(
        "random_against_grid",
        "Random search finds good values faster than a grid when only a few hyperparameters "
        "matter. (L0)",
        answer=True,
        why="Each trial has a new value of those that matter. When all matter alike the "
        "advantage is small.",
        why_not="Count the different values of the one that matters.",
    ),
    Choice(
        "best_at_the_border",
        "Learning rates from 0.0001 to 0.1 were tried; 0.1 was best. What next?",
        {
            "Take 0.1.": "The best may be larger: nothing larger was tried.",
            "Search finer between 0.01 and 0.1.": (
                "That looks on one side of 0.1 only. What lies on the other?"
            ),
            "Search again with a higher upper end.": (
                "The loss still fell when the range ended. Only beyond it can one see where it "
                "turns."
            ),
        },
        "Search again with a higher upper end.",
    ),
    TrueFalse(
        "more_capacity_always_hurts",
        "As soon as a model fits its training data exactly, more capacity makes the test error "
        "worse.",
        answer=False,
        why="Beyond the interpolation threshold it may fall again: double descent. Of many exact "
        "fits the training picks a tame one.",
        why_not="Look at the right half of the picture in section 8.",
    ),
    Choice(
        "penalty_and_training_error",
        "Training and validation loss are both high and nearly equal. What should you try first?",
        {
            "A stronger penalty.": "That lowers the capacity. It is too low already.",
            "More training data.": "More data helps against overfitting. This is underfitting.",
            "More capacity, or a weaker penalty.": (
                "Bad even on the training set: that is L1's definition of underfitting."
            ),
        },
        "More capacity, or a weaker penalty.",
    ),
    TrueFalse(
        "no_free_lunch",
        "By the no free lunch theorem, no method can be better than another on the tasks that "
        "people really have.",
        answer=False,
        why="The theorem averages over all possible data. Real tasks are not drawn like that, so "
        "methods do differ on them; which one wins has to be measured.",
        why_not="Over which data does the theorem average?",
    ),
    Choice(
        "after_the_choice",
        "A config has been chosen by validation loss. On what is the final model fitted? (L0)",
        {
            "On the training data, as before.": (
                "It would do. But the validation data has done its work and can be learned from."
            ),
            "On training and validation data.": "Then the test data, once.",
            "On all data, the test data included.": "Then nothing is left to test it with.",
        },
        "On training and validation data.",
    ),
)

QUESTIONS: tuple[Question, ...] = PREDICTIONS + QUIZ
