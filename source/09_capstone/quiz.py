"""Questions of 09_capstone: predictions before a number, and the quiz at the end.

Every option has its own reply. The replies say why; they are what a learner reads.
"""

from autograder.questions import Choice, Number, Question, TrueFalse

PREDICTIONS: tuple[Question, ...] = (
    Number(
        "sum_or_mean",
        "Somebody takes the sum over a batch of 64 as the loss instead of the mean. How many times "
        "as long are all gradients? (2 significant digits)",
        64.0,
        2,
        "The sum is 64 means. Plain descent would need an lr 64 times as small, and another one "
        "for "
        "every batch size.",
        {
            1.0: "That is so for a mean. A sum grows with the number of examples.",
            8.0: "The root of 64 says how much the noise of a mean shrinks. The sum grows by 64.",
            1 / 64: "The right number, turned round: this is what the mean is of the sum.",
        },
    ),
    Choice(
        "which_rule_wins",
        "Every rule trains with its own best rate, over three seeds. What will the table show?",
        {
            "Adam is far ahead of the rest.": (
                "On a short training of a small network a well-tuned rule of any kind comes close."
            ),
            "All end close together; the best rates differ a lot.": (
                "The rate is the hyperparameter that matters most (L2). Once each rule has its "
                "own, "
                "little is left."
            ),
            "Plain descent fails.": (
                "With a rate of its own, plain descent trains this network well. It needs a rate "
                "thirty times as large as Adam's."
            ),
        },
        "All end close together; the best rates differ a lot.",
    ),
    Choice(
        "clean_network_on_distorted_digits",
        "The network reads about 93 % of clean held-out digits. How many of the same digits will "
        "it "
        "read after moves of up to 0.9 pixels and turns of up to 15 degrees?",
        {
            "About 90 %: the digits are still easy to read.": (
                "For people they are. The network weighs single pixels, and a move by one pixel "
                "puts dark where it learned white."
            ),
            "About 60 %": (
                "More than a third is lost. A held-out set from the same source cannot show that."
            ),
            "About 10 %: no better than guessing.": (
                "Most digits are moved by less than half a pixel; much of what it learned still "
                "fits."
            ),
        },
        "About 60 %",
    ),
    Choice(
        "single_layer_on_signals",
        "One layer, no hidden one, trained well on 3000 signals. What share of new signals does it "
        "read?",
        {
            "About 10 %": "That is guessing. Even a straight border finds something in the "
            "signals.",
            "About 50 %": (
                "Some classes differ in their mean height at the ends or in the middle. The rest "
                "moves too much for straight borders."
            ),
            "About 90 %": (
                "The shapes are put anywhere. A single layer has one weight for each place and "
                "class, and cannot say: this shape, wherever it stands."
            ),
        },
        "About 50 %",
    ),
)

QUIZ: tuple[Question, ...] = (
    Choice(
        "three_test_accuracies",
        "You have three candidates after the search. You look at the test accuracy of all three "
        "and "
        "take the best. What is its test accuracy now worth?",
        {
            "It is an honest estimate: nothing was trained on the test set.": (
                "Choosing is a kind of training. The best of three numbers is too good on average."
            ),
            "It is too good on average, because it was used to choose.": (
                "It has become a validation accuracy. For an honest number new data is needed."
            ),
            "It is too low, because three were compared.": (
                "The largest of three noisy numbers is larger than its expectation, not smaller."
            ),
        },
        "It is too good on average, because it was used to choose.",
    ),
    Choice(
        "copies_before_the_split",
        "Somebody makes five distorted copies of all digits first, and splits into training and "
        "validation after that. What is wrong?",
        {
            "Nothing: the validation images are not in the training set.": (
                "Their siblings are. A network that knows a digit by heart reads its copies too."
            ),
            "Copies of one digit land on both sides, so the validation accuracy is too good.": (
                "Split first, then copy. Whatever belongs to one example stays on one side."
            ),
            "The validation images should never be distorted.": (
                "They should look like what will come. If that is distorted, so are they."
            ),
        },
        "Copies of one digit land on both sides, so the validation accuracy is too good.",
    ),
    Choice(
        "parameters_or_hyperparameters",
        "Which of these is a parameter in L0's sense, and not a hyperparameter?",
        {
            "The number of distorted copies": "It is set before training: a hyperparameter.",
            "The bias of the third hidden unit": (
                "It is learned during training and determines the output."
            ),
            "beta2 of Adam": "It says how training goes. Nothing learns it.",
            "The width of the hidden layer": "Set before training, like the number of layers.",
        },
        "The bias of the third hidden unit",
    ),
    TrueFalse(
        "state_of_each_array",
        "A network of three layers needs three pairs (m, v) for Adam: one for each layer.",
        answer=False,
        why="Every array has its own: three weight matrices and three biases make six pairs. And t "
        "is one number for all, the number of the update.",
    ),
    TrueFalse(
        "rate_of_another_rule",
        "lr = 1 was the best rate for plain descent. So it is a sensible first try for Adam.",
        answer=False,
        why="Adam's steps have about the length lr in every parameter, whatever the gradient. With "
        "1 it throws the weights far away. Each rule has its own scale.",
    ),
    Choice(
        "better_by_half_a_point",
        "Over three seeds, A has 74.5 % ± 1.0 % and B has 75.0 % ± 1.1 %. What do you write?",
        {
            "B is better.": "The difference is half as large as the spread of a single run.",
            "No difference was seen; the simpler one is taken.": (
                "Three runs cannot tell them apart. Say so, and choose by another reason."
            ),
            "B is better, because its best run was the best of all six.": (
                "The best of several runs says most about luck."
            ),
        },
        "No difference was seen; the simpler one is taken.",
    ),
    Number(
        "updates_with_copies",
        "1078 images and five distorted copies of each, batches of 64. How many updates has an "
        "epoch?",
        102.0,
        3,
        "6 times 1078 is 6468; divided by 64 that is 101.06, so the last batch is short and "
        "counts.",
        {
            85.0: "You took five copies alone: the clean images are there as well.",
            101.0: "The last batch is short, but it is a batch. Round up.",
            17.0: "That is the epoch without copies.",
        },
    ),
    Choice(
        "feedback_and_marks",
        "In L2's course those who handed in the draft, and so got feedback, had significantly "
        "better "
        "marks in the next assignment. What follows?",
        {
            "Feedback improves marks.": (
                "It may. But who hands in a draft? Perhaps those who would do well anyway."
            ),
            "The two go together; the cause is open.": (
                "Nobody was assigned at random. Eager students may have both drafts and good "
                "marks. "
                "The same holds for hyperparameters: change one thing at a time."
            ),
            "Nothing: significant means small.": (
                "It means: hardly by chance alone. It says nothing about the reason."
            ),
        },
        "The two go together; the cause is open.",
    ),
)

QUESTIONS = PREDICTIONS + QUIZ
