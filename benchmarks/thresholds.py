"""Certified thresholds beside mpmath's findroot on the same closed form."""

from __future__ import annotations

from pathlib import Path

import mpmath
from timing import compare

import theory
from theory.annealed import mixed_model
from theory.annealed.mixed_model import Slopes
from theory.annealed.pure_model import barrier, outside
from theory.arithmetic.functions import MPMATH
from theory.model import slopes_at_one

MODELS = {"q^3": theory.pure(3), "0.5 q^3 + 0.5 q^4": theory.mixture({3: 0.5, 4: 0.5})}


def by_findroot(model: theory.Mixture, k: int, digits: int) -> object:
    """E_k by mpmath alone, from a float start; no proof."""
    with mpmath.workdps(digits + 10):
        if model.is_pure:
            p = mpmath.mpf(model.p)
            t = mpmath.findroot(lambda x: outside(p, x, k, MPMATH), (0.17, 0.18))
            return barrier(p, MPMATH) * mpmath.cosh(t)
        d1, d2 = (mpmath.mpf(d.numerator) / d.denominator for d in slopes_at_one(model))
        m = Slopes(d1, d2, d1 + d2 - d1**2)
        t = mpmath.findroot(lambda x: mixed_model.outside(m, x, k, MPMATH), (0.15, 0.2))
        return mixed_model.level(m, t, k, MPMATH)


def sections(repeats: int, out: Path) -> list[str]:
    """E_0 at 50 and 1000 digits: ours with its proof, mpmath without."""
    lines = ["## Thresholds", "", f"mpmath computes with {mpmath.libmp.BACKEND}.", ""]
    for name, model in MODELS.items():
        for digits in (50, 1000):
            ours = theory.threshold(model, 0, digits)
            with mpmath.workdps(digits + 10):
                gap = abs(by_findroot(model, 0, digits) - mpmath.mpf(ours.value))
                assert gap <= mpmath.mpf(ours.radius) * 2, "the two roots differ"
            lines += compare(
                f"E_0 of {name} to {digits} digits",
                (
                    "theory.threshold, proof included",
                    1,
                    lambda m=model, d=digits: theory.threshold(m, 0, d),
                ),
                [
                    (
                        "mpmath findroot (secant), no proof",
                        1,
                        lambda m=model, d=digits: by_findroot(m, 0, d),
                        ">= 20" if digits == 1000 else "",
                    )
                ],
                repeats,
            )
    return lines
