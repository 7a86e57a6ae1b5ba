from .core.backend import (
    InputError,
)
from .core.streams import (
    stream,
)
from .critical.enumeration import (
    census,
)
from .critical.inertia import (
    index_of,
)
from .descent.many_starts import (
    descend,
)
from .goe.samplers import (
    sample_goe,
)
from .hessians.quadrature import (
    spectrum,
)
from .kac_rice.monte_carlo import (
    mean_count,
)
from .kac_rice.rare_index import (
    layer_count,
)
from .networks.experiment import (
    train,
)
from .pspin.tensors import (
    tensor,
)

__all__ = [
    "InputError",
    "census",
    "descend",
    "index_of",
    "layer_count",
    "mean_count",
    "sample_goe",
    "spectrum",
    "stream",
    "tensor",
    "train",
]
