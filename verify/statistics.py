"""Tests, intervals and multiple comparisons: each returns a `Cell` or plain numbers.

Two-sided p-values throughout. Every test either has an exact law or is a t test on independent
units (clusters), never on the values inside a unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from verify.claim import Cell, Params

LOOK_LEVEL = 0.03  # Holm, over the sampled claims, in each of the two looks
EQUIVALENCE_LEVEL = 1e-3  # a limit's own level
ALTERNATIVE_LEVEL = 1e-3  # at which a wrong theory counts as refuted
POWER = 0.99  # of the smallest change that a claim states it would refute

Array = NDArray[Any]


def mean_cell(params: Params, quantity: str, predicted: float, values: Array) -> Cell:
    """One-sample t test of the mean of independent units.

    ``values`` of two axes hold a cluster in each row (starts on one disorder sample, eigenvalues of
    one matrix): rows are independent, what stands in a row need not be.

    Examples
    --------
    >>> cell = mean_cell({}, "m", 0.0, np.array([1.0, -1.0, 0.5, -0.5]))
    >>> cell.estimate, cell.p_value
    (0.0, 1.0)
    """
    values = np.asarray(values)
    if values.ndim == 2:
        values = values.mean(axis=1)
    units = len(values)
    stderr = float(np.std(values, ddof=1)) / sqrt(units)
    return _student_cell(params, quantity, predicted, float(np.mean(values)), stderr, units)


def moments_cell(
    params: Params, quantity: str, predicted: float, mean: float, square: float, units: int
) -> Cell:
    """`mean_cell` of units of which the mean and the mean square are kept, and nothing else.

    The variance is their difference: for units that scatter less than 1e-4 of their mean it loses
    half its digits.

    Examples
    --------
    >>> cell = moments_cell({}, "m", 0.0, 0.0, 0.625, 4)
    >>> cell.stderr == mean_cell({}, "m", 0.0, np.array([1.0, -1.0, 0.5, -0.5])).stderr
    True
    """
    stderr = sqrt(max(0.0, square - mean**2) / (units - 1))
    return _student_cell(params, quantity, predicted, mean, stderr, units)


def _student_cell(
    params: Params, quantity: str, predicted: float, estimate: float, stderr: float, units: int
) -> Cell:
    """t test of a mean by its standard error."""
    if stderr == 0.0:
        p_value = 1.0 if estimate == predicted else 0.0
    else:
        p_value = float(2 * stats.t.sf(abs(estimate - predicted) / stderr, units - 1))
    return Cell(params, quantity, predicted, estimate, stderr, units, p_value)


def bracketed_cell(
    params: Params, quantity: str, predicted: float, low: Array, high: Array
) -> Cell:
    """`mean_cell` of units known to lie between two values each (the same ones, as a rule).

    A prediction between the two means agrees; another faces the nearer of them.

    Examples
    --------
    >>> low = np.array([1.0, -1.0, 0.5, -0.5])
    >>> bracketed_cell({}, "m", 0.3, low, low + np.array([2.0, 0.0, 0.0, 0.0])).p_value
    1.0
    """
    if np.mean(low) < predicted < np.mean(high):
        return replace(mean_cell(params, quantity, predicted, low), p_value=1.0)
    below = abs(predicted - np.mean(low)) <= abs(predicted - np.mean(high))
    return mean_cell(params, quantity, predicted, low if below else high)


def normal_cell(
    params: Params, quantity: str, predicted: float, estimate: float, stderr: float, units: int
) -> Cell:
    """z test of an estimate whose law under the theory is Normal(predicted, stderr^2)."""
    p_value = float(2 * stats.norm.sf(abs(estimate - predicted) / stderr))
    return Cell(params, quantity, predicted, estimate, stderr, units, p_value)


def chi_square_cell(
    params: Params, quantity: str, predicted: float, total: float, dof: int, units: int
) -> Cell:
    """Exact test of a variance: total / predicted ~ chi-square(dof) under the theory.

    ``total`` is a sum of squares with ``dof`` degrees of freedom, ``predicted`` the variance of
    one of them. The standard error is the theory's own, predicted sqrt(2 / dof).
    """
    ratio = total / predicted
    p_value = float(min(1.0, 2 * min(stats.chi2.cdf(ratio, dof), stats.chi2.sf(ratio, dof))))
    return Cell(params, quantity, predicted, total / dof, predicted * sqrt(2 / dof), units, p_value)


def kolmogorov_cell(
    params: Params, quantity: str, sample: Array, cdf: Callable[[Array], Array]
) -> Cell:
    """Exact Kolmogorov-Smirnov test of independent values against a continuous law.

    The estimate is the largest distance between the two distribution functions; 0 is predicted,
    and the standard error is the scale 1/sqrt(units) of the statistic.
    """
    result = stats.kstest(sample, cdf)
    units = len(sample)
    return Cell(
        params,
        quantity,
        0.0,
        float(result.statistic),
        1 / sqrt(units),
        units,
        float(result.pvalue),
    )


def anderson_sf(z: float) -> float:
    """P(A^2 > z) in the limit of many values, for Anderson and Darling's statistic.

    A^2 is a sum of independent chi-square(1) variables over j(j+1), j >= 1 (Anderson and Darling
    1952). Its characteristic function is inverted by a midpoint sum, exact but for P(A^2 > z + 80)
    and rounding: absolute error below 1e-12.

    Examples
    --------
    >>> round(anderson_sf(2.492367), 6)
    0.05
    """
    if z > 60:
        return 0.0
    step = 2 * np.pi / (2 * max(z, 0.0) + 80)
    t = step * (np.arange(int(700 / step)) + 0.5)
    w = np.pi / 2 * np.sqrt(1 + 8j * t)
    log_cos = -1j * w + np.log1p(np.exp(2j * w)) - np.log(2)  # continuous: Im w > 0
    log_phi = (np.log(2 * np.pi * t) - 0.5j * np.pi - log_cos) / 2
    tail = 0.5 + step / np.pi * float(np.sum(np.imag(np.exp(log_phi - 1j * t * z)) / t))
    return min(1.0, max(0.0, tail))


def anderson_cell(
    params: Params, quantity: str, sample: Array, cdf: Callable[[Array], Array]
) -> Cell:
    """Anderson-Darling test of independent values against a continuous law: looks at the tails.

    The estimate is A^2, of mean 1 and variance 2(pi^2 - 9)/3 under the theory. The p-value is that
    of many values; its error is below 0.05 / units, so take 100 or more.
    """
    units = len(sample)
    uniform = cdf(np.sort(sample))
    with np.errstate(divide="ignore"):
        below, above = np.log(uniform), np.log1p(-uniform)[::-1]
    square = -units - float(np.mean((2 * np.arange(1, units + 1) - 1) * (below + above)))
    p_value = anderson_sf(square) if np.isfinite(square) else 0.0
    stderr = sqrt(2 * (np.pi**2 - 9) / 3)
    return Cell(params, quantity, 1.0, square, stderr, units, p_value)


def frequency_cell(
    params: Params, quantity: str, probabilities: Array, counts: Array, least: float = 10.0
) -> Cell:
    """Pearson's chi-square test of counts in cells, neighbours merged up to ``least`` expected.

    ``probabilities`` sum to 1. The estimate is chi-square over its degrees of freedom.

    Examples
    --------
    >>> frequency_cell({}, "die", np.full(6, 1 / 6), np.array([9, 11, 10, 10, 8, 12])).p_value
    0.9625657732472964
    """
    units = int(np.sum(counts))
    expected, observed = [0.0], [0.0]
    for e, o in zip(units * np.asarray(probabilities), counts, strict=True):
        if expected[-1] >= least:
            expected.append(0.0)
            observed.append(0.0)
        expected[-1] += float(e)
        observed[-1] += float(o)
    if len(expected) > 1 and expected[-1] < least:  # what is left at the end joins its neighbour
        expected[-2:] = [sum(expected[-2:])]
        observed[-2:] = [sum(observed[-2:])]
    e, o = np.array(expected), np.array(observed)
    dof = max(1, len(e) - 1)
    square = float(((o - e) ** 2 / e).sum())
    p_value = float(stats.chi2.sf(square, dof))
    return Cell(params, quantity, 1.0, square / dof, sqrt(2 / dof), units, p_value)


def poisson_cell(params: Params, quantity: str, predicted: float, events: int, units: int) -> Cell:
    """Exact two-sided test of a mean number of events a unit, if events are Poisson.

    Counts of critical points are over-dispersed between instances: for those take `mean_cell`.
    """
    mean = predicted * units
    tails = stats.poisson.cdf(events, mean), stats.poisson.sf(events - 1, mean)
    p_value = float(min(1.0, 2 * min(tails)))
    return Cell(params, quantity, predicted, events / units, sqrt(mean) / units, units, p_value)


def binomial_cell(
    params: Params, quantity: str, predicted: float, successes: int, units: int
) -> Cell:
    """Exact two-sided test of a proportion over independent units."""
    p_value = float(stats.binomtest(successes, units, predicted).pvalue)
    stderr = sqrt(predicted * (1 - predicted) / units)
    return Cell(params, quantity, predicted, successes / units, stderr, units, p_value)


def equivalence_cell(
    params: Params,
    quantity: str,
    predicted: float,
    estimate: float,
    stderr: float,
    units: int,
    margin: float,
) -> Cell:
    """Test that the estimated quantity lies within ``margin`` of the prediction.

    The p-value is the largest, over true values within the margin, of the probability of a
    deviation at least as large as the one seen; the claim itself asks for more, see `within`.

    Examples
    --------
    >>> equivalence_cell({}, "u", 1.0, 1.01, 0.001, 10, 0.02).p_value
    1.0
    >>> equivalence_cell({}, "u", 1.1, 1.01, 0.001, 10, 0.02).p_value < 1e-3
    True
    """
    excess = abs(estimate - predicted) - margin
    # An exact value has no error: outside its margin it is refuted outright.
    beyond = float(2 * stats.norm.sf(excess / stderr)) if stderr > 0 else 0.0
    p_value = 1.0 if excess <= 0 else beyond
    return Cell(params, quantity, predicted, estimate, stderr, units, p_value, None, margin)


def within(cell: Cell, level: float = EQUIVALENCE_LEVEL) -> bool:
    """Whether the interval of the estimate lies inside the margin: equivalence is shown."""
    if cell.margin is None or cell.stderr is None:
        return False
    reach = float(stats.norm.isf(level)) * cell.stderr
    return abs(float(cell.estimate or 0) - float(cell.predicted or 0)) + reach <= cell.margin


@dataclass(frozen=True)
class Extrapolation:
    """Value at N = infinity of a sequence.

    Attributes
    ----------
    value, stderr
        The limit and its standard error (0 for exact sequences).
    bias
        Change of the limit when the last term of the bias model is dropped.
    coefficients
        Of the fit: the limit, then one for each term.
    """

    value: float
    stderr: float
    bias: float
    coefficients: tuple[float, ...]


def _fit(design: Array, y: Array, weight: Array) -> tuple[Array, float]:
    """Weighted least squares: coefficients, and the first one's error for known weights."""
    scaled = design * weight[:, None]
    scale = np.linalg.norm(scaled, axis=0)
    q, r = np.linalg.qr(scaled / scale)
    coefficients = np.linalg.solve(r, q.T @ (y * weight)) / scale
    first_row = np.linalg.inv(r)[0] / scale[0]
    return coefficients, float(np.linalg.norm(first_row))


Term = Callable[[Array], Array]


def power(exponent: float) -> Term:
    """The term N^(-exponent) of a bias model."""
    return lambda n: n ** (-exponent)


def extrapolate(
    sizes: Sequence[float] | Array,
    values: Sequence[float] | Array,
    stderrs: Sequence[float] | Array | None,
    terms: Sequence[Term],
) -> Extrapolation:
    """Limit of value(N) = limit + sum_j c_j terms[j](N) by least squares.

    Parameters
    ----------
    sizes, values
        The sequence.
    stderrs
        Standard errors of independent values, or None for exact values.
    terms
        The bias model, functions of N that vanish at infinity, the leading one first. The bias
        reported is the change of the limit when the last is dropped.

    Examples
    --------
    >>> N = np.array([10.0, 20.0, 40.0])
    >>> round(extrapolate(N, 2 + 3 / N + 5 / N**2, None, (power(1), power(2))).value, 12)
    2.0
    """
    n = np.asarray(sizes, dtype=float)
    y = np.asarray(values, dtype=float)
    weight = np.ones_like(y) if stderrs is None else 1 / np.asarray(stderrs, dtype=float)
    design = np.stack([np.ones_like(n), *(term(n) for term in terms)], axis=1)
    fitted, stderr = _fit(design, y, weight)
    coarse, _ = _fit(design[:, :-1], y, weight)
    return Extrapolation(
        float(fitted[0]),
        0.0 if stderrs is None else stderr,
        abs(float(fitted[0] - coarse[0])),
        tuple(float(c) for c in fitted),
    )


def limit_cells(
    params: Params,
    quantity: str,
    predicted: float,
    found: Extrapolation,
    units: int,
    margin: float,
) -> list[Cell]:
    """The limit of an exact sequence within a margin, and its own error within half of that.

    The margin is the resolution that the claim wants. Whether the sequence has it is told by the
    extrapolation alone, never by its distance from the prediction: where the change of the limit
    when the last term is dropped exceeds half the margin, the claim is inconclusive.

    Examples
    --------
    >>> N = np.array([10.0, 20.0, 40.0])
    >>> found = extrapolate(N, 2 + 3 / N, None, (power(1), power(2)))
    >>> [within(cell) for cell in limit_cells({}, "limit", 2.0, found, 3, 0.1)]
    [True, True]
    """
    dropped = f"{quantity}: change when the last term is dropped"
    return [
        equivalence_cell(params, quantity, predicted, found.value, 0.0, units, margin),
        Cell(params, dropped, 0.0, found.bias, 0.0, units, None, None, margin / 2),
    ]


def joint_p_value(cells: Sequence[Cell]) -> float:
    """One p-value for a claim: the smallest over its cells times their number (Bonferroni).

    Raises
    ------
    ArithmeticError
        For a comparison that is not a number: it must never pass for agreement.
    """
    for cell in cells:
        if cell.p_value is not None and np.isnan(cell.p_value):
            raise ArithmeticError(f"not a number: {cell.quantity} at {dict(cell.params)}")
    p_values = [cell.p_value for cell in cells if cell.p_value is not None]
    return min(1.0, len(p_values) * min(p_values)) if p_values else 1.0


def holm(p_values: Mapping[str, float], level: float) -> set[str]:
    """Names rejected by Holm's step-down procedure at a family-wise level.

    Examples
    --------
    >>> sorted(holm({"a": 0.001, "b": 0.02, "c": 0.5}, 0.05))
    ['a', 'b']
    """
    rejected: set[str] = set()
    ordered = sorted(p_values.items(), key=lambda item: item[1])
    for rank, (name, p_value) in enumerate(ordered):
        if p_value > level / (len(ordered) - rank):
            break
        rejected.add(name)
    return rejected


def smallest_refuted_change(
    own: Sequence[Cell], shifted: Sequence[Cell], eps: float, level: float
) -> float | None:
    """Smallest relative change of a constant that would be refuted with power 0.99.

    ``shifted`` are the same cells predicted with the constant multiplied by 1 + eps; predictions
    are taken as linear in it. A change must clear the two-sided level split over the cells (in
    both looks, so each with power sqrt(0.99)) and the margin, if there is one.
    """
    reach = float(stats.norm.isf(level / (2 * len(own))) + stats.norm.ppf(sqrt(POWER)))
    best: float | None = None
    for cell, other in zip(own, shifted, strict=True):
        if not isinstance(cell.predicted, float) or not isinstance(other.predicted, float):
            continue
        slope = abs(other.predicted - cell.predicted) / eps
        if slope == 0.0 or cell.stderr is None:
            continue
        change = (reach * cell.stderr + 2 * (cell.margin or 0.0)) / slope
        best = change if best is None else min(best, change)
    return best
