"""F2: the paper's Figure 2, Theta_p and Theta_{k,p} for p = 3."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from theory import complexity, pure, threshold
from verify.alternatives import refuting
from verify.claim import Axes, Cell, Claim, Params, Series
from verify.evidence import Exact, decided, exact_cell

P = 3
INDICES = range(6)
Curve = Callable[[NDArray[np.float64], int | None], NDArray[np.float64]]


def layer(k: int | None) -> float:
    """The level -E_k, or the barrier."""
    return -float(threshold(pure(P), k, 17))


def own(u: NDArray[np.float64], k: int | None) -> NDArray[np.float64]:
    """Theta_{k,3} in float64."""
    return np.asarray(complexity(pure(P), u, k=k))


def prove(params: Params, curve: Curve = own) -> list[Cell]:
    """What a reader takes from the figure: plateau, zeros, order, continuity."""
    barrier = layer(None)
    height = float(curve(np.array([-1.6]), 0)[0])
    cells = [exact_cell(params, "plateau, as read off Fig. 2", 0.0132, height, 5e-4)]
    for k in INDICES:
        zero = layer(k)
        below, above = curve(np.array([zero - 1e-6, zero + 1e-6]), k)
        what = f"curve k = {k} crosses 0 at -E_{k}"
        shown = f"{below:.3g} below, {above:.3g} above"
        right = below < 0 < above
        cells.append(decided(params, what, f"crosses at {zero:.12f}", shown, right, 1e-6))
    u = np.linspace(-1.7, barrier - 1e-3, 200)
    curves = np.array([curve(u, k) for k in INDICES])
    ordered = bool((np.diff(curves, axis=0) < 0).all())
    both_sides = np.array([barrier - 1e-9, barrier + 1e-9])
    jumps = max(float(np.ptp(curve(both_sides, k))) for k in INDICES)
    apart = float(np.abs(curve(u, None) - curves[0]).max())
    return [
        *cells,
        decided(params, "Theta_0 > Theta_1 > ... below -E_inf", "yes", ordered, ordered),
        exact_cell(params, "largest jump at -E_inf", 0.0, jumps, 1e-8),
        exact_cell(params, "largest Theta - Theta_0 below -E_inf", 0.0, apart, 1e-14),
    ]


def printed(u: NDArray[np.float64], k: int | None) -> NDArray[np.float64]:
    """The plateau as printed (erratum E1)."""
    values = own(u, k)
    if k is None:
        return values
    plateau = np.log(P - 1) / 2 - (P - 2) / (4 * (P - 1))
    return np.where(u < layer(None), values, plateau)


def off_by_one(u: NDArray[np.float64], k: int | None) -> NDArray[np.float64]:
    """Index k drawn as k + 1."""
    return own(u, None if k is None else k + 1)


def series() -> list[Series]:
    """The figure."""
    u = np.linspace(-1.665, -1.6, 400)
    wide = np.linspace(-1.8, 0.2, 400)
    panel, detail = (
        Axes(title, "u = H/N", "complexity")
        for title in ("Theta_3", "Theta_{k,3} near the barrier")
    )
    return [
        panel.line("total", wide, own(wide, None)),
        panel.line("k = 0", wide, own(wide, 0)),
        *(detail.line(f"k = {k}", u, own(u, k)) for k in INDICES),
        detail.mark("-E_inf", layer(None)),
        detail.mark("-E_0", layer(0)),
    ]


CLAIM = Claim(
    id="F2",
    title="Figure 2: the complexity of the 3-spin model, in total and by index",
    rows=("F2",),
    statement="Theta_3 and Theta_{k,3}, k = 0..5: one plateau of height 0.0132 above -E_inf, zeros "
    "at the layers -E_k, index 0 on top below the barrier.",
    compares={
        "one plateau of height 0.0132 above -E_inf": "plateau, as read off Fig. 2",
        "zeros at the layers -E_k": "curve k = *",
        "index 0 on top below the barrier": "Theta_0 > Theta_1 > ... below -E_inf",
    },
    source="CHMBL Fig. 2",
    assumptions="p = 3",
    evidence=Exact(({"p": P},), prove, series),
    alternatives=refuting(
        prove,
        "curve",
        (
            "plateau as printed",
            "erratum E1: the formula of Sec. 4 does not give the paper's own figure",
            printed,
        ),
        ("k + 1 for k", "an index off by one", off_by_one),
        ("total for every index", "no cost of the index", lambda u, k: own(u, None)),
    ),
)
