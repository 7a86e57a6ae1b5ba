from .disconnectivity import (
    graph,
)
from .enumeration import (
    Census,
    census,
)
from .saddles import (
    saddles_one,
)

__all__ = [
    "Census",
    "census",
    "graph",
    "saddles_one",
]
