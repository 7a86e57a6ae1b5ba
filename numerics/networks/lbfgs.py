"""Descend a trained network further, on all its samples at once, until its gradient is small."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize

from numerics.core.backend import to_numpy
from numerics.core.checks import check_integer, check_real
from numerics.networks.one_hidden_layer import Networks, Samples, gradient, norm

# same (numbers): pairs of steps that are kept; the minimum is the same
MEMORY = 30
"""Pairs of steps and changes of gradient that L-BFGS keeps."""


@dataclass(frozen=True)
class Converged:
    """Where a descent ended.

    Attributes
    ----------
    networks : Networks
        One network for each that came in.
    loss, gradient_norm : ndarray, shape (B,)
        At the end, computed anew there.
    status : ndarray of str, shape (B,)
        "converged" where every component of the gradient is at most the tolerance, else "stopped":
        at the limit of steps, or where no step lowers the loss (a kink of the ReLU).
    """

    networks: Networks
    loss: npt.NDArray[np.float64]
    gradient_norm: npt.NDArray[np.float64]
    status: npt.NDArray[np.str_]


# same (500 -> 501, 500 -> 499, 500 -> 1000, 1e-09 -> 2e-09): where a descent is left
def converge(
    networks: Networks,
    data: Samples,
    activation: str = "relu",
    loss: str = "cross-entropy",
    tolerance: float = 1e-9,
    max_steps: int = 500,
) -> Converged:
    """Return networks after L-BFGS (Liu and Nocedal 1989) on the mean loss of all samples.

    With cross-entropy a network that classifies every sample right has no minimum nearby: its loss
    falls to 0 only as the weights grow for ever, and so does its whole Hessian.

    Parameters
    ----------
    networks : Networks
        Float64.
    data : Samples
        Shared by the networks.
    activation, loss : str
        As in `numerics.networks.one_hidden_layer`.
    tolerance : float
        Of the largest component of the gradient.
    max_steps : int
        0: the networks as they are, with their loss and gradient.

    Returns
    -------
    Converged

    Raises
    ------
    InputError
        Bad tolerance or number of steps.

    Examples
    --------
    >>> import array_api_compat.numpy as xp
    >>> from numerics.networks.one_hidden_layer import samples
    >>> rng = np.random.default_rng(0)
    >>> data = samples(rng.normal(size=(20, 3)), rng.integers(0, 2, 20), 2, xp, np.float64)
    >>> start = Networks(rng.normal(size=(1, 4, 4)), rng.normal(size=(1, 2, 5)))
    >>> end = converge(start, data, "tanh")
    >>> bool(end.loss[0] < gradient(start, data, "tanh", "cross-entropy")[0][0])
    True
    """
    tolerance = check_real("tolerance", tolerance, positive=True)
    max_steps = check_integer("max_steps", max_steps, least=0)
    ends, losses, norms, status = [], [], [], []
    flat = networks.flat()
    for b in range(flat.shape[0]):

        def value(v: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
            found, slope = gradient(networks.like(v[None, :]), data, activation, loss)
            # same (0 -> -1): of one network
            return float(found[0]), slope.flat()[0, :]

        begin = to_numpy(flat[b, :])
        # SciPy takes a step before it counts.
        # same (10 -> 11, 10 -> 9, 10 -> 20, 1 -> 2, 1 -> 0, + -> -): evaluations that no descent comes to
        found = (
            begin
            if max_steps == 0
            else optimize.minimize(
                value,
                begin,
                jac=True,
                method="L-BFGS-B",
                options={
                    "maxiter": max_steps,
                    "maxfun": 10 * max_steps + 1,
                    "gtol": tolerance,
                    "ftol": 0.0,
                    "maxcor": MEMORY,
                },
            ).x
        )
        end = networks.like(found[None, :])
        last, slope = gradient(end, data, activation, loss)
        ends.append(found)
        # same (0 -> -1): of one network
        losses.append(float(last[0]))
        # same (0 -> -1): of one network
        norms.append(float(norm(slope)[0]))
        # same (comparisons): a tie of chance 0
        small = float(np.max(np.abs(slope.flat()))) <= tolerance
        status.append("converged" if small else "stopped")
    return Converged(
        networks.like(np.stack(ends)), np.array(losses), np.array(norms), np.array(status)
    )
