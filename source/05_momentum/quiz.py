"""Questions of 05_momentum: predictions before a picture, and the quiz at the end.

Every option has its own reply. The replies say why; they are what a learner reads.
"""

from autograder.questions import Choice, Number, Question, TrueFalse

PREDICTIONS: tuple[Question, ...] = (
    Choice(
        "what_a_sum_does",
        "Across the valley the gradients alternate: 3, -3, 3, -3. Along it they are 1, 1, 1, 1. "
        "What does a sum of them do?",
        {
            "It grows in both directions.": "Add 3 and -3. What is left across the valley?",
            "It grows along the valley and cancels across it.": (
                "Equal signs build up, alternating signs cancel. That is the idea of momentum."
            ),
            "It cancels in both directions.": "Along the valley the sum is 1, 2, 3, 4.",
        },
        "It grows along the valley and cancels across it.",
    ),
    Number(
        "how_large_the_memory_gets",
        "rho = 0.99, and the gradient is 1 at every update. Towards which number does m grow? "
        "(3 significant digits)",
        100.0,
        3,
        "1 / (1 - 0.99) = 100. L0's two usual values, 0.9 and 0.99, differ tenfold in their steps.",
        {
            10.0: "That is for rho = 0.9.",
            99.0: "The newest gradient counts too: 1 + 0.99 + 0.99² + ...",
            1.0: "That is L2's average. Form 1 adds each gradient whole.",
            0.01: "The sum is one over 1 - rho.",
        },
    ),
    Choice(
        "when_the_rate_falls",
        "lr falls to a fifth at update 20. Do form 1 and form 2 stay together?",
        {
            "Yes, they are equivalent.": (
                "v = -lr m holds for one lr. Which lr is inside the v of update 20?"
            ),
            "No, form 2 goes on with its old speed for a while.": (
                "Its velocity was made with the old lr and fades by rho only. Form 1 multiplies "
                "its whole memory by the new lr."
            ),
            "No, form 1 goes on with its old speed for a while.": (
                "Form 1 keeps gradients, without lr. The new lr acts on all of them at once."
            ),
        },
        "No, form 2 goes on with its old speed for a while.",
    ),
    Number(
        "variance_of_the_average",
        "beta = 0.9, many independent values of variance 1. What is the variance of their moving "
        "average? (2 significant digits)",
        1 / 19,
        2,
        (
            "The squared weights add up to (1 - beta)² / (1 - beta²) = (1 - beta) / (1 + beta) = "
            "1/19 = 0.053."
        ),
        {
            0.1: "That is 1 - beta, the newest weight. Add up the squares of all weights.",
            0.01: "That is the newest value's part alone: 0.1². The older ones add theirs.",
            1.0: "The average varies less than a single value.",
            0.23: "That is the standard deviation: the root of the variance.",
        },
    ),
    Choice(
        "which_forms_agree",
        "lr is constant and the same number for all. Which of the three forms take the same path?",
        {
            "all three": "L2's average takes only the share 1 - rho of each gradient.",
            "form 1 and form 2": (
                "With one constant lr, v = -lr m. The average makes steps 1 - rho times as long."
            ),
            "form 1 and the average": "The average is 1 - rho times as large as form 1's memory.",
            "none of them": "Compare form 2's velocity with -lr times form 1's memory.",
        },
        "form 1 and form 2",
    ),
    Choice(
        "what_looking_ahead_does",
        "The ball is about to run through the floor of the valley and up the other wall. What does "
        "a gradient taken ahead do?",
        {
            "It pushes the ball further.": (
                "Ahead lies the other wall. Which way is downhill there?"
            ),
            "It brakes sooner.": (
                "On the other wall the gradient points back already, so the swing is damped."
            ),
            "Nothing; rho v is the same.": "rho v is the same, but the gradient is another one.",
        },
        "It brakes sooner.",
    ),
    Number(
        "gain_of_the_best_setting",
        "mu = 1 and L = 9. By which factor does the error shrink per update at the best "
        "setting? It is the "
        "root of the best rho. (2 significant digits)",
        0.5,
        2,
        (
            "(root 9 - root 1) / (root 9 + root 1) = 2/4. Without momentum the best is (9 - "
            "1)/(9 + 1) = 0.8."
        ),
        {
            0.25: "That is rho. The spectral radius is its root.",
            0.8: "That is gradient descent at its best. Momentum has the roots of the curvatures.",
        },
    ),
    Choice(
        "momentum_at_a_saddle",
        "Beside the ridge the slope is tiny and always points away from it. Who leaves first?",
        {
            "gradient descent": (
                "It makes one tiny step after another. What does a memory do with them?"
            ),
            "momentum": "Tiny gradients of one sign add up, to ten times their size at rho = 0.9.",
            "both alike": "The gradients are alike at first. But only one of the two adds them up.",
        },
        "momentum",
    ),
    Choice(
        "loss_of_the_suspect_lookahead",
        "The suspect's Nesterov has a mistake in it. How will its loss compare after 60 updates?",
        {
            "It will be far higher.": (
                "Most wrong optimizers still go downhill. Look at the number."
            ),
            "It will be about as low, or lower.": (
                "So it is. A loss does not verify an optimizer; compare its state."
            ),
            "It will diverge.": "At this rate it does not. Look at the number.",
        },
        "It will be about as low, or lower.",
    ),
)

QUIZ: tuple[Question, ...] = (
    TrueFalse(
        "aligned_gradients",
        "The more the new gradient is aligned with the past ones, the larger the update (L2).",
        answer=True,
        why="Aligned gradients add up, opposite ones cancel.",
        why_not="Add two arrows of the same direction, then two opposite ones.",
    ),
    TrueFalse(
        "forms_always_agree",
        "L0 calls its two forms equivalent. So they take the same path under every schedule of lr.",
        answer=False,
        why="Only while lr is constant: form 2's velocity keeps the rates of the past inside.",
        why_not="Let lr fall to zero at once. Form 1 stands still. Does form 2?",
    ),
    Number(
        "rate_for_the_average",
        "Form 1 runs with lr = 0.02 and rho = 0.95. Which lr gives L2's average the same steps? "
        "(2 significant digits)",
        0.4,
        2,
        "0.02 / (1 - 0.95) = 0.4.",
        {
            0.001: "The average is the smaller memory, so its rate must be larger.",
            0.021: "Divide by 1 - rho, not by rho.",
            0.02: "With the same rate its steps would be 20 times as short.",
        },
    ),
    Choice(
        "where_nesterov_looks",
        "Where does Nesterov's momentum take the gradient (form 2)?",
        {
            "at theta": "That is plain momentum.",
            "at theta + v": "Of v only the share rho survives to the next move.",
            "at theta + rho v": "There the memory alone will carry theta; L4 calls it lookahead.",
            "at theta - lr g": "That is where gradient descent would go.",
        },
        "at theta + rho v",
    ),
    Choice(
        "rho_and_friction",
        "L4 sees a ball rolling down the loss. What does a rho near 1 stand for?",
        {
            "much friction": "L4 calls mu friction, but with mu = 1 the velocity is kept whole.",
            "little friction": "The velocity is kept: the ball runs far, and swings for long.",
            "a heavy gradient": "How strongly the gradient pushes is set by lr.",
        },
        "little friction",
    ),
    TrueFalse(
        "momentum_and_noise",
        "A moving average with beta = 0.9 varies as much as the gradients it averages (L2).",
        answer=False,
        why="Its variance is about 1/19 of theirs, if they are independent.",
        why_not="Add up the squares of the weights.",
    ),
)

QUESTIONS: tuple[Question, ...] = (*PREDICTIONS, *QUIZ)
