"""X2: at the two transitions the states stem from the ground state and from the barrier."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import flint

from theory import temperatures
from theory.annealed.pure_model import theta_arb
from theory.annealed.thresholds import threshold_arb
from theory.arithmetic.functions import ARB
from theory.equilibrium.tap import ancestor_energy, free_energy
from theory.model import pure
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.evidence import Proof, decided

Arb = flint.arb
DIGITS = 45
Energy = Callable[[Any, Any, Any], Any]
Free = Callable[[Any, Any, Any, Any, Any], Any]
Layers = tuple[int | None, int | None]

RIGHT: Layers = (0, None)  # of the ancestors at T_s and T_d: E_0, E_inf


def agrees(params: Params, name: str, said: Arb, seen: Arb) -> Cell:
    """Two balls overlap, and are narrow."""
    tiny = Arb(10) ** (10 - DIGITS)
    overlap = bool(said.overlaps(seen))
    narrow = bool(said.rad() < tiny) and bool(seen.rad() < tiny)
    holds = False if not overlap else True if narrow else None
    return decided(params, name, said.str(20, radius=False), seen.str(20, radius=False), holds)


def prove(
    params: Params,
    scale: Callable[[], Arb] = lambda: Arb(1),
    energy: Energy = ancestor_energy,
    free: Free = free_energy,
    layers: Layers = RIGHT,
) -> list[Cell]:
    """Certified temperatures against closed forms, thresholds and the annealed free energy."""
    p = params["p"]
    found = temperatures(pure(p), DIGITS)
    cells = []
    with flint.ctx.workprec(int(3.33 * DIGITS) + 60):
        order = Arb(p)
        t_s, t_d = (scale() * ball.arb() for ball in (found.static, found.dynamic))
        q_s, q_d = found.static_overlap.arb(), found.dynamic_overlap.arb()
        closed = (order * (order - 2) ** (p - 2) / (order - 1) ** (p - 1)).sqrt()
        cells += [
            agrees(params, "T_d", closed, t_d),
            agrees(params, "q_d", (order - 2) / (order - 1), q_d),
            # Both conditions of the static transition, each in its own form.
            agrees(
                params,
                "the potential at q_s is that at 0: q^p/T_s^2 + log(1 - q) + q",
                Arb(0),
                q_s**p / t_s**2 + (1 - q_s).log() + q_s,
            ),
            agrees(
                params,
                "q_s is stationary: p q^(p-2) (1 - q)",
                t_s**2,
                order * q_s ** (p - 2) * (1 - q_s),
            ),
        ]
        for name, t, q, k in (("T_s", t_s, q_s, layers[0]), ("T_d", t_d, q_d, layers[1])):
            u = energy(order, q, ARB)
            layer = threshold_arb(p, k)
            cells.append(agrees(params, f"level of the ancestors at {name}", -layer, u))
            inside = free(p, q, u, t, ARB) - t * theta_arb(p, u, 0)
            cells.append(agrees(params, f"f - T Theta at {name}", -1 / (2 * t), inside))
    return cells


def without_reaction(p: Any, q: Any, u: Any, t: Any, f: Any) -> Any:
    """The free energy without Onsager's reaction."""
    reaction = (1 - q**p - p * q ** (p - 1) * (1 - q)) / (2 * t)
    return free_energy(p, q, u, t, f) + reaction


def without_overlap(p: Any, q: Any, u: Any, t: Any, f: Any) -> Any:
    """The bare energy of the ancestor in place of that at overlap q."""
    return free_energy(p, q, u, t, f) + u - f.sqrt(q) ** p * u


wrong = partial(refuting, prove)

CLAIM = Claim(
    id="X2",
    title="Temperatures: a third road to the ground state and to the barrier",
    rows=("X2",),
    statement="At the static transition T_s of the pure model the states that dominate stem from "
    "critical points at -E_0, at the dynamic transition T_d from those at -E_inf; at both f - T Theta = "
    "-1/(2T), the annealed free energy. T_d^2 = p (p-2)^(p-2)/(p-1)^(p-1) with overlap q_d = "
    "(p-2)/(p-1); T_s^2 = p q^(p-2) (1 - q) at the overlap where q^p/T_s^2 + log(1 - q) + q = 0. So "
    "thermodynamics finds E_0 without counting a critical point.",
    compares={
        "At the static transition T_s of the pure model the states that dominate stem from critical "
        "points at -E_0": "level of the ancestors at T_s",
        "at the dynamic transition T_d from those at -E_inf": "level of the ancestors at T_d",
        "at both f - T Theta = -1/(2T)": "f - T Theta at *",
        "T_d^2 = p (p-2)^(p-2)/(p-1)^(p-1)": "T_d",
        "q_d = (p-2)/(p-1)": "q_d",
        "T_s^2 = p q^(p-2) (1 - q)": "q_s is stationary: p q^(p-2) (1 - q)",
        "q^p/T_s^2 + log(1 - q) + q = 0": (
            "the potential at q_s is that at 0: q^p/T_s^2 + log(1 - q) + q"
        ),
        "finds E_0 without counting": "level of the ancestors at T_s",
    },
    source="Crisanti and Sommers 1992, 1995 (their T is this one over sqrt 2); Talagrand 2006",
    assumptions="pure model, p >= 3; that the states are those of the TAP free energy at p >= 3 is "
    "proved elsewhere (Subag 2017), here the numbers are",
    evidence=Proof(tuple({"p": p} for p in (3, 4, 5, 10, 50)), prove),
    alternatives=(
        *wrong(
            "scale",
            ("T over sqrt 2", "Crisanti and Sommers' units", lambda: 1 / Arb(2).sqrt()),
            ("T 1 % higher", "near 1", lambda: Arb("1.01")),
        ),
        *wrong(
            "energy",
            (
                "(1 + p y)/sqrt(p y)",
                "p for p - 1",
                lambda p, q, f: -(1 + p * (1 - q)) / f.sqrt(p * (1 - q)),
            ),
            (
                "one part in 10^30 deeper",
                "the resolution",
                lambda p, q, f: ancestor_energy(p, q, f) * (1 + Arb("1e-30")),
            ),
        ),
        *wrong(
            "free",
            ("no reaction", "Onsager's term left out", without_reaction),
            ("the bare energy", "q^(p/2) left out", without_overlap),
        ),
        *wrong(
            "layers",
            ("-E_inf at T_s", "one level for both transitions", (None, None)),
            ("-E_0 at T_d", "one level for both transitions", (0, 0)),
            ("-E_1 at T_s", "the next layer", (1, None)),
        ),
    ),
)
