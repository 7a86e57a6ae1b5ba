from .energy import (
    GroundState,
    lowest_energy,
    parisi_energy,
)

__all__ = [
    "GroundState",
    "lowest_energy",
    "parisi_energy",
]
