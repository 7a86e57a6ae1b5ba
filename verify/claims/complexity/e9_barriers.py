"""E9: what the layers say of barriers: the height of the first saddles, not the drop."""

from __future__ import annotations

from collections.abc import Callable

import flint

from theory.annealed import pure_model
from theory.annealed.thresholds import threshold_arb
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.evidence import Proof, decided

Bound = Callable[[int, int], flint.arb]
ASIDE = "1e-6"  # from the level in question
NONE = "Theta_k < 0 just below the height that the bound gives, k >= 1"
SOME = "Theta_1 > 0 just above it: no bound is higher"


def by_layers(p: int, i: int) -> flint.arb:
    """Least cost, over N, of leaving a minimum at -E_i: up to the lowest saddle, which is at -E_1."""
    return threshold_arb(p, i) - threshold_arb(p, 1)


def as_printed(p: int, i: int) -> flint.arb:
    """E_0 - E_i, the drop from there to the ground state."""
    return threshold_arb(p, 0) - threshold_arb(p, i)


def prove(params: Params, bound: Bound = by_layers) -> list[Cell]:
    """Whether saddles are exponentially rare below the height that a bound gives, and abound above.

    A minimum is left over a saddle; the mean number of those of index k up to u is exp(N Theta_k(u)).
    """
    p = params["p"]
    cells = []
    for i in (0, 1):
        with flint.ctx.workprec(120):
            height = bound(p, i) - threshold_arb(p, i)
            below, above = height - flint.arb(ASIDE), height + flint.arb(ASIDE)
            # Theta_k falls with k: claim T5.
            most = [pure_model.theta_arb(p, below, k) for k in (1, 2, 3)]
            there = pure_model.theta_arb(p, above, 1)
            seen, first = (x.str(8, radius=False) for x in (most[0], there))
            none = all(bool(one < 0) for one in most)
            at = {**params, "minimum": f"-E_{i}"}
            cells += [
                decided(at, NONE, "< 0", seen, none),
                decided(at, SOME, "> 0", first, bool(there > 0)),
            ]
    return cells


CLAIM = Claim(
    id="E9",
    title="A barrier is the way up to the first saddle, not the drop",
    rows=("T10", "E9"),
    statement="Saddles are exponentially rare below -E_1 in the mean, and no lower level will do: leaving "
    "a minimum at u < -E_1 costs at least N (-E_1 - u), up to o(N), with probability tending to 1; N "
    "(E_0 - E_1) from the ground state. The printed N (E_0 - E_i) from layer i is the drop to the ground "
    "state, no barrier: nothing at the ground state, and too much already from -E_1.",
    source="CHMBL Sec. 4; ABC Thm 2.15",
    assumptions="pure p >= 3; a way out of a valley passes a point of index 1 or more no higher than its "
    "highest point (mountain pass)",
    evidence=Proof(grid=tuple({"p": p} for p in (3, 4, 5, 10)), prove=prove),
    alternatives=refuting(
        prove,
        "bound",
        ("the drop, as printed", "erratum E9: N (E_0 - E_i)", as_printed),
        (
            "up to -E_2",
            "an index off by one",
            lambda p, i: threshold_arb(p, i) - threshold_arb(p, 2),
        ),
        (
            "up to -E_inf",
            "the barrier for the layer",
            lambda p, i: threshold_arb(p, i) - threshold_arb(p, None),
        ),
        (
            "from -E_0 alone",
            "the ground state's depth",
            lambda p, i: threshold_arb(p, i) - threshold_arb(p, 0),
        ),
    ),
    compares={
        "Saddles are exponentially rare below -E_1 in the mean": NONE,
        "no lower level will do": SOME,
        "leaving a minimum at u < -E_1 costs at least N (-E_1 - u), up to o(N), with probability tending "
        "to 1": NONE,
        "N (E_0 - E_1) from the ground state": NONE,
    },
    notes="Why: let a way lead from a minimum at u to a point below u outside its valley. The lowest "
    "height that some way must reach is a critical value of a point that is no minimum (mountain "
    "pass), so of index 1 or more, and with probability tending to 1 those lie at -E_1 - eps or above. "
    "At -E_1 and above the layers give no bound at all. Instances: claim E9-I.",
)
