from .exact_sequence import (
    ExactSequence,
    exact_limit,
)
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
    "ExactSequence",
    "Limit",
    "Proof",
    "Sampled",
    "exact_limit",
]
