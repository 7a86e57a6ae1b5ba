"""Verify: does the theory agree with what is measured?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verify.api import Report, run

__all__ = ["Report", "run"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from verify import api

        return getattr(api, name)
    raise AttributeError(f"module 'verify' has no attribute {name!r}")
