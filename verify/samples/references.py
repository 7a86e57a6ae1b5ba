"""What samples can be compared with: a law, under a change of scale and place, and mistakes of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import theory
from theory.goe.laws.ensembles import Finite

Real = NDArray[np.float64]
_DRAWN = 4000  # matrices of a mistake that has no exact law
_DENSE = 100  # dimension up to which dense ones are drawn


@dataclass(frozen=True)
class Reference:
    """The law of scale X + shift, X of a law with the methods of a frozen law of scipy.stats.

    Attributes
    ----------
    name
        In words.
    law
        Of X.
    scale, shift
        A negative scale mirrors.
    advice
        What to do with samples that have this law in place of the one they should have.

    Examples
    --------
    >>> half = Reference("half", theory.goe_law(1, 0), scale=0.5)
    >>> round(half.std, 9), float(half.cdf(0.5).round(6))
    (0.5, 0.841345)
    """

    name: str
    law: Any
    scale: float = 1.0
    shift: float = 0.0
    advice: str = ""

    def cdf(self, x: Any) -> Real:
        """P(scale X + shift <= x)."""
        inner = (np.asarray(x, dtype=float) - self.shift) / self.scale
        return np.asarray(self.law.cdf(inner) if self.scale > 0 else self.law.sf(inner))

    def pdf(self, x: Any) -> Real:
        """Its density."""
        inner = (np.asarray(x, dtype=float) - self.shift) / self.scale
        return np.asarray(self.law.pdf(inner)) / abs(self.scale)

    @property
    def mean(self) -> float:
        """Of scale X + shift."""
        return self.scale * float(self.law.mean()) + self.shift

    @property
    def std(self) -> float:
        """Of scale X + shift."""
        return abs(self.scale) * float(self.law.std())

    @property
    def kurtosis(self) -> float:
        """In excess of the normal law's."""
        return float(np.asarray(self.law.stats("k")).ravel()[0])


@dataclass(frozen=True)
class Drawn:
    """A mistake that has no exact law: values that were drawn with it."""

    name: str
    values: Real
    advice: str

    @property
    def mean(self) -> float:
        """Of the values."""
        return float(self.values.mean())

    @property
    def std(self) -> float:
        """Of the values."""
        return float(self.values.std())


def of_law(law: Any, name: str | None = None) -> Reference:
    """A law as it is; one of theory is named."""
    ensemble = getattr(getattr(law, "table", None), "ensemble", None)
    if isinstance(ensemble, Finite):
        n, k = ensemble.n, ensemble.k
        index = k if law.scale < 0 else n - 1 - k
        return Reference(name or f"GOE({n}), eigenvalue {index} from the smallest", law)
    if ensemble is not None:
        return Reference(name or f"the edge of GOE, eigenvalue {ensemble.k} from the largest", law)
    return Reference(name or "the law given", law)


def shifted(p: int, n: int, k: int, u: float) -> Reference:
    """The (k+1)-th smallest eigenvalue of the p-spin Hessian at a point that was not chosen, at H/N = u.

    In the tangent space it is sqrt(2 p (p - 1) (N - 1)/N) GOE(N - 1) - p u (ABC, Lemma 3.2).

    Examples
    --------
    >>> round(shifted(3, 10, 0, -1.65).mean, 6)
    1.105607
    """
    return Reference(
        f"Hessian of the {p}-spin model, N = {n}, at H/N = {u:g}, eigenvalue {k} from the smallest",
        theory.goe_law(n - 1, k),
        math.sqrt(2 * p * (p - 1) * (n - 1) / n),
        -p * u,
    )


def mistakes(own: Reference) -> list[Reference | Drawn]:
    """The usual mistakes beside a law: of normalisation, of sign, of what the diagonal is."""
    ensemble = getattr(getattr(own.law, "table", None), "ensemble", None)

    def scaled(by: float, name: str, advice: str) -> Reference:
        return replace(own, name=name, scale=own.scale * by, shift=own.shift * by, advice=advice)

    found: list[Reference | Drawn] = [
        scaled(
            math.sqrt(2),
            "a factor sqrt 2 too wide: E M_ij^2 = (1 + delta_ij)/N, spectrum on [-2, 2]",
            "divide by sqrt 2",
        ),
        scaled(
            1 / math.sqrt(2),
            "a factor sqrt 2 too narrow: E M_ij^2 = (1 + delta_ij)/(4N), spectrum on [-1, 1]",
            "multiply by sqrt 2",
        ),
        scaled(
            -1.0,
            "the sign turned: the largest for the smallest, or minus the matrix",
            "turn the sign",
        ),
    ]
    if isinstance(ensemble, Finite):
        n, root = ensemble.n, math.sqrt(ensemble.n)
        found += [
            scaled(root, "not divided by sqrt N: E M_ij^2 = (1 + delta_ij)/2", "divide by sqrt N"),
            scaled(
                root * math.sqrt(2),
                "not divided by sqrt(2N): E M_ij^2 = 1 + delta_ij",
                "divide by sqrt(2N)",
            ),
            scaled(math.sqrt((n + 1) / n), "N - 1 or N for N + 1: too wide by 1/(2N)", "check N"),
            scaled(math.sqrt(n / (n + 1)), "N + 1 for N: too narrow by 1/(2N)", "check N"),
            *_half_diagonal(own, ensemble.n, ensemble.k),
        ]
    return found


def _half_diagonal(own: Reference, n: int, k: int) -> list[Drawn]:
    """Eigenvalues of matrices with half the variance on the diagonal; their law is not known."""
    # The (k+1)-th smallest is minus the (k+1)-th largest; the law's own scale says which is meant.
    turn = own.scale * (1.0 if own.law.scale < 0 else -1.0)
    advice = "give the diagonal the variance 1/N, twice that beside it"
    return [
        Drawn(name, turn * np.asarray(values) + own.shift, advice)
        for name, values in _drawn_with_half(n, k)
    ]


@lru_cache(maxsize=8)
def _drawn_with_half(n: int, k: int) -> list[tuple[str, Real]]:
    """The (k+1)-th smallest eigenvalue of such matrices, tridiagonal and, if they are small, dense."""
    if n < 2:
        return []
    from numerics.goe.tridiagonals import edge_rows, lowest_given

    generator = np.random.default_rng(0)
    rows = min(n, edge_rows(n, k + 1))
    unit = math.sqrt(1 / (2 * n))
    degrees = np.arange(n - 1, n - rows, -1)
    diagonal = unit * generator.standard_normal((_DRAWN, rows))
    off = unit * np.sqrt(generator.chisquare(degrees, (_DRAWN, rows - 1)))
    found = [
        (
            "half the variance on the diagonal of the tridiagonal model",
            np.asarray(lowest_given(diagonal, off, k + 1)[:, k]),
        )
    ]
    if n <= _DENSE:
        upper = unit * np.triu(generator.standard_normal((_DRAWN, n, n)))
        lowest = np.linalg.eigvalsh(upper + np.triu(upper, 1).swapaxes(1, 2))[:, k]
        found.append(
            (
                "half the variance on the diagonal: E M_ij^2 = 1/(2N) for all i, j",
                np.asarray(lowest),
            )
        )
    return found


Candidate = Reference | Drawn
