"""Random Hamiltonians as polynomials on the unit sphere, many instances at once.

With s = sqrt(n) x the Hamiltonian is H(s) = sqrt(n) h(x), |x| = 1,

    h(x) = sum_p sum over ordered (i_1..i_p) of t_{i_1..i_p} x_{i_1}..x_{i_p},

t symmetric: one float64 for each sorted multi-index. Those floats *are* the instance: what is
certified about it holds exactly. (Packed couplings of the same draw differ by roundings.) The
Hessian is taken as a matrix over pairs (i <= j) times the monomials of degree up to d - 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError
from numerics.core.checks import check_integer
from numerics.core.mixture import check_coefficients
from numerics.pspin import couplings, multisets, tensors

Real = npt.NDArray[np.float64]
Integer = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """Where everything stands for n variables and a set of orders.

    Attributes
    ----------
    n, orders
        Number of variables; the p of xi, ascending.
    parent, variable
        Monomial q >= 1 is monomial parent[q] times x[variable[q]]; monomial 0 is 1. By degree.
    left, right
        The pairs i <= j, shape (pairs,).
    blocks
        For each p: first and last + 1 of the monomials of degree p - 2.
    source
        For each p: index into t of multi-index m + i + j, shape (pairs, monomials of degree p - 2).
    weight
        For each p: orderings of the monomials of degree p - 2.
    offsets
        Where the t of each p begin.
    """

    n: int
    orders: tuple[int, ...]
    parent: Integer
    variable: Integer
    left: Integer
    right: Integer
    blocks: tuple[tuple[int, int], ...]
    source: tuple[Integer, ...]
    weight: tuple[Real, ...]
    offsets: tuple[int, ...]

    @property
    def degree(self) -> int:
        """The largest p."""
        return self.orders[-1]

    @property
    def is_pure(self) -> bool:
        """Whether h is homogeneous: then x and -x are critical together."""
        return len(self.orders) == 1


@lru_cache(maxsize=16)
def layout(n: int, orders: tuple[int, ...]) -> Layout:
    """Return the layout of n variables and the orders given, ascending.

    Examples
    --------
    >>> layout(2, (3,)).source[0].tolist()  # multi-indices of pairs 00, 01, 11 with 0 and 1
    [[0, 1], [1, 2], [2, 3]]
    """
    parent, variable, starts = [0], [0], [0]
    for degree in range(1, orders[-1] - 1):
        starts.append(len(parent))
        m = multisets.multi_indices(n, degree)
        parent += (starts[degree - 1] + multisets.rank(m[:, :-1])).tolist()
        variable += m[:, -1].tolist()
    starts.append(len(parent))
    left, right = np.triu_indices(n)
    source, weight, blocks, offsets = [], [], [], [0]
    for p in orders:
        m = multisets.multi_indices(n, p - 2)
        pairs = np.stack([left, right], axis=1)[:, None, :]
        joined = np.concatenate(
            [
                np.broadcast_to(m, (len(left), *m.shape)),
                np.broadcast_to(pairs, (len(left), len(m), 2)),
            ],
            axis=2,
        )
        source.append(multisets.rank(np.sort(joined, axis=2)))
        weight.append(np.asarray(multisets.orderings(n, p - 2)) if p > 2 else np.ones(1))
        blocks.append((starts[p - 2], starts[p - 1]))
        offsets.append(offsets[-1] + multisets.count(n, p))
    return Layout(
        n,
        orders,
        np.array(parent, dtype=np.int64),
        np.array(variable, dtype=np.int64),
        left.astype(np.int64),
        right.astype(np.int64),
        tuple(blocks),
        tuple(source),
        tuple(weight),
        tuple(offsets),
    )


@dataclass(frozen=True)
class Forms:
    """Instances of one model.

    Parameters
    ----------
    layout : Layout
    t : ndarray, shape (instances, numbers)
        The symmetric tensors, one number for each sorted multi-index, order after order.

    Raises
    ------
    InputError
        For a wrong shape or numbers that are not finite.
    """

    layout: Layout
    t: Real

    def __post_init__(self) -> None:
        """Check the arguments."""
        if self.t.ndim != 2 or self.t.shape[1] != self.layout.offsets[-1]:
            raise InputError.of("t", self.t.shape, f"shape (instances, {self.layout.offsets[-1]})")
        if not np.isfinite(self.t).all():
            raise InputError.of("t", "NaN or infinity", "finite numbers")

    def __len__(self) -> int:
        """Return the number of instances."""
        return len(self.t)

    def take(self, rows: npt.ArrayLike) -> Forms:
        """Return some of the instances."""
        return Forms(self.layout, self.t[np.asarray(rows)])

    def curvature(self) -> tuple[Real, Real]:
        """Coefficients of the Hessian and of the matrix that takes x to the gradient.

        Returns
        -------
        hessian, gradient : ndarray, shape (instances, monomials, pairs)
            For the numerical work: multiplicities are inside, so entries are rounded once more.
        """
        shape = (len(self), len(self.layout.parent), len(self.layout.left))
        hessian, gradient = np.zeros(shape), np.zeros(shape)
        for p, (first, last), source, weight, offset in self.terms():
            block = np.swapaxes(self.t[:, offset + source], 1, 2) * (p * weight[:, None])
            gradient[:, first:last] = block
            hessian[:, first:last] = (p - 1) * block
        return hessian, gradient

    def terms(self) -> list[tuple[int, tuple[int, int], Integer, Real, int]]:
        """Return (p, block, source, weight, offset) for each order."""
        of = self.layout
        return list(zip(of.orders, of.blocks, of.source, of.weight, of.offsets, strict=False))


def draw_forms(
    generators: list[np.random.Generator], n: int, coefficients: Mapping[int, float]
) -> Forms:
    """Draw one instance from each generator: the disorder that `numerics.pspin.couplings.draw` draws.

    Parameters
    ----------
    generators : list of numpy.random.Generator
    n : int
        Number of spins, >= 2.
    coefficients : mapping of int to float
        {p: a_p} of xi.

    Returns
    -------
    Forms
        With t = sqrt(a_p) times the mean of X over the orderings of a multi-index, X i.i.d. N(0, 1).

    Examples
    --------
    >>> forms = draw_forms([np.random.default_rng(0)], 3, {3: 1.0})
    >>> forms.t.shape
    (1, 10)
    """
    n = check_integer("n", n, least=2)
    checked = check_coefficients(coefficients)
    rows = [
        tensors.symmetric(couplings.draw(rng, n, checked, place="stored")) for rng in generators
    ]
    return Forms(layout(n, tuple(checked)), np.stack(rows))
