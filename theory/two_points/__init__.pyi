from .barriers import (
    Barrier,
    lowest_barrier,
    lowest_eigenvalue,
    pair_complexity,
)
from .drawn import (
    PairDraws,
    draw_pairs,
)
from .estimates import (
    Estimate,
    antipodes,
    estimated_moments,
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
from .overlaps import (
    OverlapLaw,
    overlap_law,
)

__all__ = [
    "Barrier",
    "Derivative",
    "Estimate",
    "Moments",
    "OverlapLaw",
    "PairDraws",
    "antipodes",
    "covariance",
    "draw_pairs",
    "estimated_moments",
    "given",
    "lowest_barrier",
    "lowest_eigenvalue",
    "overlap_law",
    "pair_complexity",
    "second_moment",
]
