"""Python's operators for a class of scalars that records what is done to them."""

from __future__ import annotations

from typing import Any


class Operators:
    """Turn operators into calls of `apply(op, *others)`.

    A class that inherits from it defines `apply`, which computes one operation, and `**` with a
    number. Everything else follows: a - b is a + (-1)·b, a / b is a · b^(-1), as in Karpathy's
    micrograd (2020). Numbers may stand on either side. The operations are the nodes of the graph
    in lectures L0 and L1.

    Raises:
        NotImplementedError: when the class defines no `apply` or no `**`.

    >>> class Logged(Operators):
    ...     def apply(self, op, *others):
    ...         return (op, *others)
    >>> Logged() + 2, 3 * Logged(), Logged().tanh()
    (('add', 2), ('mul', 3), ('tanh',))
    """

    def apply(self, op: str, *others: Any) -> Any:
        """Compute one operation on this scalar and others."""
        raise NotImplementedError

    def __pow__(self, exponent: float) -> Any:
        raise NotImplementedError

    def __add__(self, other: Any) -> Any:
        return self.apply("add", other)

    def __radd__(self, other: Any) -> Any:
        return self.apply("add", other)

    def __mul__(self, other: Any) -> Any:
        return self.apply("mul", other)

    def __rmul__(self, other: Any) -> Any:
        return self.apply("mul", other)

    def __neg__(self) -> Any:
        return self.apply("mul", -1.0)

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __truediv__(self, other: Any) -> Any:
        return self * (other**-1)

    def __rtruediv__(self, other: Any) -> Any:
        return self**-1 * other

    def relu(self) -> Any:
        """Keep what is positive."""
        return self.apply("relu")

    def tanh(self) -> Any:
        """Take the hyperbolic tangent."""
        return self.apply("tanh")

    def exp(self) -> Any:
        """Take e to this power."""
        return self.apply("exp")

    def log(self) -> Any:
        """Take the natural logarithm."""
        return self.apply("log")
