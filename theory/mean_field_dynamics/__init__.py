"""Relaxation at infinite N: the equations of Cugliandolo and Kurchan."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
