"""Descents of networks without biases, off the sphere or on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from numerics.core.checks import check_integer, check_real
from numerics.networks.unbiased.networks import Real, Task, slopes_of

# same (numbers): samples a step
MINIBATCH = 32


def trained(
    task: Task,
    starts: Real,
    generators: Sequence[np.random.Generator],
    epochs: int,
    rate: float = 0.1,
    decay: float = 0.98,
) -> Real:
    """Weights after stochastic gradient descent, as networks are trained elsewhere in this package.

    Parameters
    ----------
    task : Task
    starts : ndarray, shape (networks, size)
        Where they start.
    generators : sequence of numpy.random.Generator
        Of the order of the samples in each epoch, one a network.
    epochs : int
    rate, decay : float
        Learning rate of the first epoch, and its factor from one to the next.

    Returns
    -------
    ndarray, shape (networks, size)
        Each what it would be alone, bit for bit.

    Examples
    --------
    >>> from numerics.networks.unbiased.networks import gradient
    >>> task = Task(np.eye(3), np.eye(3), (4,))
    >>> start = np.full((1, task.size), 0.1)
    >>> end = trained(task, start, [np.random.default_rng(0)], 50)
    >>> gradient(task, end[0])[0] < gradient(task, start[0])[0]
    True
    """
    rate = check_real("rate", rate)
    matrices = task.matrices(starts)
    for _ in range(check_integer("epochs", epochs, least=0)):
        orders = np.stack([generator.permutation(len(task.x)) for generator in generators])
        for i in range(0, max(len(task.x) - MINIBATCH, 0) + 1, MINIBATCH):
            some = orders[:, i : i + MINIBATCH]
            _, slopes = slopes_of(task, matrices, task.x[some], task.target[some])
            pairs = zip(matrices, slopes, strict=True)
            matrices = [matrix - rate * slope for matrix, slope in pairs]
        rate *= decay
    return np.concatenate([matrix.reshape(len(starts), -1) for matrix in matrices], axis=1)
