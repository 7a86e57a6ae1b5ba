"""TW-D: densities of the largest eigenvalues at the edge, in float64 and in balls."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import flint
import numpy as np

from theory.goe import soft_edge, soft_edge_ball
from verify.alternatives import proving
from verify.claim import Alternative, Cell, Claim, Params
from verify.claims.goe._ferrari_spohn import BITS, STEP, density, determinants
from verify.claims.goe._log_densities import log_density_cells
from verify.evidence import Exact

FLOATS = ((0, -3.0), (0, 1.5), (0, 20.0), (1, -2.0), (6, -10.0))  # k and s
BALLS = ((0, -3.0), (1, -2.0), (0, 3.0))
MARGIN = 1e-9  # relative

Density = Callable[[int, float], flint.arb]


def unitary(k: int, s: float) -> flint.arb:
    """The largest eigenvalue of the unitary ensemble."""
    (one, two), (three, four) = determinants(s + STEP), determinants(s - STEP)
    with flint.ctx.workprec(BITS):
        return (one * two - three * four) / (2 * STEP)


def larger(factor: float, k: int, s: float) -> flint.arb:
    """The density times a factor."""
    return factor * density(k, s)


def neighbour(k: int, s: float) -> flint.arb:
    """That of the next eigenvalue."""
    return density(k + 1, s)


def stretched(k: int, s: float) -> flint.arb:
    """The same law on a scale a millionth shorter."""
    return density(k, s * (1 + 1e-6))


def prove(params: Params, second: Density = density) -> list[Cell]:
    """The density within the error that theory states, and that error within the margin."""
    k, s = params["k"], params["s"]
    route = soft_edge.log_density if params["route"] == "float64" else soft_edge_ball.log_density
    logs, errors = route(k, np.array([s]))
    return log_density_cells(params, second(k, s), float(logs[0]), float(errors[0]), MARGIN)


def wrong(name: str, why: str, second: Density) -> Alternative:
    """Another density."""
    return proving(name, why, partial(prove, second=second))


CLAIM = Claim(
    id="TW-D",
    title="The densities at the edge, in float64 and in balls",
    rows=(),
    statement="The densities of the limits of the largest eigenvalues, by a Fredholm Pfaffian of the Airy "
    "kernel in float64 and again in balls where float64 has no digits, are the derivatives of Ferrari "
    "and Spohn's determinants within the error that is stated, which is under 1e-9.",
    compares={
        "are the derivatives of Ferrari and Spohn's determinants": "log density",
        "within the error that is stated, which is under 1e-9": "stated error",
    },
    source="Ferrari and Spohn 2005; Forrester and Rains 2001; Dieng 2005; as for TW",
    assumptions="none; the points of the table",
    evidence=Exact(
        grid=(
            *({"k": k, "s": s, "route": "float64"} for k, s in FLOATS),
            *({"k": k, "s": s, "route": "balls"} for k, s in BALLS),
        ),
        prove=prove,
    ),
    alternatives=(
        wrong("beta = 2", "Tracy-Widom of the unitary ensemble", unitary),
        wrong("the next eigenvalue", "k off by one", neighbour),
        wrong("a density 1e-6 larger", "a factor near 1", partial(larger, 1 + 1e-6)),
        wrong("a scale 1e-6 shorter", "a factor near 1", stretched),
    ),
)
