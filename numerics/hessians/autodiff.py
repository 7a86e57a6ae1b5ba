"""Hessians of losses written in PyTorch or JAX, as products with vectors.

Neither is imported before a loss of it comes, and neither is needed by anything else here.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError

Real = npt.NDArray[np.float64]

TAKES = "tensors of PyTorch or arrays of JAX, or a dict, list or tuple of them"


def hessian_product(loss: Callable[[Any], Any], at: Any) -> tuple[Callable[[Real], Real], int]:
    """Return the product of the Hessian of a loss with a vector, and the number of parameters.

    Parameters
    ----------
    loss : callable
        Of the parameters, a number of PyTorch or JAX.
    at : tensor or array, or dict, list or tuple of them
        The parameters: the vector is theirs one after the other, each in its rows' order.

    Raises
    ------
    InputError
        Where the parameters are of neither library, or of both.
    """
    parts = list(_parts(at))
    if not parts or not all(hasattr(part, "shape") for part in parts):
        raise InputError.of("at", at, TAKES)
    roots = {root for part in parts for root in _libraries(part)}
    if len(roots) != 1 or "" in roots:
        raise InputError.of("at", at, TAKES)
    along = {"torch": _by_torch, "jax": _by_jax}[roots.pop()](loss, at)
    sizes = [int(np.prod(part.shape)) for part in parts]

    def product(v: Real) -> Real:
        pieces = iter(np.split(v, np.cumsum(sizes)[:-1]))
        found = _parts(along(pieces), at)
        return np.concatenate([np.asarray(x, np.float64).ravel() for x in found])

    return product, sum(sizes)


def _libraries(part: Any) -> set[str]:
    """Return which of the two libraries a parameter is of, by the names of its classes."""
    names = {kind.__module__.partition(".")[0] for kind in type(part).__mro__}
    return {found for name, found in _ROOTS.items() if name in names} or {""}


_SEQUENCES = (list, tuple)
_ROOTS = {"torch": "torch", "jax": "jax", "jaxlib": "jax"}


def _by_torch(loss: Callable[[Any], Any], at: Any) -> Callable[[Iterator[Real]], Any]:
    torch = importlib.import_module("torch")
    plain = _like(at, lambda part: part.detach())

    def along(pieces: Iterator[Real]) -> Any:
        tangent = _like(
            plain,
            lambda part: torch.as_tensor(
                next(pieces), dtype=part.dtype, device=part.device
            ).reshape(part.shape),
        )
        found = torch.func.jvp(torch.func.grad(loss), (plain,), (tangent,))[1]
        return _like(found, lambda part: part.detach().cpu().numpy())

    return along


def _by_jax(loss: Callable[[Any], Any], at: Any) -> Callable[[Iterator[Real]], Any]:
    jax = importlib.import_module("jax")
    push = jax.jit(lambda tangent: jax.jvp(jax.grad(loss), (at,), (tangent,))[1])

    def along(pieces: Iterator[Real]) -> Any:
        return push(
            _like(at, lambda part: jax.numpy.asarray(next(pieces), part.dtype).reshape(part.shape))
        )

    return along


def _parts(tree: Any, order: Any = None) -> Iterator[Any]:
    """Yield the arrays of nested dicts, lists and tuples, in the order of `order`: JAX sorts keys."""
    order = tree if order is None else order
    if isinstance(order, Mapping):
        for key in order:
            yield from _parts(tree[key], order[key])
    elif type(order) in _SEQUENCES:
        for part, its in zip(tree, order, strict=True):
            yield from _parts(part, its)
    else:
        yield tree


def _like(tree: Any, change: Callable[[Any], Any]) -> Any:
    """Return the same nest with every array changed, in the order of `_parts`."""
    if isinstance(tree, Mapping):
        return {key: _like(tree[key], change) for key in tree}
    if type(tree) in _SEQUENCES:
        return type(tree)([_like(part, change) for part in tree])
    return change(tree)
