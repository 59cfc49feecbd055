"""Questions of 03_vector_backprop: predictions before a picture, and the quiz at the end.

Every option has its own reply. The replies say why; they are what a learner reads.
"""

from autograder.questions import Choice, Number, Question, TrueFalse

PREDICTIONS: tuple[Question, ...] = (
    Number(
        "steepest_sigmoid",
        "Where is the sigmoid steepest, and how steep is it there? Give the slope. (2 significant "
        "digits)",
        0.25,
        2,
        "At z = 0 it is 1/2, so s (1 - s) = 1/4. It is never steeper.",
        {
            1.0: "That is tanh at 0. For the sigmoid work out s (1 - s) with s = 1/2.",
            0.5: "That is its value at 0. The slope is s (1 - s).",
            0.0: "That is its slope far out, where it is flat.",
        },
    ),
    Choice(
        "softmax_rows",
        "All three scores rise by the same amount. What do the probabilities do?",
        {
            "All rise": "They must add up to 1.",
            "Nothing": (
                "Every numerator and the denominator get the same factor. So each row of the "
                "Jacobian adds up to 0."
            ),
            "They come closer to each other": (
                "That needs smaller differences between the scores; these stay as they are."
            ),
        },
        "Nothing",
    ),
    Number(
        "size_of_a_jacobian",
        "The layer takes a (1078, 64) array and gives a (1078, 20) array. How many GB (1e9 bytes) "
        "does its Jacobian for the input need in float64, 8 bytes a number? (2 significant digits)",
        1078 * 20 * 1078 * 64 * 8 / 1e9,
        2,
        "21,560 rows times 68,992 columns are 1.49e9 numbers, 11.9 GB. For one layer, at every "
        "update.",
        {
            1.5: "That is the number of its entries, in units of 1e9. Each takes 8 bytes.",
            1078 * 20 * 64 * 8 / 1e9: "That is without the columns for the other images.",
            0.011: "That is one row or so. It has 1078 * 20 rows and 1078 * 64 columns.",
        },
    ),
    Choice(
        "where_the_mean_is",
        "The loss is a mean over N examples. Where does its 1/N come in on the way back?",
        {
            "In every layer that has weights": (
                "Then a network with three layers would divide by N three times."
            ),
            "Once, in the gradient that the loss hands down": (
                "The loss is differentiated once, and every gradient further down is a multiple of "
                "that. So linear_backward adds up and divides by nothing."
            ),
            "In linear_backward, for dW and db alone": (
                "These sums run over the batch, but the loss has divided before they are made."
            ),
        },
        "Once, in the gradient that the loss hands down",
    ),
    Choice(
        "way_back",
        "A network is linear, ReLU, linear, ReLU, linear. What is called on the way back?",
        {
            "linear, ReLU, linear, ReLU, linear": (
                "The same five steps in reverse: begin at the logits with a linear layer, and each "
                "hands its dX to the one before."
            ),
            "ReLU, linear, ReLU, linear, ReLU": (
                "There is no ReLU behind the last linear layer, so none comes first here."
            ),
            "linear, linear, linear, then ReLU twice": (
                "The chain rule goes through the steps one by one, in reverse order."
            ),
        },
        "linear, ReLU, linear, ReLU, linear",
    ),
    Number(
        "loss_before_training",
        "A network that knows nothing gives each of the ten digits the probability 0.1. What is "
        "its mean cross-entropy, with the natural logarithm? (2 significant digits)",
        2.302585,
        2,
        "-ln 0.1 = ln 10 = 2.30. Random weights are a little worse than knowing nothing: near 2.5.",
        {
            1.0: "That is the base-10 logarithm. The course uses the natural one.",
            0.1: "That is the probability. The loss is minus its logarithm.",
            10.0: "The loss is the logarithm of 10.",
            0.9: "That is the share of wrong guesses. The loss is -ln of the probability 0.1.",
        },
    ),
    Choice(
        "loss_of_the_suspect_network",
        "The suspect's gradients are wrong. How will its training loss look beside that of the "
        "right ones?",
        {
            "It will not fall": "Most wrong gradients still point downhill. Look at the curve.",
            "It will fall, but clearly more slowly": (
                "So one would hope. Look at the curve: some faults cost almost nothing here."
            ),
            "Nearly the same": (
                "The faulty arrays matter little for this training. A loss curve does not verify "
                "gradients."
            ),
        },
        "Nearly the same",
    ),
    Choice(
        "shape_of_the_surface",
        "A plane is cut through the loss of a trained network with ReLUs, with the network in the "
        "middle. What do the contours look like?",
        {
            "Circles": (
                "Then the loss would be equally steep in all directions. Some weights matter more "
                "than others."
            ),
            "Ellipses, as for a quadratic": (
                "That holds very close to the middle. Further out, ReLUs switch on and off."
            ),
            "Closed curves that are bent and uneven": (
                "ReLUs switch on and off on the way, so every region has another slope."
            ),
            "Straight lines, since the network is piecewise linear": (
                "The network is; the loss bends on top of it, and the products of two layers' "
                "weights do so as well."
            ),
        },
        "Closed curves that are bent and uneven",
    ),
)

QUIZ: tuple[Question, ...] = (
    Choice(
        "diagonal_or_dense",
        "Which of these steps has a dense Jacobian (L0)?",
        {
            "The product x ⊙ z, for x": "Output i depends on x_i alone: diagonal, with z_i.",
            "tanh": "An activation works element by element: diagonal.",
            "Softmax": "Every score stands in every denominator, so no entry is zero.",
            "The sum x + b, for b": "Output i depends on b_i alone: the identity.",
        },
        "Softmax",
    ),
    TrueFalse(
        "relu_at_zero",
        "ReLU has the derivative 0 at z = 0; this can be proved (L1).",
        answer=False,
        why="The slopes from the left and from the right are 0 and 1, so there is none. L1 writes "
        "NaN and then assumes 0. It is an agreement.",
        why_not="What are the slopes just left and just right of 0?",
    ),
    Choice(
        "shape_of_a_gradient",
        "X is (30, 7), W is (4, 7), upstream is (30, 4). Which product is dW?",
        {
            "upstream.T @ X": "(4, 30) times (30, 7) is (4, 7), like W; the 30 examples add up.",
            "X.T @ upstream": "That is (7, 4): the transpose of what is wanted.",
            "upstream @ W": "That is (30, 7), shaped like X: it is dX.",
            "upstream * X": "(30, 4) and (30, 7) cannot be multiplied element by element.",
        },
        "upstream.T @ X",
    ),
    Number(
        "softmax_jacobian_number",
        "p = (0.5, 0.3, 0.2). What is the derivative of p_0 for the score z_1? (2 significant "
        "digits)",
        -0.15,
        2,
        "-p_0 p_1 = -0.5 * 0.3: the rival's gain is this one's loss.",
        {
            0.15: "A higher score of another class lowers this probability.",
            0.25: "That is the derivative for its own score, p_0 (1 - p_0).",
            0.35: "p_0 (1 - p_1) is no entry of the table. For i and j that differ it is -p_i p_j.",
            0.21: "That is p_1 (1 - p_1), the derivative of p_1 for its own score.",
        },
    ),
    TrueFalse(
        "sum_over_the_batch",
        "With a mean loss, showing every example twice leaves all gradients of the weights as "
        "they are.",
        answer=True,
        why="Twice as many parts are added up, and each has half the size, because the loss "
        "divides by 2N. That is why this course takes the mean.",
        why_not="How many parts are added up, and what is the factor in front of each?",
    ),
    Choice(
        "cache_of_relu",
        "What does relu_backward need from the way forward?",
        {
            "Nothing, the upstream gradient is enough": (
                "It cannot tell from upstream which units were on."
            ),
            "Where the input was positive": (
                "The input, the output or just a mask: each of them says it, since [z > 0] = "
                "[ReLU(z) > 0] (L1)."
            ),
            "The weights of the layer before": "Those belong to the linear layer's own cache.",
        },
        "Where the input was positive",
    ),
    Number(
        "cost_of_checking",
        "A network has 1510 parameters. How many forward passes does a central-difference check of "
        "all of them take? (3 significant digits)",
        3020,
        3,
        "Two for each parameter. Backpropagation takes one way forward and one way back.",
        {
            1510: "Central differences look to both sides of each parameter.",
            2: "That is backpropagation, roughly: one way forward, one back.",
            1511: "That would be one-sided differences.",
        },
    ),
    Choice(
        "dead_network",
        "All weights and biases of a ReLU network with one hidden layer start at 0. What does full-"
        "batch descent change?",
        {
            "Everything, slowly": (
                "The hidden units are 0, so dW of the last layer is 0. And dX through zero weights "
                "is 0 as well."
            ),
            "Nothing": "Almost. Which gradient does not need a weight or an activation?",
            "Only the last layer's biases": (
                "Their gradient is the sum of upstream. All others are multiplied with a weight or "
                "an activation that is 0. So weights start at random."
            ),
        },
        "Only the last layer's biases",
    ),
)

QUESTIONS: tuple[Question, ...] = (*PREDICTIONS, *QUIZ)
