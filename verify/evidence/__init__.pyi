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
    equal,
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
    "equal",
    "exact_limit",
]
