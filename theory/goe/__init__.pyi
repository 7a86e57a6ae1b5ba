from .fredholm_ball import (
    OutOfReach,
)
from .gap.law import (
    edge_gap_law,
    goe_gap_law,
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
    "edge_gap_law",
    "edge_law",
    "goe_gap_law",
    "goe_law",
    "gse_law",
    "gue_law",
]
