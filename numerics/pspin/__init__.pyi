from .couplings import (
    Couplings,
    draw,
)
from .hamiltonian import (
    energy_gradient,
    random_point,
    riemannian_hessian,
)

__all__ = [
    "Couplings",
    "draw",
    "energy_gradient",
    "random_point",
    "riemannian_hessian",
]
