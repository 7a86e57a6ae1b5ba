"""Products in vector registers: no bit depends on how wide these are, and nothing assumes a width."""

import os
import subprocess
import sys

import numpy as np
import pytest
from llvmlite import binding

from numerics.compiled.vectors import lanes
from numerics.pspin.contract_host import contract, forms
from numerics.pspin.multisets import count, insertion

HOST = {name for name, has in binding.get_host_cpu_features().items() if has}


def results():
    """Return contractions over several blocks, at a ragged number of replicas, in both precisions."""
    found = {}
    for dtype in ("float64", "float32"):
        for n, degree in ((37, 2), (270, 2), (13, 3), (2, 1)):
            rng = np.random.default_rng(n)
            ranks, multiplicity = insertion(n, degree + 1)
            sums = rng.standard_normal(count(n, degree + 1))
            a = (sums[ranks] * multiplicity).astype(dtype)
            s, v = rng.standard_normal((2, 21, n)).astype(dtype)
            found[f"contract {dtype} {n}"] = contract(a, degree, s)
            found[f"along {dtype} {n}"] = contract(a, degree, s, v)
            found[f"forms {dtype} {n}"] = forms(a, degree, s)
    return found


def elsewhere(folder, features=None):
    """Return `results` of a process of its own, as compiled for a processor with these features alone."""
    environment = dict(os.environ)
    if features is not None:
        environment |= {"NUMBA_CPU_FEATURES": features, "NUMBA_CACHE_DIR": str(folder)}
    file = folder / "found.npz"
    subprocess.run([sys.executable, __file__, str(file)], env=environment, check=True)
    return dict(np.load(file))


def test_a_register_holds_whole_numbers_of_either_kind():
    assert lanes("float32") == 2 * lanes("float64")
    assert lanes(np.float64) in (2, 4, 8)


@pytest.mark.skipif("fma" not in HOST or "avx512f" not in HOST, reason="no wider registers here")
def test_no_bit_depends_on_the_width_of_registers(tmp_path):
    narrow = {name: not name.startswith(("avx512", "avx10")) for name in HOST}
    features = ",".join(("+" if on else "-") + name for name, on in narrow.items())
    found, here = elsewhere(tmp_path, features), elsewhere(tmp_path)
    assert 2 * found.pop("lanes") == here.pop("lanes") == lanes("float64")
    for name, value in here.items():
        assert (found[name] == value).all(), name


@pytest.mark.skipif("sse2" not in HOST, reason="written for x86")
def test_a_processor_without_vectors_of_its_own_computes_the_same(tmp_path):
    """Without a fused multiply-add the last bits are others, and no more than these."""
    off = {name for name in HOST if name.startswith(("avx", "fma", "f16c", "xop"))}
    found = elsewhere(tmp_path, ",".join(f"-{name}" for name in sorted(off)))
    here = elsewhere(tmp_path)
    assert (found.pop("lanes"), here.pop("lanes")) == (2, lanes("float64"))
    for name, value in here.items():
        eps = np.finfo("float32" if "float32" in name else "float64").eps
        np.testing.assert_allclose(found[name], value, rtol=0, atol=64 * eps * np.abs(value).max())


if __name__ == "__main__":
    np.savez(sys.argv[1], lanes=lanes("float64"), **results())
