from .circle import (
    CircleCensus,
    circle_census,
)
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
from .secular import (
    QuadraticCensus,
    quadratic_census,
)

__all__ = [
    "Census",
    "CircleCensus",
    "QuadraticCensus",
    "census",
    "circle_census",
    "graph",
    "quadratic_census",
    "saddles_one",
]
