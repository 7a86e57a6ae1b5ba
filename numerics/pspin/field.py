"""A random external field, a term of degree 1, in the couplings of three spins: xi(q) = h^2 q + ...

On the sphere |s|^2 = n the field's b.s is the cubic form (b.s)(s.s)/n, with the same energies and the same
gradients and Hessians on the sphere. So it is added to the couplings of three spins, and every method and
device takes these as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import Array, Namespace
from numerics.core.mixture import check_coefficients
from numerics.pspin import multisets


def cubic_form(field: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the packed couplings of (b.s)(s.s)/n, which on |s|^2 = n is b.s.

    Parameters
    ----------
    field : array_like, shape (n,)
        b.

    Returns
    -------
    ndarray, shape (n, n (n + 1)/2)
        As in `numerics.pspin.couplings`: the gradient is these times the products of two spins.

    Examples
    --------
    The gradient of (2 x)(x^2 + y^2)/2 is (3 x^2 + y^2, 2 x y):

    >>> cubic_form([2.0, 0.0]).tolist()
    [[3.0, 0.0, 1.0], [0.0, 2.0, 0.0]]
    """
    b = np.asarray(field, dtype=float)
    n = len(b)
    spins = np.arange(n)
    rows, columns = np.broadcast_arrays(spins[:, None], spins)
    pairs = np.stack([np.minimum(rows, columns), np.maximum(rows, columns)], axis=2)
    ranks = multisets.rank(pairs)
    found = np.zeros((n, multisets.count(n, 2)))
    # b_i (s.s), then 2 s_i (b.s).
    found[:, ranks[spins, spins]] = b[:, None]
    found[rows, ranks] += 2 * b
    return found / n


def with_field(
    terms: Sequence[tuple[int, Array]], field: npt.ArrayLike, xp: Namespace, kind: Any
) -> tuple[tuple[int, Array], ...]:
    """Return stored terms, in order of p, with a field in those of three spins.

    Parameters
    ----------
    terms : sequence of (int, array)
        (p, A) as in `numerics.pspin.couplings.Couplings`, all of `xp` and of dtype `kind`; may be empty.
    field : array_like, shape (n,)
        b of b.s.
    xp : array namespace
    kind : dtype

    Examples
    --------
    >>> from numerics.core.backend import namespace
    >>> xp = namespace()
    >>> [(p, a.shape) for p, a in with_field([(2, np.eye(4))], np.ones(4), xp, xp.float64)]
    [(2, (4, 4)), (3, (4, 10))]
    """
    form = xp.asarray(cubic_form(field), dtype=kind)
    found = dict(terms)
    found[3] = found[3] + form if 3 in found else form
    return tuple(sorted(found.items()))


def steepest(coefficients: Mapping[int, float]) -> dict[int, float]:
    """Return the coefficients with the field's variance as that of couplings of three spins.

    A step length that fits this model fits the one in the field: of both the curvature where descents end
    is at most that.

    Examples
    --------
    >>> steepest({3: 1.0, 1: 2.5}), steepest({4: 1.0})
    ({3: 3.5}, {4: 1.0})
    """
    found = check_coefficients(coefficients, least=1)
    if field := found.pop(1, 0.0):
        found[3] = found.get(3, 0.0) + field
    return dict(sorted(found.items()))
