"""What is measured: random matrices and Hamiltonians of the spherical p-spin model, and networks.

The names below load on first use (PEP 562); importing the package itself loads none of them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numerics.backend import InputError
    from numerics.critical import census
    from numerics.descent import descend
    from numerics.experiment import train
    from numerics.goe import sample_goe
    from numerics.kac_rice import mean_count
    from numerics.layers import layer_count
    from numerics.streams import stream

__all__ = [
    "InputError",
    "census",
    "descend",
    "layer_count",
    "mean_count",
    "sample_goe",
    "stream",
    "train",
]

_HOME = {
    "InputError": "backend",
    "census": "critical",
    "descend": "descent",
    "layer_count": "layers",
    "mean_count": "kac_rice",
    "sample_goe": "goe",
    "stream": "streams",
    "train": "experiment",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
