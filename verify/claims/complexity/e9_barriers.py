"""E9: what the layers say of barriers: the height of the first saddles, not the drop."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import flint
import numpy as np

from theory.annealed.thresholds import threshold_arb
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.evidence import Proof, decided

LAYERS = 6
Bound = Callable[[int, int], flint.arb]


def by_layers(p: int, i: int) -> flint.arb:
    """Least cost, over N, of leaving a minimum at -E_i: up to the lowest saddle, which is at -E_1."""
    return threshold_arb(p, i) - threshold_arb(p, 1)


def as_printed(p: int, i: int) -> flint.arb:
    """E_0 - E_i, the drop from there to the ground state."""
    return threshold_arb(p, 0) - threshold_arb(p, i)


def pass_of(levels: list[float]) -> float:
    """Exact cost, over N, of a way from v to -v on the sphere for H = sum levels_j s_j^2 (p = 2).

    Every way crosses the plane that is orthogonal to v, the lowest direction, and there H is at least
    N times the next level; along the arc through that direction it is no more.
    """
    angle = np.linspace(0, np.pi, 2001)
    first, second = sorted(levels)[:2]
    return float((first * np.cos(angle) ** 2 + second * np.sin(angle) ** 2).max() - first)


def prove(params: Params, bound: Bound = by_layers) -> list[Cell]:
    """The two readings against what a barrier must be."""
    p = params["p"]
    if p == 2:
        levels = [-1.4, -1.1, 0.3, 0.9]
        # At p = 2 the saddles are the eigenvectors; E_0, E_1 are the two lowest levels of an instance.
        said = levels[1] - levels[0] if bound is by_layers else 0.0
        seen = pass_of(levels)
        name = "bound = pass between the two ground states of an instance"
        return [decided(params, name, f"{said:.6g}", f"{seen:.6g}", abs(seen - said) < 1e-9)]
    with flint.ctx.workprec(120):
        bounds = [bound(p, i) for i in range(LAYERS + 1)]
        least = threshold_arb(p, 0) - threshold_arb(p, 1)
        ground, second, last, cost = (
            x.str(12, radius=False) for x in (bounds[0], bounds[2], bounds[-1], least)
        )
        same = least > 0 and (bounds[0] - least).contains(0)
        falling = all(lower > higher for lower, higher in pairwise(bounds))
    first = "leaving the ground state costs at least N (E_0 - E_1) > 0"
    fall = "the bound falls as the minimum lies higher, i = 0..6"
    nothing = "the layers bound nothing at -E_2 and above: saddles of index 1 lie below"
    return [
        decided(params, first, cost, ground, same),
        decided(params, fall, None, last, falling),
        decided(params, nothing, None, second, all(one < 0 for one in bounds[2:])),
    ]


CLAIM = Claim(
    id="E9",
    title="A barrier is the way up to the first saddle, not the drop",
    rows=("T10", "E9"),
    statement="Leaving a minimum at u < -E_1 costs at least N (-E_1 - u), up to o(N), with probability "
    "tending to 1; N (E_0 - E_1) from the ground state. The printed N (E_0 - E_i) from layer i is the "
    "drop to the ground state: 0 at i = 0, and largest where barriers are lowest.",
    source="CHMBL Sec. 4; ABC Thm 2.15",
    assumptions="pure p >= 3; with probability tending to 1 no critical point of index >= 1 lies below "
    "-N (E_1 + eps)",
    evidence=Proof(grid=tuple({"p": p} for p in (2, 3, 4, 5, 10)), prove=prove),
    alternatives=refuting(
        prove, "bound", ("the drop, as printed", "erratum E9: N (E_0 - E_i)", as_printed)
    ),
    notes="Why: let a way lead from a minimum at u to a point below u outside its valley. The lowest "
    "height that some way must reach is a critical value of a point that is no minimum (mountain "
    "pass), so of index 1 or more, and those lie at -E_1 or above. At -E_1 and above the layers give no "
    "bound at all. For p = 2 the statement is exact on every instance.",
)
