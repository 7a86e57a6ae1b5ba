from .census import (
    ProductCensus,
    product_census,
)
from .descents import (
    LayerDescent,
    descend_layers,
)
from .tensors import (
    layer_tensor,
)

__all__ = [
    "LayerDescent",
    "ProductCensus",
    "descend_layers",
    "layer_tensor",
    "product_census",
]
