"""The model in equilibrium: transition temperatures, and the states that dominate below them."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
