"""The ground state a second way: the zero-temperature Parisi formula, for any mixture.

One step of replica symmetry breaking, phi(q) = L - alpha q, gives min over z > 0 of
sqrt((d + z) log(1 + z)/z), d = xi'(1); at the minimum log(1 + z) = z (d + z)/(d (1 + z)) and the value
is (d + z)/sqrt(d (1 + z)). It is exact for the pure model and wherever `theory.ground_state.parisi`
proves it so; where xi''^(-1/2) is concave E_0 = int sqrt xi'' (full breaking); elsewhere E_0 is
bounded from both sides. In an external field (the term of degree 1) replica symmetry is unbroken where
xi'' <= xi' at 1, E_0 = sqrt(xi'(1)), and full breaking starts at the overlap q_0 = xi'(q_0)/xi''(q_0):

    E_0 = q_0 sqrt(xi''(q_0)) + int_{q_0}^1 sqrt xi''  if xi''^(-1/2) is concave there.

Nothing here is shared with the Kac-Rice route of `theory.annealed.thresholds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import flint

from theory.arithmetic.ball import Ball, bits_of, to_arb
from theory.arithmetic.interval_newton import root
from theory.arithmetic.signs import is_positive
from theory.checks import bad, check_digits
from theory.ground_state.parisi import OneStep, bounds, minimise
from theory.model import Mixture, has_field, pure, slopes_at_one, unit

Breaking = Literal["none", "one step", "full", "bounds"]

# same (all): how fine the search is; what is found is bounded by proofs
CELLS = 200
_SLACKS = tuple(10.0 ** (j / 4 - 16) for j in range(57))
_BITS = 160  # at which the kind of breaking is proved


@dataclass(frozen=True)
class GroundState:
    """Minus the ground-state energy density, and how it was found.

    Attributes
    ----------
    energy
        Certified: it contains E_0.
    breaking
        Of replica symmetry: "none" (q^2; a strong field), "one step", "full" (xi''^(-1/2) concave), each
        proved; or
        "bounds": neither could be proved, and the ball lies between a trial functional and its dual.
    """

    energy: Ball
    breaking: Breaking


def _stationarity(p: flint.arb, z: flint.arb) -> tuple[flint.arb, flint.arb]:
    """p (1 + z) log(1 + z) - z (p + z), and its derivative in z; one sign change for z > 0."""
    log = (1 + z).log()
    return p * (1 + z) * log - z * (p + z), p * log - 2 * z


def _one_step_z(model: Mixture) -> flint.arb:
    """The minimum's z for xi'(1) > 2, at flint's current precision."""
    # The root is near 3 (d - 2) for d = xi'(1) near 2. d is taken anew at each precision.
    low = 1 - 2 / _first(model)
    # same (numbers): spare bits
    return root(lambda z: _stationarity(_first(model), z), low.mid(), flint.ctx.prec + 8)


def _first(model: Mixture) -> flint.arb:
    return to_arb(slopes_at_one(model)[0])


def one_step_arb(model: Mixture) -> flint.arb:
    """The best value of one step of replica symmetry breaking: an upper bound of E_0."""
    with flint.ctx.workprec(flint.ctx.prec + 32):  # same (numbers): spare bits
        d = _first(model)
        z = _one_step_z(model)
        return (d + z) / (d * (1 + z)).sqrt()


def one_step(model: Mixture) -> OneStep:
    """The best phi(q) = L - alpha q: L = b (1 + z), alpha = b z, b^2 = log(1 + z)/(z (d + z))."""
    d = _first(model)
    z = _one_step_z(model)
    b = ((1 + z).log() / (z * (d + z))).sqrt()
    return OneStep(model, b * (1 + z), b * z)


def first_overlap_arb(model: Mixture) -> flint.arb:
    """q_0 in (0, 1) with q_0 xi''(q_0) = xi'(q_0), where breaking starts; 0 without a field.

    q xi'' - xi' rises from -xi'(0) to xi''(1) - xi'(1).
    """
    if not has_field(model):
        return flint.arb(0)

    def excess(q: flint.arb) -> tuple[flint.arb, flint.arb]:
        return model.xi(q, 1) - q * model.xi(q, 2), -q * model.xi(q, 3)

    # It rises faster than the smallest power; a point before the root, whatever the field.
    low = flint.arb(1)
    while not excess(low)[0] > 0:
        low /= 2
    return root(excess, low, flint.ctx.prec + 8)


def full_breaking_arb(model: Mixture) -> flint.arb:
    """q_0 sqrt(xi''(q_0)) + int_{q_0}^1 sqrt xi'': E_0 if xi''^(-1/2) is concave there, else below it.

    At any rate the level that the best known algorithms reach (`algorithmic_energy`).
    """
    start = first_overlap_arb(model)

    def integrand(r: flint.acb, analytic: bool) -> flint.acb:
        # q = r^2: xi'' may begin with an odd power, and its square root is then no power series in q.
        return 2 * r * _root_of_curvature(model, r, analytic)

    below = start * model.xi(start, 2).sqrt()
    return below + flint.acb.integral(integrand, start.sqrt(), 1).real


def _root_of_curvature(model: Mixture, r: flint.acb, analytic: bool) -> flint.acb:
    """sqrt(xi''(r^2)), analytic near [0, 1]: the lowest power of r is taken out."""
    lowest = min(p for p, _ in model.terms if p >= 2)
    rest = flint.acb(0)
    for p, a in model.terms:
        if p >= 2:
            rest += p * (p - 1) * to_arb(a) * r ** (2 * (p - lowest))
    return r ** (lowest - 2) * rest.sqrt(analytic=analytic)


def is_bent(model: Mixture, sign: int) -> bool | None:
    """Whether xi''^(-1/2) is strictly concave (sign 1) or convex (-1) on [q_0, 1].

    Its second derivative has the sign of 3 xi^(3)^2 - 2 xi'' xi^(4).
    """

    def bend(q: flint.arb) -> flint.arb:
        return sign * (2 * model.xi(q, 2) * model.xi(q, 4) - 3 * model.xi(q, 3) ** 2)

    return is_positive(bend, first_overlap_arb(model).lower(), flint.arb(1))


def breaking_of(model: Mixture) -> Breaking:
    """The kind of replica symmetry breaking, as far as it can be proved.

    Examples
    --------
    >>> from theory.model import mixture
    >>> [breaking_of(mixture({2: a, 4: 1 - a})) for a in (0.95, 0.75, 0.1)]
    ['full', 'bounds', 'one step']
    """
    if model.is_pure:  # for p > 2 xi''^(-1/2) is convex, which suffices
        return "one step" if model.p > 2 else "none"
    first, second = slopes_at_one(model)
    if second <= first:
        return "none"
    with flint.ctx.workprec(_BITS):
        if is_bent(model, 1):
            return "full"
        if has_field(model):  # the step would have to start at an overlap > 0
            return "bounds"
        # Convexity suffices: a line cuts a convex curve twice at most.
        simple = is_bent(model, -1) or one_step(model).is_minimum()
        return "one step" if simple else "bounds"


def parisi_energy_arb(p: int) -> flint.arb:
    """E_0 of the pure model, p >= 3, as a ball at flint's current precision."""
    return one_step_arb(pure(p))


@cache
def bounds_arb(model: Mixture, cells: int = CELLS) -> tuple[flint.arb, flint.arb]:
    """Certified lower and upper bound of E_0 by so many steps of breaking.

    From below the better of a feasible dual path and int sqrt xi'', which never needs one.
    """
    with flint.ctx.workprec(_BITS):
        lower, upper = bounds(minimise(model, cells), _SLACKS)
        unconstrained = full_breaking_arb(model)
        return unconstrained if lower is None else lower.max(unconstrained), upper


def lowest_energy(model: Mixture, digits: int | None = None) -> GroundState:
    """Minus the ground-state energy density E_0, by the zero-temperature Parisi formula.

    Parameters
    ----------
    model
        Any mixture, in an external field (a term of degree 1) or without.
    digits
        Significant digits; None for 30, or as many as the bounds show where E_0 has no closed form.

    Returns
    -------
    GroundState

    Raises
    ------
    InputError
        For what is no mixture, digits < 1, and for more digits than the bounds show.

    References
    ----------
    CS (the zero-temperature Crisanti-Sommers formula; one step for the pure model is theirs too).

    Examples
    --------
    >>> from theory.model import mixture, pure
    >>> lowest_energy(pure(3), 25).energy.value
    '1.656998363527473251222891'
    >>> found = lowest_energy(mixture({2: "3/4", 4: "1/4"}))
    >>> found.energy.value, found.breaking
    ('1.55701215', 'bounds')
    >>> lowest_energy(mixture({1: 6, 3: 1}), 12).energy.value  # 3, in a strong field
    '3.00000000000'
    """
    model, variance = unit(model)
    if digits is not None:
        digits = check_digits(digits)
    breaking = breaking_of(model)
    if breaking != "bounds":
        places = 30 if digits is None else digits
        with flint.ctx.workprec(bits_of(places, 24)):  # same (numbers): spare bits
            if breaking == "one step":
                found = one_step_arb(model)
            else:
                found = _first(model).sqrt() if breaking == "none" else full_breaking_arb(model)
            found *= to_arb(variance).sqrt()
            return GroundState(Ball.from_arb(found, places), breaking)
    with flint.ctx.workprec(_BITS):
        lower, upper = bounds_arb(model)
        between = lower.union(upper) * to_arb(variance).sqrt()
        # guard (all): how many digits the bounds show
        # tests/theory/ground_state/test_energy.py::test_as_many_digits_as_the_bounds_show
        shown = max(1, int(between.rel_accuracy_bits() / 3.33))
        # guard (all): what is refused
        # tests/theory/ground_state/test_energy.py::test_as_many_digits_as_the_bounds_show
        if digits is not None and digits > shown:
            raise bad(
                "digits", digits, f"at most {shown} for this mixture: no closed form is known"
            )
        return GroundState(Ball.from_arb(between, digits or shown), breaking)


def parisi_energy(model: Mixture, digits: int = 30) -> Ball:
    """The energy alone of `lowest_energy`.

    Examples
    --------
    >>> from theory.model import pure
    >>> parisi_energy(pure(4), 25).value
    '1.794085028179254453261494'
    """
    return lowest_energy(model, digits).energy


def algorithmic_energy(model: Mixture, digits: int = 30) -> Ball:
    """E_alg: efficient algorithms reach -E_alg, and those that are stable reach nothing lower.

    Parameters
    ----------
    model
        Any mixture, in an external field or without.
    digits
        Significant digits.

    Returns
    -------
    Ball
        Certified. It is E_inf for a pure model, and E_0 where breaking is full or there is none.

    Raises
    ------
    InputError
        For what is no mixture, digits < 1.

    References
    ----------
    Subag, Following the ground states of full-RSB spherical spin glasses (2021); Huang and Sellke, Tight
    Lipschitz hardness for optimizing mean field spin glasses (2021), with a field too.

    Examples
    --------
    >>> from theory.model import mixture, pure
    >>> algorithmic_energy(pure(3), 12).value, algorithmic_energy(mixture({3: 0.5, 4: 0.5}), 12).value
    ('1.63299316186', '1.69952225436')
    """
    one, variance = unit(model)
    digits = check_digits(digits)
    first, second = slopes_at_one(one)
    with flint.ctx.workprec(bits_of(digits, 40)):
        # same (comparisons): both are the same there
        found = _first(one).sqrt() if second <= first else full_breaking_arb(one)
        return Ball.from_arb(to_arb(variance).sqrt() * found, digits)
