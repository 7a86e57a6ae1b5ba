"""Paths on a spin glass and on a network's loss by one program: strings between points, dynamics in time."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
