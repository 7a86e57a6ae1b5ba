"""Kernels: their names are in the keys of chunks, and --portable pins one set of them everywhere."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
import trials

from numerics.core import backend
from numerics.core.backend import processor
from verify.claim import Piece
from verify.claims import find
from verify.engine import portable
from verify.engine.options import Options, RunError, check_options

ROOT = Path(__file__).resolve().parents[3]
OLDER = {  # as on a processor of 2011
    "OPENBLAS_CORETYPE": "Sandybridge",
    "NUMBA_CPU_NAME": "sandybridge",
    "NUMBA_CPU_FEATURES": "",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
}

KERNELS = """
import json
from verify.engine.provenance import environment_digest, provenance, simulation_digest
print(json.dumps([simulation_digest("verify.claims.counts.kr_total"), environment_digest(), provenance()]))
"""

needs_openblas = pytest.mark.skipif("openblas" not in processor(), reason="another BLAS")
needs_avx2 = pytest.mark.skipif(
    portable.obstacle() is not None or "openblas" not in processor(),
    reason="--portable is not available here",
)


@needs_openblas
def test_another_kernel_of_the_processor_never_shares_a_chunk():
    """OPENBLAS_CORETYPE and the rest choose it; each run is a process of its own."""
    found = []
    changes = ({}, {"OPENBLAS_CORETYPE": "Prescott"}, {"NUMBA_CPU_NAME": "generic"})
    for changed in (*changes, {"NUMBA_CPU_FEATURES": "+sse2"}):
        run = subprocess.run(
            [sys.executable, "-c", KERNELS],
            env={**os.environ, **changed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(json.loads(run.stdout))
    assert len({keys for keys, _, _ in found}) == 4
    assert len({digest for _, digest, _ in found}) == 4
    assert len({said["kernel"] for _, _, said in found}) == 4
    assert len({said["source_digest"] for _, _, said in found}) == 1


@pytest.mark.parametrize("name", ["numpy", "numba", "scikit-learn"])
def test_another_version_never_shares_a_chunk(name, monkeypatch):
    from verify.engine import provenance

    def digests():
        provenance.environment_digest.cache_clear()
        provenance.simulation_digest.cache_clear()
        return provenance.environment_digest(), provenance.simulation_digest(
            "verify.claims.goe.goe_law"
        )

    before = digests()
    versions = {**provenance.package_versions(), name: "0.0"}
    with monkeypatch.context() as patch:
        patch.setattr(provenance, "package_versions", lambda: versions)
        assert not {*before} & {*digests()}
    with monkeypatch.context() as patch:
        patch.setattr(provenance.platform, "python_version_tuple", lambda: ("3", "99", "0"))
        assert not {*before} & {*digests()}
    assert digests() == before


def test_another_card_never_shares_a_chunk(monkeypatch):
    """The key of a chunk names the backend, and what computes there."""
    from verify.engine import look

    def key(card):
        cuda = SimpleNamespace(
            runtime=SimpleNamespace(getDeviceProperties=lambda _: {"name": card}), Device=Device
        )
        cupy = SimpleNamespace(__version__="14.2.0", cuda=cuda)
        monkeypatch.setitem(sys.modules, "cupy", cupy)
        monkeypatch.setattr(
            backend, "namespace", lambda name: SimpleNamespace(__name__="array_api_compat.cupy")
        )
        options = Options(profile="quick", backend="cupy")
        claim = find("KR")
        first = look.Look([claim], 1, options, None, 0.01)
        return look.key_of(first._job("KR", Piece(0, 0)))

    class Device:
        id = 0

    keys = {key(b"H100"), key(b"H100"), key(b"H200")}
    monkeypatch.undo()
    job = look.Look([find("KR")], 1, Options(profile="quick"), None, 0.01)._job("KR", Piece(0, 0))
    assert len(keys) == 2
    assert look.key_of(job) not in keys


DENSE = '''
"""A claim whose chunks are of BLAS and of the loops of NumPy."""
import numpy as np
from verify.claim import Claim, each, per_profile
from verify.evidence import Sampled
from verify.statistics import mean_cell

def simulate(params, stream, chunk, xp):
    x = stream.generator(chunk).standard_normal((100, 100))
    return {"x": (x @ x.T).sum(axis=1), "y": np.exp(x).sum(axis=1)}

def compare(seen):
    return [mean_cell({}, "x", seen.prediction["x"], seen.data["x"])]

CLAIM = Claim("DENSE", "t", (), "s", "s", "a",
    Sampled(({"N": 2},), lambda p: {"x": 100.0}, simulate, each(compare),
            per_profile(quick=2, standard=2, paper=2), {"x": lambda p, e: {"x": e}}), ())
'''


def chunks(folder, environment, *more):
    """Bytes of the chunks by key, and the kernels of the run."""
    words = [str(trials.FAULTY), "none small bare", os.devnull, "run", "DENSE", "KR", *more]
    words += ["--profile", "quick", "--executor", "serial"]
    words += ["--store", str(folder / "s.sqlite"), "--out", str(folder / "out")]
    run = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert run.returncode in (0, 1), run.stderr
    data = json.loads((folder / "out" / "results.json").read_text())
    with closing(sqlite3.connect(folder / "s.sqlite")) as db:
        kept = dict(db.execute("SELECT key, data FROM chunks"))
        named = {
            job.replace(json.loads(job)["digest"], ""): blob
            for job, blob in db.execute("SELECT job, data FROM chunks")
        }
    return kept, named, data["provenance"]["kernel"]


@needs_avx2
@pytest.mark.long
def test_two_processors_give_the_same_bits_with_portable_kernels(tmp_path):
    environment = trials.tree(tmp_path / "sources", "kr_total")
    (tmp_path / "sources/verify/claims/dense.py").write_text(DENSE.strip())
    runs = {}
    for name, changed, more in (
        ("this", {}, ()),
        ("older", OLDER, ()),
        ("this, portable", {}, ("--portable",)),
        ("older, portable", OLDER, ("--portable",)),
    ):
        (tmp_path / name).mkdir()
        runs[name] = chunks(tmp_path / name, {**environment, **changed}, *more)
    keys, data, kernel = runs["this, portable"]
    assert runs["older, portable"] == (keys, data, kernel)
    assert kernel.startswith(portable.KERNEL)
    # And without it they differ, under other keys.
    assert runs["this"][1].keys() == runs["older"][1].keys()
    differ = {
        json.loads(job)["claim"]
        for job, blob in runs["this"][1].items()
        if runs["older"][1][job] != blob
    }
    assert differ == {"DENSE", "KR"}
    assert not runs["this"][0].keys() & runs["older"][0].keys()


def test_kernels_that_are_not_pinned_are_no_portable_run():
    """Nothing is taken for granted: what was loaded is looked at."""
    if processor().startswith(portable.KERNEL):
        pytest.skip("they are pinned here")
    with pytest.raises(RunError, match=r"^--portable: got 'BLAS [^\n]*; takes an x86-64"):
        check_options(["T1"], Options(portable=True))
    with pytest.raises(RunError, match="--backend numpy"):
        check_options(["T1"], Options(portable=True, backend="auto"))


def test_an_arm_processor_is_told_so_in_a_line(monkeypatch, capsys):
    import llvmlite.binding
    from cli import call

    monkeypatch.setattr(llvmlite.binding, "get_host_cpu_features", lambda: {"neon": True})
    code, _, err = call(capsys, "verify", "run", "T1", "--portable")
    assert code == 2
    assert err.count("\n") == 1
    assert err.startswith("error: --portable: got a processor that is no x86-64 with AVX2; takes")
    assert "not available on ARM" in err


@pytest.mark.parametrize("words", [["--portable"], []])
def test_an_option_or_a_variable_restarts_the_command(words, monkeypatch, capsys):
    from cli import call

    restarted = []
    monkeypatch.setattr(portable, "obstacle", lambda: None)
    monkeypatch.setattr(portable, "restart", lambda: restarted.append(True))
    if not words:
        monkeypatch.setenv("VERIFY_PORTABLE", "1")
    code, _, err = call(capsys, "verify", "run", "T1", *words)
    assert restarted == [True]
    assert code == 2  # nothing was restarted, and that is seen
    assert "--portable: got 'BLAS" in err


def test_a_restart_keeps_the_command_and_what_was_set(monkeypatch):
    seen = []
    monkeypatch.setattr(os, "execve", lambda *arguments: seen.append(arguments))
    monkeypatch.setenv("NPY_DISABLE_CPU_FEATURES", "X86_V4")
    portable.restart()
    [(program, words, environment)] = seen
    assert (program, words[1:]) == (sys.executable, sys.orig_argv[1:])
    assert environment.items() >= portable.ENVIRONMENT.items()
    assert "NPY_DISABLE_CPU_FEATURES" not in environment
