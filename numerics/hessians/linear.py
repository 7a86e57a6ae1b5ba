"""Two-layer linear networks, all of whose critical points and Hessians are known: an oracle for tools.

On whitened inputs the loss of z = W_2 W_1 x, W_1 (h, d), W_2 (d, h), is, up to a constant and a rotation,

    L = |W_2 W_1 - diag(s)|^2 / 2,    s_1, .., s_d > 0.

Its balanced critical points capture a set S of directions, each by a hidden unit of its own, with weight
sqrt(s_i) on both sides, the other units at 0 (Baldi and Hornik 1989). With R the part of diag(s) not
captured,

    d^2 L = |dW_2 W_1 + W_2 dW_1|^2 - 2 <R, dW_2 dW_1>

falls apart into pairs (dW_2[i, u], dW_1[u, i]) or, within S, (dW_2[i, j], dW_1[i, j]):

    i not in S, u unused            s_i, -s_i
    i not in S, u captures j        s_j + s_i, s_j - s_i
    i and j in S                    s_i + s_j, 0
    j in S, u unused                0, 0

so that the index is (h - |S|)(d - |S|) + #{i not in S, j in S: s_i > s_j}: 0 only for the best S.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError
from numerics.core.checks import check_integer, check_real

Real = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LinearNetwork:
    """A critical point of a linear network, with its Hessian's spectrum.

    Attributes
    ----------
    first, second : ndarray, shapes (h, d), (d, h)
        W_1 and W_2.
    residual : ndarray, shape (d, d)
        R.
    eigenvalues : ndarray, shape (2 h d,)
        Of the Hessian, exact, ascending.
    """

    first: Real
    second: Real
    residual: Real
    eigenvalues: Real

    @property
    def n(self) -> int:
        """Number of weights."""
        return len(self.eigenvalues)

    @property
    def index(self) -> int:
        """Number of negative eigenvalues."""
        return int((self.eigenvalues < 0).sum())

    def product(self, v: Real) -> Real:
        """Return the Hessian times a vector: W_1's part first, row by row."""
        one, two = (part.reshape(w.shape) for part, w in zip(
            np.split(v, 2), (self.first, self.second), strict=True))  # fmt: skip
        moved = two @ self.first + self.second @ one
        down = self.second.T @ moved - two.T @ self.residual
        up = moved @ self.first.T - self.residual @ one.T
        return np.concatenate([down.ravel(), up.ravel()])


def linear_network(
    strengths: Sequence[float], captured: Sequence[int], hidden: int
) -> LinearNetwork:
    """Return the critical point of a linear network that captures some directions.

    Parameters
    ----------
    strengths : sequence of float
        s_1, .., s_d > 0.
    captured : sequence of int
        Numbers of the directions in S, from 0 on, each once; `hidden` at most.
    hidden : int
        h >= 1.

    Returns
    -------
    LinearNetwork

    Raises
    ------
    InputError
        For other arguments.

    Examples
    --------
    >>> saddle = linear_network([3.0, 2.0, 1.0], [1], hidden=2)
    >>> saddle.n, saddle.index  # two ways down for the unused unit, and from 2 to 3
    (12, 3)
    >>> linear_network([3.0, 2.0, 1.0], [0, 1], hidden=2).index
    0
    """
    try:
        s = np.array([check_real("strengths", x, positive=True) for x in strengths])
        every = [check_integer("captured", i, least=0, most=len(s) - 1) for i in captured]
    except TypeError:
        raise InputError.of("strengths", (strengths, captured), "two sequences") from None
    h, d = check_integer("hidden", hidden, least=1), len(s)
    if not d or len(set(every)) != len(every) or len(every) > h:
        raise InputError.of("captured", captured, f"directions of {d}, each once, at most {h}")
    rest = [i for i in range(d) if i not in every]
    first = np.zeros((h, d))
    first[range(len(every)), every] = np.sqrt(s[every])
    idle, inside, outside = h - len(every), s[every], s[rest]
    pairs = [
        np.repeat(np.concatenate([outside, -outside]), idle),
        (inside[:, None] + outside).ravel(),
        (inside[:, None] - outside).ravel(),
        (inside[:, None] + inside).ravel(),
        np.zeros(len(every) * (len(every) + 2 * idle)),
    ]
    residual = np.diag(np.where(np.isin(np.arange(d), rest), s, 0.0))
    return LinearNetwork(first, first.T.copy(), residual, np.sort(np.concatenate(pairs)))
