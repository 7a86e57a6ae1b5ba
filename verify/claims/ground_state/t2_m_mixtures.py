"""T2-M: ground states of mixtures, bounded from both sides, beside the Kac-Rice root."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import flint
import numpy as np
from numpy.typing import NDArray

from theory import Mixture, parse, threshold
from theory.annealed.thresholds import marginal_arb, mixed_threshold_arb, threshold_arb
from theory.ground_state.energy import (
    bounds_arb,
    breaking_of,
    full_breaking_arb,
    is_bent,
    lowest_energy,
    one_step,
    one_step_arb,
)
from theory.ground_state.parisi import OneStep, Steps
from verify.alternatives import refuting
from verify.claim import Axes, Cell, Claim, Params, Series
from verify.evidence import Exact, decided, equal

# Kind of replica symmetry breaking, and whether the Kac-Rice root is the ground state.
MODELS = {
    "q^3": ("one step", True),
    "0.5 q^3 + 0.5 q^4": ("one step", True),
    "0.5 q^2 + 0.5 q^3": ("one step", True),
    "0.2 q^2 + 0.3 q^3 + 0.5 q^9": ("one step", True),
    "0.1 q^2 + 0.9 q^4": ("one step", True),
    "0.93 q^2 + 0.07 q^4": ("full", False),
    "0.75 q^2 + 0.25 q^4": ("bounds", False),
    "0.97 q^2 + 0.03 q^10": ("bounds", False),
    "0.9 q^3 + 0.1 q^20": ("bounds", False),
}
CELLS = {"one step": 40, "full": 40, "bounds": 128}
WIDTH = {"one step": 1e-12, "full": 1e-9, "bounds": 1e-4}
DIGITS = 50
FINE = 50  # parts of a cell, for quadrature
WITHIN = 1e-12
TRIALS, GOLDEN = 120, (math.sqrt(5) - 1) / 2
# phi by its last value and its bends, and the slack that the proof needs there.
BENDS, LATE = (0.2, 0.1, 0.0, 0.3) * 3, (0.05, *(0.0,) * 5, 2.0, *(0.0,) * 5)
FLAT, TINY, TIGHT = (0.0,) * 12, (1e-25,) * 12, 1e-6
PATHS: dict[str, tuple[tuple[str, float, tuple[float, ...], float], ...]] = {
    "0.4 q^2 + 0.6 q^5": (
        ("flat", 0.5, FLAT, TIGHT),
        ("bends", 0.4, BENDS, TIGHT),
        ("all but flat", 0.6, TINY, TIGHT),
        ("a line", 0.45, (0.6, *(0.0,) * 11), TIGHT),
    ),
    "3/4 q^2 + 1/4 q^4": (
        ("flat", 1.0, FLAT, TIGHT),
        ("bends", 0.4, BENDS, 3.4e-3),
        ("late bends", 0.3, LATE, 6.1e-2),
        ("a line", 0.47, (0.39, *(0.0,) * 4), 1.1e-2),
        ("a finer line", 0.47, (0.39, *(0.0,) * 6), 2.5e-3),
    ),
    "97/100 q^2 + 3/100 q^10": (
        ("late", 0.6, (0.1, *(0.0,) * 15, 0.5, *(0.0,) * 3), 5.3e-5),
        ("a line", 0.57, (0.22, *(0.0,) * 6), 3.5e-2),
    ),
    "q^4": (
        ("bends", 0.4, BENDS, TIGHT),
        ("late bends", 0.3, LATE, 1.03e-1),
        ("flat, then steep", 0.5, (*(0.0,) * 6, 1.0, *(0.0,) * 5), TIGHT),
    ),
}
Energy = Callable[[Mixture], flint.arb]
Real = NDArray[np.float64]


def kac_rice_root(model: Mixture) -> flint.arb:
    """The root of Sigma_0, E_0 by the mean number of minima."""
    return threshold_arb(model.p, 0) if model.is_pure else mixed_threshold_arb(model, 0)


def energy(model: Mixture) -> flint.arb:
    """What theory says, as a ball."""
    digits = None if breaking_of(model) == "bounds" else DIGITS
    return lowest_energy(model, digits).energy.arb()


def prove(params: Params, said: Energy = energy) -> list[Cell]:
    """Between the bounds; one step proved or refuted; equal to the Kac-Rice root or below it."""
    model = parse(params["xi"])
    if params["xi"] == "q^2":
        return harmonic(params) if said is energy else []
    if params["xi"] in PATHS:
        return paths(params, model) if said is energy else []
    kind, exact = MODELS[params["xi"]]
    with flint.ctx.workprec(int(3.33 * DIGITS) + 60):
        lower, upper = bounds_arb(model, CELLS[kind])
        value, root = said(model), kac_rice_root(model)
        shown = value.str(DIGITS - 8, radius=False) if kind != "bounds" else value.str(12)
        ends = " .. ".join(x.str(14, radius=False) for x in (lower.lower(), upper.upper()))
        inside = not (value < lower or value > upper)
        agree = abs(root - value) < flint.arb("1e-48") if exact else root > value
        by_count = "Kac-Rice root " + ("equal to 48 digits" if exact else "above")
        cells = [
            decided(params, "between a dual and a trial functional", ends, shown, inside),
            decided(params, by_count, root.str(DIGITS - 8, radius=False), shown, agree),
        ]
        return cells + (own(params, lower, upper) if said is energy else [])


def harmonic(params: Params) -> list[Cell]:
    """The pure model p = 2: the edge of the spectrum; and where xi''^(-1/2) ceases to be concave."""
    found, edge = lowest_energy(parse(params["xi"]), DIGITS), flint.arb(2).sqrt()
    no_breaking = found.breaking == "none" and found.energy.arb().overlaps(edge)
    said, seen = (
        "none, " + edge.str(15, radius=False),
        f"{found.breaking}, {found.energy.value[:17]}",
    )
    # xi''^(-1/2) of a q^2 + (1 - a) q^4 is concave on [0, 1] if and only if a > 12 (1 - a).
    mixtures = (parse(f"{a} q^2 + {b} q^4") for a, b in ((0.924, 0.076), (0.92, 0.08)))
    bent = ", ".join(str(is_bent(model, 1)) for model in mixtures)
    name = "xi''^(-1/2) concave at a = 0.924, not at 0.92"
    return [
        equal({"xi": "a q^2 + (1 - a) q^4"}, name, "True, False", bent),
        decided(params, "no breaking; the edge of the spectrum", said, seen, no_breaking),
    ]


def feasible(steps: Steps) -> float:
    """The largest theta with y = theta phi^-2 feasible: g(1) >= 0 and Gamma >= 0, by quadrature."""
    nodes, weights = np.polynomial.legendre.leggauss(10)
    parts = steps.cells * FINE
    h = 1 / parts
    q = h * (np.arange(parts)[:, None] + (nodes + 1) / 2)
    alphas, knots = np.cumsum(steps.masses), np.arange(steps.cells) / steps.cells
    falls = alphas / steps.cells
    phi = steps.b + falls.sum() - np.cumsum(np.append(0, falls))[:-1]
    cell = np.minimum((q * steps.cells).astype(int), steps.cells - 1)
    inverse = (phi[cell] - alphas[cell] * (q - knots[cell])) ** -2
    y = np.append(0, np.cumsum(inverse @ weights * h / 2))  # int_0^q phi^-2
    # int_s^1 int_0^q phi^-2 dt dq = (1 - s) y(s) + int_s^1 (1 - t) phi(t)^-2 dt.
    rest = np.append(0, np.cumsum(((1 - q) * inverse @ weights)[::-1]))[::-1] * h / 2
    s = np.arange(parts) * h
    double = (1 - s) * y[:-1] + rest[:-1]
    xi = np.asarray(steps.model.xi(s))
    return float(min(steps.model.xi(1.0, 1) / y[-1], ((1 - xi) / double).min()))


def paths(params: Params, model: Mixture) -> list[Cell]:
    """Of given phi: the dual path is feasible up to where quadrature says, and no further."""
    cells = [none_beyond(params, model)]
    for name, b, masses, slack in PATHS[params["xi"]]:
        steps = Steps(model, b, masses)
        most = feasible(steps)
        below, above = (steps.lower(flint.arb(most * x)) for x in (1 - slack, 1 + 1e-9))
        rest = original_functional(steps) - linear_part(steps)
        right = math.sqrt(most * (1 - slack)) * 2 * rest
        what = f"{name}: int sqrt y where y is just feasible; no bound beyond"
        seen = f"{below and below.str(10, radius=False)}, {'none' if above is None else above}"
        near = below is not None and abs(below - right) < WITHIN * right
        cells += [
            decided(
                *(params, what, f"{right:.10g}, none", seen, near and above is None, WITHIN * right)
            ),
            functional(params, steps, f"{name}: "),
        ]
    return cells


def functional(params: Params, steps: Steps, name: str = "") -> Cell:
    """Chen and Sen's functional of one phi, two ways."""
    plain, form = original_functional(steps), steps.upper()
    what = f"{name}the functional of Chen and Sen, by quadrature, and in terms of phi"
    near = abs(form - flint.arb(plain)) < WITHIN
    return decided(params, what, f"{plain:.13g}", form.str(13, radius=False), near, WITHIN)


def none_beyond(params: Params, model: Mixture) -> Cell:
    """Of many phi of few steps, none is accepted where quadrature says that y is not feasible."""
    beyond = 0
    for i in range(1, TRIALS + 1):
        shares = [math.modf(i * (j + 1) * GOLDEN)[0] ** 3 for j in range(3 + i % 6)]
        steps = Steps(model, 0.2 + 0.01 * (i % 50), tuple(shares))
        most = feasible(steps)
        beyond += steps.lower(flint.arb(most * (1 + 1e-7))) is not None
    name = f"of {TRIALS} phi of 3 to 8 steps: accepted beyond what is feasible"
    return equal(params, name, 0, beyond)


def on_cells(steps: Steps) -> Iterator[tuple[Real, Real, Real]]:
    """Nodes q, phi(q) and weights of Gauss and Legendre, cell by cell."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    h, alphas = 1 / steps.cells, np.cumsum(steps.masses)
    phi, x = steps.b + float(alphas.sum()) * h, h * (nodes + 1) / 2
    for j, alpha in enumerate(alphas):
        yield j * h + x, phi - alpha * x, weights * h / 2
        phi -= alpha * h


def linear_part(steps: Steps) -> float:
    """(1/2) int xi'' phi."""
    return sum(float((steps.model.xi(q, 2) * phi) @ w) for q, phi, w in on_cells(steps)) / 2


def original_functional(steps: Steps) -> float:
    """(1/2)[xi' L - int xi'' A + int 1/(L - A)], A = int_0^q alpha, L - A = phi."""
    scale = steps.b + float(np.sum(np.cumsum(steps.masses))) / steps.cells
    total = float(steps.model.xi(1.0, 1)) * scale
    for q, phi, w in on_cells(steps):
        total += float((1 / phi - steps.model.xi(q, 2) * (scale - phi)) @ w)
    return total / 2


def own(params: Params, lower: flint.arb, upper: flint.arb) -> list[Cell]:
    """The kind of breaking, the width of the bounds, one step against them, the functional."""
    model = parse(params["xi"])
    kind, _ = MODELS[params["xi"]]
    one = kind == "one step"
    gap, width = upper - lower, WIDTH[kind]
    best, single = one_step(model), one_step_arb(model)
    gamma, by_quadrature = best.gamma(flint.arb(0.3)), gamma_by_quadrature(best, 0.3)
    steps = Steps(model, 0.1, (0.4, 0.0, 0.9))
    line = Steps(model, float(best.phi(flint.arb(1))), (float(best.alpha), *[0.0] * 39))
    duals = [x.lower(1 - flint.arb("1e-9")) is not None for x in (steps, line)]
    minimum, inside = best.is_minimum(), not (single < lower or single > upper)
    proved = bool(is_bent(model, 1)), bool(is_bent(model, -1))
    meet = gap < flint.arb(width) and upper > lower
    step = "Gamma >= 0 for the best single step, and its value within the bounds"
    gammas = "Gamma of the best single step, by quadrature, and in closed form"
    bent = "xi''^(-1/2) concave, convex: on a grid, and proved"
    dual = "feasible dual path of a phi too small, and of the best single step"
    near = abs(gamma - by_quadrature) < WITHIN
    return [
        equal(params, "replica symmetry breaking", kind, breaking_of(model)),
        decided(params, "the bounds meet", 0, gap.str(3, radius=False), meet, width),
        decided(params, step, one, f"{minimum}, {inside}", minimum is one and inside == one),
        functional(params, steps),
        decided(params, gammas, f"{by_quadrature:.13g}", gamma.str(13, radius=False), near, WITHIN),
        equal(params, bent, bent_on_grid(model), proved),
        equal(params, dual, f"False, {one}", ", ".join(map(str, duals))),
    ]


def gamma_by_quadrature(best: OneStep, at: float) -> float:
    """int_at^1 int_0^q (xi'' - phi^-2), phi = L - alpha q."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    q = at + (1 - at) * (nodes + 1) / 2
    t = q[:, None] * (nodes + 1) / 2
    scale, alpha = float(best.scale), float(best.alpha)
    inner = (best.model.xi(t, 2) - (scale - alpha * t) ** -2) @ weights * q / 2
    return float(inner @ weights) * (1 - at) / 2


def bent_on_grid(model: Mixture) -> tuple[bool, bool]:
    """Whether xi''^(-1/2) is concave, convex, by second differences."""
    q = np.linspace(0, 1, 2001)
    second = np.diff(np.asarray(model.xi(q[1:], 2)) ** -0.5, 2)
    return bool((second < 0).all()), bool((second > 0).all())


def series() -> list[Series]:
    """Kac-Rice root and Parisi value less the latter's upper bound, along a q^2 + (1 - a) q^4."""
    axes = Axes("a q^2 + (1 - a) q^4", "a", "E - (Parisi value)")
    grid = [j / 40 for j in range(2, 40)]
    rows = []
    with flint.ctx.workprec(160):
        for a in grid:
            model = parse(f"{a} q^2 + {round(1 - a, 6)} q^4")
            lower, upper = bounds_arb(model, 64)
            levels = kac_rice_root(model), one_step_arb(model), full_breaking_arb(model)
            gaps = [float(level - (lower + upper) / 2) for level in levels]
            rows.append([*gaps, float(upper - lower) / 2])
    roots, single, full, reach = np.array(rows).T
    start = next(i for i, a in enumerate(grid) if a > 0.7)
    return [
        axes.points("Parisi, bounds", grid, [0.0] * len(grid), reach),
        axes.line("Kac-Rice root", grid, roots),
        axes.line("best single step", grid, single),
        axes.line("int sqrt xi''", grid[start:], full[start:]),
    ]


CLAIM = Claim(
    id="T2-M",
    title="Ground states of mixtures, and where the mean number of minima does not find them",
    rows=("T2",),
    statement="The zero-temperature Parisi value of a mixture lies between certified bounds: any "
    "trial phi from above, any feasible dual path from below. Where one step of replica symmetry "
    "breaking is proved exact, it equals the Kac-Rice root of Sigma_0 to all digits. Elsewhere the "
    "root is strictly above: the mean number of minima is exponentially large at levels where there "
    "are none, and should be.",
    compares={
        "any trial phi from above, any feasible dual path from below": (
            "between a dual and a trial functional"
        ),
        "it equals the Kac-Rice root of Sigma_0 to all digits": (
            "Kac-Rice root equal to 48 digits"
        ),
        "Elsewhere the root is strictly above": "Kac-Rice root above",
    },
    source="Chen and Sen 2017; Auffinger and Ben Arous 2013; the dual is derived in "
    "theory.ground_state.parisi",
    assumptions="xi(1) = 1; Chen and Sen's formula",
    evidence=Exact(tuple({"xi": xi} for xi in ("q^2", *PATHS, *MODELS)), prove, series),
    alternatives=refuting(
        prove,
        "said",
        (
            "the Kac-Rice root everywhere",
            "the annealed count taken for the typical one",
            kac_rice_root,
        ),
        ("one step everywhere", "E_0 a function of xi'(1) alone", one_step_arb),
        ("full breaking everywhere", "int sqrt xi''", full_breaking_arb),
        ("E_inf^+", "the last marginal points", lambda m: marginal_arb(m)[1]),
        ("E_1 for E_0", "an index off by one", lambda m: threshold(m, 1, DIGITS).arb()),
        ("1e-4 larger", "the resolution with bounds", lambda m: energy(m) + flint.arb("1e-4")),
        ("1e-47 larger", "the resolution of one step", lambda m: energy(m) + flint.arb("1e-47")),
    ),
    notes="3/4 q^2 + 1/4 q^4 and 1/2 q^2 + 1/2 q^3 have the same xi'(1) and xi''(1), hence the same "
    "mean numbers of critical points at every N, 1.557094 as Kac-Rice root; their ground states are "
    "1.557012 and 1.557094. Pure-like mixtures with more than one step exist, so the class does not "
    "decide.",
)
