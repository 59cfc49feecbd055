"""Questions of 06_adaptive_methods: predictions before a picture, and the quiz at the end.

Every option has its own reply. The replies say why; they are what a learner reads.
"""

from autograder.questions import Choice, Number, Question, TrueFalse

PREDICTIONS: tuple[Question, ...] = (
    Choice(
        "one_rate_for_two_curvatures",
        "Gradient descent on 0.1 w1² + 2 w2² with lr = 0.5. What will w2 do?",
        {
            "It runs straight to 0.": (
                "Work out the factor: w2 becomes w2 - 0.5 * 4 w2. How large is that?"
            ),
            "It jumps between two values for ever.": (
                "w2 becomes w2 - 0.5 * 4 w2 = -w2. The size stays, the sign changes, and the loss "
                "never falls below what w2 contributes."
            ),
            "It grows without bound.": (
                "That needs a factor beyond -1. Here it is exactly -1: the edge of divergence."
            ),
        },
        "It jumps between two values for ever.",
    ),
    Choice(
        "where_sign_steps_end",
        "Steps of exactly 0.35 along each axis, always downhill. Where do they end?",
        {
            "Exactly in the minimum.": (
                "A step is never shorter than 0.35. What happens when the minimum is 0.1 away?"
            ),
            "They hop to and fro across the minimum.": (
                "The size of the gradient is gone, so nothing shortens the steps near the minimum. "
                "Only a smaller lr would."
            ),
            "They diverge.": (
                "Each step goes downhill along its axis, so far from the minimum they can only "
                "come closer."
            ),
        },
        "They hop to and fro across the minimum.",
    ),
    Number(
        "adagrad_hundredth_step",
        "The gradient is the same at every update. How long is Adagrad's 100th step, as a multiple "
        "of its first? (2 significant digits)",
        0.1,
        2,
        "After t equal gradients v = t g², so the step is lr / root(t). The root of 100 is 10.",
        {
            1.0: "v grows at every update, and it stands in the denominator.",
            0.01: "v is 100 times as large. What stands in the denominator is its root.",
            10.0: "A larger v makes the step shorter.",
        },
    ),
    Choice(
        "where_eps_is_felt",
        "eps = 1e-8 stands inside the root, with v = g². Around which size of g does it begin to "
        "shorten the step?",
        {
            "|g| = 1e-16": "There it is felt as well, but it begins far earlier.",
            "|g| = 1e-8": "That is so when eps stands after the root, beside |g| itself.",
            "|g| = 1e-4": (
                "Inside the root eps stands beside g², so it is felt where g² is about 1e-8."
            ),
        },
        "|g| = 1e-4",
    ),
    Number(
        "rmsprop_first_step",
        "rho = 0.9, v starts at 0, eps is negligible. How long is RMSProp's first step, as a "
        "multiple of lr? (3 significant digits)",
        0.1**-0.5,
        3,
        "After one update v = 0.1 g² (L1 says so too). The step is lr g / (root(0.1) |g|), which "
        "is 3.16 lr.",
        {
            1.0: "That would need v = g². After one update from 0, v is (1 - rho) g².",
            0.1**0.5: "The right root, on the wrong side of the fraction bar.",
            10.0: "v is a tenth of g². What stands in the denominator is its root.",
            0.1: "v is a tenth of g²; v stands below the fraction bar, under a root.",
            0.9**-0.5: "The new square comes in with the share 1 - rho, not with rho.",
        },
    ),
    Choice(
        "adam_without_correction_first_step",
        "Both means start at 0, beta1 = 0.9, beta2 = 0.999. How long is the first step without "
        "correction?",
        {
            "Much shorter than lr, because m is too small.": (
                "m is 10 times too small, true. But it is divided by the root of v: how much too "
                "small is that?"
            ),
            "About lr, because both are too small.": (
                "Both are too small, but not by the same factor: 0.1 above, the root of 0.001 "
                "below."
            ),
            "About three times lr, because v is too small by more.": (
                "m is 0.1 g and the root of v is root(0.001) |g| = 0.0316 |g|. Their quotient is "
                "3.16. A bias towards zero makes these steps too long."
            ),
        },
        "About three times lr, because v is too small by more.",
    ),
    Choice(
        "corrected_mean_written_back",
        "The gradient is 1 at every update, beta = 0.9. If m is overwritten by its corrected value "
        "each time, what does m do?",
        {
            "It stays at 1.": (
                "It does on the first update. On the second, 0.9 * 1 + 0.1 * 1 = 1 is already "
                "right, and it is divided by 0.19."
            ),
            "It shrinks towards 0.": "The divisor is below 1, so every correction makes m larger.",
            "It runs away from 1, upwards.": (
                "From the second update on, m is already right and is divided by 1 - 0.9^t all the "
                "same: 1, 5.3, 17.8, 47, 104."
            ),
        },
        "It runs away from 1, upwards.",
    ),
    Choice(
        "who_leaves_the_saddle",
        "All four start 0.001 beside the ridge of a saddle. The slope away from the ridge is "
        "0.002. Who gets away last?",
        {
            "Gradient descent": (
                "Its step is lr times 0.002. The others divide the tiny slope by its own size, so "
                "their first step away from the ridge is about as long as any other."
            ),
            "Adagrad": (
                "On the first update v = g², so its step is lr in every direction, also where the "
                "slope is 0.002."
            ),
            "RMSProp": "Its first step is 3.16 lr in every direction, however small the slope is.",
            "Adam": "Its first step is lr in every direction, however small the slope is.",
        },
        "Gradient descent",
    ),
    Choice(
        "who_is_last_in_the_ravine",
        "A steep start, then a long flat floor, each method with its best of six rates. Which one "
        "is farthest from the minimum after 150 updates?",
        {
            "Gradient descent": (
                "The walls allow it a rate of 0.2 only, so it is slow. One method is slower still."
            ),
            "Adagrad": (
                "Its v adds up the steep start and never forgets it, so on the flat floor it still "
                "divides by the root of that sum."
            ),
            "RMSProp": "It too sees the steep start. But what does its v do in the next updates?",
            "Adam": "It too sees the steep start. How long does its v remember, how its m?",
        },
        "Adagrad",
    ),
    Choice(
        "loss_of_the_suspect",
        "The suspect is an Adam with a mistake in it. How will its training loss compare with that "
        "of the right Adam?",
        {
            "It will not fall.": "Most wrong optimizers still go downhill. Look at the curve.",
            "It will fall, but clearly more slowly.": (
                "So one would hope. Look at the curve: no loss curve has to betray a mistake."
            ),
            "It will fall at least as fast.": (
                "This one even trains faster here. A loss curve does not verify an optimizer."
            ),
        },
        "It will fall at least as fast.",
    ),
)

QUIZ: tuple[Question, ...] = (
    TrueFalse(
        "adam_first_step_is_lr",
        "On the first update, with a negligible eps, Adam moves every parameter that has a "
        "gradient by exactly lr, whatever beta1 and beta2 are.",
        answer=True,
        why="The corrected m is g and the corrected v is g², so the step is lr g / |g|. After "
        "that the means differ from the newest gradient and the steps differ from lr.",
        why_not="Put t = 1 into both corrections: what are the corrected m and v?",
    ),
    TrueFalse(
        "normalising_keeps_direction",
        "Dividing each partial derivative by its own absolute value keeps the direction of the "
        "gradient vector (L2).",
        answer=False,
        why="It keeps the direction along each axis, not that of the vector: (3, -1) becomes (1, "
        "-1). That is the point: flat directions get as much step as steep ones.",
        why_not="Try it on (3, -1) and draw both arrows.",
    ),
    Choice(
        "adagrad_in_the_long_run",
        "What happens to Adagrad's steps over a long time (L4)?",
        {
            "They grow, because v grows.": "v stands below the fraction bar.",
            "They shrink towards 0, because v only grows.": (
                "L0 says it too: v goes to infinity, the update to zero. On a convex loss that can "
                "be a blessing; on a long run with a network it stops learning."
            ),
            "They settle at lr.": "That is RMSProp under a constant gradient: its v stops growing.",
        },
        "They shrink towards 0, because v only grows.",
    ),
    Number(
        "eps_inside_the_root",
        "g = 1e-4, v = g², eps = 1e-8, inside the root as L1 writes it. How long is the step, as a "
        "multiple of lr? (3 significant digits)",
        0.5**0.5,
        3,
        "g² is just as large as eps, so the root is that of 2e-8. Outside the root the step would "
        "be 0.9999 lr.",
        {
            0.9999: "That is eps outside the root.",
            0.5: "g² and eps add up to 2e-8; the root is still to be taken.",
            2**0.5: "The sum stands below the fraction bar.",
        },
    ),
    Number(
        "expected_m_after_two",
        "The gradients have mean 2, beta1 = 0.9, m starts at 0. What is E[m] after two updates? "
        "(2 significant digits)",
        0.38,
        2,
        "E[m_2] = (1 - 0.9²) * 2 = 0.19 * 2.",
        {
            0.2: "That is E[m] after one update.",
            2.0: "That is what m estimates; after two updates it is still far from it.",
            0.19: "That is the sum of the weights. What do the weights weigh?",
            1.62: "0.81 is the share that the zero start still has. The gradients have the rest.",
            0.02: "The power belongs to beta1, not to 1 - beta1.",
        },
    ),
    TrueFalse(
        "zero_start_fades",
        "The share that the zero start has in m_t is beta1 to the power t, so the correction "
        "matters in the first updates only (L0, L4).",
        answer=True,
        why="With beta1 = 0.9 it is below 1% after 44 updates. With beta2 = 0.999 that takes v "
        "about 4600 updates, which is not so few.",
        why_not="How much of m_0 is left after one update, after two, after t?",
    ),
    Choice(
        "what_each_part_does",
        "L2 builds Adam from two parts. Which part does what?",
        {
            "m smooths noisy gradients, v evens out different curvatures": (
                "L2's panels c and d: dividing by root v moves downhill along both axes, the mean "
                "m smooths what is noisy."
            ),
            "m evens out different curvatures, v smooths noisy gradients": (
                "The other way round. Which of the two stands below the fraction bar, one for each "
                "parameter?"
            ),
            "both smooth noisy gradients; curvature plays no part": (
                "v is a mean as well, but it is used to divide each parameter's step by that "
                "parameter's own scale."
            ),
        },
        "m smooths noisy gradients, v evens out different curvatures",
    ),
    Choice(
        "which_rate_is_best",
        "All these methods have a learning rate. Which one is best to use (L4)?",
        {
            "0.001, the default of Adam": (
                "A default is a place to start. The races above needed other rates, and each "
                "method its own."
            ),
            "The largest that does not diverge, all the way": (
                "Good for the first part of a run. Near the minimum the steps stay as long as they "
                "were."
            ),
            "None for the whole run: large at first, then smaller": (
                "That is L4's answer, and L1's: adaptive methods too want a falling rate. "
                "07_schedules is about it."
            ),
            "It does not matter, the methods adapt it": (
                "They adapt the ratios between parameters. The common factor is still yours to "
                "choose."
            ),
        },
        "None for the whole run: large at first, then smaller",
    ),
)

QUESTIONS: tuple[Question, ...] = (*PREDICTIONS, *QUIZ)
