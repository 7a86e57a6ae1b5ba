"""Tests, intervals and multiple comparisons: each returns a `Cell` or plain numbers.

Two-sided p-values throughout. Every test either has an exact law or is a t test on independent
units (clusters), never on the values inside a unit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from verify.claim import Cell, Params, check_finite, where

Array = NDArray[Any]


def _check(params: Params, quantity: str, units: int, least: int, **numbers: Any) -> None:
    """Raise ArithmeticError for fewer units than a test needs, or for what is not finite."""
    if units < least:
        raise ArithmeticError(f"{quantity} at {where(params)}: {units} units, {least} are needed")
    check_finite(params, quantity, **numbers)


def two_sided(z: float, freedom: float | None = None) -> float:
    """P(abs(T) > abs(z)) for Student's T of so many degrees of freedom, None for a normal one.

    Examples
    --------
    >>> round(two_sided(-1.96), 3), round(two_sided(2.571, 5), 3)
    (0.05, 0.05)
    """
    below = special.ndtr(-abs(z)) if freedom is None else special.stdtr(freedom, -abs(z))
    return float(2 * below)


def quantile(level: float, freedom: float | None = None) -> float:
    """The z of P(T > z) = level, T as in `two_sided`.

    Examples
    --------
    >>> round(quantile(1e-3), 2), round(quantile(1e-3, 5), 2)
    (3.09, 5.89)
    """
    z = special.ndtri(level) if freedom is None else special.stdtrit(freedom, level)
    return -float(z)


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
    _check(params, quantity, len(values), 2, predicted=predicted, values=values)
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
    _check(params, quantity, units, 2, predicted=predicted, mean=mean, square=square)
    stderr = sqrt(max(0.0, square - mean**2) / (units - 1))
    return _student_cell(params, quantity, predicted, mean, stderr, units)


def _student_cell(
    params: Params, quantity: str, predicted: float, estimate: float, stderr: float, units: int
) -> Cell:
    """t test of a mean by its standard error."""
    if stderr == 0.0:
        p_value = 1.0 if estimate == predicted else 0.0
    else:
        p_value = two_sided((estimate - predicted) / stderr, units - 1)
    return Cell(params, quantity, predicted, estimate, stderr, units, p_value, freedom=units - 1)


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
    _check(params, quantity, len(low), 2, predicted=predicted, low=low, high=high)
    if np.mean(low) < predicted < np.mean(high):
        return replace(mean_cell(params, quantity, predicted, low), p_value=1.0)
    # same (comparisons): a tie of chance 0
    below = abs(predicted - np.mean(low)) <= abs(predicted - np.mean(high))
    return mean_cell(params, quantity, predicted, low if below else high)


def normal_cell(
    params: Params, quantity: str, predicted: float, estimate: float, stderr: float, units: int
) -> Cell:
    """z test of an estimate whose law under the theory is Normal(predicted, stderr^2)."""
    _check(params, quantity, units, 1, predicted=predicted, estimate=estimate, stderr=stderr)
    if stderr <= 0:
        raise ArithmeticError(f"{quantity} at {where(params)}: a standard error of {stderr}")
    p_value = two_sided((estimate - predicted) / stderr)
    return Cell(params, quantity, predicted, estimate, stderr, units, p_value)


def chi_square_cell(
    params: Params, quantity: str, predicted: float, total: float, dof: int, units: int
) -> Cell:
    """Exact test of a variance: total / predicted ~ chi-square(dof) under the theory.

    ``total`` is a sum of squares with ``dof`` degrees of freedom, ``predicted`` the variance of
    one of them. The standard error is the theory's own, predicted sqrt(2 / dof).
    """
    _check(params, quantity, min(units, dof), 1, predicted=predicted, total=total)
    if predicted <= 0:
        raise ArithmeticError(f"{quantity} at {where(params)}: a predicted variance of {predicted}")
    ratio = total / predicted
    # same (1.0 -> 2.0): twice the smaller of two that sum to 1
    p_value = float(min(1.0, 2 * min(special.chdtr(dof, ratio), special.chdtrc(dof, ratio))))
    return Cell(params, quantity, predicted, total / dof, predicted * sqrt(2 / dof), units, p_value)


def kolmogorov_sf(distance: float, units: int) -> float:
    """P(D > distance) for the largest distance D of an empirical distribution function to its law.

    In the tail, below 0.1, twice the exact one-sided probability: that the function is so far off on
    both sides is left out. Above, the limit of many values with Vrbik's correction (2018). From 60
    values on the error is below 3e-4, and in the tail below a thousandth of the probability.

    Examples
    --------
    >>> round(kolmogorov_sf(0.1, 100), 4)
    0.2526
    """
    tail = 2 * float(special.smirnov(units, distance))
    # same (0.1 -> 0.2, < -> <=): where both are exact enough
    if tail < 0.1:
        return tail
    root = sqrt(units)
    scaled = root * distance
    return float(special.kolmogorov(scaled + 1 / (6 * root) + (scaled - 1) / (4 * units)))


def kolmogorov_cell(
    params: Params, quantity: str, sample: Array, cdf: Callable[[Array], Array]
) -> Cell:
    """Kolmogorov-Smirnov test of independent values against a continuous law.

    The estimate is the largest distance between the two distribution functions; 0 is predicted,
    and the standard error is the scale 1/sqrt(units) of the statistic. The p-value is that of
    `kolmogorov_sf`, so take 60 values or more.
    """
    units = len(sample)
    _check(params, quantity, units, 1, sample=sample)
    uniform = np.asarray(cdf(np.sort(sample)), dtype=float)
    check_finite(params, quantity, cdf=uniform)
    steps = np.arange(units + 1) / units
    distance = float(max(np.max(steps[1:] - uniform), np.max(uniform - steps[:-1])))
    p_value = kolmogorov_sf(distance, units)
    return Cell(params, quantity, 0.0, distance, 1 / sqrt(units), units, p_value)


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
    # same (numbers, comparisons): e^-60 is nothing
    if z > 60:
        return 0.0
    # same (numbers): fine enough by far, whatever the step
    step = 2 * np.pi / (2 * max(z, 0.0) + 80)
    # same (700 -> 701, 700 -> 699, 700 -> 1400): where nothing is left of the characteristic function
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
    _check(params, quantity, units, 1, sample=sample)
    uniform = cdf(np.sort(sample))
    check_finite(params, quantity, cdf=uniform)
    with np.errstate(divide="ignore"):
        below, above = np.log(uniform), np.log1p(-uniform)[::-1]
    square = -units - float(np.mean((2 * np.arange(1, units + 1) - 1) * (below + above)))
    stderr = sqrt(2 * (np.pi**2 - 9) / 3)
    if np.isinf(square):  # a value that the law rules out
        return Cell(params, quantity, 1.0, "infinite", stderr, units, 0.0)
    return Cell(params, quantity, 1.0, square, stderr, units, anderson_sf(square))


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
    _check(params, quantity, 1, 1, probabilities=probabilities, counts=counts)
    units = int(np.sum(counts))
    _check(params, quantity, units, 1)
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
    p_value = float(special.chdtrc(dof, square))
    return Cell(params, quantity, 1.0, square / dof, sqrt(2 / dof), units, p_value)


def never_cell(params: Params, quantity: str, broken: Array) -> Cell:
    """What no unit may do: p-value 0 where one does, with the number of those that do.

    Examples
    --------
    >>> never_cell({}, "sides of a die above 6", np.array([4, 2, 6]) > 6).p_value
    1.0
    """
    _check(params, quantity, len(broken), 1)
    times = float(np.count_nonzero(broken))
    return Cell(params, quantity, 0.0, times, None, len(broken), 0.0 if times else 1.0)


def repeated(values: Array) -> NDArray[np.bool_]:
    """Tell of each value whether it occurs twice, as draws of a continuous law that is used twice do.

    Examples
    --------
    >>> repeated(np.array([0.25, 0.5, 0.25])).tolist()
    [True, False, True]
    """
    _, which, times = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(times[which] > 1)
