"""Theory: what must be true of the spherical p-spin model.

Exports are loaded when first used, so importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from theory.ball import Ball
    from theory.dynamics import Relaxation, relaxation, threshold_energy
    from theory.exponent import complexity
    from theory.finite_n import Count, mean_count
    from theory.ground_state import GroundState, lowest_energy, parisi_energy
    from theory.model import InputError, Mixture, mixture, parse, pure
    from theory.prefactor import Prefactor, sharp_asymptotics
    from theory.thresholds import threshold

_HOME = {
    "Ball": "ball",
    "Count": "finite_n",
    "GroundState": "ground_state",
    "InputError": "model",
    "Mixture": "model",
    "Relaxation": "dynamics",
    "Prefactor": "prefactor",
    "complexity": "exponent",
    "lowest_energy": "ground_state",
    "mean_count": "finite_n",
    "mixture": "model",
    "parisi_energy": "ground_state",
    "parse": "model",
    "pure": "model",
    "relaxation": "dynamics",
    "sharp_asymptotics": "prefactor",
    "threshold": "thresholds",
    "threshold_energy": "dynamics",
}

__all__ = [
    "Ball",
    "Count",
    "GroundState",
    "InputError",
    "Mixture",
    "Prefactor",
    "Relaxation",
    "complexity",
    "lowest_energy",
    "mean_count",
    "mixture",
    "parisi_energy",
    "parse",
    "pure",
    "relaxation",
    "sharp_asymptotics",
    "threshold",
    "threshold_energy",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"theory.{_HOME[name]}"), name)
    raise AttributeError(f"module 'theory' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
