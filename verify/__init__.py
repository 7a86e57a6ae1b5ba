"""Verify: does the theory agree with what is measured?

Exports are loaded when first used, so importing the package costs nothing.
"""

import lazy_loader

from theory import __version__ as __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
