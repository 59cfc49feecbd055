"""Questions of 01_gradients: predictions before a picture, and the quiz at the end.

Every option has its own reply. The replies say why; they are what a learner reads.
"""

from autograder.questions import Choice, Number, Question, TrueFalse

PREDICTIONS: tuple[Question, ...] = (
    Choice(
        "twice_the_batch",
        "You train with the sum over the examples, not the mean. Then you double the batch by "
        "repeating it. What happens to the slope?",
        {
            "It stays as it is.": "That is so for the mean. A sum has twice as many terms now.",
            "It doubles.": (
                "Every example counts twice. With the same learning rate, each step is twice as "
                "long."
            ),
            "It halves.": "Nothing divides by the number of examples: a sum only grows.",
        },
        "It doubles.",
    ),
    Choice(
        "which_number_describes_five",
        "For 1.0, 1.1, 1.2, 1.3 and 6.4: which numbers make the L2 loss and the L1 loss smallest?",
        {
            "2.2 for both": (
                "2.2 is the mean. Move a little to the left of it: the L1 loss gains for four "
                "points and loses for one."
            ),
            "L2: 2.2, L1: 1.2": (
                "The squares are balanced by the mean. The absolute values are balanced where as "
                "many points lie on the left as on the right: at the median."
            ),
            "L2: 1.2, L1: 2.2": (
                "Just the other way round. Squares care much about one point that is far away."
            ),
            "1.2 for both": "At 1.2 the slope of the L2 loss is not zero: 6.4 pulls hard.",
        },
        "L2: 2.2, L1: 1.2",
    ),
    Choice(
        "logistic_loss_at_a_thousand",
        "The logit is 1000 and the label is 0. Typed in as the formula stands, with p = 1 / (1 + "
        "e^-z), what is -ln(1 - p)?",
        {
            "1000": "That is the right loss. But float64 cannot tell p from 1: what is ln 0?",
            "about 36": (
                "The smallest 1 - p above zero, 1.1e-16, gives 36.7. At 1000 nothing is left of "
                "1 - p."
            ),
            "inf": "p is rounded to exactly 1, and minus the logarithm of 0 is infinite.",
            "nan": "nan comes from 0 times infinity, as with label 1. Here stands -ln 0 alone.",
        },
        "inf",
    ),
    Choice(
        "bandit_generalises",
        "lam = 0.3 has the smallest training error of all. What of its generalisation error, if "
        "the machine pays with p = 0.37?",
        {
            "It is the smallest too.": (
                "That would need lam = p. The ten outcomes happened to hold three ones, not 3.7."
            ),
            "It is larger than the training error, and another lam is better.": (
                "The expected loss is smallest at lam = 0.37. The sample led us a little astray."
            ),
            "It is smaller than the training error.": (
                "lam was fitted to these outcomes, so it looks best on them."
            ),
        },
        "It is larger than the training error, and another lam is better.",
    ),
    Number(
        "biased_variance",
        "The true variance is 4. What is the mean of the estimates (1/N) sum (x - mean of x)² from "
        "N = 2 numbers? (2 significant digits)",
        2.0,
        2,
        "L1's formula: (1 - 1/2) times 4 = 2. The mean of the two numbers lies between them, so "
        "both look closer to it than they are to the true mean.",
        {
            4.0: "That would be unbiased. The estimated mean is closer to these numbers than the "
            "true one.",
            8.0: "The estimate is too small, not too large.",
            3.0: "The factor is 1 - 1/N, with N = 2.",
        },
    ),
    Choice(
        "best_degree",
        "12 noisy points of a sine wave. The degree of the polynomial grows from 0 to 9. What do "
        "the errors do?",
        {
            "Both fall all the way.": "The training error does. Does a wild curve predict better?",
            "The training error falls all the way; the test error falls, then rises.": (
                "A higher degree can always do what a lower one does, so the training error cannot "
                "rise. The test error pays for fitting the noise."
            ),
            "Both fall, then rise.": (
                "A polynomial of degree 9 can copy one of degree 3: its best training error is no "
                "larger."
            ),
        },
        "The training error falls all the way; the test error falls, then rises.",
    ),
    Choice(
        "best_h",
        "A central difference in float64. Which h gives the most exact slope?",
        {
            "1e-15, the smaller the better": (
                "f(x + h) and f(x - h) then agree in all digits but one or two, and you divide the "
                "rounding error by 1e-15."
            ),
            "about 1e-5": (
                "The formula's error is about h², rounding's about 1e-16 / h. They meet near 1e-5, "
                "the cube root of 1e-16."
            ),
            "about 1e-8": (
                "That is the best h of the one-sided difference, whose error is about h."
            ),
            "0.1": "At 0.1 the formula itself is off by about h²/6: two digits or three.",
        },
        "about 1e-5",
    ),
    Choice(
        "does_the_suspect_train",
        "One entry of the gradient is wrong. What will the training loss do?",
        {
            "It will grow.": "Only if the steps go uphill. Half a slope still points downhill.",
            "It will stay where it is.": "The other entry is right, and this one is not zero.",
            "It will fall smoothly, as if nothing were wrong.": (
                "The wrong entry has the right sign, and it is zero where the right one is. So the "
                "run goes to the same place by another way."
            ),
        },
        "It will fall smoothly, as if nothing were wrong.",
    ),
    Choice(
        "perpendicular_to_the_gradient",
        "How much does the linearised loss change if you step at a right angle to the gradient?",
        {
            "As much as along the gradient.": "The change is an inner product, with a cosine.",
            "Not at all.": (
                "The cosine of a right angle is 0: you walk along a contour line. Every other "
                "direction goes up or down."
            ),
            "It falls a little.": "Then the opposite step, also at a right angle, would rise.",
        },
        "Not at all.",
    ),
    Choice(
        "three_learning_rates",
        "w1² + 2 w2² has the curvatures 2 and 4. What do lr = 0.01, 0.48 and 0.51 do?",
        {
            "slow, oscillates, diverges": (
                "0.48 and 0.51 differ little, but between them lies 0.5 = 2/4, where the factor of "
                "w2 is exactly -1."
            ),
            "slow, converges fast, oscillates": (
                "Along w2 an update takes lr times 4 w2 away. With lr = 0.48 that is 1.92 w2: it "
                "lands on the other side."
            ),
            "converges, diverges, diverges": (
                "With 0.48, w2 becomes -0.92 w2: it changes sign, but it shrinks."
            ),
        },
        "slow, oscillates, diverges",
    ),
    Choice(
        "loss_of_an_oscillating_run",
        "lr = 0.48: w2 changes its sign at every update. What does the loss on this bowl do?",
        {
            "It goes up and down.": (
                "The loss holds w2 squared. What does a square see of a change of sign?"
            ),
            "It falls smoothly.": (
                "w2 squared shrinks by 0.92² = 0.85 at every update. On this quadratic only the "
                "path shows that it jumps."
            ),
            "It stays the same.": "That needs a factor of exactly -1. Here it is -0.92.",
        },
        "It falls smoothly.",
    ),
    Choice(
        "one_rate_for_a_valley",
        "0.1 w1² + 2 w2², with curvatures 0.2 and 4. How do lr = 0.01 and lr = 0.5 do?",
        {
            "0.01 is too slow for w1, 0.5 too fast for w2": (
                "1 - 0.01 · 0.2 = 0.998 hardly moves w1. 1 - 0.5 · 4 = -1 throws w2 from side to "
                "side for ever."
            ),
            "0.01 is right for both": "Along w1 it loses 0.2 % of the error an update.",
            "0.5 is right for both": "Along w2 the factor is 1 - 0.5 · 4 = -1.",
            "0.01 is too slow for w2, 0.5 too fast for w1": (
                "The other way round: w2 is the steep direction, with curvature 4."
            ),
        },
        "0.01 is too slow for w1, 0.5 too fast for w2",
    ),
    Choice(
        "small_gradient_means",
        "During this run the gradient becomes very small. What does that tell you?",
        {
            "We are near a minimum.": "Here the run begins almost on a ridge. What is at its foot?",
            "We are near a saddle.": "It may be. Can the gradient alone tell?",
            "The surface is flat here; more it does not tell.": (
                "Minimum, saddle and plateau all have small gradients. In this run it happens "
                "twice, at a saddle and at a minimum."
            ),
        },
        "The surface is flat here; more it does not tell.",
    ),
)

QUIZ: tuple[Question, ...] = (
    TrueFalse(
        "losses_are_convex",
        "Loss functions of neural networks are generally convex and have therefore only a single, "
        "global minimum. (L2)",
        answer=False,
        why="In general they are not convex: many local minima, saddle points and flat regions. "
        "Convex is, for example, the squared error or the logistic loss of a linear model.",
        why_not="The losses of section 1 and 2 are convex in the prediction. With hidden layers "
        "between, that is lost; section 10 has an example.",
    ),
    TrueFalse(
        "loss_may_rise",
        "During gradient descent, the training loss can increase after a single update. (L2)",
        answer=True,
        why="If the step is too long for the curvature, the update lands higher up on the other "
        "side. Your run with lr = 0.51 does it again and again.",
        why_not="The gradient promises a decrease for short enough steps only. Look at lr = 0.51.",
    ),
    TrueFalse(
        "small_gradient_global",
        "After some iterations of gradient descent the gradient is very small. So we are "
        "sufficiently close to the global minimum. (L2)",
        answer=False,
        why="It may be a local minimum, a saddle point or a flat region.",
        why_not="What else has a small gradient? Section 10 shows two such places in one run.",
    ),
    TrueFalse(
        "small_gradient_local",
        "After some iterations of gradient descent the gradient is very small. So we are "
        "sufficiently close to a local minimum. (L2)",
        answer=False,
        why="Not even that: saddle points and flat regions have small gradients too.",
        why_not="At a saddle the gradient is zero, and it is no minimum.",
    ),
    Choice(
        "which_scenario",
        "A training curve falls very evenly and is still falling, almost in a straight line, at "
        "the last of 200 updates. Which of L2's scenarios is the likeliest?",
        {
            "slow progress": (
                "The learning rate is probably too small: it shrinks the error by a little at each "
                "update. Try a larger one."
            ),
            "oscillations": (
                "On most losses they make the curve jagged, or let it level off early at too high "
                "a value."
            ),
            "instability": "Then the loss would grow, in the end without bound.",
        },
        "slow progress",
    ),
    Choice(
        "gradient_of_softmax",
        "Logits (0, 0), true class 0, one example. What is the gradient of the softmax "
        "cross-entropy?",
        {
            "(0.5, 0.5)": "That is the softmax. The one-hot vector has to be taken away.",
            "(-0.5, 0.5)": (
                "Softmax minus one-hot: (0.5 - 1, 0.5). The entries of a row always add up to 0."
            ),
            "(0.5, -0.5)": "The sign: a larger logit of the true class makes the loss smaller.",
            "(-1, 0)": "Minus the one-hot vector alone. The softmax is missing.",
        },
        "(-0.5, 0.5)",
    ),
    Number(
        "nats_to_base_ten",
        "A paper reports a cross-entropy of 0.29 in base 10. How much is that in nats? (2 "
        "significant digits)",
        0.29 * 2.302585,
        2,
        "Multiply by ln 10 = 2.303: 0.67 nats, the bandit's generalisation error.",
        {
            0.126: "You divided by ln 10. A nat is the smaller unit, so the number grows.",
            0.2: "ln 2 converts from bits. Here the base is 10.",
        },
    ),
    TrueFalse(
        "can_compute_generalisation",
        "The generalisation error can be computed exactly from the training set. (L2)",
        answer=False,
        why="It contains the unknown distribution of the data. A test set that was kept apart "
        "gives an estimate.",
        why_not="Its formula holds p, which nobody knows. What can be done instead?",
    ),
    Number(
        "steeper_by_ten",
        "The curvatures are 1 and 10. Which learning rate makes the two factors equal in size and "
        "opposite in sign? (2 significant digits)",
        2 / 11,
        2,
        "1 - lr = -(1 - 10 lr) gives lr = 2/11 = 0.18, with factors 0.82 and -0.82. No constant "
        "rate shrinks the worse of the two directions faster.",
        {
            0.2: "That is 2/10, where the steep factor is -1 already.",
            0.1: "There the steep factor is 0, and the flat one 0.9.",
            1.0: "There the flat factor is 0, but the steep one is -9.",
        },
    ),
)

QUESTIONS = PREDICTIONS + QUIZ
