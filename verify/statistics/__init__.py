"""Tests, intervals, limits and multiple comparisons: each returns a `Cell` or plain numbers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
