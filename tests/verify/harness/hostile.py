"""Hostile input, and a guard that watches what a call does with it.

Commands, options and public functions are discovered, so that new ones are covered by themselves;
one whose defaults are too long for a test gets a line in `SMALL` or `PLAUSIBLE`.
"""

import contextlib
import gzip
import importlib
import inspect
import io
import os
import platform
import re
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from unittest import mock
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
import typer
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

import theory
from verify.commands import arguments
from verify.commands import numerics as numerics_command
from verify.commands import theory as theory_command
from verify.commands import verify as verify_command
from verify.report.markdown import long_table, table

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
APPS = {
    "theory": theory_command.app,
    "numerics": numerics_command.app,
    "verify": verify_command.app,
}
COMMANDS = {name: typer.main.get_command(app).commands for name, app in APPS.items()}
CPU_SECONDS = 30.0  # that a case may take
RESIDENT = 4_000_000  # KiB that all of them may take at once


def cases(long, short=15):
    """So many examples in the long form, a few otherwise."""
    return settings(
        max_examples=long if LONG else short,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


# --- what is typed ----------------------------------------------------------------------------

SMALL = {
    "--n": "4",
    "--samples": "20",
    "--disorders": "1",
    "--starts": "1",
    "--networks": "1",
    "--epochs": "1",
    "--hidden": "2",
    "--until": "1",
    "--steps": "5",
    "--seeds": "20",
    "--executor": "serial",
    "--profile": "quick",
}
_WORDS = r"""- -- -1 0 1 2 3 07 1.5 1e3 1e400 -1e400 nan inf -inf None true [] {} 1_000 +3 q^3 q^0 q^1
q^-3 q^(10^9) -q^3 0..3 3..0 0.. ..3 0..9999999 -E_inf -E_0 -E_1 -E_-1 -E_9999999 E_inf -1.65 0.3 .
../x %s%n $HOME é ٣ ９ __import__('os').system('true') /proc/nonexistent/x 0x10 1e-400 x.npz x.png
digits mnist gd sgd dense 9999999999999999999999"""
_PIECES = r"""q ^ ** 2 3 4 10000 10001 0.5 1/3 1/0 + - * ( ) . 10^9 x e5 1e400 ٣ 9999999999 ; , =
__import__('os')"""
MILLION = "+".join(["q^3"] * 10**6)
WORDS = [
    *_WORDS.split(),
    "",
    " ",
    "\x00",
    "\n",
    "1/0 q^3",
    "q^3; rm",
    "9" * 400,
    "a" * 5000,
    MILLION,
]
models = st.lists(st.sampled_from([*_PIECES.split(), " ", "\n", "\x00"]), max_size=12).map("".join)
small_models = st.sampled_from(["q^3", "q^2", "q^4", "q^3 + 0.5 q^4", "1/2*q**2+q^5"])
numbers = st.sampled_from(["2", "3", "5", "8", "-1", "0", "x", "1e3", "", "٣", "0..1", "1..2"])


def _bounded(word):
    """Leave out what is valid and asks for hours of work, or names a folder of the machine."""
    huge = re.search(r"(?<![0-9])[+-]?[1-9][0-9]{3,18}(?![0-9])", word) or re.search(
        r"e[+]?[0-9]", word, re.I
    )
    outside = word.startswith("/") and not word.startswith("/proc/nonexistent")
    return not huge and not outside and word.count("..") < 2 and not word.startswith("~")


hostile = st.sampled_from(WORDS) | st.text(max_size=20).filter(_bounded)


@st.composite
def idx_files(draw):
    """A folder's files in the format of MNIST: right, cut, too large, of other kinds, gzipped."""
    files = {}
    for part in ("train", "t10k"):
        count = draw(st.integers(0, 30))
        side = draw(st.sampled_from([0, 1, 9, 10, 28]))
        images = draw(st.binary(max_size=40)) + bytes(count * side * side)
        labels = bytes(draw(st.lists(st.integers(0, 11), min_size=count, max_size=count)))
        said = draw(st.sampled_from([count, count + 1, 2**31, 2**32 - 1]))
        for name, magic, sizes, body in (
            (
                "images-idx3",
                draw(st.sampled_from([2051, 2051, 2049, 0])),
                (said, side, side),
                images,
            ),
            ("labels-idx1", draw(st.sampled_from([2049, 2049, 2051])), (count,), labels),
        ):
            raw = b"".join(number.to_bytes(4, "big") for number in (magic, *sizes)) + body
            raw = raw[: draw(st.sampled_from([len(raw), len(raw), 3, 12, 17]))]
            suffix = draw(st.sampled_from(["", "", ".gz", ".GZ", ""]))
            form = draw(st.sampled_from(["as named", "as named", "bomb", "not gzip"]))
            if suffix and form != "not gzip":
                raw = bomb() if form == "bomb" else gzip.compress(raw)
            files[f"{part}-{name}-ubyte{suffix}"] = raw
    return files


def bomb(_made=[]):  # noqa: B006
    """Two hundred kilobytes that unpack to 200 MB."""
    if not _made:
        _made.append(gzip.compress(bytes(2 * 10**8), 6))
    return _made[0]


def values(option):
    """Words for an option: of its kind, and any others."""
    if "--model" in option.opts:
        return small_models | models | hostile
    return st.one_of(numbers, hostile)


@st.composite
def command_lines(draw, program):
    """A command, found by itself, with some of its options and values that may be anything."""
    known = COMMANDS[program]
    name = draw(st.sampled_from([*known, *known, "bogus"]))
    params = known[name].params if name in known else []
    options = [p for p in params if p.opts and p.opts[0].startswith("-")]
    chosen = draw(st.lists(st.sampled_from(options), max_size=3)) if options else []
    typed = {option.opts[0] for option in chosen}
    words = [name]
    for option in options:
        first = option.opts[0]
        if first in SMALL and first not in typed:
            words += [first, SMALL[first]]
    for option in chosen:
        words += [draw(st.sampled_from([*option.opts, *option.secondary_opts]))]
        words += [] if option.is_flag else [draw(values(option))]
    if draw(st.integers(0, 9)) == 0:
        words.append("--bogus")
    if any(p.nargs == -1 for p in params):  # ids of claims: one that is quick, or none of them
        words += [draw(st.sampled_from(["no-such-claim"] * 6 + ["T1"] * (name == "run")))]
    return [*words, *draw(st.lists(hostile, max_size=1 if draw(st.integers(0, 3)) == 0 else 0))]


# --- what is called ---------------------------------------------------------------------------

PLAUSIBLE = {
    "p": st.integers(2, 4),
    "model": st.sampled_from([theory.pure(3), theory.mixture({3: 1, 4: "1/2"})]),
    "k": st.sampled_from([None, 0, 1, 2]),
    "digits": st.integers(1, 40),
    "n": st.integers(2, 6),
    "u": st.sampled_from([-1.7, -1.64, "-1.6", Fraction(-8, 5)]),
    "below": st.sampled_from([None, -1.5]),
    "samples": st.integers(2, 20),
    "seed": st.integers(0, 9),
    "coefficients": st.sampled_from([{3: 1.0}, {3: 0.5, 4: 0.5}]),
    "disorders": st.just(1),
    "starts": st.just(1),
    "networks": st.just(1),
    "epochs": st.just(1),
    "hidden": st.just(2),
    "until": st.just(1.0),
    "indices": st.sampled_from([None, [0], [0, 1]]),
    "text": models,
}
OBJECTS = [
    None, True, -1, 0, 1, 3, 10**30, 2.5, float("nan"), float("inf"), -float("inf"), "x", "", "3",
    b"x", [], {}, (), object(), 1j, Fraction(1, 3), Decimal("NaN"), np.array([]), np.float32("nan"),
    np.array([1, 2]), np.array(["a"]), np.int64(3), len, "__import__('os')", {3: float("nan")},
    {3: -1}, {10**9: 1}, {3: 10**400}, {"3": 1}, [0, 0], {1: 1}, {3: 0}, [None], "9" * 5000,
]  # fmt: skip
objects = st.sampled_from(range(len(OBJECTS))).map(lambda i: OBJECTS[i]) | st.text(max_size=8)


def public_functions(package):
    """Every function that a package exports, by name."""
    module = importlib.import_module(package)
    every = {name: getattr(module, name) for name in module.__all__}
    return {name: value for name, value in every.items() if inspect.isfunction(value)}


@st.composite
def calls(draw, functions):
    """A function's name, and keyword arguments of which one or two may be anything."""
    name = draw(st.sampled_from(sorted(functions)))
    parameters = {
        n: p
        for n, p in inspect.signature(functions[name]).parameters.items()
        if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    }
    if not parameters:
        return name, {}
    wrong = draw(st.lists(st.sampled_from(sorted(parameters)), min_size=1, max_size=2))
    given = {}
    for key, parameter in parameters.items():
        if key in wrong:
            given[key] = draw(objects)
        elif key in PLAUSIBLE:
            given[key] = draw(PLAUSIBLE[key])
        elif parameter.default is parameter.empty:
            given[key] = draw(objects)
    return name, given


# --- the guard --------------------------------------------------------------------------------

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PATHS = {"os.mkdir": 1, "os.remove": 1, "os.rmdir": 1, "os.rename": 2, "os.link": 2}
_PATHS |= {"os.symlink": 2, "os.truncate": 1, "os.chmod": 1, "sqlite3.connect": 1}
_NEVER = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork"}
_NEVER |= {"socket.connect", "socket.bind", "pickle.find_class"}
_CACHES = ("__pycache__", "matplotlib", "/dev/null", "numba")
_watching: list[list[str]] = []


def _file_of(path):
    """The file that a name means; SQLite is given its name as an address."""
    return unquote(urlsplit(path).path) if path.startswith("file:") else path


def _hook(event, args):
    if not _watching or (event not in _NEVER and event not in _PATHS and event != "open"):
        return
    seen, _watching[:] = _watching[-1], []  # what is done here is not watched
    try:
        if event in _NEVER:
            files = [frame.filename for frame in inspect.stack(context=0)]
            if not any("numba" in file or "llvmlite" in file for file in files):
                seen.append(event)
        elif event == "open":
            if isinstance(args[0], str | bytes) and args[2] and args[2] & _WRITING:
                seen.append(os.path.realpath(os.fsdecode(args[0])))
        else:
            paths = [a for a in args[: _PATHS[event]] if not isinstance(a, int)]
            seen += [os.path.realpath(_file_of(os.fsdecode(path))) for path in paths]
    finally:
        _watching[:] = [seen]


sys.addaudithook(_hook)


@contextlib.contextmanager
def watched():
    """Collect what is written and started, by name; the caller judges."""
    seen = []
    _watching[:] = [seen]
    try:
        yield seen
    finally:
        _watching[:] = []


def one_line(error):
    """What a refusal says is one line, and not a long one."""
    assert re.fullmatch(r"[^\n]{1,1500}", str(error)), repr(str(error))[:2000]


class TooLong(BaseException):
    """A case took more than its processor time."""


@contextlib.contextmanager
def bounded(what):
    """Fail where a case takes too long or too much memory; compiled code is judged when it ends."""

    def ring(*_):
        raise TooLong(str(what)[:500])

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    start = time.process_time()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        seconds = time.process_time() - start
        TALLY.longest = max(TALLY.longest, (seconds, str(what)[:200]))
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert seconds < CPU_SECONDS, (seconds, str(what)[:500])
    assert resident < RESIDENT, (resident, str(what)[:500])


_COUNTED = "what", "cases", "accepted", "refused"


def _row(what, ended):
    """A kind of case, how many there were, and how they ended."""
    return [what, str(ended.total()), str(ended["accepted"]), str(ended["refused"])]


class Tally:
    """What was tried, for the page."""

    def __init__(self):
        self.cases = Counter()
        self.commands = Counter()
        self.longest = (0.0, "")

    def page(self, failed, seconds):
        """What was counted, as markdown."""
        kinds = sorted({kind for kind, _ in self.cases})
        rows = [
            (k, Counter({e: n for (kind, e), n in self.cases.items() if kind == k})) for k in kinds
        ]
        every = sum((c for _, c in rows), Counter())
        resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        lines = [
            "# Fuzz",
            "",
            "Written by `make test-fuzz`. Hypothesis draws arguments, model strings, files, stores "
            "and results.json; every command and option and every public function is found by "
            "introspection. Whatever is given, a command ends with its result or with exit 2 and "
            "one line on standard error, a function with its result or with its package's input "
            "error; nothing is written outside of what --out, --plot and --store name (bytecode "
            "and compiler caches aside), no process is started, no address connected, nothing "
            "unpickled.",
            "",
            table(_COUNTED, [_row("**all**", every)]),
            "",
            long_table(_COUNTED, [_row(k, c) for k, c in rows], "kinds of input"),
            "",
            f"Failures: {failed}. Exits with code 3: {self.cases.get(('internal', ''), 0)}. "
            f"Longest case {self.longest[0]:.1f} processor seconds (at most {CPU_SECONDS:.0f} are "
            f"allowed); at most {resident:.1f} GiB resident. {seconds:.0f} s on {os.cpu_count()} "
            f"cores, {platform.system()}.",
            "",
            "Cases by command: "
            + ", ".join(f"`{name}` {n}" for name, n in sorted(self.commands.items()))
            + ".",
            "",
        ]
        return "\n".join(lines)


TALLY = Tally()


def typed(program, words, files=None):
    """Run a command line in an empty folder; what it printed, after the checks that always hold."""
    out, err = io.StringIO(), io.StringIO()
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top).resolve() / "a" / "b"
        folder.mkdir(parents=True)
        for name, raw in {"here.txt": b"kept", **(files or {})}.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(raw)
        before = _tree(Path(top).resolve())
        os.chdir(folder)
        try:
            with (
                bounded(words),
                watched() as seen,
                contextlib.redirect_stdout(out),
                contextlib.redirect_stderr(err),
                mock.patch("sys.argv", [program, *words]),
                mock.patch("verify.engine.options.all_claims", quick_claims),
                mock.patch("verify.engine.portable.restart"),  # it would be of the tests
                pytest.raises(SystemExit) as stopped,
            ):
                arguments.main(APPS[program], f"python -m {program}")
            after = _tree(Path(top).resolve())
        finally:
            os.chdir(here)
        code = stopped.value.code
        named = [_resolved(folder, word) for word in _named(program, words)]
    short = [word[:200] for word in words]
    TALLY.commands[f"{program} {short[0]}" if short[0] in COMMANDS[program] else "none"] += 1
    TALLY.cases[f"{program} commands", "accepted" if code == 0 else "refused"] += 1
    TALLY.cases["internal", ""] += code == 3
    assert code in (0, 2), (short, code, err.getvalue()[-2000:])
    assert {k: v for k, v in after.items() if k in before} == before, short
    for path in {Path(p) for p in seen if p not in _NEVER} | (after.keys() - before.keys()):
        # A place that is named, what lies in it, and the folders made on the way to it.
        outside = not any(
            root == path
            or root in path.parents
            or (path in root.parents and after.get(path) is None)  # a folder, asked or made
            for root in named
        )
        cache = any(part in str(path) for part in _CACHES)
        near = path in folder.parents or path == folder or path.parent == folder
        probed = near and (path in before or path not in after)  # only whether it takes files
        assert not outside or cache or probed, (short, path)
    assert not _NEVER & set(seen), (short, seen)
    said = err.getvalue()
    if code == 2:
        assert after == before, (short, after.keys() - before.keys())
        assert re.fullmatch(r"error: [^\n]+\n", said), (short, said[-2000:])
        assert len(said) < 1500, said
        assert out.getvalue() == ""
    return code, out.getvalue(), said


def quick_claims():
    """What stands for all claims."""
    from verify.claims import find

    return {"T1": find("T1")}


def _tree(top):
    return {p: p.read_bytes() if p.is_file() else None for p in top.rglob("*")}


def _named(program, words):
    """The places that a command line names: values of --out, --plot, --store, or their defaults."""
    found = []
    for param in COMMANDS[program][words[0]].params if words[0] in COMMANDS[program] else []:
        for option in set(param.opts) & {"--out", "--plot", "--store"}:
            given = [words[i + 1] for i, w in enumerate(words[:-1]) if w == option]
            given += [w.partition("=")[2] for w in words if w.startswith(f"{option}=")]
            found += given or ([param.default] if param.default else [])
            if option == "--store":
                found += [f"{one}{end}" for one in found for end in (".lock", "-wal", "-shm")]
    return found


def _resolved(folder, word):
    try:
        return Path(os.path.realpath(folder / word))
    except ValueError:  # a null byte
        return folder / "nothing"
