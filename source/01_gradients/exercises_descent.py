"""Exercises of 01_gradients, third part: the best small step, gradient descent, its rate."""

import numpy as np

from autograder.exercises import (
    READY_MADE,
    Alternative,
    Exercise,
    Mistake,
    call_case,
    probe,
    text_case,
)
from downslope.drivers import Case


def both_signs(rng: np.random.Generator, size: int, scale: float = 1.0) -> np.ndarray:
    """Draw numbers of both signs, none near zero."""
    signs = np.where(np.arange(size) % 2 == 0, 1.0, -1.0)
    drawn: np.ndarray = scale * rng.permutation(signs) * rng.uniform(0.4, 2.5, size)
    return drawn


def ball_cases(rng: np.random.Generator) -> list[Case]:
    """Draw long, short and vanishing gradients, with balls smaller and larger than they are."""
    small, large = float(rng.uniform(0.1, 0.3)), float(rng.uniform(5.0, 9.0))
    return [
        call_case("two parameters, a small ball", grad=both_signs(rng, 2), radius=small),
        call_case("five parameters, a large ball", grad=both_signs(rng, 5), radius=large),
        call_case("a short gradient", grad=both_signs(rng, 3, 1e-2), radius=large / 3),
        call_case("no gradient", grad=np.zeros(3), radius=small),
    ]


def descent_cases(rng: np.random.Generator) -> list[Case]:
    """Draw runs on gradients that are linear and not, in one, two and three dimensions."""

    def case(label: str, grad_fn: dict[str, object], size: int, steps: int) -> Case:
        lr, start = float(rng.uniform(0.05, 0.2)), both_signs(rng, size)
        return call_case(label, grad_fn=grad_fn, theta0=start, lr=lr, steps=steps)

    hessian, minimum = turned(rng, curvatures(rng, 2)), both_signs(rng, 2)
    bowl = probe("shifted_quadratic_gradient", hessian=hessian, minimum=minimum)
    at_rest = case("from the minimum itself", bowl, 2, 3)
    at_rest["arguments"]["theta0"] = minimum
    return [
        case("two parameters", bowl, 2, 4),
        case("three parameters, not quadratic", probe("wave_gradient"), 3, 5),
        case("one parameter", probe("cubic_gradient"), 1, 3),
        case("no update at all", bowl, 2, 0),
        at_rest,
    ]


def turned(rng: np.random.Generator, curvatures: list[float]) -> np.ndarray:
    """Make a symmetric matrix with these eigenvalues, each pair of axes turned by 25 to 65 degrees.

    So the diagonal is never mistaken for the eigenvalues.
    """
    axes = np.eye(len(curvatures))
    for k in range(len(curvatures) - 1):
        angle = np.deg2rad(rng.uniform(25.0, 65.0))
        c, s = np.cos(angle), np.sin(angle)
        axes[:, [k, k + 1]] = axes[:, [k, k + 1]] @ np.array([[c, s], [-s, c]])
    matrix = axes @ np.diag(curvatures) @ axes.T
    rounded: np.ndarray = np.round((matrix + matrix.T) / 2, 5)
    return rounded


def curvatures(rng: np.random.Generator, size: int) -> list[float]:
    """Draw positive curvatures that differ by factors of about 2."""
    return [float(rng.uniform(1.0, 1.4) * 2.2**k) for k in range(size)]


def critical_cases(rng: np.random.Generator) -> list[Case]:
    """Draw Hessians of several sizes, most of them with axes that are turned."""
    low, middle, high = curvatures(rng, 3)
    # Neither first nor last on the diagonal, where unsorted eigenvalues would be found.
    axes = np.diag([low, high, middle])
    return [
        call_case("axes along the parameters", hessian=axes),
        call_case("turned axes", hessian=turned(rng, curvatures(rng, 2))),
        call_case("four parameters", hessian=turned(rng, curvatures(rng, 4))),
        call_case("one parameter", hessian=np.array([[float(rng.uniform(0.5, 8.0))]])),
    ]


WORDS = ("slow", "converges", "oscillates", "diverges")


def word_cases(rng: np.random.Generator) -> list[Case]:
    """Draw quadratics and rates for each of the four words, and the borders that are exact."""

    def case(label: str, factors: list[float], *, along_axes: bool = False) -> Case:
        lr = float(np.round(rng.uniform(0.05, 0.4), 3))
        bends = [(1 - factor) / lr for factor in factors]
        hessian = np.round(np.diag(bends), 5) if along_axes else turned(rng, bends)
        return text_case(label, WORDS, hessian=hessian, lr=lr)

    near, past = float(rng.uniform(0.1, 0.3)), float(rng.uniform(1.04, 1.5))
    rising = float(rng.uniform(1.1, 1.6))
    power = int(rng.integers(-2, 3))
    bend = np.array([[2.0 ** (1 - power)]])
    edge = text_case("the edge", WORDS, hessian=bend, lr=2.0**power)
    return [
        case("L2's kind of bowl, tiny rate", [0.98, 0.97], along_axes=True),
        case("one slow direction", [0.955, near]),
        case("a good rate", [0.8, near, 0.5]),
        case("just fast enough", [0.945, 0.2]),
        case("from side to side", [near, -0.9]),
        case("slow along one, from side to side along the other", [0.985, -0.4]),
        case("too far", [near, -past]),
        case("too far along one, from side to side along another", [-0.5, 0.3, -past]),
        case("too far along every axis", [-past, -past - 0.4], along_axes=True),
        case("a saddle", [rising, 0.6]),
        case("a flat direction", [1.0, near], along_axes=True),
        edge,
    ]


best_step_in_ball = Exercise(
    "best_step_in_ball",
    returns=("step",),
    driver="call",
    cases=ball_cases,
    # Many guard the length by a tiny number, such as 1e-8. The step is then short by no more.
    tolerance=1e-4,
    hints=(
        (
            "The linearised loss changes by the inner product of gradient and step. For which "
            "direction is it lowest, and why go only part of the way?"
        ),
        (
            "The direction is that of minus the gradient. The length is the radius, whatever the "
            "length of the gradient. For a zero gradient return zeros."
        ),
        (
            "length = np.linalg.norm(grad). If it is 0: np.zeros_like(grad). Otherwise: -radius * "
            "grad / length."
        ),
    ),
    mistakes=(
        Mistake(
            "uphill",
            "Your step has the right length in the wrong direction: it raises the loss most.",
            [("-radius * grad / length", "radius * grad / length")],
        ),
        Mistake(
            "not_normalised",
            "Your step is radius times the gradient: its length depends on the gradient. The best "
            "step goes right to the edge of the ball.",
            [("-radius * grad / length", "-radius * grad")],
        ),
        Mistake(
            "radius_ignored",
            "Your step has length 1 whatever the radius is.",
            [("-radius * grad / length", "-grad / length")],
        ),
        Mistake(
            "zero_by_zero",
            "For a zero gradient you compute 0/0, which is nan. Where the linearised loss is flat, "
            "stay: return a step of zeros.",
            source="""def best_step_in_ball(grad, radius):
    return -radius * grad / np.linalg.norm(grad)
""",
        ),
        Mistake(
            "length_not_rooted",
            "You divide by the squared length. The step is then too short for long gradients and "
            "too long for short ones: a root is missing.",
            [("-radius * grad / length", "-radius * grad / length**2")],
        ),
        Mistake(
            "each_axis_by_itself",
            "You move by the radius along every axis. That is best in a box, and in the ball it is "
            "too far: the length would be root(D) times the radius.",
            [("-radius * grad / length", "-radius * np.sign(grad)")],
        ),
        Mistake(
            "box_shrunk_to_the_ball",
            "You take the direction of the signs and shrink it to the ball. It goes down, but the "
            "inner product with the gradient is lowest along minus the gradient itself.",
            [("-radius * grad / length", "-radius * np.sign(grad) / np.sqrt(len(grad))")],
        ),
        Mistake(
            "steepest_axis_only",
            "You move along the steepest axis only. The loss falls faster when the other axes take "
            "part.",
            source="""def best_step_in_ball(grad, radius):
    step = np.zeros_like(grad)
    steepest = np.argmax(np.abs(grad))
    step[steepest] = -radius * np.sign(grad[steepest])
    return step
""",
        ),
        Mistake(
            "sum_of_absolute_values",
            "You divide by the sum of the absolute values. The ball is round: its length is the "
            "root of the sum of squares.",
            [("np.linalg.norm(grad)", "np.sum(np.abs(grad))")],
        ),
        Mistake(
            "clipped_gradient",
            "You take the gradient itself where it fits into the ball. The linearised loss falls "
            "as long as you walk: the best step always reaches the edge.",
            [("-radius * grad / length", "-grad * min(1.0, radius / length)")],
        ),
        Mistake(
            "gradient_itself",
            "Your step is minus the gradient, whatever the radius is. The best step keeps this "
            "direction and has the length of the radius.",
            [("-radius * grad / length", "-grad")],
        ),
        Mistake(
            "largest_slope",
            "You divide by the largest slope. The step then reaches the edge along that axis and "
            "goes beyond the ball: divide by the length.",
            [("np.linalg.norm(grad)", "np.max(np.abs(grad))")],
        ),
    ),
    alternatives=(
        Alternative(
            "guarded",
            source="""def best_step_in_ball(grad, radius):
    return -radius * grad / (np.linalg.norm(grad) + 1e-12)
""",
        ),
        Alternative(
            "by_hand",
            source="""def best_step_in_ball(grad, radius):
    square = float(grad @ grad)
    if square == 0:
        return 0 * grad
    return -(radius / square**0.5) * grad
""",
        ),
        Alternative(
            "where",
            source="""def best_step_in_ball(grad, radius):
    length = np.sqrt(np.sum(np.square(grad)))
    unit = np.divide(grad, length, out=np.zeros_like(grad), where=length > 0)
    return np.negative(radius * unit)
""",
        ),
    ),
)

gradient_descent = Exercise(
    "gradient_descent",
    returns=("path",),
    driver="call",
    cases=descent_cases,
    hints=(
        (
            "The path begins with theta0 itself. How many points are there after `steps` updates? "
            "At which point is the gradient taken for each?"
        ),
        (
            "Start a list with theta0. In each of `steps` rounds take the gradient at the newest "
            "point, make a new array theta - lr * gradient, and add it to the list."
        ),
        (
            "path = [theta0]; for _ in range(steps): path.append(path[-1] - lr * "
            "grad_fn(path[-1])); return np.array(path)."
        ),
    ),
    mistakes=(
        Mistake(
            "uphill",
            "The path climbs: look at the sign in front of lr.",
            [("theta - lr", "theta + lr")],
        ),
        Mistake(
            "start_left_out",
            "The path begins after the first update. Row 0 is theta0 itself, so there are steps + "
            "1 rows.",
            [("return np.array(path)", "return np.array(path)[1:]")],
        ),
        Mistake(
            "one_update_short",
            "The path is one row short at the end: steps updates give steps + 1 rows.",
            [("range(steps)", "range(steps - 1)")],
        ),
        Mistake(
            "one_update_too_many",
            "The path is one row too long: steps updates give steps + 1 rows.",
            [("range(steps)", "range(steps + 1)")],
        ),
        Mistake(
            "last_point_only",
            "You return the last point alone. Keep all of them, one in each row.",
            [("return np.array(path)", "return path[-1]")],
        ),
        Mistake(
            "gradient_of_the_start",
            "Every update uses the gradient at theta0: the path is a straight line. Take the "
            "gradient at the newest point.",
            [("grad_fn(theta)", "grad_fn(theta0)")],
        ),
        Mistake(
            "same_array_again",
            "All rows are the last point. You keep the same array again and again and change it in "
            "place: make a new one at each update.",
            source="""def gradient_descent(grad_fn, theta0, lr, steps):
    theta = theta0.copy()
    path = [theta]
    for _ in range(steps):
        theta -= lr * grad_fn(theta)
        path.append(theta)
    return np.array(path)
""",
        ),
        Mistake(
            "unit_steps",
            "Every step has length lr. Gradient descent multiplies lr with the gradient as it is: "
            "on a gentle slope the steps are short.",
            [("lr * grad_fn(theta)", "lr * grad_fn(theta) / np.linalg.norm(grad_fn(theta))")],
        ),
        Mistake(
            "signs_only",
            "You use only the signs of the gradient. Gradient descent multiplies lr with the "
            "gradient as it is.",
            [("lr * grad_fn(theta)", "lr * np.sign(grad_fn(theta))")],
        ),
        Mistake(
            "gradient_alone",
            "lr does not enter your steps.",
            [("lr * grad_fn(theta)", "grad_fn(theta)")],
        ),
        Mistake(
            "points_are_steps",
            "You return the steps, not the points. Row t is where the run is after t updates.",
            [("return np.array(path)", "return np.array([theta0, *np.diff(path, axis=0)])")],
        ),
        Mistake(
            "rate_decays",
            "Your learning rate falls from update to update. Here it stays as it is.",
            [
                ("for _ in range(steps):", "for t in range(steps):"),
                ("lr * grad_fn(theta)", "lr / (t + 1) * grad_fn(theta)"),
            ],
        ),
        Mistake(
            "one_parameter_after_the_other",
            "You update the parameters one after the other, each with a fresh gradient. All parts "
            "of an update use the gradient at the same point.",
            source="""def gradient_descent(grad_fn, theta0, lr, steps):
    path = [theta0]
    for _ in range(steps):
        theta = path[-1].copy()
        for i in range(len(theta)):
            theta[i] -= lr * grad_fn(theta)[i]
        path.append(theta)
    return np.array(path)
""",
        ),
        Mistake(
            "theta_never_moves",
            "From row 1 on all rows are equal: each update starts at theta0 again. Start at the "
            "newest point.",
            [("theta = path[-1]", "theta = theta0")],
        ),
        Mistake(
            "start_left_out_and_one_more",
            "The number of rows is right, but row 0 is the point after the first update. Row 0 is "
            "theta0 itself.",
            [
                ("range(steps)", "range(steps + 1)"),
                ("return np.array(path)", "return np.array(path[1:])"),
            ],
        ),
        Mistake(
            "starts_at_zero",
            "Your run begins at zeros. It begins at theta0.",
            [("path = [theta0]", "path = [np.zeros_like(theta0)]")],
        ),
        Mistake(
            "stops_early",
            "Your run stops where the gradient is small, so rows are missing. Gradient descent "
            "makes all its steps: there are always steps + 1 rows.",
            source="""def gradient_descent(grad_fn, theta0, lr, steps):
    path = [theta0]
    for _ in range(steps):
        grad = grad_fn(path[-1])
        if np.linalg.norm(grad) < 1e-8:
            break
        path.append(path[-1] - lr * grad)
    return np.array(path)
""",
        ),
    ),
    alternatives=(
        Alternative(
            "table_filled",
            source="""def gradient_descent(grad_fn, theta0, lr, steps):
    path = np.empty((steps + 1, len(theta0)))
    path[0] = theta0
    for t in range(steps):
        path[t + 1] = path[t] - lr * grad_fn(path[t])
    return path
""",
        ),
        Alternative(
            "copies_in_place",
            source="""def gradient_descent(grad_fn, theta0, lr, steps):
    theta = np.array(theta0)
    rows = [theta.copy()]
    while len(rows) <= steps:
        theta -= lr * np.asarray(grad_fn(theta))
        rows.append(theta.copy())
    return np.stack(rows)
""",
        ),
        Alternative(
            "recursion",
            source="""def gradient_descent(grad_fn, theta0, lr, steps):
    if steps == 0:
        return theta0[None, :].copy()
    before = gradient_descent(grad_fn, theta0, lr, steps - 1)
    return np.vstack([before, before[-1] + -lr * grad_fn(before[-1])])
""",
        ),
    ),
)

critical_learning_rate = Exercise(
    "critical_learning_rate",
    returns=("lr",),
    driver="call",
    cases=critical_cases,
    hints=(
        (
            "Along an axis of the quadratic with curvature c, each update multiplies the error by "
            "1 - lr c. At which lr does this reach -1?"
        ),
        (
            "The steepest direction decides: 2 over the largest curvature. The curvatures are the "
            "eigenvalues of the Hessian, not its diagonal."
        ),
        "np.linalg.eigvalsh(hessian) gives the eigenvalues in rising order; 2 over the last one.",
    ),
    mistakes=(
        Mistake(
            "diagonal",
            "You look for the largest number of the diagonal. Where the axes are turned, the "
            "steepest direction lies between the parameters: take eigenvalues.",
            [("np.linalg.eigvalsh(hessian)[-1]", "np.max(np.diag(hessian))")],
        ),
        Mistake(
            "one_instead_of_two",
            "You return 1 over the largest curvature. There the factor is 0: the error along the "
            "steepest direction is gone in one update. Divergence begins at a factor of -1.",
            [("2 / np", "1 / np")],
        ),
        Mistake(
            "flattest_direction",
            "You use the smallest curvature. The steepest direction diverges first.",
            [("eigvalsh(hessian)[-1]", "eigvalsh(hessian)[0]")],
        ),
        Mistake(
            "sum_of_curvatures",
            "You divide by the trace, the sum of all curvatures. Each direction lives by itself; "
            "the steepest one decides.",
            [("np.linalg.eigvalsh(hessian)[-1]", "np.trace(hessian)")],
        ),
        Mistake(
            "frobenius_norm",
            "np.linalg.norm of a matrix is the root of the sum of all squares. The largest "
            "eigenvalue is asked for.",
            [("np.linalg.eigvalsh(hessian)[-1]", "np.linalg.norm(hessian)")],
        ),
        Mistake(
            "best_rate",
            "This is the rate at which the slowest and the steepest direction shrink equally fast, "
            "2 over (smallest + largest). The question is where it begins to diverge.",
            [
                (
                    "2 / np.linalg.eigvalsh(hessian)[-1]",
                    "2 / np.sum(np.linalg.eigvalsh(hessian)[[0, -1]])",
                )
            ],
        ),
        Mistake(
            "half_the_curvature",
            "You return 4 over the largest curvature. Is there a one half too many? The Hessian "
            "holds second derivatives: that of c w squared is 2 c.",
            [("2 / np", "4 / np")],
        ),
        Mistake(
            "upside_down",
            "You return the curvature over 2. The steeper the direction, the smaller the rate.",
            [("2 / np.linalg.eigvalsh(hessian)[-1]", "np.linalg.eigvalsh(hessian)[-1] / 2")],
        ),
        Mistake(
            "curvature_itself",
            "You return the largest curvature. The factor 1 - lr * curvature reaches -1 at 2 over "
            "it.",
            [("2 / np", "np")],
        ),
        Mistake(
            "mean_curvature",
            "You divide by the mean of the curvatures. Each direction lives by itself; the "
            "steepest one decides.",
            [("eigvalsh(hessian)[-1]", "eigvalsh(hessian).mean()")],
        ),
        Mistake(
            "root_of_the_curvature",
            "You take the root of the curvature. The eigenvalues of the Hessian are the curvatures "
            "already.",
            [
                (
                    "2 / np.linalg.eigvalsh(hessian)[-1]",
                    "2 / np.sqrt(np.linalg.eigvalsh(hessian)[-1])",
                )
            ],
        ),
    ),
    alternatives=(
        Alternative(
            "spectral_norm",
            "",
            [("np.linalg.eigvalsh(hessian)[-1]", "np.linalg.norm(hessian, ord=2)")],
        ),
        Alternative(
            "all_eigenvalues",
            "",
            [("2 / np.linalg.eigvalsh(hessian)[-1]", "min(2.0 / np.linalg.eig(hessian)[0].real)")],
        ),
        Alternative(
            "singular_values",
            source="""def critical_learning_rate(hessian):
    return float(2 / np.linalg.svd(hessian, compute_uv=False).max())
""",
        ),
    ),
    forbids=(*READY_MADE, "scipy"),
)

FACTORS = "factors = 1 - lr * np.linalg.eigvalsh(hessian)"

diagnose_learning_rate = Exercise(
    "diagnose_learning_rate",
    returns=("answer",),
    driver="text",
    cases=word_cases,
    hints=(
        (
            "There is one factor 1 - lr * curvature for each direction. What does a factor of "
            "-1.2 do to the error, one of -0.9, one of 0.99?"
        ),
        (
            "Work out all factors from the eigenvalues. Then ask in this order: is any size above "
            "1? is any negative? is the largest above 0.95?"
        ),
        (
            "factors = 1 - lr * np.linalg.eigvalsh(hessian); if np.any(np.abs(factors) > 1) it "
            "diverges; elif np.any(factors < 0) it oscillates; elif factors.max() > 0.95 it is "
            "slow; else it converges."
        ),
    ),
    mistakes=(
        Mistake(
            "oscillation_asked_first",
            "You ask for negative factors first. A factor of -1.3 is negative, but it diverges: "
            "ask for sizes above 1 before everything else.",
            source="""def diagnose_learning_rate(hessian, lr):
    factors = 1 - lr * np.linalg.eigvalsh(hessian)
    if np.any(factors < 0):
        return "oscillates"
    if np.any(np.abs(factors) > 1):
        return "diverges"
    return "slow" if np.max(factors) > 0.95 else "converges"
""",
        ),
        Mistake(
            "slowness_asked_early",
            "You call a run slow although another direction jumps from side to side. Negative "
            "factors come before slow ones.",
            source="""def diagnose_learning_rate(hessian, lr):
    factors = 1 - lr * np.linalg.eigvalsh(hessian)
    if np.any(np.abs(factors) > 1):
        return "diverges"
    if np.max(factors) > 0.95:
        return "slow"
    return "oscillates" if np.any(factors < 0) else "converges"
""",
        ),
        Mistake(
            "diagonal",
            "You read the curvatures off the diagonal. Where the axes are turned, they are the "
            "eigenvalues.",
            [(FACTORS, "factors = 1 - lr * np.diag(hessian)")],
        ),
        Mistake(
            "steepest_direction_only",
            "You look at the steepest direction only. It decides about divergence, but a flat "
            "direction can be slow and a falling one diverges.",
            [(FACTORS, FACTORS + "[-1:]")],
        ),
        Mistake(
            "flattest_direction_only",
            "You look at the flattest direction only. The steepest one is the first to jump from "
            "side to side and to diverge.",
            [(FACTORS, FACTORS + "[:1]")],
        ),
        Mistake(
            "saddle_not_seen",
            "Along a direction that bends down, the factor is above +1: the run leaves for ever. "
            "Ask for the size of the factor, not only for factors below -1.",
            [("np.any(np.abs(factors) > 1)", "np.any(factors < -1)")],
        ),
        Mistake(
            "absolute_curvatures",
            "You took absolute values of the curvatures: a saddle then looks like a bowl. Its "
            "factor is above 1.",
            [(FACTORS, "factors = 1 - lr * np.abs(np.linalg.eigvalsh(hessian))")],
        ),
        Mistake(
            "all_must_diverge",
            "You want every direction to diverge. One is enough.",
            [("np.any(np.abs(factors) > 1)", "np.all(np.abs(factors) > 1)")],
        ),
        Mistake(
            "all_must_oscillate",
            "You want every factor to be negative. One is enough.",
            [("np.any(factors < 0)", "np.all(factors < 0)")],
        ),
        Mistake(
            "all_must_be_slow",
            "You want every direction to be slow. The slowest one decides when the run is done: "
            "look at the largest factor.",
            [("np.max(factors) > 0.95", "np.min(factors) > 0.95")],
        ),
        Mistake(
            "edge_counts_as_divergence",
            "At a factor of exactly -1 the run jumps to and fro for ever and grows no further: it "
            "oscillates. Divergence needs a size above 1.",
            [("np.abs(factors) > 1)", "(factors <= -1) | (factors > 1))")],
        ),
        Mistake(
            "never_slow",
            "You never say slow. A largest factor above 0.95 loses less than 5 % of the error an "
            "update.",
            [("np.max(factors) > 0.95", "np.max(factors) > 2")],
        ),
        Mistake(
            "flat_counts_as_divergence",
            "Along a flat direction the factor is exactly 1: nothing grows, nothing shrinks. That "
            "is slow, the slowest there is.",
            [("np.abs(factors) > 1)", "(factors < -1) | (factors >= 1))")],
        ),
        Mistake(
            "size_one_counts_as_divergence",
            "You ask for sizes of at least 1. At exactly -1 the run jumps to and fro for ever, at "
            "exactly 1 it stands still: neither grows. Divergence needs a size above 1.",
            [("np.abs(factors) > 1)", "np.abs(factors) >= 1)")],
        ),
        Mistake(
            "signs_lost",
            "You take the sizes of the factors and lose their signs: nothing oscillates any more. "
            "Only the first question is about sizes.",
            [(FACTORS, "factors = np.abs(1 - lr * np.linalg.eigvalsh(hessian))")],
        ),
        Mistake(
            "threshold_at_nine_tenths",
            "You call a run slow from 0.9 on. The rule of this course is 0.95.",
            [("> 0.95", "> 0.9")],
        ),
        Mistake(
            "threshold_at_ninety_nine",
            "You call a run slow from 0.99 on. The rule of this course is 0.95.",
            [("> 0.95", "> 0.99")],
        ),
        Mistake(
            "one_minus_forgotten",
            "You judge lr * curvature. The factor is 1 minus that.",
            [(FACTORS, "factors = lr * np.linalg.eigvalsh(hessian)")],
        ),
        Mistake(
            "curvature_doubled",
            "Your factors are 1 - 2 * lr * curvature. The Hessian holds second derivatives: the 2 "
            "of the square is in it already.",
            [(FACTORS, "factors = 1 - 2 * lr * np.linalg.eigvalsh(hessian)")],
        ),
        Mistake(
            "step_uphill",
            "Your factors are 1 + lr * curvature: that would be a step uphill. It is 1 minus.",
            [(FACTORS, "factors = 1 + lr * np.linalg.eigvalsh(hessian)")],
        ),
        Mistake(
            "diverges_or_converges",
            "You only tell whether the run diverges. Of those that do not, some oscillate and some "
            "are slow.",
            source="""def diagnose_learning_rate(hessian, lr):
    factors = 1 - lr * np.linalg.eigvalsh(hessian)
    return "diverges" if np.any(np.abs(factors) > 1) else "converges"
""",
        ),
    ),
    alternatives=(
        Alternative(
            "by_rates",
            source="""def diagnose_learning_rate(hessian, lr):
    bends = np.linalg.eigvalsh(hessian)
    flattest, steepest = bends[0], bends[-1]
    if flattest < 0 or lr * steepest > 2:
        return "diverges"
    if lr * steepest > 1:
        return "oscillates"
    if lr * flattest < 0.05:
        return "slow"
    return "converges"
""",
        ),
        Alternative(
            "loop",
            source="""def diagnose_learning_rate(hessian, lr):
    word, largest = "", -2.0
    for bend in np.linalg.eigvalsh(hessian):
        factor = 1 - lr * bend
        if abs(factor) > 1:
            return "diverges"
        if factor < 0:
            word = "oscillates"
        largest = max(largest, factor)
    return word or ("slow" if largest > 0.95 else "converges")
""",
        ),
        Alternative(
            "eigenvalues_of_the_update",
            source="""def diagnose_learning_rate(hessian, lr):
    found = np.sort(np.linalg.eigvals(np.eye(len(hessian)) - lr * hessian).real)
    low, high = found[0], found[-1]
    if high > 1 or low < -1:
        return "diverges"
    return "oscillates" if low < 0 else "slow" if high > 0.95 else "converges"
""",
        ),
    ),
    forbids=(*READY_MADE, "downslope.widgets", "downslope.diagnosis", "scipy"),
)


def table_cases(rng: np.random.Generator) -> list[Case]:
    """Ask for the one table; there is nothing to draw."""
    del rng
    return [call_case("the table")]


trace_descent = Exercise(
    "trace_descent",
    returns=("w1", "w2", "loss"),
    driver="table",
    cases=table_cases,
    hints=(
        (
            "Do one column at a time: the two parameters do not meddle with each other. What is "
            "the slope of w1 squared, and of 2 w2 squared?"
        ),
        (
            "The slopes are 2 w1 and 4 w2. So an update multiplies w1 by 1 - 0.375 * 2 and w2 by "
            "1 - 0.375 * 4."
        ),
        "w1 is multiplied by 0.25 and w2 by -0.5; the loss of a row is w1**2 + 2 * w2**2.",
    ),
    mistakes=(
        Mistake(
            "slope_without_the_two",
            "Your w1 shrinks by 1 - 0.375 and w2 by 1 - 0.75: the derivative of a square brings a "
            "factor 2.",
            [("2 * w1, 4 * w2", "w1, 2 * w2")],
        ),
        Mistake(
            "same_slope_for_both",
            "You treat w2 like w1. The loss is twice as steep along w2: its slope is 4 w2.",
            [("2 * w1, 4 * w2", "2 * w1, 2 * w2")],
        ),
        Mistake(
            "uphill",
            "Both parameters grow: you add the step. Take it away.",
            [("w1 - 0.375 * g1, w2 - 0.375 * g2", "w1 + 0.375 * g1, w2 + 0.375 * g2")],
        ),
        Mistake(
            "loss_without_the_two",
            "The parameters are right. In the loss, the factor 2 in front of w2 squared is "
            "missing.",
            [("w1**2 + 2 * w2**2", "w1**2 + w2**2")],
        ),
        Mistake(
            "sign_of_w2_lost",
            "w2 jumps across 0 at each update: the factor is -0.5, with its sign. The loss cannot "
            "see it, but the run oscillates.",
            [("w2 - 0.375 * g2", "abs(w2 - 0.375 * g2)")],
        ),
        Mistake(
            "gradient_of_the_start",
            "You use the gradient of the first row in every row: the parameters move in equal "
            "steps. Work it out anew for each row.",
            [("g1, g2 = 2 * w1, 4 * w2", "g1, g2 = 32.0, 32.0")],
        ),
        Mistake(
            "loss_a_row_late",
            "The parameters are right. Each loss belongs to the row before: work it out with the "
            "parameters of its own row.",
            source="""def trace_descent():
    w1 = np.array([16.0, 4.0, 1.0, 0.25])
    w2 = np.array([8.0, -4.0, 2.0, -1.0])
    return w1, w2, np.array([384.0, 384.0, 48.0, 9.0])
""",
        ),
        Mistake(
            "start_left_out",
            "Your columns begin after the first update. The first row is the start, (16, 8).",
            source="""def trace_descent():
    w1 = np.array([4.0, 1.0, 0.25, 0.0625])
    w2 = np.array([-4.0, 2.0, -1.0, 0.5])
    return w1, w2, w1**2 + 2 * w2**2
""",
        ),
    ),
    alternatives=(
        Alternative(
            "numbers",
            source="""def trace_descent():
    w1 = np.array([16, 4, 1, 0.25])
    w2 = np.array([8.0, -4, 2, -1])
    loss = np.array([384, 48, 9, 0.0625 + 2])
    return w1, w2, loss
""",
        ),
        Alternative(
            "lists",
            source="""def trace_descent():
    return [16, 4, 1, 0.25], (8, -4, 2, -1), [384, 48, 9, 2.0625]
""",
        ),
        Alternative(
            "powers",
            source="""def trace_descent():
    t = np.arange(4)
    w1, w2 = 16 * 0.25**t, 8 * (-0.5) ** t
    return w1, w2, w1**2 + 2 * w2**2
""",
        ),
    ),
    # A loss rounded to 2.06 is right; one without its last term is not. The largest is 384.
    tolerance=1e-5,
)


def line_cases(rng: np.random.Generator) -> list[Case]:
    """Draw lines and points of several counts."""

    def case(label: str, count: int) -> Case:
        x, y = both_signs(rng, count) + 0.7, both_signs(rng, count)
        return call_case(label, theta=both_signs(rng, 2), x=x, y=y)

    return [case("five points", 5), case("eight points", 8), case("two points", 2)]


RESIDUAL = "residual = theta[0] * x + theta[1] - y"

repaired_line_gradient = Exercise(
    "repaired_line_gradient",
    returns=("grad",),
    driver="call",
    cases=line_cases,
    hints=(
        (
            "Compare the two columns of the table: which entry differs, and what is the quotient "
            "of the two numbers?"
        ),
        (
            "The second entry is half of what it should be at every point. What does the "
            "derivative of a square bring along?"
        ),
        "The intercept's slope is 2 * np.mean(residual), like the other one without its x.",
    ),
    mistakes=(
        Mistake(
            "not_repaired",
            "This is still the suspect: the second entry is half of the slope that can be "
            "measured.",
            [("2 * np.mean(residual)", "np.mean(residual)")],
        ),
        Mistake(
            "wrong_entry_changed",
            "Now both entries lack the 2. Only the second one was wrong.",
            [
                ("2 * np.mean(residual * x)", "np.mean(residual * x)"),
                ("2 * np.mean(residual)", "np.mean(residual)"),
            ],
        ),
        Mistake(
            "both_doubled",
            "You doubled both entries. The first one was right.",
            [("2 * np.mean(residual * x)", "4 * np.mean(residual * x)")],
        ),
        Mistake(
            "doubled_twice",
            "The second entry is now twice too large.",
            [("2 * np.mean(residual)", "4 * np.mean(residual)")],
        ),
        Mistake(
            "sum_instead_of_mean",
            "You add over the points. The loss is a mean, so its slopes are means as well.",
            [
                ("2 * np.mean(residual * x)", "2 * np.sum(residual * x)"),
                ("2 * np.mean(residual)", "2 * np.sum(residual)"),
            ],
        ),
        Mistake(
            "wrong_sign",
            "Both entries have the wrong sign: a line that lies too high must come down.",
            [(RESIDUAL, "residual = y - theta[0] * x - theta[1]")],
        ),
    ),
    alternatives=(
        Alternative(
            "matrix",
            source="""def repaired_line_gradient(theta, x, y):
    A = np.column_stack([x, np.ones(len(x))])
    return A.T @ (A @ theta - y) * 2 / len(y)
""",
        ),
        Alternative(
            "sums",
            source="""def repaired_line_gradient(theta, x, y):
    slope, grad = 0.0, 0.0
    for one, other in zip(x, y):
        miss = theta[0] * one + theta[1] - other
        slope, grad = slope + miss * one, grad + miss
    return np.array([slope, grad]) * (2 / len(x))
""",
        ),
    ),
    forbids=(*READY_MADE, "downslope.gradients", "scipy"),
)

EXERCISES = (
    best_step_in_ball,
    gradient_descent,
    critical_learning_rate,
    diagnose_learning_rate,
    trace_descent,
    repaired_line_gradient,
)
