from .samplers import (
    dense,
    sample_goe,
    tridiagonal,
)

__all__ = [
    "dense",
    "sample_goe",
    "tridiagonal",
]
