from .exponent import (
    complexity,
)
from .mixed_model import (
    classify,
)
from .named_levels import (
    resolve_level,
)
from .thresholds import (
    marginal_levels,
    threshold,
)

__all__ = [
    "classify",
    "complexity",
    "marginal_levels",
    "resolve_level",
    "threshold",
]
