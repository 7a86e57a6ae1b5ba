from .audit import (
    Audit,
    run,
)

__all__ = [
    "Audit",
    "run",
]
