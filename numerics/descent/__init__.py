"""Descents on the sphere, many starts at once, by any of the methods."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
