"""THETA-V: every face of Theta_p, Theta_{k,p} and the layers against quadrature alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flint
import mpmath

from theory import pure, threshold
from theory.annealed import pure_model
from theory.derivation import kac_rice
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.evidence import Exact, decided

LEVELS = ("-2.1", "-1.9", "-1.7", "-1.634", "-1.633", "-1.2", "-0.3", "0.4")
INDICES = (None, 0, 1, 5)
DIGITS = 30
CLOSE, ROUNDED, ASIDE = 1e-25, 1e-14, 1e-18
Second = Callable[[int, Any, int | None], Any]


def by_quadrature(p: int, u: Any, k: int | None) -> Any:
    """The semicircle's log potential by quadrature, the best level and radial derivative by search."""
    return kac_rice.theta_quadrature(p, u, k, DIGITS)


def prove(params: Params, second: Second = by_quadrature) -> list[Cell]:
    """mpmath, balls and float64 at some levels; the layers where the sign changes."""
    p, indices = params["p"], [k for k in INDICES if k in params["k"]]
    with mpmath.workdps(DIGITS + 10):
        cells = [cell for k in indices for u in LEVELS for cell in faces(p, k, u, second)]
        return cells + [sign_change(p, k, second) for k in indices if k is not None]


def faces(p: int, k: int | None, u: str, second: Second) -> list[Cell]:
    """Theta at one level in three arithmetics."""
    at = {"p": p, "k": "total" if k is None else k, "u": u}
    wanted, cells = second(p, u, k), []
    multi = pure_model.theta_mp(p, u, k, DIGITS)
    with flint.ctx.workprec(150):
        ball = pure_model.theta_arb(p, flint.arb(u), k)
        middle = mpmath.mpf(ball.str(DIGITS + 5, radius=False))
    single = mpmath.mpf(float(pure_model.theta(p, float(u), k)))
    for face, found, tolerance in (
        ("mpmath", multi, CLOSE),
        ("balls", middle, CLOSE),
        ("float64", single, ROUNDED * (1 + (k or 0))),
    ):
        said, seen = mpmath.nstr(wanted, 20), mpmath.nstr(found, 20)
        near = abs(found - wanted) < tolerance
        cells.append(decided(at, f"Theta in {face}; by quadrature", said, seen, near, tolerance))
    return cells


def sign_change(p: int, k: int, second: Second) -> Cell:
    """Theta_k by quadrature just above and just below the layer."""
    layer = mpmath.mpf(threshold(pure(p), k, DIGITS).value)
    signs = [second(p, -layer + side * mpmath.mpf(ASIDE), k) > 0 for side in (1, -1)]
    what = "the quadrature's Theta_k changes sign at -E_k"
    shown, right = " ".join("+" if s else "-" for s in signs), signs == [True, False]
    return decided({"p": p, "k": k}, what, "+ above, - below", shown, right, ASIDE)


CLAIM = Claim(
    id="THETA-V",
    title="Theta_p, Theta_{k,p} and the layers are evaluated right",
    rows=("T3", "T4", "T6"),
    statement="float64, mpmath and ball evaluation of Theta_p and Theta_{k,p} agree with direct "
    "quadrature of the semicircle's log potential, to 1e-14 and 1e-25, and the quadrature's Theta_{k,p} "
    "changes sign within 1e-18 of the certified -E_k.",
    source="CHMBL Thm 4.1; ABC Thm 2.5 and 2.8",
    assumptions="the quadrature has no bound on its error",
    evidence=Exact(
        (
            {"p": 3, "k": INDICES},
            {"p": 4, "k": INDICES[1:]},
            {"p": 11, "k": INDICES[:2]},
        ),
        prove,
    ),
    alternatives=refuting(
        prove,
        "second",
        (
            "an index off by one",
            "k + 1 for k; minima for all",
            lambda p, u, k: by_quadrature(p, u, 0 if k is None else k + 1),
        ),
        (
            "no cost of the index",
            "the total for every index",
            lambda p, u, k: by_quadrature(p, u, None),
        ),
        ("p + 1 for p", "an order off by one", lambda p, u, k: by_quadrature(p + 1, u, k)),
        (
            "1e-20 larger",
            "the resolution",
            lambda p, u, k: by_quadrature(p, u, k) + mpmath.mpf("1e-20"),
        ),
    ),
    compares={
        "float64, mpmath and ball evaluation of Theta_p and Theta_{k,p} agree with direct quadrature of "
        "the semicircle's log potential, to 1e-14 and 1e-25": "Theta in *",
        "the quadrature's Theta_{k,p} changes sign within 1e-18 of the certified -E_k": "the quadrature's "
        "Theta_k changes sign at -E_k",
    },
)
