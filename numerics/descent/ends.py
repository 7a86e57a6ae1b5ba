"""The Hessians where descents ended: their index and lowest eigenvalues."""

from __future__ import annotations

import numpy as np

from numerics.core.backend import Namespace, is_cupy, to_numpy
from numerics.descent.loop import Ends
from numerics.descent.protocol import Status
from numerics.pspin.couplings import Couplings
from numerics.pspin.hamiltonian import riemannian_hessian_eigenvalues


def hessians_at_once(n: int, xp: Namespace | None = None) -> int:
    """Return of how many ends the Hessians are taken at once: at most 64, at most half a GiB.

    On a device at most 1024, and four GiB.

    Examples
    --------
    >>> hessians_at_once(100), hessians_at_once(2000)
    (64, 5)
    """
    # same (numbers): ends in a batch, on which no number depends
    most, room = (1024, 1 << 32) if xp is not None and is_cupy(xp) else (64, 1 << 29)
    # same (numbers): as above
    return max(1, min(most, room // (24 * n * n)))


def with_hessians(c: Couplings, ends: Ends, spectra: bool = False) -> Ends:
    """Return the ends with the index and the lowest (or all) eigenvalues of their Hessians.

    An end where the gradient vanishes but the Hessian has a negative eigenvalue is a "saddle".

    Returns
    -------
    dict
        `ends` with "index" (-1 where diverged), "lowest_eigenvalue" (nan there) and, if `spectra`,
        "eigenvalues" (R, n - 1).
    """
    replicas, n = ends["position"].shape
    values = np.full((replicas, n - 1), np.nan)
    diverged = ends["status"] == Status.DIVERGED
    sound = np.flatnonzero(~diverged)
    batch = hessians_at_once(n, c.xp)
    for start in range(0, len(sound), batch):
        rows = sound[start : start + batch]
        at = c.xp.asarray(ends["position"][rows], dtype=c.dtype)
        values[rows] = to_numpy(riemannian_hessian_eigenvalues(c, at))
    index = np.where(diverged, -1, (values < 0).sum(axis=1))
    saddle = (ends["status"] == Status.CONVERGED) & (index > 0)
    status = np.where(saddle, Status.SADDLE, ends["status"])
    found = {"status": status, "index": index, "lowest_eigenvalue": values[:, 0].copy()}
    return {**ends, **found, **({"eigenvalues": values} if spectra else {})}
