"""F2: the paper's Figure 2, Theta_p and Theta_{k,p} for p = 3."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from theory import complexity, pure, threshold
from verify.claim import Alternative, Axes, Cell, Claim, Params, Series
from verify.evidence import Proof

P = 3
INDICES = range(6)
Curve = Callable[[NDArray[np.float64], int | None], NDArray[np.float64]]


def own(u: NDArray[np.float64], k: int | None) -> NDArray[np.float64]:
    """Theta_{k,3} in float64."""
    return np.asarray(complexity(pure(P), u, k=k))


def prove(params: Params, curve: Curve = own) -> list[Cell]:
    """What a reader takes from the figure: plateau, zeros, order, continuity."""
    e_inf = float(threshold(pure(P), None, 17))
    height = float(curve(np.array([-1.6]), 0)[0])
    cells = [
        Cell(
            params,
            "plateau as read off Fig. 2, 0.0132 to within 0.0005",
            "0.0132",
            f"{height:.6f}",
            holds=abs(height - 0.0132) < 0.0005,
        )
    ]
    for k in INDICES:
        zero = float(threshold(pure(P), k, 17))
        below, above = curve(np.array([-zero - 1e-6, -zero + 1e-6]), k)
        cells.append(
            Cell(
                params,
                f"curve k = {k} crosses 0 at -E_{k}",
                f"{-zero:.12f}",
                f"{below:.3g}, {above:.3g}",
                holds=bool(below < 0 < above),
            )
        )
    u = np.linspace(-1.7, -e_inf - 1e-3, 200)
    curves = np.array([curve(u, k) for k in INDICES])
    ordered = bool((np.diff(curves, axis=0) < 0).all())
    cells.append(
        Cell(params, "Theta_0 > Theta_1 > ... below -E_inf", "yes", str(ordered), holds=ordered)
    )
    jumps = max(float(np.ptp(curve(np.array([-e_inf - 1e-9, -e_inf + 1e-9]), k))) for k in INDICES)
    cells.append(Cell(params, "largest jump at -E_inf", "0", f"{jumps:.2g}", holds=jumps < 1e-8))
    total = curve(u, None)
    same = bool(np.allclose(total, curves[0], rtol=0, atol=1e-14))
    cells.append(Cell(params, "Theta = Theta_0 below -E_inf", "yes", str(same), holds=same))
    return cells


def printed(u: NDArray[np.float64], k: int | None) -> NDArray[np.float64]:
    """The plateau as printed (erratum E1)."""
    values = own(u, k)
    if k is None:
        return values
    e_inf = float(threshold(pure(P), None, 17))
    plateau = np.log(P - 1) / 2 - (P - 2) / (4 * (P - 1))
    return np.where(u < -e_inf, values, plateau)


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
    drawn = [Series(panel, "total", wide.tolist(), own(wide, None).tolist())]
    drawn.append(Series(panel, "k = 0", wide.tolist(), own(wide, 0).tolist()))
    drawn += [Series(detail, f"k = {k}", u.tolist(), own(u, k).tolist()) for k in INDICES]
    barrier = -float(threshold(pure(P), None, 17))
    ground = -float(threshold(pure(P), 0, 17))
    for name, level in (("-E_inf", barrier), ("-E_0", ground)):
        drawn.append(Series(detail, name, [level], kind="vline"))
    return drawn


CLAIM = Claim(
    id="F2",
    title="Figure 2: the complexity of the 3-spin model, in total and by index",
    rows=("F2",),
    statement="Theta_3 and Theta_{k,3}, k = 0..5: one plateau of height 0.0132 above -E_inf, zeros "
    "at the layers -E_k, index 0 on top below the barrier.",
    source="CHMBL Fig. 2",
    assumptions="p = 3",
    evidence=Proof(({"p": P},), prove, series),
    alternatives=(
        Alternative(
            "plateau as printed",
            "erratum E1: the formula of Sec. 4 does not give the paper's own figure",
            {"prove": partial(prove, curve=printed)},
        ),
        Alternative(
            "k + 1 for k", "an index off by one", {"prove": partial(prove, curve=off_by_one)}
        ),
        Alternative(
            "total for every index",
            "no cost of the index",
            {"prove": partial(prove, curve=lambda u, k: own(u, None))},
        ),
    ),
)
