"""Layers whose weights are their own, with widths in any proportion: complexity, E_inf and E_0.

f = sum X_(i1..iH) w1_i1 .. wH_iH with a unit vector w_l of n_l components for each layer and X independent
and standard; a_l = n_l/N, N = n_1 + .. + n_H, u = f/sqrt N. At a critical point the Hessian is sqrt N times
G - u, G with zero blocks on the diagonal and independent entries of variance 1/N in the others. The resolvent
of G has, over block l, the mean m_l of Dyson's equation

    m_l = -1/(u + sum_(j != l) a_j m_j).

With y_l = -a_l m_l > 0 and v = u - sum y_l beyond the spectrum, it says y_l^2 + v y_l = a_l, so

    y_l = 2 a_l/(v + sqrt(v^2 + 4 a_l)),    u(v) = v + sum y_l,

which rises from the edge of the spectrum on: there u'(v) = 0, that is sum v/sqrt(v^2 + 4 a_l) = H - 2.
The mean log of the distance from u to an eigenvalue is the stationary value, in the m_l, of

    -sum a_l log(-m_l) - u sum a_l m_l - sum_(j < l) a_j a_l m_j m_l - 1,

and with spheres and Gaussian density the exponent of critical points is, per N,

    E = 1/2 + (1/2) sum a_l log a_l - sum a_l log y_l + sum_(j < l) y_j y_l - u^2/2.

E = 0 at v = 0 and dE/dv = -v u'(v): so E > 0 at the edge for H >= 3, and it has one root beyond it, E_0. At
H = 2 both are sqrt a_1 + sqrt a_2, the largest singular value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import flint
import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.arithmetic.ball import Ball, bits_of, to_arb
from theory.arithmetic.interval_newton import root
from theory.checks import bad, check_integer, listed
from theory.levels import exact_level, float_levels

Arb = flint.arb
Shares = Sequence[Fraction]

# guard (all): what is refused
# tests/theory/layers/test_dyson.py::test_bad_proportions_are_named
MOST_LAYERS = 1000
MOST_RATIO = 10**12
MOST_DIGITS = 1000


@dataclass(frozen=True)
class LayerLevels:
    """Where the spectrum at a critical point begins to touch zero, and where the mean count ends.

    Attributes
    ----------
    barrier
        E_inf, the edge of the Hessian's spectrum.
    ground
        E_0, the annealed root: for equal proportions the ground state's level, else an upper bound of it.
    """

    barrier: Ball
    ground: Ball


def shares(proportions: Sequence[Any]) -> tuple[Fraction, ...]:
    """Proportions over their sum, exact.

    Examples
    --------
    >>> shares(["1.5", 1, "1/2"])
    (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6))
    """
    exact = [exact_level("proportions", one) for one in listed("proportions", proportions)]
    numbers = [one for one in exact if isinstance(one, Fraction) and one > 0]
    # guard (all): what is refused
    # tests/theory/layers/test_dyson.py::test_bad_proportions_are_named
    if (
        len(numbers) < len(exact)
        or not 2 <= len(exact) <= MOST_LAYERS
        or max(numbers) > MOST_RATIO * min(numbers)
    ):
        raise bad(
            "proportions",
            ",".join(map(str, proportions)),
            f"2 to {MOST_LAYERS} numbers > 0, one a layer, none over {MOST_RATIO:.0e} times another",
        )
    whole = sum(numbers)
    return tuple(one / whole for one in numbers)


def sources(a: Shares, v: Arb) -> list[Arb]:
    """y_l at v: minus the mean of the resolvent over block l, times a_l."""
    return [2 * one / (v + (v * v + 4 * one).sqrt()) for one in map(to_arb, a)]


def _slope(a: Shares, v: Arb) -> tuple[Arb, Arb]:
    """-2 u'(v), positive up to the edge, and its derivative."""
    fours = [4 * to_arb(one) for one in a]
    roots = [(v * v + four).sqrt() for four in fours]
    value = len(a) - 2 - sum((v / r for r in roots), Arb(0))
    return value, -sum((four / r**3 for four, r in zip(fours, roots, strict=True)), Arb(0))


def exponent(a: Shares, v: Arb) -> tuple[Arb, Arb]:
    """E at v, and its derivative.

    Examples
    --------
    >>> exponent([Fraction(1, 3)] * 3, flint.arb(0.5))[0].str(10, radius=False)  # Theta_3 at -1.6374
    '0.01114500880'
    """
    y = sources(a, v)
    total = sum(y, Arb(0))
    pairs = (total * total - sum((one * one for one in y), Arb(0))) / 2
    logs = sum(
        (s * (s.log() / 2 - one.log()) for s, one in zip(map(to_arb, a), y, strict=True)), Arb(0)
    )
    return (1 - (v + total) ** 2) / 2 + logs + pairs, v * _slope(a, v)[0] / 2


def layer_levels(proportions: Sequence[Any], digits: int = 30) -> LayerLevels:
    """E_inf and E_0 of layers that share no weight, for widths in any proportion, certified.

    Parameters
    ----------
    proportions
        Of the widths, > 0, one a layer (2 to 1000): integers, fractions or decimals.
    digits
        Significant digits, at most 1000.

    Returns
    -------
    LayerLevels
        In u = f/sqrt(n_1 + .. + n_H). Equal proportions give E_inf(H) and E_0(H) of the spherical H-spin
        model, whose layers share their weights.

    Raises
    ------
    InputError
        For fewer than two proportions, one that is no number > 0, digits < 1.

    References
    ----------
    McKenna, Complexity of bipartite spherical spin glasses (2021); Kivimae 2021; Huang and Sellke 2023;
    Dartois and McKenna, Injective norm of real and complex random tensors (2024). The closed form in v is
    derived at the head of this file.

    Examples
    --------
    >>> found = layer_levels([1, 1, 1], 15)
    >>> found.barrier.value, found.ground.value
    ('1.63299316185545', '1.65699836352747')
    >>> layer_levels([1, 2, 3], 10).ground.value
    '1.622592879'
    """
    a = shares(proportions)
    digits = check_integer("digits", digits, 1, MOST_DIGITS)
    bits = bits_of(digits, 64)
    with flint.ctx.workprec(bits):
        if len(a) == 2:
            ends = [sum((to_arb(one).sqrt() for one in a), Arb(0))] * 2
        else:
            # Each term of the sum is below v/(2 sqrt a_l): half of what it takes at this v.
            low = (len(a) - 2) * to_arb(min(a)).sqrt() / len(a)
            edge = root(partial(_slope, a), low, bits)
            # E is of the order of v^2 where a layer is thin.
            guard = 48 + 2 * int(1 / min(a)).bit_length()
            last = root(partial(exponent, a), edge.mid(), bits, guard)
            ends = [v + sum(sources(a, v), Arb(0)) for v in (edge, last)]
        return LayerLevels(*(Ball.from_arb(end, digits) for end in ends))


# same (numbers): where Newton starts, and how many steps it takes
_FAR = 8.0
_HALVINGS = 60
_STEPS = 4


def resolvent(a: NDArray[np.float64], u: NDArray[np.float64]) -> NDArray[np.complex128]:
    """m_l at levels u (L,), from above the real line: (L, H).

    Newton's steps for Dyson's equation, from far above each level down to it.
    """
    height = _FAR
    # same (signs): a start far away
    m = np.repeat(-1 / (u + 1j * height)[:, None], len(a), axis=1)
    identity = np.eye(len(a))
    for step in range(_HALVINGS):
        # same (numbers, signs, comparisons): how low above the real line the last steps are
        height = height / 2 if step < _HALVINGS - 1 else 0.0
        for _ in range(_STEPS):
            rest = (u + 1j * height)[:, None] + (m @ a)[:, None] - a * m
            jacobian = (m[:, :, None] * a) * (1 - identity) + rest[:, :, None] * identity
            m = m - np.linalg.solve(jacobian, (m * rest + 1)[..., None])[..., 0]
    return m


def layer_complexity(proportions: Sequence[Any], u: ArrayLike) -> NDArray[np.float64]:
    """Exponent of the mean number of critical points at level u, per N, in float64.

    Parameters
    ----------
    proportions
        As of `layer_levels`.
    u
        Levels f/sqrt N, any shape.

    Returns
    -------
    ndarray
        Absolute error below 1e-10, within 1e-6 of an edge of the spectrum below 1e-6. -inf at u = 0 if one
        layer is wider than all others together: the Hessian then has a kernel there. Below -E_inf
        it is the exponent of minima too. Of points with f/sqrt N <= u: the largest value up to u.

    Raises
    ------
    InputError
        As `layer_levels`.

    Examples
    --------
    >>> layer_complexity([1, 1, 1], [-1.7, -1.0, 0.5]).round(6)
    array([-0.030446,  0.221574,  0.315324])
    >>> layer_complexity([3, 1, 1], [0.0, 0.3]).round(6)
    array([    -inf, 0.189077])
    """
    a = np.array([float(one) for one in shares(proportions)])
    levels = float_levels("u", u)
    flat = levels.ravel()
    singular = (flat == 0) & (2 * a.max() >= 1)
    m = resolvent(a, np.where(singular, 1.0, flat))
    y = -a * m
    total = y.sum(axis=1)
    pairs = (total**2 - (y**2).sum(axis=1)).real / 2
    logs = (a * (np.log(a) / 2 - np.log(np.abs(y)))).sum(axis=1)
    found = (1 - flat**2) / 2 + logs + pairs
    return np.asarray(np.where(singular, -np.inf, found).reshape(levels.shape))
