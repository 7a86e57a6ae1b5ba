from .blocks import (
    block_matrices,
)
from .census import (
    ProductCensus,
    product_census,
)
from .descents import (
    LayerDescent,
    descend_layers,
)
from .rare_index import (
    index_weights,
)
from .tensors import (
    layer_tensor,
)

__all__ = [
    "LayerDescent",
    "ProductCensus",
    "block_matrices",
    "descend_layers",
    "index_weights",
    "layer_tensor",
    "product_census",
]
