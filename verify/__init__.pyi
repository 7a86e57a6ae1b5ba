from .api import (
    Report,
    run,
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
    "check",
    "run",
]
