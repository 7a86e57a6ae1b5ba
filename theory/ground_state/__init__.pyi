from .energy import (
    GroundState,
    algorithmic_energy,
    lowest_energy,
    parisi_energy,
)

__all__ = [
    "GroundState",
    "algorithmic_energy",
    "lowest_energy",
    "parisi_energy",
]
