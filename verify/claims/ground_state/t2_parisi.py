"""T2: the root of Theta_0 is the zero-temperature Parisi value."""

from __future__ import annotations

from collections.abc import Callable

import flint

from theory import Ball
from theory.annealed.thresholds import threshold_arb
from theory.ground_state.energy import parisi_energy_arb
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.evidence import Proof, decided

Energy = Callable[[int], flint.arb]
DIGITS = 60


def kac_rice_root(p: int) -> flint.arb:
    """E_0 by Kac-Rice."""
    return threshold_arb(p, 0)


def prove(params: Params, energy: Energy = kac_rice_root) -> list[Cell]:
    """Two certified balls, by routes with nothing in common, overlap and are narrow."""
    with flint.ctx.workprec(int(3.33 * DIGITS) + 30):
        parisi, other = parisi_energy_arb(params["p"]), energy(params["p"])
        overlap = bool(parisi.overlaps(other))
        narrow = bool(parisi.rad() < flint.arb("1e-55")) and bool(other.rad() < flint.arb("1e-55"))
        said, seen = (Ball.from_arb(x, DIGITS).value[:44] for x in (parisi, other))
    holds = False if not overlap else True if narrow else None
    return [decided(params, "E_0 to 50 digits: Parisi, Kac-Rice", said, seen, holds)]


def without_rate(p: int) -> flint.arb:
    """The root with k for k + 1: the rate I dropped."""
    return (2 * (flint.arb(p) - 1) * (flint.arb(p) - 1).log() / (p - 2)).sqrt()


CLAIM = Claim(
    id="T2",
    title="The ground state -E_0: the root of Theta_0 equals the Parisi value",
    rows=("T2",),
    statement="The largest E with Theta_{0,p}(-E) = 0 equals the zero-temperature Parisi value "
    "min over z > 0 of sqrt((p+z) log(1+z)/z): the annealed count of minima locates the ground "
    "state exactly.",
    compares={
        "The largest E with Theta_{0,p}(-E) = 0 equals the zero-temperature Parisi value "
        "min over z > 0 of sqrt((p+z) log(1+z)/z)": "E_0 to 50 digits: Parisi, Kac-Rice",
    },
    source="CHMBL Sec. 4; ABC Thm 2.12; Chen and Sen 2017",
    assumptions="pure model, p >= 3",
    evidence=Proof(tuple({"p": p} for p in (3, 4, 5, 7, 20, 50)), prove),
    alternatives=refuting(
        prove,
        "energy",
        ("E_1 for E_0", "k + 2 for k + 1", lambda p: threshold_arb(p, 1)),
        ("k for k + 1", "the rate I dropped", without_rate),
        ("E_inf", "the barrier taken for the ground state", lambda p: threshold_arb(p, None)),
        (
            "sqrt(2 log(p-1))",
            "independent energies: the random energy model's bound",
            lambda p: (2 * (flint.arb(p) - 1).log()).sqrt(),
        ),
        (
            "one part in 10^50 larger",
            "the resolution",
            lambda p: threshold_arb(p, 0) * (1 + flint.arb("1e-50")),
        ),
    ),
)
