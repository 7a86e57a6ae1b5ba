"""Every critical point on a product of spheres, each proved, the set proved complete.

f = sum X_(i1..iH) w1_i1 .. wH_iH with a unit vector w_l of n_l components for each layer. All of them
together, over sqrt H, are one vector x of N = n_1 + .. + n_H components with x.x = 1, and f is a form
of degree H of it. Where that is critical, grad h = mu x, Euler's identity for each layer gives mu |x_l|^2 =
h: so for mu != 0 all layers are equally long, and x is critical on the product of spheres. What
`numerics.critical.kantorovich` proves on one sphere it proves on the product. Only the index is
another: along the H - 1 directions that change lengths of layers f has a maximum where f > 0, and they
are orthogonal to the others for the Hessian.

A generic tensor has as many complex critical points, up to the signs of its layers, as the coefficient of
prod t_l^(n_l - 1) in

    prod_l (T_l^n_l - t_l^n_l)/(T_l - t_l),    T_l = sum_(j != l) t_j

says (Friedland and Ottaviani 2014); isolated ones of any tensor are at most so many. They are found once a
format, from one point of a complex tensor made for it, by closed paths of tensors along which points change
places (monodromy), and moved to every instance by `numerics.critical.tracking`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError
from numerics.core.streams import Stream, stream
from numerics.critical.homotopy import ATTEMPTS, certified
from numerics.critical.kantorovich import Complex, index
from numerics.critical.polynomials import Forms, Integer, Real, layout
from numerics.layers.tensors import check_sizes
from numerics.pspin import multisets

# guard (numbers): what is refused
# tests/numerics/layers/test_layer_census.py::test_formats_of_many_points_or_entries_are_refused
MOST_POINTS = 300
"""Complex critical points of a format; 4 x 4 x 4 has 240."""

# guard (numbers): what is refused
# tests/numerics/layers/test_layer_census.py::test_formats_of_many_points_or_entries_are_refused
MOST_ENTRIES = 4096

# same (numbers): loops that suffice; how many are in memory at a time
_LOOPS = 200
AT_ONCE = 64
"""Instances that are solved at once, at most."""


@dataclass(frozen=True)
class ProductCensus:
    """Critical points of tensors on the product of their layers' spheres.

    Attributes
    ----------
    sizes : tuple of int
    counts : ndarray of int, shape (instances, D + 1)
        Number of critical points of every index 0..D, D = sum (n_l - 1), of either sign of f.
    status : ndarray of str, shape (instances,)
        "complete": all of them, proved; else "unresolved".
    found : ndarray of int, shape (instances,)
        Complex points proved, up to signs, of `possible`.
    possible : int
    instance, index : ndarray of int, shape (points,)
        Of every real point with f > 0, once up to signs, by instance and then by level: the critical rank-one
        approximations. Of the 2^H signs half have f > 0 and this index, half -f and D minus it.
    level : ndarray, shape (points,)
        f/sqrt(n_1 + .. + n_H).
    position : ndarray, shape (points, n_1 + .. + n_H)
        The unit vectors of the layers, one after another.
    radius : ndarray, shape (points,)
        Bound on the distance of any component of the position from the true one's.
    """

    sizes: tuple[int, ...]
    counts: Integer
    status: npt.NDArray[np.str_]
    found: Integer
    possible: int
    instance: Integer
    index: Integer
    level: Real
    position: Real
    radius: Real

    @property
    def rank_one(self) -> Integer:
        """Number of critical rank-one approximations of each instance."""
        return np.asarray(self.counts.sum(axis=1) >> len(self.sizes))

    @property
    def unresolved(self) -> int:
        """Number of instances that are not complete: their counts are lower bounds."""
        return int((self.status != "complete").sum())


def complex_points(sizes: Sequence[int]) -> int:
    """Return the number of complex critical points of a generic tensor, up to signs of its layers.

    Examples
    --------
    >>> [complex_points(s) for s in ((3, 5), (2, 2, 2), (2, 3, 3), (3, 3, 3), (2, 2, 2, 2))]
    [3, 6, 15, 37, 24]
    """
    shape = tuple(sizes)
    total = np.zeros(shape, dtype=object)
    total[(0,) * len(shape)] = 1
    for layer, n in enumerate(shape):
        # The factor sum_(k < n) T_l^k t_l^(n - 1 - k), T_l^k by multiplying k times.
        power, found = total, np.zeros(shape, dtype=object)
        for k in range(n):
            found = found + _raised(power, layer, n - 1 - k)
            others = (_raised(power, j, 1) for j in range(len(shape)) if j != layer)
            power = sum(others, np.zeros(shape, dtype=object))
        total = found
    return int(total[tuple(n - 1 for n in shape)])


def _raised(series: npt.NDArray[np.object_], variable: int, by: int) -> npt.NDArray[np.object_]:
    """Multiply a truncated power series by a power of one of its variables."""
    if by == 0:
        return series
    moved = np.roll(series, by, axis=variable)
    moved[(slice(None),) * variable + (slice(0, by),)] = 0
    return moved


def forms_of(x: npt.NDArray[np.float64]) -> Forms:
    """Return H! f of tensors (instances, n_1, .., n_H) as forms of all layers together; X is not rounded."""
    sizes = x.shape[1:]
    starts = np.cumsum([0, *sizes[:-1]])
    places = np.indices(sizes).reshape(len(sizes), -1).T + starts
    n = sum(sizes)
    t = np.zeros((len(x), multisets.count(n, len(sizes))))
    t[:, multisets.rank(places)] = x.reshape(len(x), -1)
    return Forms(layout(n, (len(sizes),)), t)


def _hessians(x: npt.NDArray[np.complex128]) -> Complex:
    """Coefficients of the Hessians of H! f, of complex tensors too."""
    real, imaginary = (forms_of(part).curvature()[0] for part in (x.real, x.imag))
    return np.asarray(real + 1j * imaginary)


def _moved(
    z: Complex, base: Complex, end: Complex, sizes: tuple[int, ...], error: float
) -> Complex:
    """Return where the points z of tensors base are in tensors end; NaN where a path was lost."""
    from numerics.critical.tracking import track_between

    of = layout(sum(sizes), (len(sizes),))
    z, steps = z.copy(), np.zeros(z.shape[:2], dtype=np.int64)
    ends = np.stack([base, end], axis=1)
    track_between(z, error, ends, of.degree, of.parent, of.variable, steps)
    # same (comparisons): no path takes 0 steps
    return np.where((steps > 0)[..., None], z, np.nan)


def _distinct(z: Complex, r: Real, sizes: tuple[int, ...]) -> npt.NDArray[np.intp]:
    """Return places of points whose balls are apart from those of all before, up to signs of layers."""
    edges = np.cumsum(sizes)[:-1]
    kept: list[int] = []
    for a in np.flatnonzero(np.isfinite(r)):
        some = z[kept, :-1]
        gaps = [
            np.minimum(np.abs(one - own).max(axis=1), np.abs(one + own).max(axis=1))
            for one, own in zip(
                np.split(some, edges, axis=1), np.split(z[a, :-1], edges), strict=True
            )
        ]
        # same (1e-09 -> 2e-09): some roundings
        if (np.max(gaps, axis=0) > (r[a] + r[kept]) * (1 + 1e-9)).all():
            kept.append(int(a))
    return np.array(kept, dtype=np.intp)


def _first(rng: np.random.Generator, sizes: tuple[int, ...]) -> tuple[Complex, Complex]:
    """Return a complex tensor and a critical point of it, mu = 1: the tensor is moved until it is one."""
    x = _complex(rng, sizes)
    layers = [_complex(rng, (n,)) for n in sizes]
    layers = [w / np.sqrt((w * w).sum() * len(sizes)) for w in layers]
    rows = []
    for layer, n in enumerate(sizes):
        for i in range(n):
            row = np.array(math.factorial(len(sizes)), dtype=complex)
            for other, w in enumerate(layers):
                row = np.multiply.outer(row, np.eye(n)[i] if other == layer else w)
            rows.append(row.ravel())
    matrix, point = np.array(rows), np.concatenate(layers)
    change = np.linalg.lstsq(matrix, point - matrix @ x.ravel(), rcond=None)[0]
    return x + change.reshape(sizes), np.append(point, 1.0)


def _complex(rng: np.random.Generator, shape: tuple[int, ...]) -> Complex:
    return np.asarray(rng.standard_normal(shape) + 1j * rng.standard_normal(shape))


@lru_cache(maxsize=16)
def _start(sizes: tuple[int, ...]) -> tuple[Complex, Complex]:
    """Return the Hessians of a complex tensor and all its critical points."""
    rng = stream(0, "start of a format", *sizes).generator()
    tensor, point = _first(rng, sizes)
    base, points = _hessians(tensor[None]), point[None]
    wanted = complex_points(sizes)
    for _ in range(_LOOPS):
        if len(points) == wanted:
            return base[0], points
        z, here = points[None], base
        # same (2 -> 3, 2 -> 4): a longer loop
        for there in (*(_hessians(_complex(rng, (1, *sizes))) for _ in range(2)), base):
            z, here = _moved(z, here, there, sizes, ATTEMPTS[-1][0]), there
        both = np.concatenate([points, z[0]])
        near = np.where(np.isfinite(both).all(axis=1), 1e-6, np.inf)
        points = both[_distinct(both, near, sizes)]
    raise InputError(f"sizes: got {sizes}; takes a format whose complex points are found")


def product_census(x: npt.ArrayLike) -> ProductCensus:
    """Find every critical point of tensors on the product of their layers' spheres.

    Parameters
    ----------
    x : array_like, shape (instances, n_1, .., n_H)
        Tensors of two layers or more, with at most 300 complex critical points (`complex_points`).

    Returns
    -------
    ProductCensus

    Raises
    ------
    InputError
        For what is no such array. An instance that cannot be closed does not raise but says so in its status.

    References
    ----------
    Friedland and Ottaviani, The number of singular vector tuples and uniqueness of best rank-one
    approximation of tensors (2014).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> found = product_census(rng.standard_normal((20, 2, 2, 3)))
    >>> found.possible, found.unresolved, sorted(set(found.rank_one.tolist()))
    (8, 0, [4, 6, 8])
    """
    given = np.asarray(x)
    if given.dtype.kind not in "fiu" or not given.size or not np.isfinite(given).all():
        raise InputError.of("x", f"{given.dtype}, {given.shape}", "finite numbers, one at least")
    sizes = check_format(given.shape[1:], "x")
    tensors = given.astype(np.float64)
    blocks = [tensors[i : i + AT_ONCE] for i in range(0, len(tensors), AT_ONCE)]
    return join([_block(block, sizes) for block in blocks])


def check_format(sizes: Sequence[int], name: str = "sizes") -> tuple[int, ...]:
    """Return sizes of layers, checked: few enough complex points."""
    found = check_sizes(sizes, name)
    if math.prod(found) > MOST_ENTRIES or complex_points(found) > MOST_POINTS:
        takes = f"a format of at most {MOST_POINTS} complex critical points"
        raise InputError.of(name, ",".join(map(str, found)), takes)
    return found


def census_part(
    source: Stream, chunk: int, samples: int, sizes: tuple[int, ...], first: int = 0
) -> ProductCensus:
    """Return chunk number `chunk` of a census of so many samples: at most `AT_ONCE` tensors.

    Tensor i is drawn as `numerics.layers.tensors.layer_tensor` draws disorder first + i.
    """
    begin = chunk * AT_ONCE
    numbers = range(first + begin, first + min(begin + AT_ONCE, samples))
    return product_census(
        np.stack([source.generator(number).standard_normal(sizes) for number in numbers])
    )


def _block(x: Real, sizes: tuple[int, ...]) -> ProductCensus:
    """Return the census of some instances."""
    forms, wanted = forms_of(x), complex_points(sizes)
    z = np.full((len(x), wanted, sum(sizes) + 1), np.nan, dtype=np.complex128)
    r = np.full((len(x), wanted), np.inf)
    base, points = _start(sizes)
    todo = np.arange(len(x))
    for attempt, (error, scale) in enumerate(ATTEMPTS):
        # A tensor times a number has the same points, mu times it: other paths.
        turned = scale * np.exp(2.4j * attempt)
        start = np.repeat(points[None], len(todo), axis=0)
        start[..., -1] *= turned
        some = forms.take(todo)
        end = some.curvature()[0].astype(np.complex128)
        found = _moved(start, np.broadcast_to(turned * base, end.shape), end, sizes, error)
        found, size = certified(some, found)
        for row, i in enumerate(todo):
            both, radii = np.concatenate([z[i], found[row]]), np.concatenate([r[i], size[row]])
            kept = _distinct(both, radii, sizes)[:wanted]
            z[i, : len(kept)], r[i, : len(kept)] = both[kept], radii[kept]
        todo = np.flatnonzero(~np.isfinite(r).all(axis=1))
        if not todo.size:
            break
    return _assembled(forms, z, r, sizes)


def _assembled(forms: Forms, z: Complex, r: Real, sizes: tuple[int, ...]) -> ProductCensus:
    """Return the census of the zeros found."""
    layers, dimension = len(sizes), sum(sizes) - len(sizes)
    with np.errstate(invalid="ignore"):
        real = np.isfinite(r) & (z.imag == 0).all(axis=-1)
    positive = z.real[..., -1] > 0
    k = index(forms, np.where(real[..., None], z.real, np.nan), r)
    sure = real & (k >= 0)
    # f > 0: lengths of layers are H - 1 negative directions; f < 0: of the opposite point.
    k = np.where(positive, k - (layers - 1), dimension - k)
    found = np.isfinite(r).sum(axis=1) - (real & ~sure).sum(axis=1)
    where, column = np.nonzero(sure)
    # h = mu/H is H! f at x = w/sqrt H.
    unit = layers ** (layers / 2) / (layers * math.factorial(layers)) / math.sqrt(sum(sizes))
    level = np.abs(z.real[where, column, -1]) * unit
    position = z.real[where, column, :-1]
    position[~positive[where, column], : sizes[0]] *= -1
    order = np.lexsort((level, where))
    counts = np.zeros((len(z), dimension + 1), dtype=np.int64)
    half = 2 ** (layers - 1)
    np.add.at(counts, (where, k[where, column]), half)
    np.add.at(counts, (where, dimension - k[where, column]), half)
    root = math.sqrt(layers)
    return ProductCensus(
        sizes,
        counts,
        np.where(found == z.shape[1], "complete", "unresolved"),
        found,
        z.shape[1],
        where[order],
        k[where, column][order],
        level[order],
        position[order] * root,
        r[where, column][order] * root * (1 + 1e-9),
    )


def join(parts: Sequence[ProductCensus]) -> ProductCensus:
    """Return one census of the instances of several, in order."""
    shift = np.cumsum([0] + [len(part.status) for part in parts])
    return ProductCensus(
        parts[0].sizes,
        np.concatenate([part.counts for part in parts]),
        np.concatenate([part.status for part in parts]),
        np.concatenate([part.found for part in parts]),
        parts[0].possible,
        np.concatenate([part.instance + s for part, s in zip(parts, shift, strict=False)]),
        np.concatenate([part.index for part in parts]),
        np.concatenate([part.level for part in parts]),
        np.concatenate([part.position for part in parts]),
        np.concatenate([part.radius for part in parts]),
    )
