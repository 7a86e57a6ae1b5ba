"""Mean numbers of critical points by Monte Carlo of the Kac-Rice integrand."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
