"""Questions of 04_sgd: predictions before a picture, and the quiz at the end.

Every option has its own reply. The replies say why; they are what a learner reads.
"""

from autograder.questions import Choice, Number, Question, TrueFalse

PREDICTIONS: tuple[Question, ...] = (
    Choice(
        "twenty_examples",
        'L3: "Update for each example. If there are 20 examples, 20 times faster." What is it that '
        "is 20 times as much?",
        {
            "The progress towards the minimum, for certain.": (
                "Each of the 20 updates follows one example's gradient only. They need not all "
                "point the right way."
            ),
            "The number of updates, in one pass through the data.": (
                "20 updates for the price of one pass. How much each is worth depends on the "
                "noise: section 5 measures it."
            ),
            "The arithmetic in one pass through the data.": (
                "Each example's gradient is still computed once. The arithmetic is the same."
            ),
        },
        "The number of updates, in one pass through the data.",
    ),
    Choice(
        "windows_taken_literally",
        "N = 6, batches of 2, three iterations; iteration i uses the i-th and the next index of "
        "the order. What happens?",
        {
            "Every example is used once.": (
                "Write the windows down: places 1-2, then 2-3, then 3-4 of the order."
            ),
            "Some are used twice, some never.": (
                "The windows are places 1-2, 2-3, 3-4: the examples in places 2 and 3 come twice, "
                "those in places 5 and 6 never."
            ),
            "Every example is used twice.": (
                "That would need six windows. An epoch has ceil(6 / 2) = 3 of them."
            ),
        },
        "Some are used twice, some never.",
    ),
    Choice(
        "sum_instead_of_mean",
        "lr = 0.1 works for batches of 1. Somebody adds the gradients of a batch up instead of "
        "averaging them, and goes to batches of 32. What happens?",
        {
            "Nothing: the direction is the same.": (
                "It is. But how long is the step, compared with the mean's?"
            ),
            "It converges 32 times faster.": (
                "The steps are 32 times as long. Remember from 01 what too long a step does."
            ),
            "It diverges: the rate is now 3.2 in effect.": (
                "The sum is 32 times the mean, so lr = 0.1 acts like 3.2, far beyond 2 over the "
                "largest curvature."
            ),
        },
        "It diverges: the rate is now 3.2 in effect.",
    ),
    Choice(
        "path_of_small_batches",
        "60 updates with batches of 2, beside 60 with all 64 examples, same rate and start. How do "
        "the paths end?",
        {
            "Both in the minimum.": (
                "At the minimum the gradient of all examples is 0. Is that of two of them?"
            ),
            "The small batches do not even come near.": (
                "On average they point downhill, and far away the gradient is much longer than its "
                "noise."
            ),
            "The small batches come near as fast, but do not come to rest.": (
                "On average they point downhill. At the minimum the gradients of two examples are "
                "still not 0, so the path wanders."
            ),
        },
        "The small batches come near as fast, but do not come to rest.",
    ),
    Choice(
        "noise_of_four_times_the_batch",
        "You take batches of 16 instead of 4, out of very many examples. The standard deviation of "
        "the gradient's noise becomes ...",
        {
            "half as large": (
                "The variance is divided by 4, so the standard deviation by 2. Four times the work "
                "for half the noise."
            ),
            "a quarter": "That is the variance. The standard deviation is its root.",
            "a sixteenth": "The noise goes down with the root of the batch size.",
            "equal": "Four times as many examples are averaged: their noise cancels in part.",
        },
        "half as large",
    ),
    Choice(
        "noise_floor_and_rate",
        "Batches of 1, a constant rate, many epochs. The loss stops falling at some height above "
        "the minimum. What happens to this height when lr is 4 times smaller?",
        {
            "It stays: the noise of the gradients is the same.": (
                "The gradients are as noisy, but each noisy step is shorter."
            ),
            "It becomes lower.": (
                "Each noisy step is shorter, so the path stays closer to the minimum. The price is "
                "a slower start."
            ),
            "It becomes higher: the steps are too short to get there.": (
                "Then it would still be falling, not standing still. Look at the end of the curve."
            ),
        },
        "It becomes lower.",
    ),
    Choice(
        "where_many_starts_end",
        "A loss with one deep and several shallow minima, 40 starts. Where do the full-batch runs "
        "end, and where those with batches of 1?",
        {
            "Both in the nearest minimum.": (
                "The full batch does. But one example's gradient may push a run over a low wall."
            ),
            "Full batch: in the nearest minimum. Batches of 1: mostly in the deep one.": (
                "Noise shakes runs out of shallow minima. This is L2's point: the start matters "
                "less."
            ),
            "Both in the deep one.": (
                "The full batch only ever goes downhill. What does it do in a shallow minimum?"
            ),
            "Batches of 1 end anywhere.": (
                "If the noise is too strong, they do. Here lr is such that the deep minimum holds."
            ),
        },
        "Full batch: in the nearest minimum. Batches of 1: mostly in the deep one.",
    ),
    Choice(
        "two_swapped_statements",
        "Large batches make more updates per second; small batches need fewer updates. Is that "
        "true?",
        {
            "Both are true.": (
                "Which takes longer, an update with 300 examples or one with 1? And which gradient "
                "is noisier?"
            ),
            "Only the first.": "A large batch means more computation for an update, not less.",
            "Only the second.": "A small batch has the noisier gradient, so it needs more updates.",
            "Neither: each is true of the other one.": (
                "Small batches make more updates per second, large batches need fewer of them. "
                "L2's answer slide swaps the two words."
            ),
        },
        "Neither: each is true of the other one.",
    ),
    Choice(
        "raw_wine_best_rate",
        "A network on the raw measurements, one of them near 750. Eight rates from 1e-8 to 0.1 are "
        "tried. What will the best of them reach, if always saying the mean gives a loss of 1?",
        {
            "About 1: hardly better than always saying the mean.": (
                "The large feature allows tiny rates only, and with those the other weights do not "
                "move within 50 epochs."
            ),
            "About 0.5: slower, but it gets there.": (
                "For that some rate would have to suit proline and hue at once. Their curvatures "
                "differ by millions."
            ),
            "About 0.2: some rate will fit.": (
                "So it is with scaling. Without, the curvatures differ by millions."
            ),
        },
        "About 1: hardly better than always saying the mean.",
    ),
    Choice(
        "leaky_score",
        "The scaler is fitted on training and test data together. With only 10 training wines, how "
        "does the measured test loss compare with the honest one?",
        {
            "It is the same: no labels were used.": (
                "Means and scales of 168 more wines went into the training data. Wait for the "
                "numbers."
            ),
            "It looks better than it is.": (
                "The scaler of 10 wines is poor. Borrowing the test set's means makes the test "
                "look easier than new wines will be."
            ),
            "It looks worse.": (
                "The test set helps to fit the scaler for that very test set. In whose favour is "
                "that?"
            ),
        },
        "It looks better than it is.",
    ),
    Choice(
        "loss_of_the_suspect_loop",
        "The suspect loop has a mistake in it. How will its training loss compare with yours?",
        {
            "It will not fall.": "Most wrong loops still go downhill. Look at the curve.",
            "It will be clearly higher.": (
                "So one would hope. Look at the curve: no loss curve has to betray a mistake."
            ),
            "Nobody will see a difference.": (
                "A loop that leaves out a few of the examples, other ones each time, trains "
                "nearly as well. Only looking at what it does shows it."
            ),
        },
        "Nobody will see a difference.",
    ),
)

QUIZ: tuple[Question, ...] = (
    TrueFalse(
        "noise_and_initial_weights",
        "Introducing some noise to the gradient, by random mini-batches, reduces the impact of the "
        "initial weights on the final point (L2).",
        answer=True,
        why="Section 7: the full batch ended next to its start, the noisy runs mostly in the deep "
        "minimum. It takes the right amount of noise.",
        why_not="Look at the picture of section 7 again: which dots lie on a vertical line?",
    ),
    TrueFalse(
        "small_batches_more_updates",
        "For small batches, gradient descent performs more weight updates per second, because each "
        "one requires less computation (L2, repaired).",
        answer=True,
        why="Your table shows it. The gain ends where the fixed cost of an update takes over: 1 "
        "and 10 examples take nearly the same time.",
        why_not="Look at your table: microseconds per update.",
    ),
    TrueFalse(
        "large_batches_fewer_updates",
        "For large batches, gradient descent converges in fewer weight updates, because each "
        "stochastic gradient is less noisy (L2, repaired).",
        answer=True,
        why="The updates needed fall with the batch size, until the noise is small beside the "
        "gradient. Beyond that a larger batch buys nothing.",
        why_not="Look at the column of updates in your second table.",
    ),
    Number(
        "updates_in_three_epochs",
        "1000 examples, batches of 64, three epochs. How many updates? (2 significant digits)",
        48,
        2,
        "ceil(1000 / 64) = 16 in an epoch; the last batch has 40 examples. Three epochs: 48.",
        {
            45: "You rounded down: 15 full batches. The 40 examples that are left have a turn too.",
            47: "3000 / 64 rounded up. Every epoch has a short last batch of its own.",
            16: "That is one epoch.",
            15: "That is one epoch, and rounded down.",
        },
    ),
    Choice(
        "noise_of_the_full_batch",
        "The examples are shuffled and the batch size is N. How large is the variance of the "
        "batch's gradient?",
        {
            "sigma^2 / N": (
                "That is for N independent draws, in which some examples come twice. After "
                "shuffling, all are there once."
            ),
            "0": ("Every full batch is the same set. The factor (N - B) / (N - 1) is 0 for B = N."),
            "sigma^2": "That is a batch of one example.",
        },
        "0",
    ),
    Number(
        "variance_number",
        "Ten examples, the variance of their gradients is 18 (mean of squares, over N). What is "
        "the variance for batches of 4, without replacement? (2 significant digits)",
        3.0,
        2,
        "18 / 4 = 4.5, times (10 - 4) / (10 - 1) = 2/3, is 3.",
        {
            4.5: "That is for independent draws. The correction is (N - B) / (N - 1).",
            2.7: "The correction is (N - B) / (N - 1) when the variance divides by N: 6/9.",
            1.8: "18 / 4 comes first; then the correction, 6/9.",
            12.0: "18 still has to be divided by the batch size.",
        },
    ),
    TrueFalse(
        "gradient_at_the_minimum",
        "When the parameters arrive at the minimum of the training loss, the gradients of the "
        "mini-batches are 0 as well.",
        answer=False,
        why="Their mean is 0, each of them is not, unless every example is fitted exactly. So the "
        "path goes on moving unless the rate falls (L2).",
        why_not="Section 1 computed both at the best line. What was the gradient of four examples?",
    ),
    Choice(
        "who_may_see_the_test_set",
        "You scale features before you train. What is done with the test set?",
        {
            "It gets a scaler of its own, fitted on it.": (
                "Then the same wine would be scaled differently in training and in the test."
            ),
            "It is put together with the training set to fit the scaler.": (
                "Then the training depends on the test set: a leak. Section 10 has the numbers."
            ),
            "The scaler of the training set is applied to it.": (
                "As it will be applied to every new wine."
            ),
            "It is left as it is.": (
                "The model was trained on scaled features. It would read raw ones in other units."
            ),
        },
        "The scaler of the training set is applied to it.",
    ),
    Number(
        "rate_for_sums",
        "A program adds up the gradients of a batch. You want the steps of lr = 0.2 on means, with "
        "batches of 50. Which lr do you give it? (2 significant digits)",
        0.004,
        2,
        "The sum is 50 times the mean, so lr is divided by 50. With another batch size you would "
        "have to change it again: a good reason for means.",
        {
            10.0: "The sum is longer than the mean, so the rate has to be smaller.",
            0.2: "The sum is 50 times as long as the mean.",
            0.028: "The root of 50 belongs to the noise. The sum itself is 50 times the mean.",
        },
    ),
)

QUESTIONS: tuple[Question, ...] = (*PREDICTIONS, *QUIZ)
