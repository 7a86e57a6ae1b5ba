from .tap import (
    ancestor_energy,
    free_energy,
)
from .transitions import (
    Transitions,
    temperatures,
)

__all__ = [
    "Transitions",
    "ancestor_energy",
    "free_energy",
    "temperatures",
]
