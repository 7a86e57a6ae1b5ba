"""CuPy's compiler."""

from cupy._module import CompileException  # noqa: F401
