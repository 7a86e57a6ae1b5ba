from .dyson import (
    LayerLevels,
    layer_complexity,
    layer_levels,
)
from .tensors import (
    TensorCount,
    tensor_count,
)

__all__ = [
    "LayerLevels",
    "TensorCount",
    "layer_complexity",
    "layer_levels",
    "tensor_count",
]
