from .circle import (
    CircleCensus,
    circle_census,
    spiked_census,
)
from .disconnectivity import (
    graph,
)
from .enumeration import (
    Census,
    census,
)
from .field import (
    field_census,
)
from .inertia import (
    Inertia,
    index_of,
)
from .rank_one import (
    TensorCensus,
    tensor_census,
)
from .saddles import (
    saddles_one,
)
from .secular import (
    QuadraticCensus,
    quadratic_census,
)

__all__ = [
    "Census",
    "CircleCensus",
    "Inertia",
    "QuadraticCensus",
    "TensorCensus",
    "census",
    "circle_census",
    "field_census",
    "graph",
    "index_of",
    "quadratic_census",
    "saddles_one",
    "spiked_census",
    "tensor_census",
]
