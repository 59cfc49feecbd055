"""A network's loss over the plane through its parameters along two random directions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt

from downslope.arguments import (
    floats,
    require_callable,
    require_count,
    require_generator,
    require_items,
    require_shape,
)
from downslope.landscapes.surfaces import Array, Landscape, Window, constant, points, window_of

Loss = Callable[[Array], float]
Gradient = Callable[[Array], npt.ArrayLike]
Block = slice | npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False, kw_only=True)
class LossPlane(Landscape):
    """A landscape cut out of a loss of many parameters: θ(w1, w2) = centre + w1·d1 + w2·d2.

    Made by `loss_plane` after Li et al. 2018, whose pictures lecture L1 shows.

    Attributes:
        centre: The parameters at `(0, 0)`, `(P,)`.
        directions: `d1` and `d2` as rows, `(2, P)`.

    Raises:
        TypeError, ValueError: as `Landscape` does; `parameters` and `shadow`, for points that are
            not `(..., 2)`, or parameters that are not `(..., P)`.

    >>> plane = loss_plane(lambda theta: float(theta @ theta), np.ones(6), np.random.default_rng(0))
    >>> plane.parameters([[0, 0], [1, 0]]).shape, plane.shadow(np.ones(6))
    ((2, 6), array([0., 0.]))
    """

    centre: Array = field(repr=False)
    directions: Array = field(repr=False)

    def parameters(self, theta: npt.ArrayLike) -> Array:
        """Return the flat parameters `(..., P)` at points `(..., 2)` of the plane."""
        return np.asarray(self.centre + points(theta) @ self.directions)

    def shadow(self, parameters: npt.ArrayLike) -> Array:
        """Project parameters `(..., P)`, such as a training run, onto the plane: `(..., 2)`.

        The nearest point of the plane. What a run does at right angles to it is lost, and two
        random directions miss most of a long run.
        """
        places = floats("parameters", parameters)
        require_shape("parameters", places, (*places.shape[:-1], len(self.centre)))
        away = np.asarray(places, dtype=np.float64) - self.centre
        solved = np.linalg.lstsq(self.directions.T, away.reshape(-1, len(self.centre)).T)
        return np.asarray(solved[0].T.reshape(*away.shape[:-1], 2))


def filter_blocks(shapes: Sequence[tuple[int, ...]]) -> list[slice]:
    """Find the filters in a flat vector of arrays of these shapes, one after the other, row by row.

    A filter is what feeds one unit: a row of a weight matrix `(out, in)`. Biases (one axis) are in
    no block, so `loss_plane` leaves them alone, as Li et al. 2018 do.

    Raises:
        TypeError, ValueError: for a shape that is no tuple of whole numbers of at least 0.

    >>> filter_blocks([(2, 3), (2,), (1, 2), (1,)])
    [slice(0, 3, None), slice(3, 6, None), slice(8, 10, None)]
    """
    blocks, start = [], 0
    for shape in require_items("shapes", shapes, "shapes, such as (64, 10)"):
        sides = require_items("every entry of shapes", shape, "lengths")
        size = int(np.prod([require_count("shapes", length, low=0) for length in sides]))
        if len(sides) > 1 and size:
            length = size // sides[0]
            blocks += [slice(at, at + length) for at in range(start, start + size, length)]
        start += size
    return blocks


def _flat_vector(params: npt.ArrayLike) -> npt.NDArray[np.floating]:
    """Copy `params`; float32 stays float32, because the loss is called with what it was given."""
    vector = np.array(params)
    if vector.ndim != 1 or not vector.size:
        raise ValueError(f"params must be a vector with shape (P,), P > 0; got {vector.shape}")
    if vector.dtype not in (np.float32, np.float64):
        raise TypeError(f"params must be float64 or float32; got {vector.dtype}")
    if not np.isfinite(vector).all():
        raise ValueError("params must be finite; got NaN or infinity")
    return vector


def _rows_of(blocks: Sequence[Block], size: int) -> list[npt.NDArray[np.intp]]:
    """Turn blocks into index arrays; refuse a parameter that is outside or in two filters."""
    indices, blocks = np.arange(size), require_items("blocks", blocks, "slices or index arrays")
    try:
        rows = [np.ravel(indices[block]) for block in blocks]
    except IndexError as error:
        raise ValueError(f"blocks must index {size} parameters; {error}") from error
    ends = [block.stop or 0 for block in blocks if isinstance(block, slice)]
    if not rows or not all(row.size for row in rows) or max(ends, default=0) > size:
        raise ValueError(f"blocks must be non-empty and index {size} parameters; got {blocks}")
    uses = np.bincount(np.concatenate(rows))
    if uses.max() > 1:
        raise ValueError(f"blocks must not overlap; parameter {uses.argmax()} stands in two")
    return rows


def _direction(params: Array, rows: list[npt.NDArray[np.intp]], rng: np.random.Generator) -> Array:
    """Draw one direction and give each filter of it the length of that filter of `params`."""
    drawn = rng.standard_normal(params.size)
    direction = np.zeros(params.size)
    for row in rows:
        length = np.linalg.norm(drawn[row])
        direction[row] = drawn[row] * (np.linalg.norm(params[row]) / length if length else 0.0)
    return direction


def _values(loss: Loss, locate: Callable[[Array], Array], theta: npt.ArrayLike) -> Array:
    where = points(theta)
    losses = [float(loss(locate(point))) for point in where.reshape(-1, 2)]
    return np.array(losses).reshape(where.shape[:-1])


def _slopes(
    gradient: Gradient, directions: Array, locate: Callable[[Array], Array], theta: npt.ArrayLike
) -> Array:
    """By the chain rule: ∂/∂w_k = gradient · d_k."""
    where = points(theta)
    gradients = [np.asarray(gradient(locate(point))) for point in where.reshape(-1, 2)]
    stacked = np.array(gradients, dtype=np.float64).reshape(-1, directions.shape[1])
    return np.asarray((stacked @ directions.T).reshape(where.shape))


def _differences(value: Callable[[npt.ArrayLike], Array], h: float, theta: npt.ArrayLike) -> Array:
    where, steps = points(theta), np.eye(2) * h
    slopes = [(value(where + step) - value(where - step)) / (2 * h) for step in steps]
    return np.stack(slopes, axis=-1)


def loss_plane(
    loss: Loss,
    params: npt.ArrayLike,
    rng: np.random.Generator,
    *,
    blocks: Sequence[Block] | None = None,
    gradient: Gradient | None = None,
    window: Window = ((-1.0, 1.0), (-1.0, 1.0)),
    name: str = "loss plane",
) -> LossPlane:
    """Cut a network's loss along two random directions through its parameters.

    Each direction is drawn from a normal distribution and then *filter-normalised*: every filter
    of it gets the length of the same filter of `params`, d ← d · ‖θ‖ / ‖d‖ (Li et al. 2018,
    "Visualizing the loss landscape of neural nets"). One unit of the plane therefore changes every
    filter by its own length, and planes of networks with small and with large weights compare.

    Args:
        loss: The loss of a flat parameter vector `(P,)`, a float.
        params: The vector in the middle of the plane, float64 or float32 `(P,)`.
        rng: Where the two directions come from; the same seed gives the same plane.
        blocks: Slices or index arrays, one a filter (see `filter_blocks`); parameters in no block
            stay as they are. None: all parameters are one filter.
        gradient: The loss's gradient, `(P,) -> (P,)`; without it the plane's gradient is taken by
            central differences, four losses a point.
        window: What to draw; `(0, 0)`, the parameters themselves, should be in it.
        name: The word that pictures use.

    Returns:
        A landscape without known minima whose start is near a corner of the window. A value costs
        one loss, so draw it with a coarse grid, such as `plane.grid(25)`.

    Raises:
        ValueError: for parameters that are no finite vector, blocks outside it or overlapping, or
            a window without area.
        TypeError: for parameters that are neither float64 nor float32, no generator, or a loss
            that is no function.

    >>> from downslope import datasets, networks
    >>> rng = np.random.default_rng(0)
    >>> network, moons = networks.MLP((2, 8, 2), rng=rng), datasets.two_moons(100, rng)
    >>> plane = loss_plane(
    ...     lambda theta: network.at(theta).loss(moons.X, moons.y),
    ...     network.theta,
    ...     rng,
    ...     blocks=filter_blocks([array.shape for layer in network.layers for array in layer]),
    ... )
    >>> bool(plane.value([0, 0]) == network.loss(moons.X, moons.y))
    True
    >>> plane.parameters([0.5, 0.5]).shape  # one point of the plane is a whole network
    (42,)
    """
    require_callable("loss", loss)
    vector = _flat_vector(params)
    require_generator("rng", rng)
    centre = constant(vector)
    rows = _rows_of([slice(None)] if blocks is None else blocks, centre.size)
    directions = constant([_direction(centre, rows, rng) for _ in range(2)])

    def locate(point: Array) -> Array:
        return np.asarray((centre + point @ directions).astype(vector.dtype))

    value = partial(_values, loss, locate)
    low, high = np.transpose(window_of(window))
    return LossPlane(
        name=name,
        value=value,
        gradient=partial(_differences, value, float(np.cbrt(np.finfo(vector.dtype).eps)))
        if gradient is None
        else partial(_slopes, gradient, directions, locate),
        window=window,
        start=low + 0.1 * (high - low),
        centre=centre,
        directions=directions,
    )
