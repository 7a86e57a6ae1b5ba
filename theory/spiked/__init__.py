"""A spike in the data: the spherical p-spin model with a mean A (s.v)^p."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
