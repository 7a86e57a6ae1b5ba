from .limit import (
    Limit,
)
from .proof import (
    Proof,
)
from .sampled import (
    Sampled,
)

__all__ = [
    "Limit",
    "Proof",
    "Sampled",
]
