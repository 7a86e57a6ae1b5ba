from .fredholm_ball import (
    OutOfReach,
)
from .kth_law import (
    edge_law,
    goe_law,
    gse_law,
    gue_law,
)
from .laws.law import (
    Law,
)

__all__ = [
    "Law",
    "OutOfReach",
    "edge_law",
    "goe_law",
    "gse_law",
    "gue_law",
]
