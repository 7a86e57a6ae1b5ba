"""Pairs of critical points at a given overlap: second moments of counts, two-point complexity."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
