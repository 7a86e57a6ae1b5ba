from .cugliandolo_kurchan import (
    Relaxation,
    dynamics,
    threshold_energy,
)
from .power_law_tail import (
    Tail,
    tail,
)

__all__ = [
    "Relaxation",
    "Tail",
    "dynamics",
    "tail",
    "threshold_energy",
]
