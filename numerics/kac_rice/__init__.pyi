from .monte_carlo import (
    mean_count,
)
from .rare_index import (
    layer_count,
)

__all__ = [
    "layer_count",
    "mean_count",
]
