"""Drivers: every honest style gives the same plain arrays; every fault gets its name."""

import cProfile
import functools
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pytest

from downslope import optimizers
from downslope.drivers import (
    DRIVERS,
    PROBLEM_KINDS,
    Case,
    Contract,
    Outcome,
    describe_error,
    run_cases,
)

STEP = Contract("step", ("theta", "grad", "lr"), ("theta",), ("downslope.optimizers",))
PAIR = Contract("pair", ("theta", "grad", "lr"), ("theta", "v"))
THETA, GRAD = np.array([1.0, -2.0, 3.0]), np.array([0.5, 0.0, -1.5])
WANTED, SQUARES = THETA - 0.1 * GRAD, GRAD**2
CALL: Case = {"label": "a call", "arguments": {"theta": THETA, "grad": GRAD, "lr": 0.1}}


def call(function: object, contract: Contract = STEP) -> Outcome:
    return run_cases("call", function, contract, [CALL])[0]


def steps(function: object, contract: Contract = STEP, updates: int = 3) -> Outcome:
    case = {"start": {"theta": THETA}, "updates": [{"grad": GRAD, "lr": 0.1}] * updates}
    return run_cases("steps", function, contract, [case])[0]


def kind_of(outcome: Outcome) -> str | None:
    return outcome.problem.kind if outcome.problem else None


def text_of(outcome: Outcome) -> str:
    assert outcome.problem is not None
    return outcome.problem.text


def plain(theta: Any, grad: Any, lr: Any) -> Any:
    return theta - lr * grad


def with_other_names(w: Any, g: Any, alpha: Any) -> Any:
    return w - alpha * g


def with_defaults(theta: Any, grad: Any, lr: Any = 0.5, *, scale: float = 1.0) -> Any:
    return theta - scale * lr * grad


def of_all_arguments(*arguments: Any) -> Any:
    return arguments[0] - arguments[2] * arguments[1]


def on_a_copy_in_place(theta: Any, grad: Any, lr: Any) -> Any:
    theta = theta.copy()
    theta -= lr * grad
    return theta


def into_a_buffer(theta: Any, grad: Any, lr: Any) -> Any:
    out = np.empty_like(theta)
    np.multiply(grad, -lr, out=out, where=grad != 0)
    out[grad == 0] = 0
    return np.add(theta, out, out=out)


def by_a_loop(theta: Any, grad: Any, lr: Any) -> Any:
    return np.array([a - lr * b for a, b in zip(theta, grad, strict=True)])


def as_a_reversed_view(theta: Any, grad: Any, lr: Any) -> Any:
    return np.ascontiguousarray((theta - lr * grad)[::-1])[::-1]


def as_a_read_only_array(theta: Any, grad: Any, lr: Any) -> Any:
    result = theta - lr * grad
    result.flags.writeable = False
    return result


def noisily(theta: Any, grad: Any, lr: Any) -> Any:
    sys.stdout.write("theta is")
    sys.stderr.write("and more")
    warnings.warn("look out", stacklevel=1)
    np.float64(1) / (GRAD * 0).sum()
    return theta - lr * grad


def in_a_tuple_of_one(theta: Any, grad: Any, lr: Any) -> Any:
    return (theta - lr * grad,)


def remembered(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*arguments: Any, **keywords: Any) -> Any:
        return function(*arguments, **keywords)

    return wrapper


class CallableRule:
    rate = 1.0

    def __call__(self, theta: Any, grad: Any, lr: Any) -> Any:
        return theta - self.rate * lr * grad

    def method(self, theta: Any, grad: Any, lr: Any) -> Any:
        return self(theta, grad, lr)


HONEST = [
    plain,
    with_other_names,
    with_defaults,
    of_all_arguments,
    on_a_copy_in_place,
    into_a_buffer,
    by_a_loop,
    as_a_reversed_view,
    as_a_read_only_array,
    noisily,
    in_a_tuple_of_one,
    remembered(plain),
    functools.partial(with_defaults, scale=1.0),
    lambda theta, grad, lr: theta - lr * grad,
    CallableRule(),
    CallableRule().method,
]


def name_of(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__)


@pytest.mark.parametrize("function", HONEST, ids=name_of)
def test_an_honest_style_gives_the_numbers(function: Any) -> None:
    outcome = call(function)
    assert outcome.problem is None
    assert outcome.changed == ()
    np.testing.assert_allclose(outcome.arrays["theta"], WANTED, rtol=1e-15)
    assert outcome.arrays["theta"].flags.writeable


@pytest.mark.parametrize("function", HONEST, ids=name_of)
def test_an_honest_style_can_be_followed(function: Any) -> None:
    outcome = steps(function)
    np.testing.assert_allclose(outcome.arrays["theta"][-1], THETA - 0.3 * GRAD, rtol=1e-14)
    assert outcome.arrays["theta"].shape == (3, 3)


class Named(NamedTuple):
    theta: np.ndarray
    v: np.ndarray


@pytest.mark.parametrize("wrap", [tuple, list, Named._make])
def test_several_values_may_come_as_tuple_list_or_named_tuple(wrap: Any) -> None:
    outcome = call(lambda theta, grad, lr: wrap((theta - lr * grad, grad**2)), PAIR)
    np.testing.assert_allclose(outcome.arrays["v"], SQUARES)
    assert list(outcome.arrays) == ["theta", "v"]


@pytest.mark.parametrize(
    "value", [0.5, np.float64(0.5), np.array(0.5), (0.5,), (np.array(0.5),)], ids=repr
)
def test_one_number_may_come_in_any_plain_form(value: object) -> None:
    array = call(lambda *_: value).arrays["theta"]
    assert array.dtype == np.float64
    assert array.shape == ()
    assert array == 0.5


@pytest.mark.parametrize("value", [2, np.int64(2), np.int32(2)], ids=repr)
def test_a_whole_number_counts_as_a_number(value: object) -> None:
    assert call(lambda *_: value).arrays["theta"] == 2.0


def test_the_input_itself_may_come_back_where_nothing_moves() -> None:
    outcome = call(lambda theta, grad, lr: theta)
    assert outcome == Outcome(outcome.arrays)
    np.testing.assert_array_equal(outcome.arrays["theta"], THETA)


def test_one_array_returned_twice_is_stored_twice() -> None:
    outcome = steps(lambda theta, grad, lr: (theta, theta), PAIR)
    assert outcome.problem is None
    assert outcome.arrays["theta"] is not outcome.arrays["v"]


def test_the_past_is_not_rewritten_by_a_returned_array_that_changes_later() -> None:
    buffer = np.zeros(3)

    def recycle(theta: Any, grad: Any, lr: Any) -> Any:
        np.subtract(theta, 1.0, out=buffer)
        return buffer

    np.testing.assert_allclose(steps(recycle).arrays["theta"][:, 0], [0.0, -1.0, -2.0])


def not_written(theta: Any, grad: Any, lr: Any) -> NoReturn:
    raise NotImplementedError("to be written")


def earlier_exercise() -> NoReturn:
    raise NotImplementedError


def needs_an_earlier_one(theta: Any, grad: Any, lr: Any) -> Any:
    return theta - earlier_exercise()


class Disguised(np.ndarray):
    """An array that calls itself close to everything."""

    def __sub__(self, other: object) -> Any:
        return np.zeros(self.shape)


class Impostor:
    """Pretends to be a tuple."""

    __class__ = tuple  # type: ignore[assignment]  # that is the lie

    def __len__(self) -> int:
        raise RuntimeError

    def __iter__(self) -> Any:
        raise RuntimeError


IMPOSTOR = Impostor()


class LyingTuple(tuple[Any, ...]):
    """Counts one thing and gives another."""

    __slots__ = ()

    def __len__(self) -> int:
        return 2

    def __iter__(self) -> Any:
        raise SystemExit


def calls_itself(theta: Any, grad: Any, lr: Any) -> Any:
    return calls_itself(theta, grad, lr)


FAULTS: dict[str, tuple[object, str]] = {
    "nothing": (lambda *_: None, "nothing"),
    "a string": (lambda *_: "1.0", "type"),
    "a list": (lambda theta, *_: theta.tolist(), "type"),
    "a list of one": (lambda theta, *_: [theta], "type"),
    "a boolean": (lambda *_: True, "type"),
    "a dict": (lambda theta, *_: {"theta": theta}, "type"),
    "a generator": (lambda theta, *_: (x * 1 for x in theta), "type"),
    "a function": (lambda *_: plain, "type"),
    "too many": (lambda theta, *_: (theta, theta), "type"),
    "a complex number": (lambda *_: 1j, "type"),
    "a huge integer": (lambda *_: 10**400, "type"),
    "a subclass": (lambda theta, *_: theta.view(Disguised), "type"),
    "a masked array": (lambda theta, *_: np.ma.masked_less(theta, 0), "type"),
    "a matrix": (lambda theta, *_: np.rec.fromarrays([theta]), "type"),
    "an impostor": (lambda *_: IMPOSTOR, "type"),
    "float32": (lambda theta, *_: theta.astype(np.float32), "dtype"),
    "float32 number": (lambda *_: np.float32(0.5), "dtype"),
    "longdouble": (lambda theta, *_: theta.astype(np.longdouble), "dtype"),
    "integers": (lambda theta, *_: theta.astype(int), "dtype"),
    "booleans": (lambda theta, *_: theta > 0, "dtype"),
    "objects": (lambda theta, *_: theta.astype(object), "dtype"),
    "a flood": (lambda *_: np.broadcast_to(1.0, (10**9, 10**6)), "shape"),
    "complex numbers": (lambda theta, *_: theta + 0j, "dtype"),
    "strings": (lambda theta, *_: theta.astype(str), "dtype"),
    "swapped bytes": (lambda theta, *_: theta.astype(">f8"), "dtype"),
    "raises": (lambda *_: 1 / 0, "raised"),
    "exits": (lambda *_: sys.exit(0), "raised"),
    "too few parameters": (lambda theta: theta, "raised"),
    "too many parameters": (lambda a, b, c, d: a, "raised"),
    "recursion": (calls_itself, "raised"),
    "stops iterating": (lambda *_: next(iter(())), "raised"),
    "not written": (not_written, "not_written"),
    "needs an earlier one": (needs_an_earlier_one, "not_written"),
    "not a function": (np.zeros(3), "type"),
    "the result itself": ((1.0, 2.0), "type"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_and_put_into_words(fault: str) -> None:
    function, kind = FAULTS[fault]
    outcome = call(function)
    assert kind_of(outcome) == kind
    assert outcome.arrays == {}
    assert "step" in text_of(outcome) or "theta" in text_of(outcome)


PAIR_FAULTS: dict[str, tuple[object, str]] = {
    "one array": (lambda theta, *_: theta, "count"),
    "one number": (lambda *_: 1.0, "count"),
    "a stacked array": (lambda theta, *_: np.array([theta, theta]), "count"),
    "one value in a tuple": (lambda theta, *_: (theta,), "count"),
    "three": (lambda theta, *_: (theta,) * 3, "count"),
    "none": (lambda *_: (), "count"),
    "a dict": (lambda theta, *_: {"theta": theta, "v": theta}, "count"),
    "a set": (lambda *_: {1.0, 2.0}, "count"),
    "a string": (lambda *_: "ab", "count"),
    "a generator": (lambda theta, *_: (x for x in (theta, theta)), "count"),
    "an impostor": (lambda *_: IMPOSTOR, "count"),
    "a tuple that lies about its length": (lambda *_: LyingTuple([1.0]), "count"),
    "a nothing inside": (lambda theta, *_: (theta, None), "type"),
    "nested": (lambda theta, *_: ((theta, theta), theta), "type"),
}


@pytest.mark.parametrize("fault", PAIR_FAULTS)
def test_a_fault_among_several_values_is_named(fault: str) -> None:
    function, kind = PAIR_FAULTS[fault]
    assert kind_of(call(function, PAIR)) == kind


def test_every_kind_of_problem_is_on_the_list() -> None:
    kinds = {kind for _, kind in [*FAULTS.values(), *PAIR_FAULTS.values()]}
    others = {"uses_library", "keys", "needs", "nesting", "recursion", "word"}
    assert kinds | others == PROBLEM_KINDS


def test_a_tuple_that_lies_is_read_by_its_true_items() -> None:
    outcome = call(lambda *_: LyingTuple([THETA, SQUARES]), PAIR)
    np.testing.assert_array_equal(outcome.arrays["v"], SQUARES)


def test_another_exercise_that_is_not_written_is_named() -> None:
    assert text_of(call(not_written)) == "step calls not_written, which is not written yet."
    contract = STEP._replace(name="not_written")
    assert text_of(call(not_written, contract)) == "not_written is not written yet."
    assert "calls earlier_exercise" in text_of(call(needs_an_earlier_one))


def shrinks(theta: Any, grad: Any, lr: Any) -> Any:
    theta -= lr * grad
    return theta


def clears_grad(theta: Any, grad: Any, lr: Any) -> Any:
    result = theta - lr * grad
    grad[:] = 0
    return result


def flips_a_zero(theta: Any, grad: Any, lr: Any) -> Any:
    result = theta - lr * grad
    grad[1] = -0.0
    return result


def resizes(theta: Any, grad: Any, lr: Any) -> Any:
    grad.resize((1,), refcheck=False)
    return theta


@pytest.mark.parametrize(
    ("function", "changed"),
    [(shrinks, "theta"), (clears_grad, "grad"), (flips_a_zero, "grad"), (resizes, "grad")],
)
def test_an_argument_changed_in_place_is_reported(function: Any, changed: str) -> None:
    assert call(function).changed == (changed,)
    assert steps(function).changed == (changed,)
    np.testing.assert_array_equal(CALL["arguments"]["grad"], [0.5, 0.0, -1.5])


def test_a_change_is_reported_also_when_the_answer_then_fails() -> None:
    def change_and_raise(theta: Any, grad: Any, lr: Any) -> Any:
        theta += 1
        return "no array"

    outcome = call(change_and_raise)
    assert (kind_of(outcome), outcome.changed) == ("type", ("theta",))


@pytest.mark.parametrize("change", [list.pop, list.reverse, lambda rows: rows[0].fill(0)])
def test_changes_inside_a_list_of_arrays_are_reported(change: Any) -> None:
    contract = Contract("f", ("rows",), ("r",))
    case = {"arguments": {"rows": [np.ones(2), np.arange(3.0)]}}
    outcome = run_cases("call", lambda rows: (change(rows), 1.0)[1], contract, [case])[0]
    assert outcome.changed == ("rows",)
    assert case["arguments"]["rows"][0].tolist() == [1.0, 1.0]


def test_changes_inside_a_dict_are_reported() -> None:
    contract = Contract("f", ("table",), ("r",))
    case = {"arguments": {"table": {"a": [1.0], "b": np.zeros(2)}}}
    assert run_cases("call", lambda t: t["a"].append(1) or 1.0, contract, [case])[0].changed
    assert run_cases("call", lambda t: t.popitem() and 1.0, contract, [case])[0].changed
    assert not run_cases("call", lambda t: float(len(t)), contract, [case])[0].changed


def test_state_of_another_shape_is_refused_where_it_first_appears() -> None:
    def widen(theta: Any, grad: Any, lr: Any) -> Any:
        return theta[:, None] * np.ones(2) if theta[0] < 1 else theta - 0.5

    outcome = steps(widen)
    assert kind_of(outcome) == "shape"
    assert "update 2" in text_of(outcome)
    assert "(3, 2); it went in with (3,)" in text_of(outcome)
    assert outcome.arrays["theta"].shape == (1, 3)


def test_each_update_gets_its_own_arguments_and_the_last_state() -> None:
    case = {
        "start": {"theta": np.zeros(1)},
        "updates": [{"grad": np.ones(1), "lr": lr} for lr in (1.0, 10.0, 100.0)],
    }
    outcome = run_cases("steps", plain, STEP, [case])[0]
    assert outcome.arrays["theta"].ravel().tolist() == [-1.0, -11.0, -111.0]


def test_an_answer_that_keeps_its_own_count_is_seen_through() -> None:
    calls = []

    def counts(theta: Any, grad: Any, lr: Any) -> Any:
        calls.append(1)
        return theta - 0.1 * len(calls) * grad

    cases = [{"start": {"theta": THETA}, "updates": [{"grad": GRAD, "lr": 0.1}]}] * 2
    first, second = run_cases("steps", counts, STEP, cases)
    assert not np.array_equal(first.arrays["theta"], second.arrays["theta"])


def test_what_an_answer_prints_and_warns_is_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    call(noisily)
    assert capsys.readouterr() == ("", "")


def library_step(theta: Any, grad: Any, lr: Any) -> Any:
    optimizers.sgd()
    return theta - lr * grad


def library_step_through_a_helper(theta: Any, grad: Any, lr: Any) -> Any:
    return library_step(theta, grad, lr)


def library_step_in_a_comprehension(theta: Any, grad: Any, lr: Any) -> Any:
    return theta - lr * sum(grad for _ in (optimizers.adam(),))


def library_step_in_a_thread(theta: Any, grad: Any, lr: Any) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(library_step, theta, grad, lr).result()


@pytest.mark.parametrize(
    "function",
    [
        library_step,
        library_step_through_a_helper,
        library_step_in_a_comprehension,
        library_step_in_a_thread,
        functools.partial(library_step),
    ],
)
def test_a_call_of_the_library_is_refused(function: Any) -> None:
    outcome = call(function)
    assert kind_of(outcome) == "uses_library"
    assert "downslope.optimizers." in text_of(outcome)


def test_submodules_of_a_forbidden_module_are_forbidden_and_namesakes_are_not() -> None:
    def run(forbidden: str) -> str | None:
        return kind_of(call(library_step, STEP._replace(forbids=(forbidden,))))

    assert run("downslope") == "uses_library"
    assert run("downslope.optim") is None
    assert run("optimizers") is None


def test_the_watch_ends_with_the_call() -> None:
    before = sys.getprofile()
    call(lambda *_: 1 / 0)
    assert sys.getprofile() is before


def test_an_answer_runs_under_a_profiler() -> None:
    profiler = cProfile.Profile()
    profiler.enable()
    try:
        assert call(plain).problem is None
    finally:
        profiler.disable()


def test_a_keyboard_interrupt_reaches_the_learner() -> None:
    def interrupted(*_: Any) -> NoReturn:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(interrupted)


class SilentError(Exception):
    def __str__(self) -> str:
        raise ValueError


def test_an_error_that_cannot_be_printed_is_described_all_the_same() -> None:
    assert describe_error(SilentError(), "step") == "step raised SilentError"


def test_a_long_error_text_is_cut() -> None:
    assert len(describe_error(ValueError("x" * 10_000), "step")) < 400


def test_an_error_shows_the_deepest_line_of_the_learners_own_code() -> None:
    source = (
        "def helper(x):\n    return x['no']\n\ndef step(theta, grad, lr):\n    return helper(1)\n"
    )
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, "cell", "exec"), space)
    assert "line 2, in helper" in text_of(call(space["step"]))


def test_an_unknown_driver_is_refused() -> None:
    with pytest.raises(ValueError, match=", ".join(sorted(DRIVERS))):
        run_cases("fly", plain, STEP, [CALL])


def test_something_that_cannot_be_called_fails_every_case() -> None:
    outcomes = run_cases("call", 3, STEP, [CALL, CALL])
    assert [kind_of(outcome) for outcome in outcomes] == ["type", "type"]
    assert text_of(outcomes[0]) == "step is a int, not a function."
