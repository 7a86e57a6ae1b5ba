"""ReLU networks: sizes, sums over paths, and what the reduction to the p-spin model keeps."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
