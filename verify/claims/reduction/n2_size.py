"""N2: the size of a network against its mass, as printed and sharp, over all small architectures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise, product
from typing import Any

import flint

from theory.networks import architecture as net_theory
from theory.networks.architecture import Network
from theory.networks.size_bounds import (
    lower_is_attained,
    printed_lower,
    printed_upper,
    printed_weak,
    real_widths,
    sharp_lower,
    sharp_upper,
    upper_is_attained,
    widest_for,
)
from verify.claim import Alternative, Axes, Cell, Claim, Params, Series
from verify.evidence import Proof

Bound = Callable[[int, int, int], flint.arb]
Attained = Callable[[Network], bool]
BITS = 160
GRID = (
    {"H": 1, "widest": 40},
    {"H": 2, "widest": 25},
    {"H": 3, "widest": 12},
    {"H": 4, "widest": 6},
)
DEEP = ({"H": 5, "widest": 4}, {"H": 6, "widest": 3}, {"H": 7, "widest": 3})


@dataclass(frozen=True)
class Bounds:
    """Bounds on N and the networks that attain the sharp ones; a wrong theory replaces one of these."""

    printed_upper: Bound = printed_upper
    printed_lower: Bound = printed_lower
    printed_weak: Bound = printed_weak
    upper: Bound = sharp_upper
    lower: Bound = sharp_lower
    upper_attained: Attained = upper_is_attained
    lower_attained: Attained = lower_is_attained
    widest: Callable[[int, int, int], Network] = widest_for


@cache
def _brute(depth: int, widest: int) -> tuple[tuple[Network, int, int, int], ...]:
    """Every network with (Psi, d, N) counted from the definitions: paths and weights one by one."""
    found = []
    for widths in product(range(1, widest + 1), repeat=depth):
        net = net_theory.network((*widths, 1))
        mass, size = 1, 0
        for below, above in zip(net.widths[:-1], net.widths[1:], strict=True):
            mass *= below
            size += below * above
        found.append((net, mass, net.widths[0], size))
    return tuple(found)


def _compare(left: flint.arb, right: flint.arb) -> int | None:
    """-1, 0 or 1 as left is certified below, exactly equal to or above right; None undecided."""
    if left < right:
        return -1
    if left > right:
        return 1
    return 0 if left.is_exact() and right.is_exact() and left == right else None


def _as_stated(depth: int, attained: bool, order: int | None) -> bool | None:
    """Whether an order of N and its bound is what equality asks for.

    Where a sum of roots equals N the balls overlap, and the exact criterion for equality decides.
    """
    if order is None:
        return attained or None
    return (order == 0) == attained


def prove(params: Params, bounds: Bounds = Bounds()) -> list[Cell]:
    """Every bound over all architectures of a depth, with the networks that attain it."""
    depth, widest = params["H"], params["widest"]
    seen = _brute(depth, widest)
    verdicts: dict[str, list[bool | None]] = {}
    counts = {"lower": 0, "upper": 0}

    def note(name: str, holds: bool | None) -> None:
        verdicts.setdefault(name, []).append(holds)

    with flint.ctx.workprec(BITS):
        for net, mass, d, size in seen:
            at = (mass, d, depth)
            note("Psi, d, N", (net.mass, net.inputs, net.size) == (mass, d, size))
            n = flint.arb(size)
            lower, upper = bounds.lower(*at), bounds.upper(*at)
            weak, printed, top = (
                bounds.printed_weak(*at),
                bounds.printed_lower(*at),
                bounds.printed_upper(*at),
            )
            note("N <= Psi^2 H", bool(n <= top) and bool(top == mass * mass * depth))
            note("equality only for one unit a layer", (n == top) == (mass == 1))
            # N >= Psi^(2/H) H / d^(1/H) without roots: N^H d >= H^H Psi^2.
            exact = size**depth * d - depth**depth * mass**2
            note("N^H d >= H^H Psi^2", exact >= 0)
            order = _compare(n, printed)
            note("the printed lower bound is that", order in ((1,) if exact > 0 else (0, None)))
            note("Psi^(2/H) H / d^(1/H) >= Psi^(1/H)", _at_least(printed, weak, depth == 1))
            note("Lambda^H = Psi", bool(abs(weak**depth - mass) < flint.arb("1e-30") * mass))
            equal = bounds.lower_attained(net)
            order = _compare(n, lower)
            note("N >= sharp lower bound", order != -1 and (order == 1 or equal))
            note("equal just where stated, below", _as_stated(depth, equal, order))
            # Equal where the means of even and odd layers agree: Psi^(1/a) = (Psi/d)^(1/b).
            a, b = depth - depth // 2, depth // 2
            note("sharp lower >= printed", _at_least(lower, printed, mass**b == (mass // d) ** a))
            order = _compare(n, upper)
            note("N <= sharp upper bound", order in (-1, 0))
            note("equal just where stated, above", (order == 0) == bounds.upper_attained(net))
            note("sharp upper <= printed", bool(upper <= top))
            best = bounds.widest(mass, d, depth)
            note(
                "the upper bound is attained at every Psi, d",
                (best.mass, best.inputs, best.depth) == at and bool(upper == best.size),
            )
            counts["lower"] += equal
            counts["upper"] += order == 0
    cells = [
        Cell(
            params,
            name,
            f"all of {len(found)}",
            f"{sum(holds is True for holds in found)}",
            holds=False if False in found else None if None in found else True,
        )
        for name, found in verdicts.items()
    ]
    return [*cells, *_real(params, bounds), *_tight(params, bounds, counts)]


def _at_least(left: flint.arb, right: flint.arb, maybe_equal: bool) -> bool | None:
    """left >= right, certified, or overlapping balls where the two may be equal."""
    if left >= right:
        return True
    if left < right:
        return False
    return True if maybe_equal else None


def _real(params: Params, bounds: Bounds) -> list[Cell]:
    """The lower bound attained by real widths at any Psi and d: it cannot be improved."""
    depth = params["H"]
    cells = []
    for mass, d in ((30, 2), (7, 7), (1000, 10)):
        if depth == 1:
            mass = d
        with flint.ctx.workprec(BITS):
            widths = real_widths(mass, d, depth)
            size = sum((a * b for a, b in pairwise(widths)), flint.arb(0))
            mass_of = flint.arb(1)
            for width in widths:
                mass_of *= width
            near = flint.arb("1e-40")
            holds = (
                bool(abs(size - bounds.lower(mass, d, depth)) < near)
                and bool(abs(mass_of - mass) < near * mass)
                and bool(abs(widths[-1] - 1) < near)
            )
        cells.append(
            Cell(
                {**params, "Psi": mass, "d": d},
                "real widths with this Psi and d have N = the lower bound",
                bounds.lower(mass, d, depth).str(12, radius=False),
                size.str(12, radius=False),
                holds=holds,
            )
        )
    return cells


def _tight(params: Params, bounds: Bounds, counts: dict[str, int]) -> list[Cell]:
    """Both sharp bounds are attained by networks of this depth, not by the trivial one alone."""
    return [
        Cell(
            params,
            f"networks that attain the sharp {side} bound",
            "more than one",
            str(count),
            holds=count > 1,
        )
        for side, count in counts.items()
    ]


def series() -> list[Series]:
    """N against Psi for all networks of depth 3 up to width 12, between the bounds."""
    axes = Axes("H = 3, d = 4", "mass Psi (paths)", "size N (weights)", xscale="log", yscale="log")
    seen = [one for one in _brute(3, 12) if one[2] == 4]
    masses = sorted({mass for _, mass, _, _ in seen})
    drawn = [
        Series(
            axes,
            "networks",
            [float(mass) for _, mass, _, _ in seen],
            [float(size) for _, _, _, size in seen],
            (),
            "points",
        )
    ]
    for label, bound in (
        ("sharp, below and above", sharp_lower),
        ("sharp, above", sharp_upper),
        ("printed, below", printed_lower),
        ("printed, above", printed_upper),
    ):
        values = [float(bound(mass, 4, 3)) for mass in masses]
        label = label.replace("below and above", "below")
        drawn.append(Series(axes, label, [float(m) for m in masses], values))
    return drawn


def wrong(name: str, why: str, **changes: Any) -> Alternative:
    """Bounds or equality cases that must be refuted."""
    return Alternative(name, why, {"prove": partial(prove, bounds=Bounds(**changes))})


def _ceil_for_floor(mass: int, d: int, depth: int) -> flint.arb:
    even, odd = depth // 2 or 1, depth - depth // 2
    return even * net_theory.root(mass, even) + odd * net_theory.root(mass // d, odd)


CLAIM = Claim(
    id="N2",
    title="A network's size lies between sharp bounds in its mass",
    rows=("N2", "E4"),
    statement="N = sum of n_i n_(i+1) weights and Psi = n_0 ... n_H paths, d = n_0, n_H = 1: "
    "Psi^2 H >= N >= Psi^(2/H) H / d^(1/H) >= Psi^(1/H), as printed. Sharp: a Psi^(1/a) + b "
    "(Psi/d)^(1/b) <= N <= Psi + Psi/d + H - 2 with a = ceil(H/2), b = floor(H/2).",
    source="CHMBL Thm 3.1 (bounds valid, not sharp: erratum E4)",
    assumptions="all architectures up to the widths stated, in integers and balls; for every "
    "architecture by the argument below",
    evidence=Proof((*GRID, *DEEP), prove, series),
    alternatives=(
        wrong(
            "lower bound 1 % larger",
            "near 1",
            lower=lambda *at: sharp_lower(*at) * flint.fmpq(101, 100),
        ),
        wrong(
            "upper bound 1 smaller",
            "H - 3 for H - 2",
            upper=lambda *at: sharp_upper(*at) - 1,
        ),
        wrong(
            "printed lower bound is attained where the sharp one is",
            "as printed",
            lower=printed_lower,
        ),
        wrong("printed upper bound is sharp", "as printed", upper=printed_upper),
        wrong("ceil and floor exchanged", "odd layers for even", lower=_ceil_for_floor),
        wrong(
            "upper bound without Psi/d",
            "the odd layers forgotten",
            upper=lambda mass, d, depth: flint.arb(mass + depth - 1),
        ),
        wrong(
            "printed lower bound without d",
            "Psi^(2/H) H",
            printed_lower=lambda mass, d, depth: net_theory.root(mass, depth) ** 2 * depth,
        ),
        wrong(
            "equality for equal layers alone",
            "even and odd layers must all agree",
            lower_attained=lambda net: len(set(net.layers)) == 1,
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
