__version__: str

from .api import (
    Report,
    run,
)
from .claims import (
    all_claims,
)
from .samples.checking import (
    check,
)
from .samples.result import (
    Check,
)

__all__ = [
    "Check",
    "Report",
    "all_claims",
    "check",
    "run",
]
