"""What claims on the end points of descents share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from numerics.descent import descend_one
from numerics.streams import Stream
from verify.claim import Data, Params


def end_point_energies(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    disorders: Mapping[int, int],
    starts: int,
    descend: Callable[..., Mapping[str, Any]] = descend_one,
) -> Data:
    """End-point energies of the 3-spin model, a row for each disorder, by conjugate gradients.

    ``disorders`` says how many are in a chunk at each N.
    """
    n = params["N"]
    first = chunk * disorders[n]
    ends = [
        descend(stream, disorder, n, {3: 1.0}, starts, tolerance=1e-3, method="cg", xp=xp)
        for disorder in range(first, first + disorders[n])
    ]
    return {"energy": np.stack([end["energies"] for end in ends])}
