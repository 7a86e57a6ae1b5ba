"""Limits: extrapolation in N, and whether an estimate lies within a margin fixed beforehand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from verify.claim import Cell, Params, check_finite, where
from verify.statistics.significance import Array, quantile, two_sided

EQUIVALENCE_LEVEL = 1e-3  # a limit's own level


def equivalence_cell(
    params: Params,
    quantity: str,
    predicted: float,
    estimate: float,
    stderr: float,
    units: int,
    margin: float,
    freedom: float | None = None,
) -> Cell:
    """Test that the estimated quantity lies within ``margin`` of the prediction.

    ``freedom`` are the degrees of freedom of the standard error, None where it is not estimated.

    The p-value is the largest, over true values within the margin, of the probability of a
    deviation at least as large as the one seen; the claim itself asks for more, see `within`.

    Examples
    --------
    >>> equivalence_cell({}, "u", 1.0, 1.01, 0.001, 10, 0.02).p_value
    1.0
    >>> equivalence_cell({}, "u", 1.1, 1.01, 0.001, 10, 0.02).p_value < 1e-3
    True
    """
    check_finite(
        params, quantity, predicted=predicted, estimate=estimate, stderr=stderr, margin=margin
    )
    if units < 1 or stderr < 0 or margin < 0 or not (freedom is None or freedom > 0):
        raise ArithmeticError(
            f"{quantity} at {where(params)}: {units} units, a standard error of {stderr} "
            f"with {freedom} degrees of freedom, a margin of {margin}"
        )
    excess = abs(estimate - predicted) - margin
    # An exact value has no error: outside its margin it is refuted outright.
    beyond = two_sided(excess / stderr, freedom) if stderr > 0 else 0.0
    p_value = 1.0 if excess <= 0 else beyond
    return Cell(
        params, quantity, predicted, estimate, stderr, units, p_value, None, margin, freedom
    )


def within(cell: Cell, level: float = EQUIVALENCE_LEVEL) -> bool:
    """Whether the interval of the estimate lies inside the margin: equivalence is shown.

    The interval is Student's where the standard error is itself estimated.
    """
    if None in (cell.margin, cell.stderr, cell.estimate, cell.predicted):
        return False  # what is not there shows nothing
    reach = quantile(level, cell.freedom) * float(cell.stderr or 0.0)
    gap = abs(float(cell.estimate or 0.0) - float(cell.predicted or 0.0))
    return gap + reach <= float(cell.margin or 0.0)


def welch(variances: Array, freedoms: Array) -> float | None:
    """Degrees of freedom of a sum of independent estimated variances (Welch and Satterthwaite).

    Between the least and the sum of those of the parts; None where nothing varies.

    Examples
    --------
    >>> welch(np.array([1.0, 1.0]), np.array([5.0, 5.0]))
    10.0
    >>> welch(np.array([1.0, 0.0]), np.array([5.0, 9.0]))
    5.0
    """
    total = float(np.sum(variances))
    if total == 0.0:
        return None
    shares = np.asarray(variances, dtype=float) / total
    return 1 / float(np.sum(shares**2 / np.asarray(freedoms, dtype=float)))


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
    freedom
        Degrees of freedom of the standard error; None where they were not asked for.
    """

    value: float
    stderr: float
    bias: float
    coefficients: tuple[float, ...]
    freedom: float | None = None


def _fit(design: Array, y: Array, weight: Array) -> tuple[Array, Array]:
    """Weighted least squares: coefficients, and the weights with which values enter the first."""
    scaled = design * weight[:, None]
    scale = np.linalg.norm(scaled, axis=0)
    q, r = np.linalg.qr(scaled / scale)
    coefficients = np.linalg.solve(r, q.T @ (y * weight)) / scale
    return coefficients, np.linalg.inv(r)[0] @ q.T * weight / scale[0]


Term = Callable[[Array], Array]


def power(exponent: float) -> Term:
    """The term N^(-exponent) of a bias model."""
    return lambda n: n ** (-exponent)


def extrapolate(
    sizes: Sequence[float] | Array,
    values: Sequence[float] | Array,
    stderrs: Sequence[float] | Array | None,
    terms: Sequence[Term],
    declared: Sequence[float] | Array | None = None,
    freedoms: Sequence[float] | Array | None = None,
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
    declared
        Errors known beforehand, up to a factor, that weight the values; ``stderrs`` if not given.
        With them the limit is linear in the values, and its error no smaller where the errors of
        some few units came out small.
    freedoms
        Degrees of freedom of each of ``stderrs``: those of the limit follow by `welch`.

    Examples
    --------
    >>> N = np.array([10.0, 20.0, 40.0])
    >>> round(extrapolate(N, 2 + 3 / N + 5 / N**2, None, (power(1), power(2))).value, 12)
    2.0
    >>> extrapolate(N[:2], [1.0, 1.0], [0.1, 0.1], (power(1),), freedoms=[4, 4]).freedom
    5.882352941176469
    """
    n = np.asarray(sizes, dtype=float)
    y = np.asarray(values, dtype=float)
    weighting = stderrs if declared is None else declared
    # same (1 -> 2): a scale of all weights
    weight = np.ones_like(y) if weighting is None else 1 / np.asarray(weighting, dtype=float)
    design = np.stack([np.ones_like(n), *(term(n) for term in terms)], axis=1)
    fitted, lever = _fit(design, y, weight)
    coarse, _ = _fit(design[:, :-1], y, weight)
    errors = np.zeros_like(y) if stderrs is None else np.asarray(stderrs, dtype=float)
    variances = (lever * errors) ** 2
    return Extrapolation(
        float(fitted[0]),
        float(np.sqrt(variances.sum())),
        abs(float(fitted[0] - coarse[0])),
        tuple(float(c) for c in fitted),
        None if freedoms is None else welch(variances, np.asarray(freedoms, dtype=float)),
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
