"""Theory: what must be true of the spherical p-spin model.

Exports are loaded when first used, so importing the package costs nothing.
"""

import warnings
from typing import Any

import lazy_loader

__version__ = "0.2.0.dev0"

_OLD = {"relaxation": "dynamics", "sharp_asymptotics": "prefactor"}
_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    """Load what is asked for; an old name says which is its new one."""
    if name in _OLD:
        what = f"theory.{name} is now theory.{_OLD[name]}; the old name goes with version 0.3"
        warnings.warn(what, DeprecationWarning, stacklevel=2)
    return _load(_OLD.get(name, name))
