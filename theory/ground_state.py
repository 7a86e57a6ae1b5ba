"""The ground state a second way: the zero-temperature Parisi formula of the pure model.

For the pure model one step of replica symmetry breaking is exact, and the energy is
min over z > 0 of sqrt((p + z) log(1 + z) / z); at the minimum log(1 + z) = z (p + z)/(p (1 + z)) and
the value is (p + z)/sqrt(p (1 + z)). Nothing here is shared with the Kac-Rice route of
`theory.thresholds`.
"""

from __future__ import annotations

from functools import partial

import flint

from theory.ball import Ball
from theory.model import Mixture, bad, check_integer
from theory.newton import root


def _stationarity(p: flint.arb, z: flint.arb) -> tuple[flint.arb, flint.arb]:
    """p (1 + z) log(1 + z) - z (p + z), and its derivative in z; one sign change for z > 0."""
    log = (1 + z).log()
    return p * (1 + z) * log - z * (p + z), p * log - 2 * z


def parisi_energy_arb(p: int) -> flint.arb:
    """E_0(p) as a ball at flint's current precision."""
    bits = flint.ctx.prec
    z = root(partial(_stationarity, flint.arb(p)), flint.arb(1) / p, bits + 8)
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
