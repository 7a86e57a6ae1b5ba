"""The barrier E_inf and the layers E_k as certified enclosures."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any, overload

import flint
import numpy as np
import numpy.typing as npt

from theory.annealed import mixed_model
from theory.annealed.mixed_model import Slopes, classify, is_trivial, slopes_arb, too_simple
from theory.annealed.pure_model import barrier, outside
from theory.arithmetic.ball import Ball, Threshold, bits_of, to_arb
from theory.arithmetic.broadcast import over
from theory.arithmetic.functions import ARB
from theory.arithmetic.interval_newton import root
from theory.arithmetic.ziv import Missing, until_precise
from theory.checks import check_digits, check_integer
from theory.model import Mixture, unit

Balls = npt.NDArray[np.object_]


def _at(p: int, k: int, t: flint.arb) -> tuple[flint.arb, flint.arb]:
    """Theta_{k,p}(-E_inf cosh t) and its derivative in t >= 0.

    dTheta_p/dt of the bulk is -((p-2)/p) sinh 2t and dI/dt = 2 sinh(t)^2, so that the derivative is
    negative for every t > 0 and the root is unique.
    """
    order = flint.arb(p)
    sinh, cosh = t.sinh_cosh()
    slope = -2 * sinh * ((order - 2) / order * cosh + (k + 1) * sinh)
    return outside(order, t, k, ARB), slope


def threshold_arb(p: int, k: int | None) -> flint.arb:
    """E_k(p), or E_inf(p) for k None, as a ball at flint's current precision.

    Examples
    --------
    >>> with flint.ctx.workprec(80):
    ...     threshold_arb(3, 0).str(15, radius=False)
    '1.65699836352747'
    """
    if k is None:
        return barrier(flint.arb(p), ARB)
    bits = flint.ctx.prec
    # Theta_k(-E_inf) > 0; the root is of order k^(-1/3) (compare I = 4 t^3/3 + ... with a constant).
    # same (all): where a search starts; what is found is proved
    low = flint.arb(2) ** (-8 - k.bit_length() // 3)
    # same (numbers, signs): spare bits
    t = root(partial(_at, p, k), low, bits + 8, guard=48 + k.bit_length())
    with flint.ctx.workprec(bits + 24):  # same (numbers): spare bits
        return barrier(flint.arb(p), ARB) * t.cosh()


def _at_mixed(m: Slopes, k: int, t: flint.arb) -> tuple[flint.arb, flint.arb]:
    """The same for a mixture; the derivative is negative for every t > 0 there too."""
    return mixed_model.outside(m, t, k, ARB), mixed_model.slope(m, t, k, ARB)


def mixed_threshold_arb(model: Mixture, k: int | None) -> flint.arb:
    """E_k of a mixture, or E_inf for k None, as a ball at flint's current precision.

    Pure-like: the root of Sigma_k below -E_inf. Full: Sigma_k is negative at -E_inf already, and
    its root lies among the marginal points, the same for every k.

    Examples
    --------
    >>> from theory.model import mixture
    >>> with flint.ctx.workprec(80):
    ...     mixed_threshold_arb(mixture({3: 0.5, 4: 0.5}), 0).str(10, radius=False)
    '1.733069558'
    """
    bits = flint.ctx.prec
    if k is None:
        return mixed_model.barrier(slopes_arb(model), ARB)
    with flint.ctx.workprec(bits + 24):  # same (numbers): spare bits
        if classify(model) == "full":
            return marginal_arb(model)[1]
    first = 148 + k.bit_length()  # same (all): the first precision tried

    def before_root(bits: int) -> tuple[flint.arb, int] | Missing:
        """A point before the root, and the bits that the exponent loses there."""
        # A nearly critical mixture has its root near t = 0: 8 bits nearer with every 24 bits.
        # same (all): where a search starts; what is found is proved
        low = flint.arb(2) ** (-8 - k.bit_length() // 3 - (bits - first) // 3)
        # same (numbers, signs): spare bits
        return (low, bits - 100) if _at_mixed(slopes_arb(model), k, low)[0] > 0 else Missing(24)

    low, guard = until_precise(before_root, first)
    # same (numbers, signs): spare bits
    t = root(lambda x: _at_mixed(slopes_arb(model), k, x), low, bits + 8, guard)
    with flint.ctx.workprec(bits + 24):  # same (numbers): spare bits
        return mixed_model.level(slopes_arb(model), t, k, ARB)


def marginal_arb(model: Mixture) -> tuple[flint.arb, flint.arb]:
    """E_inf^- and E_inf^+: marginal points, r = -2 sqrt d2, have exponent 0 at -E_inf^-, -E_inf^+."""
    m = slopes_arb(model)
    crest = mixed_model.crest(m, ARB)
    reach = (2 * m.spread * mixed_model.plateau(m, ARB) / (m.d1 + m.d2)).sqrt()
    return crest - reach, crest + reach


def marginal_levels(model: Mixture, digits: int = 30) -> tuple[Ball, Ball]:
    """Between -E_inf^+ and -E_inf^- marginal critical points are exponentially many in the mean.

    Parameters
    ----------
    model
        Not q^2, and no field so strong that xi'' <= xi'.
    digits
        Significant digits.

    Returns
    -------
    tuple of Ball
        E_inf^- and E_inf^+; in the pure model, p >= 3, both are E_inf.

    Raises
    ------
    InputError
        For a model as named, digits < 1.

    References
    ----------
    AB, Sec. 1.

    Examples
    --------
    >>> from theory.model import mixture
    >>> [level.value for level in marginal_levels(mixture({3: 0.5, 4: 0.5}), 8)]
    ['1.6440941', '1.7159059']
    """
    # same (0 -> 1, 0 -> -1): any index
    one, variance = _checked(model, 0)
    digits = check_digits(digits)
    with flint.ctx.workprec(bits_of(digits, 24)):  # same (numbers): spare bits
        scale = to_arb(variance).sqrt()
        low, high = (scale * level for level in marginal_arb(one))
        return Ball.from_arb(low, digits), Ball.from_arb(high, digits)


def _checked(model: Mixture, k: int | None) -> tuple[Mixture, Fraction]:
    """The model at unit variance and its variance; InputError where it has no such level."""
    one, variance = unit(model)
    bare = one.is_pure and one.p == 2  # its barrier stands, its layers do not
    if is_trivial(one) and not (k is None and bare):
        raise too_simple(model)
    return one, variance


# same (numbers): what a type checker reads
@overload
def threshold(model: Mixture, k: int | None, digits: int = 30) -> Ball: ...
# same (numbers): what a type checker reads
@overload
def threshold(model: Mixture, k: Sequence[int | None], digits: int = 30) -> Balls: ...
# same (numbers): what a type checker reads
@overload
def threshold(model: Mixture, k: Balls, digits: int = 30) -> Balls: ...
def threshold(model: Mixture, k: Any, digits: int = 30) -> Any:
    """The layer E_k, or the barrier E_inf for k None: Theta_{k,p}(-E_k) = 0.

    In a mixture E_k is the root of Sigma_k; below -E_inf minima outnumber the rest exponentially
    in a pure-like one. In a full one all E_k are one level, E_inf^+ < E_inf.

    Parameters
    ----------
    model
        Any mixture but q^2, which has the barrier alone, and one whose field is so strong that
        xi'' <= xi' at 1. Levels are H/N of the model as it is.
    k
        Index >= 0, or None; or a list or an array of them.
    digits
        Significant digits.

    Returns
    -------
    Ball, or ndarray of Ball
        Certified: existence and uniqueness of the root in it are proved by interval Newton.

    Raises
    ------
    InputError
        For a model as named, k < 0, digits < 1.

    References
    ----------
    ABC, eq. 2.13 and Thm 2.15; mixtures: AB, Sec. 1.

    Examples
    --------
    >>> from theory.model import pure
    >>> threshold(pure(3), 0, 25).value
    '1.656998363527473251222891'
    >>> threshold(pure(3), None, 10).value
    '1.632993162'
    >>> threshold(pure(3), [0, 1], 6).astype(float)
    array([1.657  , 1.65287])
    """
    return over(lambda k: _threshold(model, k, digits), k=k)


def _threshold(model: Mixture, k: int | None, digits: int) -> Ball:
    """`threshold` of one index."""
    if k is not None:
        # guard (all): what is refused
        # tests/theory/annealed/test_thresholds.py::test_bad_input_is_named
        k = check_integer("k", k, 0)
    one, variance = _checked(model, k)
    digits = check_digits(digits)
    with flint.ctx.workprec(bits_of(digits, 24)):  # same (numbers): spare bits
        found = threshold_arb(one.p, k) if one.is_pure else mixed_threshold_arb(one, k)
        return Threshold.from_arb(to_arb(variance).sqrt() * found, digits)
