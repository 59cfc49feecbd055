"""Questions of 07_schedules: predictions before a picture, and the quiz at the end.

Every option has its own reply. The replies say why; they are what a learner reads.
"""

import math

from autograder.questions import Choice, Number, Question, TrueFalse

PREDICTIONS: tuple[Question, ...] = (
    Choice(
        "large_small_or_dropped",
        "The third plan has 100 updates with rate 0.2, then 100 with 0.02. How will its last loss "
        "compare with that of 0.02 all the way?",
        {
            "Clearly higher: the noise of the first half is still in it": (
                "It was there. But 100 small steps downhill take it out again."
            ),
            "About the same": (
                "At the end it makes the same small steps, so the same little noise is left. And "
                "the loss was low much earlier."
            ),
            "Clearly lower: it had a head start": (
                "It had. But 0.02 has arrived too by then, and what is left is noise, the same "
                "for both."
            ),
        },
        "About the same",
    ),
    Number(
        "factor_of_k",
        "k = 0.1 in L0's form. What is c, the factor of one step, in L1's? (3 significant digits)",
        math.exp(-0.1),
        3,
        "exp(-0.1 t) is (exp(-0.1)) to the power t, so c = exp(-0.1) = 0.905.",
        {
            0.1: "That is k itself. What is left after one step is exp(-k).",
            0.9: "1 - k is near it, since k is small. The exact factor is exp(-k).",
            10.0: "That is tau, one over k.",
            math.exp(0.1): "The rate shrinks, so the factor is below 1.",
        },
    ),
    Choice(
        "exponential_or_inverse_time",
        "Exponential and 1/t decay, both with k = 0.05. Which rate is larger after 200 updates?",
        {
            "The exponential's": (
                "exp(-10) against 1 / (1 + 10). Which one is larger? A power of e beats any sum."
            ),
            "That of 1/t, by a factor of about 2000": (
                "exp(-10) is 0.000045, 1/11 is 0.091. A 1/t decay has a long tail."
            ),
            "They are about the same": (
                "Near t = 0 they are. At k t = 10 one is exp(-10), the other 1/11."
            ),
        },
        "That of 1/t, by a factor of about 2000",
    ),
    Number(
        "half_way_of_a_square",
        "Polynomial decay from 0.8 to 0.1 with power 2. What is the rate when half the time is "
        "over? (3 significant digits)",
        0.275,
        3,
        "0.1 + 0.7 * (1/2)² = 0.1 + 0.175.",
        {
            0.45: "That is the straight line. The share that is left, 1/2, is squared.",
            0.175: "The curve ends at 0.1, not at 0: this is the part above the floor.",
            0.2: "That would be a curve from 0.8 to 0. The floor is 0.1.",
            0.3: "Only the part above the floor, 0.7, shrinks to a quarter.",
            0.625: "The share that is left is squared, not the one that is gone.",
        },
    ),
    Number(
        "start_of_the_third_cycle",
        "Period 10, mult 2. At which t does the third cycle start? (2 significant digits)",
        30.0,
        2,
        "The first two cycles are 10 and 20 long, so the third starts at t = 30.",
        {
            20.0: "The second cycle is 20 long, and it started at t = 10.",
            40.0: "That is the length of the third cycle. Add up the lengths before it.",
            10.0: "There the second cycle starts.",
            70.0: "There the fourth cycle starts.",
        },
    ),
    Choice(
        "does_warm_up_help",
        "Large inputs, lr0 = 0.05, plain SGD. What will the warm-up change?",
        {
            "The loss ends higher, since 40 updates are lost to small rates": (
                "They are an eighth of the run. But look at what large first steps do to random "
                "weights."
            ),
            "Nothing that one could see": (
                "So it is in many runs. This one has a hard start: pixels up to 16."
            ),
            "The loss ends lower": (
                "Large gradients times a large rate kill ReLU units in the first updates; small "
                "steps spare them."
            ),
        },
        "The loss ends lower",
    ),
    Number(
        "how_far_with_one_over_t_squared",
        "Rates 1/t², gradients of size 1 without noise, start at 5. How near to 0 can the run come "
        "at best? (2 significant digits)",
        5 - math.pi**2 / 6,
        2,
        "1 + 1/4 + 1/9 + ... = pi²/6 = 1.645. So it is stuck at 5 - 1.645 = 3.4.",
        {
            0.0: "That would need a way of 5. What do all steps add up to?",
            1.6: "That is how far it can go. How far is it then from 0?",
            4.0: "The first step alone has length 1. More steps follow.",
            3.0: "The sum of 1/t² is below 2: it is pi²/6.",
        },
    ),
    Choice(
        "shape_of_a_range_test",
        "The rate grows from 0.001 to 100, one update each. What will the loss do?",
        {
            "Fall all the time": "Even with a rate of 100? Think of section 9 of 01.",
            "Stay, fall, then shoot up": (
                "Tiny rates change nothing, middling ones train, huge ones diverge."
            ),
            "Rise all the time": "Between tiny and huge there are rates that train.",
        },
        "Stay, fall, then shoot up",
    ),
    Choice(
        "is_the_formula_right",
        "The suspect's formula is right on paper. What will a comparison with your loop show?",
        {
            "No difference": (
                "On paper. But the floor of a float64 number is not forgiving when it should be "
                "whole."
            ),
            "Small differences everywhere, of about 1e-16": (
                "These are there too. But what if the quotient should be exactly 5 and comes out "
                "as 4.999999999999999?"
            ),
            "Almost no difference, and a huge one at a few t": (
                "Where the logarithm should be a whole number and falls short by one bit, floor "
                "takes off a whole cycle."
            ),
        },
        "Almost no difference, and a huge one at a few t",
    ),
)

QUIZ: tuple[Question, ...] = (
    Choice(
        "why_decay",
        "Why should the rate of SGD be large first and small later (L2)?",
        {
            "Gradients grow during a run, so the rate must fall to keep the steps equal": (
                "Near a minimum the true gradient shrinks. What stays is its noise."
            ),
            "Early the noise does no harm and helps to explore; late only the noise is left": (
                "And the smaller the rate, the less of it reaches the parameters."
            ),
            "Small rates are faster near a minimum": (
                "They are not faster. They are less thrown about."
            ),
        },
        "Early the noise does no harm and helps to explore; late only the noise is left",
    ),
    Number(
        "exponential_constants",
        "L2's tau is 20. After how many updates is half of the rate left? (2 significant digits)",
        20 * math.log(2),
        2,
        "exp(-t / 20) = 1/2 at t = 20 ln 2 = 13.9.",
        {
            20.0: "After tau updates 1/e is left, 37%.",
            10.0: "The decay is not a straight line. Solve exp(-t / 20) = 1/2.",
            40.0: "Larger t leaves less. After tau updates 37% is left, so half comes earlier.",
        },
    ),
    TrueFalse(
        "adaptive_needs_no_schedule",
        "RMSProp and Adam adapt their rates, so they gain nothing from a schedule (L1).",
        answer=False,
        why="They adapt the ratios between parameters. L1: for the best results they usually need "
        "a tuned, falling rate as well. L0 adds that it is less common with Adam than with SGD "
        "and momentum.",
        why_not="What do they adapt: the common factor, or the ratios between parameters?",
    ),
    Choice(
        "robbins_monro_of_a_constant",
        "A constant rate: which of the two conditions does it meet?",
        {
            "Both": "The squares of a constant do not add up to anything finite.",
            "Only that the sum is infinite": (
                "It can go any distance, and its noise never dies out."
            ),
            "Only that the sum of squares is finite": (
                "Add the same square for ever: that is infinite."
            ),
            "Neither": "The sum of a constant grows without bound: the first condition holds.",
        },
        "Only that the sum is infinite",
    ),
    Number(
        "rate_after_warm_up",
        "Warm-up of 5 updates in front of a schedule with schedule(0) = 0.5. What is the rate at "
        "t = 1, the second update? (2 significant digits)",
        0.2,
        2,
        "0.5 * (1 + 1) / 5 = 0.2.",
        {
            0.1: "That is the first update, t = 0. The climb goes by t + 1.",
            0.3: "That is the third update, t = 2.",
            0.5: "The full rate is reached at t = 4, the last of the climb.",
            0.17: "The climb divides by warmup, not by warmup + 1.",
        },
    ),
    TrueFalse(
        "cosine_half_time",
        "At half the time, cosine decay and a straight line to 0 have the same rate.",
        answer=True,
        why="Half a cosine wave crosses the line in the middle: cos(pi/2) = 0, so half of lr0 is "
        "left. Before that it lies above the line, after that below.",
        why_not="What is the cosine of pi/2?",
    ),
    Choice(
        "updates_or_epochs",
        "A schedule meant for epochs, exponential with c = 0.95, is called after every update, 100 "
        "updates an epoch. What happens?",
        {
            "Nothing: the factor is the same": "It is applied 100 times as often.",
            "After one epoch the rate is down to 0.6% of lr0": (
                "0.95 to the power 100 is 0.0059: the run stops learning before it has begun."
            ),
            "The rate falls too slowly": "It is applied 100 times an epoch in place of once.",
        },
        "After one epoch the rate is down to 0.6% of lr0",
    ),
)

QUESTIONS: tuple[Question, ...] = (*PREDICTIONS, *QUIZ)
