"""The page of one claim: words, formulas, figure, numbers, distances to wrong theories."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
