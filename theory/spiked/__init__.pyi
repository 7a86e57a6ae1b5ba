from .counts import (
    SpikedCount,
    spiked_count,
)
from .phases import (
    spike_threshold,
    spiked_complexity,
)

__all__ = [
    "SpikedCount",
    "spike_threshold",
    "spiked_complexity",
    "spiked_count",
]
