from .options import (
    Options,
)
from .runner import (
    Result,
    run_claims,
)

__all__ = [
    "Options",
    "Result",
    "run_claims",
]
