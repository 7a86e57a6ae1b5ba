"""N2: the size of a network against its mass, as printed and sharp, over all small architectures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product
from math import prod

import flint
import numpy as np

from theory.networks import architecture, size_bounds
from theory.networks.architecture import Network
from verify.alternatives import refuting
from verify.claim import Axes, Cell, Claim, Params, Series
from verify.evidence import Proof, decided

Bound = Callable[[int, int, int], flint.arb]
Attained = Callable[[Network], bool]
BITS = 160
WIDEST = {1: 40, 2: 25, 3: 12, 4: 6, 5: 4, 6: 3, 7: 3}  # by depth


@dataclass(frozen=True)
class Bounds:
    """Bounds on M and the networks that attain the sharp ones; a wrong theory replaces one of these."""

    printed_upper: Bound = size_bounds.printed_upper
    printed_lower: Bound = size_bounds.printed_lower
    printed_weak: Bound = size_bounds.printed_weak
    upper: Bound = size_bounds.sharp_upper
    lower: Bound = size_bounds.sharp_lower
    upper_attained: Attained = size_bounds.upper_is_attained
    lower_attained: Attained = size_bounds.lower_is_attained
    widest: Callable[[int, int, int], Network] = size_bounds.widest_for


@cache
def _brute(depth: int, widest: int) -> tuple[tuple[Network, int, int, int], ...]:
    """Every network with (Psi, d, M) counted from the definitions: paths and weights one by one."""
    found = []
    for widths in product(range(1, widest + 1), repeat=depth):
        net = architecture.network((*widths, 1))
        size = sum(below * above for below, above in pairwise(net.widths))
        found.append((net, prod(net.widths[:-1]), net.widths[0], size))
    return tuple(found)


def _compare(left: flint.arb, right: flint.arb) -> int | None:
    """-1, 0 or 1 as left is certified below, exactly equal to or above right; None undecided."""
    if left < right:
        return -1
    if left > right:
        return 1
    return 0 if left.is_exact() and right.is_exact() and left == right else None


def _as_stated(attained: bool, order: int | None) -> bool | None:
    """Whether an order of M and its bound is what equality asks for.

    Where a sum of roots equals M the balls overlap, and the exact criterion for equality decides.
    """
    if order is None:
        return attained or None
    return (order == 0) == attained


def prove(params: Params, bounds: Bounds = Bounds()) -> list[Cell]:
    """Every bound over all architectures of a depth, with the networks that attain it."""
    depth, widest = params["H"], params["widest"]
    verdicts: dict[str, list[bool | None]] = {}
    at_lower = at_upper = 0
    with flint.ctx.workprec(BITS):
        for net, mass, d, size in _brute(depth, widest):
            facts = {
                "Psi, d, M": (net.mass, net.inputs, net.size) == (mass, d, size),
                **_printed(mass, d, depth, size, bounds),
                **_sharp(net, mass, d, size, bounds),
            }
            for name, holds in facts.items():
                verdicts.setdefault(name, []).append(holds)
            at_lower += bounds.lower_attained(net)
            at_upper += _compare(flint.arb(size), bounds.upper(mass, d, depth)) == 0
    cells = []
    for name, found in verdicts.items():
        holds = False if False in found else None if None in found else True
        cells.append(decided(params, name, f"all of {len(found)}", found.count(True), holds))
    cells += _real(params, bounds)
    # Both sharp bounds are attained by networks of this depth, not by the trivial one alone.
    for side, count in (("lower", at_lower), ("upper", at_upper)):
        what = f"networks that attain the sharp {side} bound"
        cells.append(decided(params, what, "more than one", count, count > 1))
    return cells


def _printed(mass: int, d: int, depth: int, size: int, bounds: Bounds) -> dict[str, bool | None]:
    """The printed bounds, of one network."""
    n = flint.arb(size)
    weak, printed, top = (
        bound(mass, d, depth)
        for bound in (bounds.printed_weak, bounds.printed_lower, bounds.printed_upper)
    )
    # M >= Psi^(2/H) H / d^(1/H) without roots: M^H d >= H^H Psi^2.
    exact = size**depth * d - depth**depth * mass**2
    order = _compare(n, printed)
    return {
        "M <= Psi^2 H": bool(n <= top) and bool(top == mass * mass * depth),
        "equality only for one unit a layer": (n == top) == (mass == 1),
        "M^H d >= H^H Psi^2": exact >= 0,
        "the printed lower bound is that": order in ((1,) if exact > 0 else (0, None)),
        "Psi^(2/H) H / d^(1/H) >= Psi^(1/H)": _at_least(printed, weak, depth == 1),
        "Lambda^H = Psi": bool(abs(weak**depth - mass) < flint.arb("1e-30") * mass),
    }


def _sharp(net: Network, mass: int, d: int, size: int, bounds: Bounds) -> dict[str, bool | None]:
    """The sharp bounds, of one network, and whether it attains them just where it should."""
    n, depth = flint.arb(size), net.depth
    at = (mass, d, depth)
    lower, upper = bounds.lower(*at), bounds.upper(*at)
    equal, best = bounds.lower_attained(net), bounds.widest(*at)
    below, above = _compare(n, lower), _compare(n, upper)
    # Equal where the means of even and odd layers agree: Psi^(1/a) = (Psi/d)^(1/b).
    a, b = depth - depth // 2, depth // 2
    agree = mass**b == (mass // d) ** a
    attained = (best.mass, best.inputs, best.depth) == at and bool(upper == best.size)
    return {
        "M >= sharp lower bound": below != -1 and (below == 1 or equal),
        "equal just where stated, below": _as_stated(equal, below),
        "sharp lower >= printed": _at_least(lower, bounds.printed_lower(*at), agree),
        "M <= sharp upper bound": above in (-1, 0),
        "equal just where stated, above": (above == 0) == bounds.upper_attained(net),
        "sharp upper <= printed": bool(upper <= bounds.printed_upper(*at)),
        "the upper bound is attained at every Psi, d": attained,
    }


def _at_least(left: flint.arb, right: flint.arb, maybe_equal: bool) -> bool | None:
    """left >= right, certified, or overlapping balls where the two may be equal."""
    if left >= right:
        return True
    return False if left < right else maybe_equal or None


def _real(params: Params, bounds: Bounds) -> list[Cell]:
    """The lower bound attained by real widths at any Psi and d: it cannot be improved."""
    depth = params["H"]
    cells = []
    for mass, d in ((30, 2), (7, 7), (1000, 10)):
        if depth == 1:
            mass = d
        with flint.ctx.workprec(BITS):
            widths = size_bounds.real_widths(mass, d, depth)
            size = sum((a * b for a, b in pairwise(widths)), flint.arb(0))
            mass_of = prod(widths, start=flint.arb(1))
            near, lower = flint.arb("1e-40"), bounds.lower(mass, d, depth)
            holds = (
                abs(size - lower) < near
                and abs(mass_of - mass) < near * mass
                and abs(widths[-1] - 1) < near
            )
        at = {**params, "Psi": mass, "d": d}
        what = "real widths with this Psi and d have M = the lower bound"
        said, seen = (bound.str(12, radius=False) for bound in (lower, size))
        cells.append(decided(at, what, said, seen, holds))
    return cells


def series() -> list[Series]:
    """M against Psi for all networks of depth 3 up to width 12, between the bounds."""
    axes = Axes("H = 3, d = 4", "mass Psi (paths)", "size M (weights)", "log", "log")
    seen = [(mass, size) for _, mass, d, size in _brute(3, 12) if d == 4]
    masses = sorted({mass for mass, _ in seen})
    drawn = [axes.points("networks", *np.array(seen, dtype=float).T)]
    for label, bound in (
        ("sharp, below", size_bounds.sharp_lower),
        ("sharp, above", size_bounds.sharp_upper),
        ("printed, below", size_bounds.printed_lower),
        ("printed, above", size_bounds.printed_upper),
    ):
        values = [float(bound(mass, 4, 3)) for mass in masses]
        drawn.append(axes.line(label, [float(m) for m in masses], values))
    return drawn


def _ceil_for_floor(mass: int, d: int, depth: int) -> flint.arb:
    even, odd = depth // 2 or 1, depth - depth // 2
    return even * architecture.root(mass, even) + odd * architecture.root(mass // d, odd)


CLAIM = Claim(
    id="N2",
    title="A network's size lies between sharp bounds in its mass",
    rows=("N2", "E4"),
    statement="M = sum of n_i n_(i+1) weights and Psi = n_0 ... n_H paths, d = n_0, n_H = 1: "
    "Psi^2 H >= M >= Psi^(2/H) H / d^(1/H) >= Psi^(1/H), as printed. Sharp: a Psi^(1/a) + b "
    "(Psi/d)^(1/b) <= M <= Psi + Psi/d + H - 2 with a = ceil(H/2), b = floor(H/2).",
    compares={
        "M = sum of n_i n_(i+1) weights and Psi = n_0 ... n_H paths, d = n_0, n_H = 1": (
            "Psi, d, M"
        ),
        "Psi^2 H >= M": "M <= Psi^2 H",
        "M >= Psi^(2/H) H / d^(1/H)": "M^H d >= H^H Psi^2",
        "Psi^(2/H) H / d^(1/H) >= Psi^(1/H), as printed": "Psi^(2/H) H / d^(1/H) >= Psi^(1/H)",
        "Sharp": "networks that attain the sharp *",
        "a Psi^(1/a) + b (Psi/d)^(1/b) <= M": "M >= sharp lower bound",
        "M <= Psi + Psi/d + H - 2 with a = ceil(H/2), b = floor(H/2)": "M <= sharp upper bound",
    },
    source="CHMBL Thm 3.1 (bounds valid, not sharp: erratum E4)",
    assumptions="all architectures up to the widths stated, in integers and balls; for every "
    "architecture by the argument below",
    evidence=Proof(
        tuple({"H": depth, "widest": widest} for depth, widest in WIDEST.items()), prove, series
    ),
    alternatives=refuting(
        prove,
        "bounds",
        (
            "lower bound 1 % larger",
            "near 1",
            Bounds(lower=lambda *at: size_bounds.sharp_lower(*at) * flint.fmpq(101, 100)),
        ),
        (
            "upper bound 1 smaller",
            "H - 3 for H - 2",
            Bounds(upper=lambda *at: size_bounds.sharp_upper(*at) - 1),
        ),
        (
            "printed lower bound is attained where the sharp one is",
            "as printed",
            Bounds(lower=size_bounds.printed_lower),
        ),
        ("printed upper bound is sharp", "as printed", Bounds(upper=size_bounds.printed_upper)),
        ("ceil and floor exchanged", "odd layers for even", Bounds(lower=_ceil_for_floor)),
        (
            "upper bound without Psi/d",
            "the odd layers forgotten",
            Bounds(upper=lambda mass, d, depth: flint.arb(mass + depth - 1)),
        ),
        (
            "printed lower bound without d",
            "Psi^(2/H) H",
            Bounds(
                printed_lower=lambda mass, d, depth: architecture.root(mass, depth) ** 2 * depth
            ),
        ),
        (
            "equality for equal layers alone",
            "even and odd layers must all agree",
            Bounds(lower_attained=lambda net: len(set(net.layers)) == 1),
        ),
    ),
    notes="The layers' sizes e_i = n_i n_(i+1) of even number i have product Psi, those of odd "
    "number product Psi/d (each n_i stands in exactly one of each kind, n_0 in the even ones "
    "alone). Below: arithmetic and geometric mean of each kind; equality where all even layers "
    "have one size and all odd layers one size, and at any Psi and d for real widths, so that no "
    "bound in Psi, d and H alone is larger. Above: for m numbers >= 1, (x - 1)(y - 1) >= 0 gives "
    "sum <= product + m - 1; equality where at most one of each kind exceeds 1, and widths (d, "
    "Psi/d, 1, ..., 1) attain it at every Psi and d.\n\nThe printed upper bound is attained by "
    "the network of one unit a layer alone; the printed lower bound where all layers have one "
    "size.",
)
