"""The Python face of the verifier: `run` and the `Report` it returns."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numerics.networks.datasets import Mnist
from verify.claim import Profile
from verify.engine.options import Options, RunError
from verify.engine.runner import Result, run_claims
from verify.report import pages, results


@dataclass(frozen=True)
class Report:
    """What a run found.

    Attributes
    ----------
    results
        A `verify.engine.runner.Result` per claim.
    data
        The same as plain data that follows results.schema.json.
    """

    results: tuple[Result, ...]
    data: dict[str, Any]

    @property
    def passed(self) -> bool:
        """Whether every verdict is as expected."""
        return all(result.as_expected for result in self.results)

    def write(self, out: str | Path) -> None:
        """Write results.json, the pages and the figures to a folder."""
        folder = Path(out)
        folder.mkdir(parents=True, exist_ok=True)
        results.dump(self.data, folder / "results.json")
        pages.write(self.data, folder)


def _path(store: str | Path | None) -> Path | None:
    if store is None:
        return None
    if not isinstance(store, str | Path) or "\0" in str(store) or not str(store):
        raise RunError(f"store: got {str(store)[:60]!r}; takes the path of a file")
    return Path(store)


def run(
    ids: Sequence[str] | None = None,
    profile: Profile = "standard",
    seed: int = 0,
    *,
    backend: str = "numpy",
    executor: str = "serial",
    workers: int = 0,
    scheduler: str | None = None,
    store: str | Path | None = None,
    mnist: str | Path | None = None,
) -> Report:
    """Run claims and judge them.

    Parameters
    ----------
    ids
        Claim ids; all claims if None.
    profile
        ``"quick"`` (minutes), ``"standard"`` or ``"paper"`` (hours).
    seed
        Seed of every stream.
    backend
        ``"numpy"``, ``"cupy"`` or ``"auto"``.
    executor, workers, scheduler
        ``"serial"``, or ``"process"`` with that many processes (0: all cores). In a script,
        ``"process"`` needs the usual ``if __name__ == "__main__":`` guard. ``"dask"`` takes a
        local cluster, or that at ``scheduler``.
    store
        File of finished chunks, so that a later run resumes; None keeps nothing.
    mnist
        Folder with MNIST's four IDX files: claims about trained networks run on it beside digits.

    Raises
    ------
    verify.engine.options.RunError, numerics.InputError
        If an argument is not usable.

    Examples
    --------
    >>> import verify
    >>> report = verify.run(["T1"], profile="quick")
    >>> [(result.claim.id, result.verdict) for result in report.results]
    [('T1', 'supported')]
    """
    options = Options(
        profile=profile,
        seed=seed,
        backend=backend,
        executor=executor,
        workers=workers,
        scheduler=scheduler,
        store=_path(store),
        mnist=None if mnist is None else Mnist.at(mnist),
    )
    start = time.monotonic()
    found = run_claims(ids, options)
    data = results.as_json(found, options, time.monotonic() - start)
    return Report(tuple(found), data)
