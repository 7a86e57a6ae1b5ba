from .barriers import (
    Barrier,
    lowest_barrier,
    lowest_eigenvalue,
    pair_complexity,
)
from .gaussian_law import (
    Derivative,
    covariance,
    given,
)
from .moments import (
    Moments,
    second_moment,
)

__all__ = [
    "Barrier",
    "Derivative",
    "Moments",
    "covariance",
    "given",
    "lowest_barrier",
    "lowest_eigenvalue",
    "pair_complexity",
    "second_moment",
]
