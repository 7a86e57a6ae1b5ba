"""Descents of networks without biases, off the sphere or on it."""

from __future__ import annotations

import numpy as np

from numerics.core.checks import check_integer, check_real
from numerics.networks.unbiased.networks import Real, Task, slopes_of

# same (numbers): samples a step
MINIBATCH = 32


def trained(
    task: Task,
    w: Real,
    generator: np.random.Generator,
    epochs: int,
    rate: float = 0.1,
    decay: float = 0.98,
) -> Real:
    """Weights after stochastic gradient descent, as networks are trained elsewhere in this package.

    Parameters
    ----------
    task : Task
    w : ndarray, shape (size,)
        Where it starts.
    generator : numpy.random.Generator
        Of the order of the samples in each epoch.
    epochs : int
    rate, decay : float
        Learning rate of the first epoch, and its factor from one to the next.

    Examples
    --------
    >>> from numerics.networks.unbiased.networks import gradient
    >>> task = Task(np.eye(3), np.eye(3), (4,))
    >>> start = np.full(task.size, 0.1)
    >>> gradient(task, trained(task, start, np.random.default_rng(0), 50))[0] < gradient(task, start)[0]
    True
    """
    rate = check_real("rate", rate)
    matrices = task.matrices(w)
    for _ in range(check_integer("epochs", epochs, least=0)):
        order = generator.permutation(len(task.x))
        x, target = task.x[order], task.target[order]
        for i in range(0, max(len(order) - MINIBATCH, 0) + 1, MINIBATCH):
            some = slice(i, i + MINIBATCH)
            _, slopes = slopes_of(task, matrices, x[some], target[some])
            pairs = zip(matrices, slopes, strict=True)
            matrices = [matrix - rate * slope for matrix, slope in pairs]
        rate *= decay
    return np.concatenate([matrix.ravel() for matrix in matrices])
