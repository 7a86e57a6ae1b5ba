"""The ground state a second way: the zero-temperature Parisi formula of the pure model.

For the pure model one step of replica symmetry breaking is exact, and the energy is
min over z > 0 of sqrt((p + z) log(1 + z) / z); at the minimum log(1 + z) = z (p + z)/(p (1 + z)) and
the value is (p + z)/sqrt(p (1 + z)). Nothing here is shared with the Kac-Rice route of
`theory.thresholds`.
"""

from __future__ import annotations

import math

import flint

from theory.ball import Ball
from theory.model import Mixture, bad, check_integer


def _stationarity(p: flint.arb, z: flint.arb) -> tuple[flint.arb, flint.arb]:
    """p (1 + z) log(1 + z) - z (p + z), and its derivative in z."""
    log = (1 + z).log()
    return p * (1 + z) * log - z * (p + z), p * log - 2 * z


def _guess(p: int) -> float:
    """The root in floats; the function is negative beyond it and positive before."""
    low, high = 1e-3, float(p) ** 3

    def value(z: float) -> float:
        return p * (1 + z) * math.log1p(z) - z * (p + z)

    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if value(middle) > 0 else (low, middle)
    return (low + high) / 2


def _root(p: int, bits: int) -> flint.arb:
    """The root z > 0, enclosed by one interval Newton step."""
    z = flint.arb(_guess(p))
    precision = 64
    while True:
        precision = min(2 * precision, bits + 64)
        with flint.ctx.workprec(precision + 16):
            value, slope = _stationarity(flint.arb(p), z)
            z = (z - value / slope).mid()
        if precision == bits + 64:
            break
    with flint.ctx.workprec(bits + 80):
        for widening in (16, 40, bits // 2):
            wide = flint.arb(z, abs(z) * flint.arb(2) ** (widening - bits))
            value, _ = _stationarity(flint.arb(p), z)
            _, slope = _stationarity(flint.arb(p), wide)
            image = z - value / slope
            if slope < 0 and wide.contains_interior(image):
                return image
    raise ArithmeticError(f"no enclosure of the Parisi root for p = {p} at {bits} bits")


def parisi_energy_arb(p: int) -> flint.arb:
    """E_0(p) as a ball at flint's current precision."""
    bits = flint.ctx.prec
    z = _root(p, bits + 8)
    with flint.ctx.workprec(bits + 32):
        return (p + z) / (p * (1 + z)).sqrt()


def parisi_energy(model: Mixture, digits: int = 30) -> Ball:
    """Minus the ground-state energy density, by the zero-temperature Parisi formula.

    Parameters
    ----------
    model
        A pure model, p >= 3.
    digits
        Significant digits.

    Returns
    -------
    Ball
        Certified by interval Newton.

    Raises
    ------
    InputError
        For a mixture, p = 2, digits < 1.

    References
    ----------
    Chen and Sen 2017 (zero-temperature Crisanti-Sommers formula), pure case.

    Examples
    --------
    >>> from theory.model import pure
    >>> parisi_energy(pure(3), 25).value
    '1.656998363527473251222891'
    """
    if not isinstance(model, Mixture) or not model.is_pure:
        raise bad("model", model, "a pure model, q^p, for now")
    if model.p < 3:
        raise bad("p", model.p, "p >= 3")
    check_integer("digits", digits, 1)
    with flint.ctx.workprec(int(3.33 * digits) + 24):
        return Ball.from_arb(parisi_energy_arb(model.p), digits)
