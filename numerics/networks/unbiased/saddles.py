"""Critical points of any function on a sphere or off it, and what certifies them.

A search lowers |grad|^2 by steps of Levenberg and Marquardt, -(Hess^2 + mu)^-1 Hess grad, which go up along
modes that bend downwards and down along the others, so that critical points of any index are found. It may
end where |grad|^2 is least and not 0, or where the gradient is small along modes that are flat, and no
critical point is near (Frye, Simon, Wadia, Ligeralde, DeWeese and Bouchard 2021, who found most of
theirs so). So an end is certified by the length of Newton's step there: |Hess^-1 grad| is the distance to
the critical point while the Hessian is the same that far, which the same step taken once more shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from numerics.networks.unbiased.networks import Real, Task, gradient, hessian

# same (numbers): the longest step of a search, over |w|; its end is a critical point all the same
LONGEST = 0.2

FLAT = 1e-8
"""Eigenvalues smaller than this, over the largest, count as 0: no index is read from them."""

NEAR = 1e-6
"""Length of Newton's step over |w| that certifies an end."""

# same (numbers): where a search is left as it is
DONE = 1e-12


@dataclass(frozen=True)
class Function:
    """What a search asks of a function at w, shape (n,).

    Attributes
    ----------
    gradient : callable
        Of w: the value, and the gradient (n,).
    hessian : callable
        Of w: the Hessian (n, n). It is asked for where a step was taken, not where one was tried.
    """

    gradient: Callable[[Real], tuple[float, Real]]
    hessian: Callable[[Real], Real]


@dataclass(frozen=True)
class Found:
    """Where a search ended.

    Attributes
    ----------
    w : ndarray, shape (n,)
    value, slope : float
        There; the norm of the gradient (on the sphere, of its tangential part).
    eigenvalues : ndarray, shape (n,) or (n - 1,)
        Of the Hessian there (on the sphere, of that on the sphere).
    shift : float
        w.grad/|w|^2, by which they are lower on the sphere; 0 off it.
    newton : float
        Length of Newton's step there over |w|.
    certified : bool
        Whether it is a critical point: `newton` at most `NEAR`, and the next step no longer.
    """

    w: Real
    value: float
    slope: float
    eigenvalues: Real
    shift: float
    newton: float
    certified: bool

    @property
    def index(self) -> int:
        """Number of negative eigenvalues."""
        return int((self.eigenvalues < -FLAT * np.abs(self.eigenvalues).max()).sum())


def of_task(task: Task) -> Function:
    """The mean loss of a network as a function of its weights."""
    return Function(partial(gradient, task), partial(hessian, task))


def search(
    function: Function, w: Real, cut: int, sphere: bool = True, steps: int = 80, rate: float = 0.5
) -> Found:
    """Move a point to a critical point of a function.

    Parameters
    ----------
    function : Function
    w : ndarray, shape (n,)
        Where it starts; on the sphere |w| is kept.
    cut : int
        Steps of plain descent before |grad|^2 is lowered: the more, the lower the index.
    sphere : bool
    steps : int
        At most, of lowering |grad|^2.
    rate : float
        Length of a step of plain descent, times the gradient over the largest curvature.

    Returns
    -------
    Found

    Examples
    --------
    >>> a = np.diag([1.0, 2.0, 3.0])
    >>> bowl = Function(lambda w: (float(w @ a @ w) / 2, a @ w), lambda w: a)
    >>> end = search(bowl, np.array([0.1, 1.0, 0.2]), 0)
    >>> end.certified, end.index, round(end.value, 9)
    (True, 1, 1.05)
    """
    size = float(np.linalg.norm(w))
    here = _modes(function, w, sphere)
    for _ in range(cut):
        w = _moved(w, -rate * (here.modes @ here.slope) / here.largest, size, sphere)
        here = _modes(function, w, sphere)
    damping = 1e-2 * here.largest**2
    for _ in range(steps):
        parts = -here.values * here.slope / (here.values**2 + damping)
        # same (comparisons): a tie of chance 0
        if float(np.linalg.norm(parts)) < DONE * size:
            break
        moved = _moved(w, here.modes @ parts, size, sphere)
        # same (comparisons): a tie of chance 0
        better = _steepness(moved, function.gradient(moved)[1], sphere) < here.steepness
        damping *= 0.1 if better else 10.0
        if better:
            w, here = moved, _modes(function, moved, sphere)
    return _end(function, w, size, sphere)


@dataclass(frozen=True)
class _Modes:
    """The value; by modes (n, modes) the eigenvalues and the gradient's parts; and the shift of a sphere."""

    value: float
    shift: float
    values: Real
    modes: Real
    slope: Real

    @property
    def largest(self) -> float:
        return float(np.abs(self.values).max())

    @property
    def steepness(self) -> float:
        return float(np.linalg.norm(self.slope))

    @property
    def newton(self) -> Real:
        """Newton's step, where a mode is flat as if it were bent a little."""
        floor = FLAT * self.largest
        bent = np.where(np.abs(self.values) > floor, self.values, floor)
        return np.asarray(-self.slope / bent)


def _end(function: Function, w: Real, size: float, sphere: bool) -> Found:
    here = _modes(function, w, sphere)
    step = here.newton
    newton = float(np.linalg.norm(step)) / size
    certified = newton <= NEAR
    if certified:
        after = _moved(w, here.modes @ step, size, sphere)
        there = _modes(function, after, sphere)
        # same (numbers): rounding
        certified = float(np.linalg.norm(there.newton)) / size <= max(newton, NEAR / 10)
    return Found(w, here.value, here.steepness, here.values, here.shift, newton, certified)


def _steepness(w: Real, slope: Real, sphere: bool) -> float:
    """Return the norm of a gradient, on the sphere of its tangential part."""
    return float(np.linalg.norm(slope - float(w @ slope) / float(w @ w) * w if sphere else slope))


def _modes(function: Function, w: Real, sphere: bool) -> _Modes:
    value, slope = function.gradient(w)
    matrix = function.hessian(w)
    if not sphere:
        values, modes = np.linalg.eigh(matrix)
        return _Modes(value, 0.0, values, modes, modes.T @ slope)
    unit = w / np.linalg.norm(w)
    shift = float(w @ slope) / float(w @ w)
    image = matrix @ unit
    # The direction of w becomes an eigenvector far above all others, and is left out.
    far = 10 * (float(np.abs(matrix).sum(axis=1).max()) + abs(shift))
    rest = matrix - np.outer(image, unit) - np.outer(unit, image)
    rest += (float(unit @ image) + far) * np.outer(unit, unit) - shift * np.eye(len(w))
    values, modes = np.linalg.eigh(rest)
    values, modes = values[:-1], modes[:, :-1]
    return _Modes(value, shift, values, modes, modes.T @ slope)


def _moved(w: Real, move: Real, size: float, sphere: bool) -> Real:
    longest = float(np.linalg.norm(move)) / size
    w = w + min(1.0, LONGEST / max(longest, 1e-300)) * move
    return np.asarray(w * (size / np.linalg.norm(w)) if sphere else w)
