"""``python -m verify``: list the claims, run them, write the report.

What draws and what audits is loaded when it is needed: a run that is interrupted never needs it.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from verify.commands import arguments, loading
from verify.commands.of_verify.check import check
from verify.commands.of_verify.choosing import chosen
from verify.commands.of_verify.claims_folder import ClaimsFolder, take_claims
from verify.commands.of_verify.diff import diff
from verify.commands.of_verify.show import From, show
from verify.commands.progress import notice, watched
from verify.commands.streams import spoken

if TYPE_CHECKING:
    from verify.engine.options import Options
    from verify.engine.runner import Result

app = arguments.application(
    "Does the spherical p-spin theory agree with simulation?\n\n"
    "Examples: `python -m verify list`, `python -m verify all --profile quick`, "
    "`python -m verify run T3 E1 --seed 7`, `python -m verify run -k goe --profile quick`, "
    "`python -m verify report`, `python -m verify show E1`, `python -m verify diff reports build/reports`, "
    "`python -m verify check --law goe --n 40 --k 0 x.npy`"
)
app.command()(check)
app.command()(diff)
app.command()(show)

WORTH_SAYING = 60.0  # seconds that a run will take

Profile = Annotated[str, typer.Option(help="quick, standard or paper.")]
Seed = Annotated[str, typer.Option(help="Seed of every stream.", metavar="INTEGER")]
Backend = Annotated[str, typer.Option(help="numpy, cupy (cupy:1 the second device) or auto.")]
Executor = Annotated[str, typer.Option(help="serial, process or dask.")]
Scheduler = Annotated[
    str | None,
    typer.Option(help="Of dask; a local cluster if not given.", metavar="tcp://HOST:PORT"),
]
Workers = Annotated[
    str | None, typer.Option(help="Worker processes; all cores if not given.", metavar="INTEGER")
]
StoreFile = Annotated[str, typer.Option("--store", help="Finished chunks, so that runs resume.")]
Out = Annotated[str, typer.Option(help="Folder of the report.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Portable = Annotated[
    bool,
    typer.Option(
        "--portable",
        envvar="VERIFY_PORTABLE",
        help="The same bits on every x86-64 processor with AVX2 and this C library (no ARM), for up "
        "to a third more time.",
    ),
]
Mnist = Annotated[
    str | None,
    typer.Option(
        "--mnist",
        envvar="MNIST_DIR",
        metavar="DIR",
        help="Folder with MNIST's four IDX files: F4, F5, F6 and F8 run on it beside digits.",
    ),
]


def _summary(found: list[Result]) -> None:
    from rich.table import Table

    console = Console()
    grid = Table("claim", "verdict", "p", "reason", box=None)
    for result in found:
        p_value = "" if result.p_value is None else f"{result.p_value:.2g}"
        reason = result.reason.strip().splitlines()[-1]
        grid.add_row(result.claim.id, result.verdict, p_value, reason)
    console.print(grid)


@dataclass(frozen=True)
class Choice:
    """The claims to run: some ids (None: all), of these those that failed, of these those of a word."""

    ids: list[str] | None = None
    failed: bool = False
    word: str | None = None
    file: str | None = None


def _run(choice: Choice, options: Options, out: Path, json: bool) -> int:
    with loading():
        from verify.engine.options import Options, check_options
        from verify.engine.prices import price
        from verify.engine.queue import in_words
        from verify.engine.runner import run_claims
        from verify.report import results

        claims = check_options(choice.ids, options)
    claims = chosen(claims, choice.failed, choice.word, choice.file)
    if not claims:
        said = "nothing to run: every verdict was as expected"
        arguments.emit({"passed": True, "claims": []}, json, [said])
        return 0
    if options.store is not None and options.store.absolute() in (
        out.absolute(),
        *out.absolute().parents,
    ):
        raise arguments.ArgumentError(
            f"--store: got {options.store}, where --out is a folder; takes another file"
        )
    workers = 1 if options.executor == "serial" else options.workers or 1
    seconds = price(claims, options.profile, options.mnist is not None) / workers
    if seconds > WORTH_SAYING:
        options.notice(
            f"from an empty store about {in_words(seconds)} on {workers} cores, by the prices of claims"
        )
    start = time.monotonic()
    with watched() as progress:
        found = run_claims(
            [claim.id for claim in claims], Options(**{**vars(options), "progress": progress})
        )
    data = results.as_json(found, options, time.monotonic() - start)
    out.mkdir(parents=True, exist_ok=True)
    results.dump(data, out / "results.json")
    from verify.report import pages as reporting

    reporting.write(data, out)
    with spoken():
        if json:
            arguments.emit(_outcome(found, out), json, [])
        else:
            _summary(found)
            print(f"report: {out / 'index.md'}")
    return 0 if all(result.as_expected for result in found) else 1


def _outcome(found: list[Result], out: Path) -> dict[str, Any]:
    """What a run found, in short; results.json has it in full."""
    return {
        "passed": all(result.as_expected for result in found),
        "claims": [
            {
                "id": result.claim.id,
                "verdict": result.verdict,
                "expected": result.expected,
                "p_value": result.p_value,
                "reason": result.reason,
            }
            for result in found
        ],
        "results": str(out / "results.json"),
    }


def _options(
    profile: str,
    seed: str,
    backend: str,
    executor: str,
    workers: str | None,
    scheduler: str | None,
    store: str,
    portable: bool = False,
    mnist: str | None = None,
) -> Options:
    if portable:
        _pin()
    with loading():
        from numerics.networks import datasets
        from verify.engine.options import MOST_WORKERS, Options

    return Options(
        profile=profile,  # type: ignore[arg-type]  # checked by check_options
        seed=arguments.integer("--seed", seed, least=0),
        backend=backend,
        executor=executor,
        workers=os.cpu_count() or 1
        if workers is None
        else arguments.integer("--workers", workers, least=1, most=MOST_WORKERS),
        scheduler=scheduler,
        store=arguments.writable_file("--store", store),
        portable=portable,
        mnist=None if mnist is None else datasets.Mnist.at(mnist),
        notice=notice,
    )


def _pin() -> None:
    """Begin anew with the kernels that every processor has, once."""
    from verify.engine.portable import TAKES, is_pinned, obstacle, restart

    if is_pinned():
        return
    why = obstacle()
    if why is not None:
        raise arguments.ArgumentError(f"--portable: got {why}; takes {TAKES}")
    restart()


@app.command("list")
def list_claims(claims_folder: ClaimsFolder = None, json: Json = False) -> None:
    """List every claim: id, kind, rows of the paper, title."""
    take_claims(claims_folder)
    with loading():
        from verify.claims import all_claims

        claims = list(all_claims().values())
    data = {
        "claims": [
            {"id": c.id, "kind": c.kind, "rows": list(c.rows), "title": c.title} for c in claims
        ]
    }
    lines = [f"{c.id:12} {c.kind:8} {' '.join(c.rows):16} {c.title}" for c in claims]
    arguments.emit(data, json, lines)


@app.command("all")
def run_all(
    profile: Profile = "standard",
    seed: Seed = "0",
    backend: Backend = "numpy",
    executor: Executor = "process",
    workers: Workers = None,
    scheduler: Scheduler = None,
    store: StoreFile = "store.sqlite",
    out: Out = "reports",
    claims_folder: ClaimsFolder = None,
    portable: Portable = False,
    mnist: Mnist = None,
    json: Json = False,
) -> int:
    """Run every claim and write the report. Example: `python -m verify all --profile quick`."""
    options = _options(profile, seed, backend, executor, workers, scheduler, store, portable, mnist)
    take_claims(claims_folder)
    return _run(Choice(), options, arguments.writable_folder("--out", out), json)


@app.command("run")
def run_some(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID...]", help="Claims; see list.")
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Those whose verdict was not as expected in --from.")
    ] = False,
    word: Annotated[
        str | None,
        typer.Option("-k", help="Those of a word in id, title or topic.", metavar="WORD"),
    ] = None,
    file: From = None,
    profile: Profile = "standard",
    seed: Seed = "0",
    backend: Backend = "numpy",
    executor: Executor = "process",
    workers: Workers = None,
    scheduler: Scheduler = None,
    store: StoreFile = "store.sqlite",
    out: Out = "build/reports",
    claims_folder: ClaimsFolder = None,
    portable: Portable = False,
    mnist: Mnist = None,
    json: Json = False,
) -> int:
    """Run some claims and write their report. Example: `python -m verify run T3 E1`.

    Those that failed in the report, or in another run: `python -m verify run --failed --from
    build/reports`; those of a word: `python -m verify run -k goe`. The report goes to a folder of its
    own: reports/ is of all claims (`verify all`). A claim of your own, one file in a folder (README, "Add
    a claim"): `python -m verify run GOE-TRACE --claims mine`.
    """
    if not (ids or failed or word is not None):
        raise arguments.ArgumentError("ID: got nothing; takes ids of claims, --failed or -k WORD")
    options = _options(profile, seed, backend, executor, workers, scheduler, store, portable, mnist)
    take_claims(claims_folder)
    choice = Choice(ids or None, failed, word, file)
    return _run(choice, options, arguments.writable_folder("--out", out), json)


@app.command("report")
def report(out: Out = "reports", json: Json = False) -> None:
    """Write the pages and figures again from results.json, without simulating."""
    with loading():
        from verify.report import pages as reporting
        from verify.report import results

    data = results.load(Path(out) / "results.json")
    reporting.write(data, arguments.writable_folder("--out", out))
    page = str(Path(out) / "index.md")
    arguments.emit({"report": page}, json, [f"report: {page}"])


def _number(name: str, text: str) -> int | None:
    """How many, None for all."""
    return None if text == "all" else arguments.integer(name, text, least=0)


@app.command("audit")
def audit(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="All if none.")] = None,
    seeds: Annotated[str, typer.Option(help="Nulls a claim.", metavar="INTEGER")] = "200",
    changes: Annotated[
        str, typer.Option(help="Small changes of theory, drawn evenly: INTEGER or all.")
    ] = "700",
    numerics: Annotated[str, typer.Option(help="The same of numerics.")] = "400",
    statistics: Annotated[str, typer.Option(help="The same of verify/statistics.")] = "60",
    excused: Annotated[
        str, typer.Option(help="Changes marked as the same number to try.", metavar="INTEGER")
    ] = "60",
    guards: Annotated[str, typer.Option(help="Guards whose tests are tried.")] = "all",
    profile: Profile = "quick",
    seed: Seed = "0",
    executor: Executor = "process",
    workers: Workers = None,
    scheduler: Scheduler = None,
    store: StoreFile = "store.sqlite",
    out: Out = "reports",
    portable: Portable = False,
    json: Json = False,
) -> int:
    """Measure how often the verifier is wrong. Example: `python -m verify audit --seeds 1000`.

    P-values under the null, every named wrong theory and wrong sampler, and small changes of the
    sources one at a time; writes audit.json and audit.md, exit 1 if any number misses. It goes on
    where it was stopped, with --portable on another machine too. Less at a time: `python -m verify
    audit --changes 50 --numerics 0 --statistics 0 --guards 20`; no changes at all: all of them 0.
    """
    options = _options(profile, seed, "numpy", executor, workers, scheduler, store, portable)
    with loading():
        from verify.engine.options import Options, check_options

        claims = check_options(ids or None, options)
    number = arguments.integer("--seeds", seeds, least=20, most=100_000)
    asked = {
        "theory": _number("--changes", changes),
        "numerics": _number("--numerics", numerics),
        "statistics": _number("--statistics", statistics),
    }
    same = arguments.integer("--excused", excused, least=0)
    few = _number("--guards", guards)
    folder = arguments.writable_folder("--out", out)
    from verify.audit import audit as auditing
    from verify.report import audit_page

    sizes = auditing.Sizes(number, asked, same, few)  # type: ignore[arg-type]  # names of rooms
    with watched() as progress:
        seen = Options(**{**vars(options), "progress": progress})
        found = auditing.run(claims, sizes, seen)
    data = audit_page.as_json(found)
    audit_page.write(data, folder)
    missed, page = list(audit_page.missed(data)), str(folder / "audit.md")
    word = "as stated" if found.holds else "some numbers miss"
    arguments.emit(
        {"as_stated": found.holds, "missed": missed, "audit": page},
        json,
        [*missed, f"audit: {page}: {word}"],
    )
    return 0 if found.holds else 1
