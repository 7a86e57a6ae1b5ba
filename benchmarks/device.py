"""Rates on a GPU, part by part: writes gpu.json and gpu.md as each part ends; see gpu.sh.

python benchmarks/device.py [--parts rates,peers,networks,f3,quick] [--out benchmarks]

Wall time with the device waited for, the median of five after a call that is not counted. A part that
gpu.json already has of the same sources and card is not measured again.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from timing import Work, figure, folded

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # JAX would take all memory

import numerics
from numerics.core import backend
from numerics.core.backend import namespace
from numerics.core.streams import key_of, stream
from numerics.descent import gradient
from numerics.goe import tridiagonals
from numerics.networks.datasets import CLASSES, digits
from numerics.networks.one_hidden_layer import samples
from numerics.networks.sgd import Settings, starts
from numerics.pspin import contract_device, hamiltonian
from numerics.pspin.couplings import Couplings, batched, random_point
from verify.engine.provenance import source_digest

ROOT = Path(__file__).resolve().parents[1]
SIZES = (25, 50, 75, 100, 150, 200, 300, 500)  # of end points at the paper's full scale
FLOAT64, FLOAT32 = "float64", "float32"


@dataclass(frozen=True)
class Row:
    """One measured number."""

    work: str
    value: float
    unit: str
    target: str = ""


def wait() -> None:
    """Wait for the device."""
    import cupy

    cupy.cuda.get_current_stream().synchronize()


def seconds(work: Work, repeats: int = 5, inner: int = 1) -> float:
    """Median wall seconds of a call, of `inner` in turn each time."""
    spent = []
    for turn in range(repeats + 1):
        start = time.perf_counter()
        for _ in range(inner):
            work()
        wait()
        if turn:
            spent.append((time.perf_counter() - start) / inner)
    return statistics.median(spent)


def free() -> None:
    """Give memory of the pool back, for the next library."""
    import cupy

    cupy.get_default_memory_pool().free_all_blocks()


def couplings(n: int, disorders: int = 1, dtype: str = FLOAT64) -> Couplings:
    """Disorders, p = 3, on the device."""
    xp = namespace("cupy")
    return batched(
        [
            hamiltonian.draw(np.random.default_rng(d), n, {3: 1.0}, dtype, xp, place="stored")
            for d in range(disorders)
        ]
    )


def points(n: int, count: int, dtype: str = FLOAT64) -> Any:
    """Starts on the device."""
    s = random_point(np.random.default_rng(1), n, count).astype(dtype)
    return namespace("cupy").asarray(s)


def rates() -> Iterator[Row]:
    """Ceilings of the card, matrices of the GOE, couplings, gradients and steps."""
    xp, key = namespace("cupy"), key_of(np.random.default_rng(0))
    yield from ceilings()
    count = 1 << 17
    low = seconds(lambda: tridiagonals.lowest_drawn(key, 1000, count, 5, xp=xp))
    yield Row("lowest 5 of GOE(1000), drawing included", count / low, "per second", ">= 1e6")
    shifts = xp.full((count, 1), -1.3)
    swept = seconds(lambda: tridiagonals.sweep_drawn(key, 500, shifts, xp=xp))
    yield Row("log-determinant and index of GOE(500)", count / swept, "per second", "")
    drawn = seconds(lambda: couplings(500), 3)
    yield Row("couplings drawn, p = 3, N = 500", 500 * math.comb(501, 2) / drawn, "per second", "")
    for n, disorders, each, target in (
        (500, 1, 1000, ">= 0.90"),
        (200, 1, 1024, ">= 0.90"),
        (100, 1, 1024, ">= 0.80"),
        (200, 8, 128, ""),
        (100, 32, 32, ""),
        (50, 256, 32, ">= 0.60"),
    ):
        yield from gradients(n, disorders, each, FLOAT64, target)
    yield from gradients(500, 1, 1024, FLOAT32, "")
    yield from gradients(200, 1, 1024, FLOAT32, "")


def ceilings() -> Iterator[Row]:
    """The copy and the large product that nothing here can beat."""
    xp = namespace("cupy")
    x = xp.ones(1 << 27)
    copy = seconds(x.copy, inner=5)
    yield Row("copy on the card, bytes read and written", 2 * x.nbytes / copy / 1e12, "TB/s")
    square = [xp.ones((8192, 8192)) for _ in range(3)]
    large = seconds(backend.bound_product(*square))
    yield Row("float64 product of 8192 x 8192", 2 * 8192**3 / large / 1e12, "Tflop/s")


def gradients(n: int, disorders: int, each: int, dtype: str, target: str) -> Iterator[Row]:
    """Gradients beside the product alone, and steps of a descent."""
    c, s = couplings(n, disorders, dtype), points(n, disorders * each, dtype)
    a = c.terms[0][1]
    flops, inner = 2.0 * n * a.shape[-1] * len(s), 10 if n < 500 else 2
    alone = product_alone(a, s, inner)
    whole = seconds(contract_device.Evaluation(c.terms, s), inner=inner)
    state, count = gradient.init(c, s, 0.17), 20
    step = seconds(partial(gradient.advance, c, state, count, 0.0), 3) / count
    many = f", {disorders} disorders of {each} starts" if disorders > 1 else f", {each} starts"
    of = f"p = 3, N = {n}" + (many if disorders > 1 or dtype == FLOAT32 else "")
    of += ", float32" if dtype == FLOAT32 else ""
    yield Row(f"GEMM of the shape, {of}", flops / alone / 1e12, "Tflop/s")
    yield Row(f"gradient over GEMM, {of}", alone / whole, "", target)
    yield Row(f"gradients, {of}", len(s) / whole, "per second")
    yield Row(f"step of gradient descent, {of}", step * 1e3, "ms")


def product_alone(a: Any, s: Any, inner: int) -> float:
    """Seconds of the product of couplings with factors that are there, by the best split of its sums."""
    xp, found = namespace("cupy"), []
    factors = xp.ones((len(s), a.shape[-1]), dtype=s.dtype)
    for parts in (1, 2, 4, 8):
        out = xp.empty((parts, *s.shape), dtype=s.dtype)
        calls = contract_device._by_parts(a, factors, out)
        found.append(seconds(partial(_each, calls), inner=inner))
    return min(found)


def _each(calls: Sequence[Work]) -> None:
    for call in calls:
        call()


def peers() -> Iterator[Row]:
    """Gradients by torch and JAX on the same card, from the full tensor; ours over the best."""
    for n, dtype, target in (
        (100, FLOAT64, ""),
        (200, FLOAT64, ">= 1.8"),
        (500, FLOAT64, ">= 1.8"),
        (200, FLOAT32, ""),
        (500, FLOAT32, ""),
    ):
        count, best = 1024, 0.0
        ours = count / seconds(our_gradients(n, count, dtype), inner=3)
        for name, build in (("torch", torch_gradients), ("JAX", jax_gradients)):
            free()
            work = build(n, count, dtype)
            if work is None:
                continue
            rate = count / seconds(work, inner=3)
            best = max(best, rate)
            yield Row(f"gradients by {name}, p = 3, N = {n}, {dtype}", rate, "per second")
        short = f", N = {n}" + ("" if dtype == FLOAT64 else ", float32")
        if best:
            yield Row(f"gradient over best peer{short}", ours / best, "", target)


def our_gradients(n: int, count: int, dtype: str) -> Work:
    """Ours, without energies."""
    c = couplings(n, 1, dtype)
    return contract_device.Evaluation(c.terms, points(n, count, dtype))


def torch_gradients(n: int, count: int, dtype: str) -> Work | None:
    """PyTorch's einsum of the full tensor, or as two products, whichever is faster."""
    try:
        import torch
    except ImportError:
        return None
    kind = getattr(torch, dtype)
    x = torch.randn(n, n, n, device="cuda", dtype=kind)
    s = torch.randn(count, n, device="cuda", dtype=kind)
    flat = x.reshape(n * n, n)

    def einsum() -> object:
        out = torch.einsum("ijk,rj,rk->ri", x, s, s)
        torch.cuda.synchronize()
        return out

    def products() -> object:
        out = torch.bmm((s @ flat.T).reshape(count, n, n), s[:, :, None])
        torch.cuda.synchronize()
        return out

    return min((einsum, products), key=lambda work: seconds(work, 2))


def jax_gradients(n: int, count: int, dtype: str) -> Work | None:
    """JAX's einsum of the full tensor, compiled."""
    try:
        import jax
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)
    key = jax.random.key(0)
    x = jax.random.normal(key, (n, n, n), dtype)
    s = jax.random.normal(key, (count, n), dtype)
    with jax.default_matmul_precision("highest"):
        run = jax.jit(lambda x, s: jax.numpy.einsum("ijk,rj,rk->ri", x, s, s))
        run(x, s).block_until_ready()
    return lambda: run(x, s).block_until_ready()


def networks() -> Iterator[Row]:
    """Training of networks beside torch.func.vmap on the same card."""
    from numerics.device.training import train

    xp, images, epochs, count = namespace("cupy"), digits(), 2, 512
    rng, m = np.random.default_rng(0), len(images.train_y)
    data = samples(images.train_x, images.train_y, CLASSES, xp, xp.float32)
    labels = xp.asarray(images.train_y.astype(np.int64))
    orders = np.array([[rng.permutation(m) for _ in range(epochs)] for _ in range(count)])
    orders, lengths = (
        xp.asarray(orders.astype(np.int32)),
        xp.full(epochs, 0.1 / 32, dtype=xp.float32),
    )
    for hidden in (25, 100, 500):
        given = starts(stream(0), range(count), Settings(hidden), images.train_x.shape[1], xp)
        weights = given.first.copy(), given.second.copy()
        spent = seconds(partial(train, *weights, data.x, labels, orders, lengths), 3)
        ours = count * epochs / spent
        yield Row(f"networks x epochs, n1 = {hidden}, {count} networks", ours, "per second")
        theirs = torch_training(given, images, orders.get())
        if theirs is not None:
            rate = count * epochs / seconds(theirs, 2)
            yield Row(f"the same by torch.func.vmap, n1 = {hidden}", rate, "per second")
            yield Row(f"training over torch.func.vmap, n1 = {hidden}", ours / rate, "", ">= 1")


def torch_training(given: Any, images: Any, orders: Any) -> Work | None:
    """The same descent in PyTorch."""
    try:
        import torch
    except ImportError:
        return None
    x = torch.from_numpy(images.train_x.astype(np.float32)).cuda()
    y = torch.from_numpy(images.train_y).cuda()
    parts = [
        torch.from_numpy(part.get().copy()).cuda()
        for matrix in (given.first, given.second)
        for part in (matrix[:, :, :-1], matrix[:, :, -1])
    ]
    indices = torch.from_numpy(orders.astype(np.int64)).cuda()

    def loss(weights: Any, x: Any, y: Any) -> Any:
        first, bias, second, last = weights
        z = torch.relu(x @ first.T + bias) @ second.T + last
        return torch.nn.functional.cross_entropy(z, y)

    slope = torch.func.vmap(torch.func.grad(loss))

    def work() -> object:
        weights = tuple(parts)
        for epoch in range(indices.shape[1]):
            for i in range(indices.shape[2] // 32):
                some = indices[:, epoch, i * 32 : (i + 1) * 32]
                change = slope(weights, x[some], y[some])
                weights = tuple(w - 0.1 * g for w, g in zip(weights, change, strict=True))
        torch.cuda.synchronize()
        return weights

    return work


def f3() -> Iterator[Row]:
    """Figure 3 at the paper's full scale: 1000 starts on one disorder at each of eight sizes."""
    start = time.perf_counter()
    numerics.descend(25, p=3, starts=10, backend="cupy", method="gd+newton")
    yield Row("first descent of a process: libraries and kernels", time.perf_counter() - start, "s")
    for method in ("gd+newton", "gd"):
        total = 0.0
        for n in SIZES:
            start = time.perf_counter()
            end = numerics.descend(n, p=3, starts=1000, backend="cupy", method=method)
            spent = time.perf_counter() - start
            total += spent
            yield Row(f"F3, {method}, N = {n}, 1000 starts", spent, "s")
            print(
                f"N={n} {method}: {spent:.2f} s, {end.counts}, mean {end.energies.mean():.5f}, "
                f"sd {end.energies.std():.5f}, steps {end.steps.mean():.0f} to {end.steps.max()}",
                flush=True,
            )
        if method == "gd+newton":
            yield Row("F3 at the paper's scale, all sizes", total, "s", "<= 15")
        else:
            yield Row("F3 at the paper's scale, all sizes, plain descent", total, "s")


def profile(name: str) -> Iterator[Row]:
    """A profile of `verify all` on the device."""
    out = ROOT / "build" / f"gpu-{name}"
    command = [sys.executable, "-m", "verify", "all", "--profile", name, "--backend", "cupy"]
    command += ["--store", str(out / "store.sqlite"), "--out", str(out)]
    out.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    print(done.stdout[-3000:], done.stderr[-1500:], flush=True)
    yield Row(f"verify all --profile {name} --backend cupy", time.perf_counter() - start, "s")
    yield Row(f"its exit code, {name}", done.returncode, "", "<= 0")


def sizes() -> Iterator[Row]:
    """What only a card can settle: end points at N = 1000 and 2000, kept in large.json."""
    from large import run

    yield from (Row(*row) for row in run(Path(__file__).with_name("large.json")))


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "rates": rates,
    "peers": peers,
    "networks": networks,
    "f3": f3,
    "quick": lambda: profile("quick"),
    "standard": lambda: profile("standard"),
    "large": sizes,
}


def met(row: Row) -> str:
    """The target, and whether it is met."""
    if not row.target:
        return ""
    relation, bound = row.target.split()
    ok = row.value >= float(bound) if relation == ">=" else row.value <= float(bound)
    return f"{row.target}: {'met' if ok else 'missed'}"


def table(rows: Sequence[Row], provenance: dict[str, str]) -> list[str]:
    """Markdown of the rows and where they are from."""
    lines = ["### On a GPU", "", ", ".join(f"{k} {v}" for k, v in provenance.items()) + ".", ""]
    lines += ["| | measured | | target |", "| --- | ---: | --- | --- |"]
    lines += [f"| {r.work} | {figure(r.value)} | {r.unit} | {met(r)} |" for r in rows]
    return [*lines, ""]


def sections(repeats: int, out: Path) -> list[str]:
    """Return the table that gpu.sh wrote, if it did."""
    file = Path(__file__).parent / "gpu.md"
    return file.read_text().splitlines() if file.exists() else ["### On a GPU", "", "not measured"]


def _provenance() -> dict[str, str]:
    import cupy

    return {
        "device": cupy.cuda.runtime.getDeviceProperties(0)["name"].decode(),
        "cuda": str(cupy.cuda.runtime.runtimeGetVersion()),
        "cupy": cupy.__version__,
        "source_digest": source_digest(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def main(arguments: Sequence[str]) -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--parts", default="rates,peers,networks,f3,quick")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    given = parser.parse_args(arguments)
    wanted, file = given.parts.split(","), given.out / "gpu.json"
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        parser.error(f"--parts: got {unknown[0]!r}; takes {', '.join(PARTS)}")
    provenance = _provenance()
    old = json.loads(file.read_text()) if file.exists() else {}
    same = old.get("provenance", {}) | {"date": ""} == provenance | {"date": ""}
    found: dict[str, list[Any]] = old.get("parts", {}) if same else {}
    given.out.mkdir(parents=True, exist_ok=True)
    for part in wanted:
        if part in found:
            continue
        found[part] = []
        for row in PARTS[part]():
            print(f"{row.work}: {figure(row.value)} {row.unit}  {met(row)}", flush=True)
            found[part].append(asdict(row))
        rows = [Row(**row) for name in PARTS for row in found.get(name, [])]
        data = {"provenance": provenance, "rows": [asdict(row) for row in rows], "parts": found}
        file.write_text(json.dumps(data, indent=1) + "\n")
        (given.out / "gpu.md").write_text("\n".join(folded(table(rows, provenance))))


if __name__ == "__main__":
    main(sys.argv[1:])
