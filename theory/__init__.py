"""Theory: what must be true of the spherical p-spin model.

Exports are loaded when first used, so importing the package costs nothing.
"""

import lazy_loader

__version__ = "0.2.0.dev0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
