from .exact_sequence import (
    ExactSequence,
    exact_limit,
)
from .limit import (
    Limit,
)
from .proof import (
    Proof,
    decided,
)
from .sampled import (
    Sampled,
)

__all__ = [
    "ExactSequence",
    "Limit",
    "Proof",
    "Sampled",
    "decided",
    "exact_limit",
]
