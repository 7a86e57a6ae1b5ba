"""`verify.check`: does a sampler draw from the law that it should?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from theory.checks import InputError, bad
from verify.samples.references import Candidate, Drawn, Reference, mistakes, of_law, shifted
from verify.samples.result import LEVEL, Check, Fit, judged
from verify.samples.whole import check_counts, check_spectra
from verify.statistics import anderson_cell, kolmogorov_cell, mean_cell, normal_cell

Real = NDArray[np.float64]

LEAST, MOST = 100, 10**7  # values
LAWS = ("goe", "edge", "semicircle", "shifted", "kac-rice")


def check(
    samples: ArrayLike,
    law: Any,
    *,
    n: int | None = None,
    k: int = 0,
    p: int = 3,
    u: float | None = None,
    below: float | None = None,
) -> Check:
    """Compare samples of one's own with an exact law.

    Parameters
    ----------
    samples
        Independent values, at least 100: of one eigenvalue, (M,), or rows of eigenvalues of which the
        k-th is taken, (M, m). For ``"semicircle"`` all eigenvalues of M matrices, (M, N). For
        ``"kac-rice"`` numbers of critical points, one for each instance.
    law
        A law of theory (`theory.goe_law`, `theory.edge_law`) or a frozen one of scipy.stats; or
        ``"goe"`` (n, k), ``"edge"`` (k), ``"semicircle"``, ``"shifted"`` (p, n, k, u: the Hessian at a point
        that was not chosen), ``"kac-rice"`` (p, n, k or -1 for all, below).

    Returns
    -------
    Check
        Tests of mean, spread and distribution function, at a level of 0.01 together; beside them the
        usual mistakes, each with the power to tell it.

    Raises
    ------
    InputError
        For what is no such samples, and for arguments out of range.

    Examples
    --------
    >>> import numpy as np, theory, verify
    >>> law = theory.goe_law(40, 0)
    >>> x = law.rvs(2000, random_state=1)
    >>> verify.check(x, law).agrees
    True
    >>> found = verify.check(np.sqrt(2) * x, law)
    >>> found.agrees, found.fits[0].advice
    (False, 'divide by sqrt 2')
    """
    values = _values(samples)
    if isinstance(law, str):
        if law not in LAWS:
            raise bad("law", law, ", ".join(LAWS))
        if law == "semicircle":
            return check_spectra(values)
        if law == "kac-rice":
            return check_counts(values, p, _given("n", n), k, below)
        own = _named(law, n, k, p, u)
    else:
        if not all(hasattr(law, name) for name in ("cdf", "pdf", "mean", "std", "stats")):
            raise bad("law", law, "a law with cdf, pdf, mean, std and stats, or " + ", ".join(LAWS))
        own = of_law(law)
    return _one(_column(values, k), own)


def _given(name: str, value: Any) -> Any:
    if value is None:
        raise bad(name, value, "a number for this law")
    return value


def _named(law: str, n: int | None, k: int, p: int, u: float | None) -> Reference:
    import theory

    if law == "edge":
        return of_law(theory.edge_law(k))
    size = _given("n", n)
    if law == "goe":
        return of_law(theory.goe_law(size, k))
    level = _given("u", u)
    if not isinstance(level, int | float) or not math.isfinite(level):
        raise bad("u", u, "a finite number")
    theory.pure(p)
    return shifted(p, size, k, level)


def _values(samples: ArrayLike) -> Real:
    """The samples as float64, or the error that says in a line what they are."""
    try:
        found = np.asarray(samples)
        if found.dtype.kind not in "iuf":
            raise bad("samples", found.dtype, "real numbers")
        values = found.astype(float)
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise bad("samples", type(samples).__name__, "an array of numbers") from None
    if values.ndim not in (1, 2) or values.size == 0:
        raise bad("samples", f"shape {values.shape}", "values (M,), or rows of them (M, m)")
    if not len(values) >= LEAST or values.size > MOST:
        raise bad(
            "samples", f"shape {values.shape}", f"{LEAST} or more, and at most {MOST} numbers"
        )
    if not np.isfinite(values).all():
        wrong = int((~np.isfinite(values)).sum())
        raise bad("samples", f"{wrong} values that are not finite", "finite numbers")
    return values


def _column(values: Real, k: int) -> Real:
    """One value of each row: the k-th smallest."""
    if values.ndim == 1:
        return values
    if not isinstance(k, int) or not 0 <= k < values.shape[1]:
        raise bad("samples", f"shape {values.shape}", f"rows with {k} + 1 eigenvalues or more")
    return np.asarray(np.sort(values, axis=1)[:, k])


def _one(values: Real, own: Reference) -> Check:
    """Independent values against a law on the line."""
    units, mean, std = len(values), own.mean, own.std
    # A variance of many values has the variance sigma^4 (kurtosis + 2)/M.
    error = std * math.sqrt((own.kurtosis + 2) / units) / 2
    cells = [
        mean_cell({}, "mean", mean, values),
        normal_cell({}, "standard deviation", std, float(values.std(ddof=1)), error, units),
        kolmogorov_cell({}, "distance to the law", values, own.cdf),
        anderson_cell({}, "A^2 to the law", values, own.cdf),
    ]
    candidates = mistakes(own)
    fits = tuple(
        sorted((_fit(values, one, own) for one in candidates), key=lambda fit: fit.distance)
    )
    best = next(one for one in candidates if one.name == fits[0].name)
    return judged(own.name, cells, fits, _curves(values, own, best))


def _fit(values: Real, one: Candidate, own: Reference) -> Fit:
    if isinstance(one, Drawn):
        found = stats.ks_2samp(values, one.values, method="asymp")
        distance, p_value = float(found.statistic), float(found.pvalue)
    else:
        cell = kolmogorov_cell({}, one.name, values, one.cdf)
        distance, p_value = float(cell.estimate or 0.0), float(cell.p_value or 0.0)
    return Fit(one.name, one.advice, distance, p_value, _power(one, own, len(values)))


def _power(one: Candidate, own: Reference, units: int) -> float:
    """Of the test of the mean or that of the spread, the better, at its share of the level."""
    reach = -float(special.ndtri(LEVEL / 8))
    kurtosis = own.kurtosis
    best = 0.0
    for gap, here, there in (
        (abs(one.mean - own.mean), one.std / math.sqrt(units), one.std / math.sqrt(units)),
        (
            abs(one.std - own.std),
            own.std * math.sqrt((kurtosis + 2) / units) / 2,
            one.std * math.sqrt((kurtosis + 2) / units) / 2,
        ),
    ):
        best = max(best, float(special.ndtr((gap - reach * here) / there)))
    return best


def _curves(values: Real, own: Reference, best: Candidate) -> list[dict[str, Any]]:
    """The law, the nearest mistake, and the samples over both."""
    low, high = (float(q) for q in np.quantile(values, [0.001, 0.999]))
    low, high = min(low, own.mean - 4 * own.std), max(high, own.mean + 4 * own.std)
    grid = np.linspace(low, high, 400)
    curves = [_line(own, "the law", own.name, grid)]
    if isinstance(best, Reference):
        curves.append(_line(best, "nearest mistake", own.name, grid))
    edges = np.histogram_bin_edges(values, min(60, 10 + len(values) // 50))
    heights, _ = np.histogram(values, edges, density=True)
    steps = {"kind": "steps", "x": edges.tolist(), "y": heights.tolist()}
    return [*curves, {**_AXES, "panel": own.name, "label": "samples", **steps}]


_AXES = {"xlabel": "value", "ylabel": "density"}


def _line(one: Reference, label: str, panel: str, grid: Real) -> dict[str, Any]:
    said = {"kind": "line", "x": grid.tolist(), "y": one.pdf(grid).tolist()}
    return {**_AXES, "panel": panel, "label": label, **said}
