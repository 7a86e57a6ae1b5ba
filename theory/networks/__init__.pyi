from .architecture import (
    Network,
    network,
)
from .assumptions import (
    CHAIN,
    kernel,
)

__all__ = [
    "CHAIN",
    "Network",
    "kernel",
    "network",
]
