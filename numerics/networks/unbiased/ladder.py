"""Hessians on the way from the spin glass to a network, one assumption after another removed.

    f(w) = sum over a, b, c of X_abc U_ab V_bc y_c,      w = (U, V, y), three layers of weights, one output

on the sphere through w. Which sums there are and what X is:

    "spin glass"   the spherical 3-spin model of as many weights: every product of three, X normal
    "own layers"   every layer its own weights: every product of one weight of each, X normal, as many of each
    "paths"        the products along a path of the network alone, X normal
    "inputs"       X_abc = x_a: paths that start at one input share it
    "gates"        X_abc = x_a times the gates of the ReLUs b and c
    "spread"       as "gates", for the mean of f(w; x)^2/2 over many inputs

The first two are exact laws at a uniform point (`numerics.pspin.hamiltonian`, `theory.layers.tensors`), of
which the Hessian is drawn without the tensor.
"""

from __future__ import annotations

import math

import numpy as np

from numerics.core.checks import check_word
from numerics.networks.unbiased.networks import Real, Task, drawn, gradient, hessian, on_sphere

STEPS = ("spin glass", "own layers", "paths", "inputs", "gates", "spread")

# same (numbers): inputs of the last step
INPUTS = 300


def ladder_hessian(
    generator: np.random.Generator, step: str, widths: tuple[int, int, int]
) -> tuple[Real, float]:
    """The Hessian on the sphere at a random point, in units that do not matter, and its shift.

    Parameters
    ----------
    generator : numpy.random.Generator
    step : str
        Of `STEPS`.
    widths : tuple of int
        n_0, n_1, n_2; the output is one.

    Returns
    -------
    matrix : ndarray, shape (P - 1, P - 1), or (3 n - 3, 3 n - 3) of a product of three spheres
    shift : float
        w.grad/|w|^2, by which its eigenvalues are lower than those of P Hess P.

    Examples
    --------
    >>> matrix, shift = ladder_hessian(np.random.default_rng(0), "paths", (4, 3, 2))
    >>> matrix.shape
    (19, 19)
    """
    check_word("step", step, STEPS)
    below, first, second = widths
    size = below * first + first * second + second
    if step == "spin glass":
        shift = 3 * float(generator.standard_normal()) / math.sqrt(size)  # p u
        return _goe(generator, size - 1) * math.sqrt(6 / size) - shift * np.eye(size - 1), shift
    if step == "own layers":
        return _layers(generator, round(size / 3))
    if step == "spread":
        x = generator.standard_normal((INPUTS, below))
        task = Task(x, np.zeros((INPUTS, 1)), (first, second))
        w = drawn(task, generator)
        return _at(w, gradient(task, w)[1], hessian(task, w))
    u, v = generator.standard_normal((below, first)), generator.standard_normal((first, second))
    y = generator.standard_normal(second)
    if step == "paths":
        x = generator.standard_normal((below, first, second))
    else:
        inputs = generator.standard_normal(below)
        x = np.broadcast_to(inputs[:, None, None], (below, first, second))
        if step == "gates":
            h = inputs @ u
            x = x * ((h > 0)[:, None] * (np.maximum(h, 0) @ v > 0))
    return _paths(x, u, v, y)


def _goe(generator: np.random.Generator, n: int) -> Real:
    """A symmetric matrix with entries of variance 1 off the diagonal and 2 on it."""
    a = generator.standard_normal((n, n))
    return np.asarray((a + a.T) / math.sqrt(2))


def _at(w: Real, slope: Real, matrix: Real) -> tuple[Real, float]:
    return on_sphere(w, slope, matrix), float(w @ slope) / float(w @ w)


def _layers(generator: np.random.Generator, n: int) -> tuple[Real, float]:
    """Of the product of three spheres of n weights each."""
    size = 3 * (n - 1)
    a = np.triu(generator.standard_normal((size, size)), 1)
    for i in range(3):
        a[i * (n - 1) : (i + 1) * (n - 1), i * (n - 1) : (i + 1) * (n - 1)] = 0.0
    shift = float(generator.standard_normal())  # f, at |w_l| = 1
    return a + a.T - shift * np.eye(size), shift


def _paths(x: Real, u: Real, v: Real, y: Real) -> tuple[Real, float]:
    """Of the sum over paths with these X, on the sphere."""
    below, first, second = x.shape
    a, b = below * first, first * second
    out = np.zeros((a + b + second,) * 2)
    mixed = np.zeros((below, first, first, second))
    for j in range(first):
        mixed[:, j, j, :] = x[:, j, :] * y
    out[:a, a : a + b] = mixed.reshape(a, b)
    out[:a, a + b :] = (x * v[None, :, :]).reshape(a, second)
    last = np.zeros((first, second, second))
    for k in range(second):
        last[:, k, k] = (x[:, :, k] * u).sum(axis=0)
    out[a : a + b, a + b :] = last.reshape(b, second)
    out += out.T
    w = np.concatenate([u.ravel(), v.ravel(), y])
    return _at(w, out @ w / 2, out)  # a cubic form: w.Hess = 2 grad
