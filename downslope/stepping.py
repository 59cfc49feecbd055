"""Run any update rule of the course over several updates, whatever state it keeps.

An update rule is a function such as ``adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps)``.
Its parameters are recognised by name, so a learner's own function plugs in unchanged.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from downslope.arguments import floats, require_callable, require_count, require_items, require_kind

Step = Callable[..., Any]
STATE_NAMES = ("m", "v", "sum_sq")
SETTINGS: Mapping[str, float] = {
    "lr": 0.1,
    "rho": 0.9,
    "beta1": 0.9,
    "beta2": 0.999,
    "eps": 1e-8,
    "weight_decay": 0.01,
}


def parameter_names(step: Step) -> tuple[str, ...]:
    """Name the parameters of an update rule, in order. Source: this course.

    Raises:
        TypeError: for what is no function, or a parameter without default that the course does not
            use.
        ValueError: for a built-in function that does not tell its parameters.

    >>> parameter_names(lambda theta, grad, lr: theta - lr * grad)
    ('theta', 'grad', 'lr')
    """
    require_callable("step", step)
    known = {"theta", "grad", "t", *STATE_NAMES, *SETTINGS}
    names = []
    for name, parameter in inspect.signature(step).parameters.items():
        if name in known:
            names.append(name)
        elif parameter.default is parameter.empty:
            raise TypeError(
                f"the update rule {getattr(step, '__name__', 'given')!r} has a parameter {name!r}; "
                f"known are {', '.join(sorted(known))}"
            )
    return tuple(names)


def trajectory(
    step: Step,
    grad_fn: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray,
    steps: int,
    *,
    lr_schedule: Callable[[int], float] | None = None,
    **settings: float,
) -> dict[str, np.ndarray]:
    """Follow an update rule for `steps` updates; state starts at zero (lectures L0, L3, L4).

    Args:
        step: the rule; it returns theta, or ``(theta, state, ...)`` with the states in the order
            in which they stand among its parameters.
        grad_fn: gradient at theta, ``(D,) -> (D,)``.
        start: first point, ``(D,)``.
        steps: number of updates, at least 0.
        lr_schedule: learning rate of update t = 1, 2, ...; overrides ``lr``.
        settings: lr, rho, beta1, beta2, eps, weight_decay where they differ from `SETTINGS`.

    Returns:
        "theta" and each state name, arrays ``(steps + 1, D)`` that begin with the start.

    Raises:
        TypeError: for an unknown setting, or a rule that returns something of another form.
        ValueError: for steps below 0, or a start that holds no numbers.

    >>> path = trajectory(lambda theta, grad, lr: theta - lr * grad, lambda x: 2 * x, [1.0], 2)
    >>> path["theta"].ravel()
    array([1.  , 0.8 , 0.64])
    """
    unknown = set(settings) - set(SETTINGS)
    if unknown:
        raise TypeError(f"unknown setting {sorted(unknown)}; known are {sorted(SETTINGS)}")
    require_callable("grad_fn", grad_fn)
    require_count("steps", steps, low=0)
    if lr_schedule is not None:
        require_callable("lr_schedule", lr_schedule)
    names = parameter_names(step)
    first = floats("start", start).astype(np.float64)  # a copy
    states = [name for name in names if name in STATE_NAMES]
    values: dict[str, Any] = {**SETTINGS, **settings, "theta": first}
    values |= {name: np.zeros_like(values["theta"]) for name in states}
    history = {name: [values[name]] for name in ("theta", *states)}
    for t in range(1, steps + 1):
        values |= {"t": t, "grad": np.asarray(grad_fn(values["theta"]), dtype=np.float64)}
        if lr_schedule is not None:
            values["lr"] = lr_schedule(t)
        values |= call_step(step, names, states, values)
        for name, past in history.items():
            past.append(values[name])
    return {name: np.stack(past) for name, past in history.items()}


def call_step(
    step: Step, names: tuple[str, ...], states: list[str], values: dict[str, Any]
) -> dict[str, np.ndarray]:
    """Make one update with a rule and return its new theta and state by name.

    Arrays of theta's shape. Source: this course.

    Args:
        step: the rule.
        names: its parameters, from `parameter_names`.
        states: those of them that are state, in order.
        values: the value of every parameter.

    Raises:
        TypeError: when the rule returns something of another form.
        ValueError: for a parameter without a value.

    >>> values = {"theta": np.array([1.0]), "grad": np.array([2.0]), "lr": 0.25}
    >>> call_step(lambda theta, grad, lr: theta - lr * grad, ("theta", "grad", "lr"), [], values)
    {'theta': array([0.5])}
    """
    require_callable("step", step)
    require_kind("values", values, Mapping, "map the names of parameters to values")
    names = tuple(_known("names", names, values))
    if not names:
        raise ValueError("names must hold at least one parameter; got none")
    states = _known("states", states, values)
    # Copies go in, so that a rule which changes its arguments cannot rewrite the recorded past.
    arguments = [
        value.copy() if isinstance(value := values[name], np.ndarray) else value for name in names
    ]
    returned = step(*arguments)
    wanted = ("theta", *states)
    several = isinstance(returned, tuple) or (isinstance(returned, list) and states)
    parts = returned if several else (returned,)
    if len(parts) != len(wanted):
        raise TypeError(f"the update rule must return {', '.join(wanted)}; it gave {len(parts)}")
    new = {name: np.array(part, dtype=np.float64) for name, part in zip(wanted, parts, strict=True)}
    for name, array in new.items():
        if array.shape != values["theta"].shape:
            raise TypeError(f"the update rule returned {name} of shape {array.shape}")
    return new


def _known(name: str, listing: Any, values: Mapping[str, Any]) -> list[str]:
    found = require_items(name, listing, "names of parameters")
    for each in found:
        if not isinstance(each, str) or each not in values:
            raise ValueError(f"{name} must be among {', '.join(values)}; got {each!r}")
    return found
