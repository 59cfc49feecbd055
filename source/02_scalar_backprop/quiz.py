"""Questions of 02_scalar_backprop: predictions before a picture, and the quiz at the end.

Every option has its own reply. The replies say why; they are what a learner reads.
"""

from autograder.questions import Choice, Number, Question, TrueFalse

PREDICTIONS: tuple[Question, ...] = (
    Number(
        "slope_for_x_by_hand",
        "f = ReLU((x + y) z) at x = 1, y = -4, z = -2. What is the derivative of f for x? "
        "(1 significant digit)",
        -2.0,
        1,
        "v = 6 is positive, so ReLU passes 1. Then comes the factor z = -2 of the product, and the "
        "factor 1 of the sum.",
        {
            0.0: "ReLU closes only where v is negative. Here v = (-3) * (-2) = 6.",
            -3.0: "That is u, the derivative for z. On the way to x the product puts in z.",
            2.0: "The size is right. Look at the sign of z.",
            1.0: "Two of the three factors are 1. The third comes from the product v = u z.",
        },
    ),
    Choice(
        "slope_behind_the_gate",
        "z moves from -2 to 2, with x + y = -3. What is the derivative of f for z?",
        {
            "It is -3 everywhere.": (
                "It would be without ReLU. What is v when z is positive, and what does ReLU make "
                "of it?"
            ),
            "It is -3 up to z = 0 and 0 from there on.": (
                "For negative z, v = -3 z is positive and passes. For positive z the gate is "
                "closed, and at 0 the course takes the slope 0."
            ),
            "It falls smoothly from -3 to 0.": (
                "ReLU has two slopes, 0 and 1, and a corner. Nothing in between."
            ),
        },
        "It is -3 up to z = 0 and 0 from there on.",
    ),
    Number(
        "largest_slope_of_sigmoid",
        "The slope of the sigmoid is s (1 - s), where s is its value. What is the largest slope? "
        "(2 significant digits)",
        0.25,
        2,
        "s (1 - s) is largest at s = 1/2, which is at the input 0.",
        {
            1.0: "That is the largest slope of tanh. What is s (1 - s) at best, for s between 0 "
            "and 1?",
            0.5: "0.5 is the value of the sigmoid there. The slope is 0.5 * (1 - 0.5).",
        },
    ),
    Choice(
        "which_order_works",
        "a is an input, b = a + a, d = b * c, c = a * b. Which order computes every value from "
        "values that are there?",
        {
            "a, b, d, c": "d needs c, which comes after it here.",
            "a, c, b, d": "c = a * b needs b first.",
            "a, b, c, d": "Every node comes after all its parents. It is the only order here.",
        },
        "a, b, c, d",
    ),
    Number(
        "passed_on_too_early",
        "c's gradient is 1. Each of the two edges from c to b brings 1. Whenever b's sum changes, "
        "b passes its sum so far on along both of its edges to a. What does a have at the end?",
        6.0,
        1,
        "First b holds 1 and sends 1 twice. Then b holds 2 and sends 2 twice. 1 + 1 + 2 + 2 = 6 "
        "instead of 4.",
        {
            4.0: "That is the right derivative, and not what happens: b sends at 1, and again at "
            "2.",
            2.0: "That is what a has after b's first turn. b gets a second part and sends again.",
            8.0: "b sends 1 along two edges, then 2 along two edges. Add that up.",
        },
    ),
    Number(
        "paths_through_doublings",
        "b = a + a, c = b + b, and so on, n = 20 times. How many paths lead from a to the end? "
        "(2 significant digits)",
        2.0**20,
        2,
        "At each doubling a path has two edges to choose from: 2 to the power of 20, about a "
        "million. There are only 40 edges.",
        {
            40.0: "That is the number of edges. A path chooses one of two edges at each doubling.",
            400.0: "The choices multiply: 2 · 2 · 2 ...",
            20.0: "At each doubling a path has two edges to choose from.",
        },
    ),
    Choice(
        "which_graph_betrays_it",
        "The suspect visits nodes in the order in which it finds them from the output. Parents are "
        "listed as they are written. Which graphs betray it? Recall a = x y, b = a + x.",
        {
            "All three": "In L0's graph every node has one child, so nothing can come too early.",
            "f = a b only": (
                "There it finds a before b, and a passes on its sum before b has added to it. In "
                "f = b a it happens to find b first."
            ),
            "f = a b and f = b a": (
                "In f = b a it finds b first. Then a is complete when its turn comes."
            ),
            "None": "Which node is found first in f = a b, and is its sum complete by then?",
        },
        "f = a b only",
    ),
    Choice(
        "good_relative_error",
        "Right derivatives against central differences with h = 1e-5, both in float64. Which "
        "relative error do you expect?",
        {
            "exactly 0": "Measured slopes have errors: from h and from rounding.",
            "about 1e-10": (
                "The error from h is about h² = 1e-10, that from rounding about 1e-16 / 1e-5 = "
                "1e-11."
            ),
            "about 1e-5": (
                "That is the error of *one-sided* differences. In central ones the part with h "
                "cancels and h² is left."
            ),
            "about 1e-2": "So large an error says that one of the two is wrong.",
        },
        "about 1e-10",
    ),
    Number(
        "backward_twice",
        "f = x² at x = 3. After two calls of f.backward(), what is x.grad? (2 significant digits)",
        12.0,
        2,
        "Each sweep adds 6. That is right for shared nodes and a trap in a training loop.",
        {
            6.0: "That is the derivative, and x.grad after one sweep. The second one adds.",
            36.0: "The sweeps add up; they do not multiply.",
            18.0: "In this Value each sweep starts from 1 and adds the same 6.",
        },
    ),
    Choice(
        "loss_of_the_xor_network",
        "Three hidden tanh units, 150 updates with lr = 0.2. Where will the loss end?",
        {
            "near 1, like a straight line": (
                "That is the best without hidden units. With them the regions may bend."
            ),
            "near 0.5: half of the examples right": (
                "It could get stuck on the way. From this start it does not. Look at the picture."
            ),
            "near 0": (
                "13 weights for 4 examples: there are many exact solutions, and most starts find "
                "one."
            ),
        },
        "near 0",
    ),
)

QUIZ: tuple[Question, ...] = (
    TrueFalse(
        "every_edge_once",
        "Backpropagation makes about as many multiplications as the graph has edges, however many "
        "inputs and paths there are.",
        answer=True,
        why="Each edge carries one product, because a node passes on its finished sum once.",
        why_not="Count for the chain of doublings: how often is each edge used?",
    ),
    TrueFalse(
        "gate_of_relu",
        "If v < 0 in f = ReLU(v), a small change of any node before v leaves f as it is.",
        answer=True,
        why="The gate is closed: f is 0 and stays 0, so all derivatives behind it are 0.",
        why_not="f is 0 on the whole left side. What does a small change of v do there?",
    ),
    Number(
        "gradient_of_used_twice",
        "f = a · a + 3a at a = 2. What is the derivative for a? (1 significant digit)",
        7.0,
        1,
        "The product gives 2 twice, once for each place, and the other term gives 3.",
        {
            5.0: "a stands in the product twice. Each place gives a part.",
            4.0: "The term 3a gives a part, too.",
            3.0: "The product gives parts, too: one for each of its two places.",
            2.0: "There are three places in which a is used. Add up three parts.",
        },
    ),
    Choice(
        "why_reverse_order",
        "Why does backpropagation use the reverse of a topological order?",
        {
            "So that all values are there when they are needed.": (
                "That is why the *forward* pass uses the order itself."
            ),
            "So that a node's sum is complete before it is passed on.": (
                "All children of a node come before it in the reverse order, so all its parts "
                "have arrived."
            ),
            "So that the recursion does not get too deep.": (
                "A loop avoids that in any order. The numbers would be wrong all the same."
            ),
            "Any order would do, as long as parts are added.": (
                "Section 6's suspect adds parts. What went wrong there?"
            ),
        },
        "So that a node's sum is complete before it is passed on.",
    ),
    TrueFalse(
        "unreached_node",
        "A node that does not reach the output has no derivative, so it may be left out of the "
        "result.",
        answer=False,
        why="It has one: 0. The output does not change when the node does.",
        why_not="How much does the output change when such a node does? That is a number.",
    ),
    Choice(
        "what_forward_must_keep",
        "v = u · z. What must the forward pass keep so that the backward pass can go through this "
        "node?",
        {
            "Nothing: the derivative of a product is known.": (
                "Its *form* is known. Its numbers are the values of the other factors."
            ),
            "The values of u and z": (
                "The derivative for u is z and for z it is u. This is why training needs more "
                "memory than prediction."
            ),
            "The value of v only": "From v alone neither u nor z can be had.",
        },
        "The values of u and z",
    ),
    Number(
        "product_of_sigmoids",
        "Five sigmoids in a row, no weights between them. By what factor at most does the gradient "
        "survive the way back? (1 significant digit)",
        0.25**5,
        1,
        "At best 1/4 each: 0.25 to the power of 5 is about 0.001.",
        {
            1.25: "Along a path the slopes multiply.",
            0.25: "That is one of them.",
            0.03125: "The largest slope is 1/4, not 1/2.",
            1.0: "1 is the largest slope of tanh and ReLU. That of the sigmoid is smaller.",
        },
    ),
)

QUESTIONS = (*PREDICTIONS, *QUIZ)
