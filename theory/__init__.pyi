__version__: str

from .annealed.exponent import (
    complexity,
)
from .annealed.thresholds import (
    threshold,
)
from .arithmetic.ball import (
    Ball,
)
from .checks import (
    InputError,
)
from .equilibrium.transitions import (
    Transitions,
    temperatures,
)
from .finite_n.asymptotics import (
    Prefactor,
    prefactor,
)
from .finite_n.counts import (
    Count,
    mean_count,
)
from .finite_n.table import (
    Counts,
    counts,
)
from .goe.gap.law import (
    edge_gap_law,
    goe_gap_law,
)
from .goe.kth_law import (
    edge_law,
    goe_law,
    gse_law,
    gue_law,
)
from .goe.laws.law import (
    Law,
)
from .ground_state.energy import (
    GroundState,
    algorithmic_energy,
    lowest_energy,
    parisi_energy,
)
from .layers.dyson import (
    LayerLevels,
    layer_complexity,
    layer_levels,
)
from .layers.tensors import (
    TensorCount,
    tensor_count,
)
from .mean_field_dynamics.cugliandolo_kurchan import (
    Relaxation,
    dynamics,
    threshold_energy,
)
from .model import (
    Mixture,
    mixture,
    parse,
    pure,
)
from .spiked.counts import (
    SpikedCount,
    spiked_count,
)
from .spiked.phases import (
    spike_threshold,
    spiked_complexity,
)
from .two_points.barriers import (
    Barrier,
    lowest_barrier,
    pair_complexity,
)
from .two_points.estimates import (
    Estimate,
    estimated_moments,
)
from .two_points.moments import (
    Moments,
    second_moment,
)

__all__ = [
    "Ball",
    "Barrier",
    "Count",
    "Counts",
    "Estimate",
    "GroundState",
    "InputError",
    "Law",
    "LayerLevels",
    "Mixture",
    "Moments",
    "Prefactor",
    "Relaxation",
    "SpikedCount",
    "TensorCount",
    "Transitions",
    "algorithmic_energy",
    "complexity",
    "counts",
    "dynamics",
    "edge_gap_law",
    "edge_law",
    "estimated_moments",
    "goe_gap_law",
    "goe_law",
    "gse_law",
    "gue_law",
    "layer_complexity",
    "layer_levels",
    "lowest_barrier",
    "lowest_energy",
    "mean_count",
    "mixture",
    "pair_complexity",
    "parisi_energy",
    "parse",
    "prefactor",
    "pure",
    "second_moment",
    "spike_threshold",
    "spiked_complexity",
    "spiked_count",
    "temperatures",
    "tensor_count",
    "threshold",
    "threshold_energy",
]
