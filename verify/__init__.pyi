from .api import (
    Report,
    run,
)

__all__ = [
    "Report",
    "run",
]
