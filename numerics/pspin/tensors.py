"""Tensors of one's own: read, symmetrised and put into the convention of this project.

A symmetric tensor T of order p is a form T x^p, the sum of T_{i_1..i_p} x_{i_1}..x_{i_p} over ordered
tuples. What it says of spins s, |s|^2 = n, is a matter of scale:

    spins    H(s) = n^{-(p-1)/2} T s^p, entries of order 1 (the convention of this project)
    unit     T x^p on |x| = 1, whose critical points are the Z-eigenvectors: T x^{p-1} = z x
    energy   H(s) = T s^p, the scale inside, as simulators keep their couplings

In all of them z = T x^p at x = s/|s|, and u = H/n; the first two are one function, u = z/sqrt(n), and
differ in the sphere that positions are on. Critical points and their indices depend on no scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError
from numerics.core.checks import check_integer, check_memory, check_word
from numerics.core.mixture import Mixture, Model, check_model, disorder_stream
from numerics.pspin import multisets
from numerics.pspin.couplings import Couplings, draw, from_sums

Real = npt.NDArray[np.float64]

SCALES = ("spins", "unit", "energy")
MOST_ORDER = 100


@dataclass(frozen=True)
class Given:
    """A tensor of one's own.

    Attributes
    ----------
    n, p : int
    t : ndarray, shape (C(n + p - 1, p),)
        One number for each sorted multi-index, of order 1: these floats are the instance, and what a
        census proves it proves of them.
    z : float
        The form is z times that of `t`: Z-eigenvalues of the tensor as it was given.
    u : float
        H/n at sqrt(n) x is u times the form of `t` at x.
    scale : {"spins", "unit", "energy"}
    said : str
        What was done to make it symmetric, empty if nothing.
    """

    n: int
    p: int
    t: Real
    z: float
    u: float
    scale: str
    said: str

    @property
    def size(self) -> float:
        """How large H is, about, over a random one with xi = q^p."""
        return self.u * math.sqrt(self.n)

    def couplings(self) -> Couplings:
        """Return the couplings of H, for descents."""
        sums = self.size * self.t * multisets.orderings(self.n, self.p)
        return from_sums(self.n, {self.p: sums}, {self.p: 1.0})


def given(
    tensor: npt.ArrayLike | Given,
    p: int | Model | None = None,
    scale: str = "spins",
    name: str = "tensor",
) -> Given:
    """Read a tensor of one's own.

    Parameters
    ----------
    tensor : array_like or Given
        Of shape (n,) * p, symmetric or not: of T x^p only the symmetric part matters, so that J_ijk
        at i < j < k and zero elsewhere is fine. Or of shape (C(n, p),): the J of all i < j < ... alone,
        in the order of `itertools.combinations`. What was read already is returned.
    p : int, optional
        The order, where the array does not say it.
    scale : {"spins", "unit", "energy"}
    name : str
        By which refusals call it.

    Raises
    ------
    InputError
        Another shape, n < 2 or p < 2, what is not real or not finite.

    Examples
    --------
    >>> one = given([[1.0, 2.0], [0.0, 3.0]])
    >>> one.n, one.p, (one.z * one.t).tolist(), one.said
    (2, 2, [1.0, 1.0, 3.0], 'symmetrised: entries that should be equal differ by up to 2')
    >>> given([5.0], p=3).n  # x_0 x_1 x_2
    3
    """
    if isinstance(tensor, Given):
        return tensor
    check_word("scale", scale, SCALES)
    try:
        x = np.asarray(tensor)
    except ValueError:
        raise InputError.of(name, tensor, "an array of one shape") from None
    if x.dtype.kind not in "fiu":
        raise InputError.of(name, f"entries of type {x.dtype}", "real numbers")
    order, n = _shape(x.shape, p, name)
    slices = x.size if x.ndim == 1 else x.size // n
    # guard (numbers, signs): memory that is asked for before it is taken
    # tests/numerics/pspin/test_tensors.py::test_the_memory_that_is_asked_for_is_enough_and_not_twice_as_much
    needed = 8 * (2 * x.size + (order + 6) * multisets.count(n, order) + (3 * order + 2) * slices)
    check_memory(None, needed, f"a tensor of shape {x.shape}", "fewer spins")
    x = x.astype(np.float64)
    if not np.isfinite(x).all():
        raise InputError.of(name, "NaN or infinity", "finite numbers")
    # By a power of two, which rounds nothing: a census wants numbers of order 1.
    top = float(np.abs(x).max())
    x = np.ldexp(x, -math.frexp(top)[1])
    t, unit, said = (_packed if x.ndim == 1 else _dense)(x, n, order, top)
    weights = multisets.orderings(n, order)
    # same (1.0 -> 2.0, 1.0 -> 0.0): of zeros any unit is one
    size = math.sqrt(float(weights @ t**2) / len(t)) or 1.0
    shift = math.frexp(size)[1]
    z = math.ldexp(unit, shift + math.frexp(top)[1])
    u = z * n ** (order / 2 - 1) if scale == "energy" else z / math.sqrt(n)
    return Given(n, order, np.ldexp(t, -shift), z, u, scale, said)


def _shape(shape: tuple[int, ...], p: int | Model | None, name: str) -> tuple[int, int]:
    """Return the order and the number of variables of an array of that shape."""
    order = len(shape) if p is None else check_integer("p", p, least=2, most=MOST_ORDER)
    if len(shape) == 1:
        if p is None:
            raise InputError.of("p", None, f"the order of the {shape[0]} couplings of i < j < ...")
        n = order
        while math.comb(n, order) < shape[0]:
            n += 1
        if math.comb(n, order) != shape[0]:
            raise InputError.of(
                name, f"{shape[0]} couplings", f"C(n, {order}) of them, i < j < ..."
            )
        return order, n
    if len(shape) < 2 or len(set(shape)) > 1 or shape[0] < 2 or order != len(shape):
        takes = f"shape ({'n, ' * order})".replace(", )", ")") if p else "shape (n, n, ...)"
        raise InputError.of(name, f"shape {shape}", f"{takes} with n >= 2")
    return order, shape[0]


def _dense(x: Real, n: int, p: int, top: float) -> tuple[Real, float, str]:
    """Return the numbers of a symmetric tensor, their unit, and what was done to it."""
    size = multisets.count(n, p)
    low, high, sums = np.full(size, np.inf), np.full(size, -np.inf), np.zeros(size)
    rest = np.indices((n,) * (p - 1)).reshape(p - 1, -1).T
    for i in range(n):  # a slice at a time: indices take more room than entries
        first = np.full((len(rest), 1), i)
        where = multisets.rank(np.sort(np.hstack([first, rest]), axis=1))
        for fold, into in ((np.minimum, low), (np.maximum, high), (np.add, sums)):
            fold.at(into, where, x[i].ravel())
    if (low == high).all():
        return low, 1.0, ""
    apart = float((high - low).max()) * top / float(np.abs(x).max())
    said = f"symmetrised: entries that should be equal differ by up to {apart:.3g}"
    return sums / multisets.orderings(n, p), 1.0, said


def _packed(x: Real, n: int, p: int, top: float) -> tuple[Real, float, str]:
    """Return the numbers of the tensor whose form is sum over i < j < ... of J x_i x_j ..., as `_dense`."""
    t = np.zeros(multisets.count(n, p))
    entries = chain.from_iterable(combinations(range(n), p))
    t[multisets.rank(np.fromiter(entries, np.int64, count=p * len(x)).reshape(-1, p))] = x
    return t, 1 / math.factorial(p), f"{len(x)} couplings of i < j < ... of {n} spins"


def tensor(
    n: int,
    p: int | Model | None = None,
    coefficients: Mixture | None = None,
    seed: int = 0,
    disorder: int = 0,
) -> Real:
    """Return the symmetric tensor of a disorder, which a census and descents know by the same name.

    Parameters
    ----------
    n : int
        Number of spins, >= 2.
    p : int or model, optional
        The pure model xi = q^p; or a model that knows its coefficients, such as `theory.pure(3)`; or
    coefficients : mapping of int to float or model, optional
        {p: a_p} with one p.
    seed, disorder : int
        As of `numerics.census` and `numerics.descend`.

    Returns
    -------
    ndarray, shape (n,) * p
        X, symmetrised, of H(s) = sqrt(a_p) n^{-(p-1)/2} X s^p, sqrt(a_p) inside.

    Raises
    ------
    InputError
        Bad arguments, a mixture of several orders, or more numbers than fit.

    Examples
    --------
    >>> x = tensor(4, p=3, seed=1)
    >>> x.shape, bool((x == x.transpose(2, 0, 1)).all())
    ((4, 4, 4), True)
    """
    checked = check_model(p, coefficients)
    n = check_integer("n", n, least=2)
    if len(checked) > 1:
        raise InputError.of("coefficients", checked, "one p: a mixture has a tensor for each")
    [order] = checked
    # Compared in logs: the number itself may have millions of digits.
    if order > MOST_ORDER or order * math.log(n) > 40:
        raise InputError.of("n", n, f"fewer spins at p = {order}: a tensor of {n}^{order} numbers")
    # guard (numbers, signs): memory that is asked for before it is taken
    # tests/numerics/pspin/test_tensors.py::test_so_is_that_of_a_disorder
    check_memory(None, 8 * (4 * order + 4) * n**order, f"{n}^{order} numbers", "fewer spins")
    rng = disorder_stream(n, checked, seed).generator(
        check_integer("disorder", disorder, least=0), 0
    )
    means = symmetric(draw(rng, n, checked, place="stored"))
    tuples = np.sort(np.indices((n,) * order).reshape(order, -1).T, axis=1)
    return means[multisets.rank(tuples)].reshape((n,) * order)


def symmetric(c: Couplings) -> Real:
    """Return sqrt(a_p) times the mean of X over the orderings of every multi-index, orders one by one."""
    found = []
    for p, a in c.terms:
        ranks, multiplicity = multisets.insertion(c.n, p)
        sums = np.empty(multisets.count(c.n, p))
        sums[ranks] = a / multiplicity * c.n ** ((p - 1) / 2)
        found.append(sums / multisets.orderings(c.n, p))
    return np.concatenate(found)
