from .cugliandolo_kurchan import (
    Relaxation,
    relaxation,
    threshold_energy,
)
from .power_law_tail import (
    Tail,
    tail,
)

__all__ = [
    "Relaxation",
    "Tail",
    "relaxation",
    "tail",
    "threshold_energy",
]
