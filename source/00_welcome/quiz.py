"""Questions of 00_welcome: predictions, and the quiz at the end."""

from autograder.questions import Choice, Number, Question, TrueFalse

PREDICTIONS: tuple[Question, ...] = (
    Choice(
        "shape_of_row_plus_column",
        "a has the shape (3, 1), b has the shape (4,). What is the shape of a + b?",
        {
            "(3, 4)": "The 1 is stretched to 4, and the axis that b lacks to 3.",
            "(4, 3)": "Shapes are compared from the right: 1 against 4, then 3 against nothing.",
            "(7,)": "+ does not put arrays one behind the other.",
            "an error": "It would be one for (3,) and (4,). An axis of length 1 is stretched.",
        },
        "(3, 4)",
    ),
    Number(
        "loss_of_a_perfect_model",
        "Predictions 1, 2, 3, 4 as a column (4, 1), targets 1, 2, 3, 4 as a row (4,). What does "
        "the suspect return? (2 significant digits)",
        2.5,
        2,
        "There are 16 differences: 0 four times, ±1 six times, ±2 four times, ±3 twice. Their "
        "squares add up to 6 + 16 + 18 = 40, and 40 / 16 = 2.5.",
        {
            0.0: "So it should be. But which shape does (4, 1) minus (4,) have?",
            10.0: "The sum of the squares is 40, and there are 16 numbers, not 4.",
            1.25: "That is the variance of the targets. The mean over all pairs is twice that.",
        },
    ),
    Choice(
        "tanh_as_written",
        "What does (e^z - e^-z) / (e^z + e^-z) give on a computer at z = 1000?",
        {
            "1": "That is the value of tanh. But e^1000 is larger than the largest number.",
            "0": "e^-1000 is 0, e^1000 is not.",
            "nan": "e^1000 is infinite for the computer, and infinity / infinity is not a number.",
        },
        "nan",
    ),
    Choice(
        "flat_far_left",
        "Go far to the left, to z = -20. Which of the five functions are flat there, to the eye?",
        {
            "ReLU only": "It is exactly flat. But what does e^-20 add to the others?",
            "sigmoid, tanh and ReLU": "Right for these. What is left of e^z - 1 at z = -20?",
            "all but leaky ReLU": (
                "Sigmoid, tanh and ELU flatten out, ReLU is flat from 0 on. Leaky ReLU keeps the "
                "slope 0.01."
            ),
            "none": "A slope of e^-20, two in a billion, is flat to every eye.",
        },
        "all but leaky ReLU",
    ),
    Choice(
        "three_units_look_like",
        "One input, 3 hidden ReLU units, one output. What does the graph of the output look like?",
        {
            "a smooth wave": "Each unit is made of two straight pieces. Where would a curve begin?",
            "straight pieces with at most 3 kinks": (
                "Each unit adds one kink, at the place where its input changes its sign."
            ),
            "three separate bumps": "A ReLU unit goes on rising for ever. A bump needs several.",
            "one straight line": "That would be so without activations.",
        },
        "straight pieces with at most 3 kinks",
    ),
    Choice(
        "which_unit_is_best_here",
        "The curve is smooth. 64 hidden units, the best last layer: whose largest gap is smallest?",
        {
            "ReLU": "It has to follow a round curve with straight pieces.",
            "ELU": "Its left half is round. Which of the three is round everywhere?",
            "tanh": "It is smooth everywhere, as the curve is.",
            "all the same: the theorem holds for all": (
                "The theorem says that each gap can be made small, not how fast it falls."
            ),
        },
        "tanh",
    ),
)

QUIZ: tuple[Question, ...] = (
    Choice(
        "shape_of_a_layer",
        "X has the shape (32, 10), and a layer has 5 units. Which shape has W in this course?",
        {
            "(10, 5)": "That is W.T. W is (out, in), as in L0's Wx.",
            "(5, 10)": "Five outputs, ten inputs; the result is X @ W.T.",
            "(32, 5)": "That is the shape of the result. W does not know how many examples come.",
        },
        "(5, 10)",
    ),
    TrueFalse(
        "bias_for_every_row",
        "In X @ W.T + b every example gets the same bias.",
        answer=True,
        why="b is a row of shape (out,), and broadcasting adds it to every row.",
        why_not="Which shapes meet in the sum, and which one is stretched?",
    ),
    TrueFalse(
        "no_activation_at_all",
        "Without activations, two layers can do more than one.",
        answer=False,
        why="W2 (W1 x + b1) + b2 is again one matrix times x plus a vector.",
        why_not="Multiply out W2 (W1 x + b1) + b2. What kind of function of x is it?",
    ),
    Choice(
        "what_the_theorem_promises",
        "What does the universal approximation theorem promise?",
        {
            "That training finds good weights.": "It says nothing about finding them.",
            "That good weights exist if the hidden layer is wide enough.": (
                "For continuous functions on a bounded region, with a gap as small as you like."
            ),
            "That a network predicts well on new data.": (
                "It speaks of a known function, not of data."
            ),
        },
        "That good weights exist if the hidden layer is wide enough.",
    ),
    Choice(
        "bounded_activations",
        "Which of the five activation functions are bounded on both sides?",
        {
            "sigmoid and tanh": "From 0 to 1, and from -1 to 1.",
            "sigmoid, tanh and ELU": "ELU stops at -1 on the left, but grows without end on the "
            "right.",
            "all but leaky ReLU": "What do ReLU and ELU do for large positive z?",
        },
        "sigmoid and tanh",
    ),
)

QUESTIONS = (*PREDICTIONS, *QUIZ)
