from .exact import (
    Exact,
    exact_cell,
)
from .exact_sequence import (
    ExactSequence,
    exact_limit,
)
from .limit import (
    Limit,
)
from .measurement import (
    Measurement,
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
    "Exact",
    "ExactSequence",
    "Limit",
    "Measurement",
    "Proof",
    "Sampled",
    "decided",
    "equal",
    "exact_cell",
    "exact_limit",
]
