from .exponent import (
    complexity,
)
from .mixed_model import (
    classify,
)
from .thresholds import (
    marginal_levels,
    threshold,
)

__all__ = [
    "classify",
    "complexity",
    "marginal_levels",
    "threshold",
]
