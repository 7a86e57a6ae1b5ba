"""Arrays, which are neither equal to a word nor unequal to it, where something else is expected."""

import contextlib
import inspect

import hostile
import numpy as np
import pytest

import numerics
import theory

GOOD = {
    "model": theory.pure(3), "k": 0, "digits": 10, "n": 4, "u": -1.7, "u0": -1.66, "u1": -1.66,
    "q": 0.5, "strength": 1.0, "m": 0.5, "sizes": (2, 2), "proportions": (0.5, 0.5), "text": "q^3",
    "p": 3, "coefficients": {3: 1.0}, "matrix": [[1.0]], "networks": 1, "epochs": 1, "hidden": 2,
    "samples": 10, "seed": 0, "until": 1.0,
}  # fmt: skip
ARRAYS = [
    np.array([1.0, 2.0]),
    np.array(["numpy", "gd"]),
    np.zeros((2, 2)),
    np.array([None, "x"], dtype=object),
    [np.zeros(2)],
    {"a": np.zeros(2)},
]


def places():
    for package in (theory, numerics):
        for name, function in hostile.public_functions(package.__name__).items():
            parameters = inspect.signature(function).parameters
            needed = {k for k, p in parameters.items() if p.default is p.empty} & set(GOOD)
            given = {key: GOOD[key] for key in needed | ({"n", "epochs"} & set(parameters))}
            if {"p", "coefficients"} <= set(parameters) and "coefficients" not in given:
                given["p"] = 3
            for key, one in parameters.items():
                if one.kind is not one.VAR_POSITIONAL:
                    yield pytest.param(
                        package, name, given, key, id=f"{package.__name__}.{name}.{key}"
                    )


@pytest.mark.parametrize(("package", "name", "given", "key"), list(places()))
def test_an_array_is_taken_or_refused_in_one_line(package, name, given, key):
    for array in ARRAYS:
        with contextlib.suppress(package.InputError):
            getattr(package, name)(**{**given, key: array})


@pytest.mark.parametrize("key", ["backend", "method", "scale", "dtype", "place"])
def test_a_name_is_no_array(key):
    with pytest.raises(numerics.InputError, match=rf"^{key}: got array\("):
        numerics.descend(4, 3, **{key: np.array(["numpy", "gd"])})


@pytest.mark.parametrize("tolerance", [np.zeros(2), "0.1", -1e-9, float("nan"), 10**400, None])
def test_a_tolerance_is_one_number(tolerance):
    for function, given in ((theory.spiked_count, (3, 1.0, 2)), (theory.tensor_count, ((2, 2),))):
        with pytest.raises(theory.InputError, match=r"^tolerance: got .*; takes a number >= 0$"):
            function(*given, tolerance=tolerance)
        assert function(*given, tolerance=0.0) == function(*given, tolerance=1.0)  # exact here
