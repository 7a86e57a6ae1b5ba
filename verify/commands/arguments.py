"""What the command lines share: reading arguments, one-line errors, exit codes.

Here and in every command, what computes is loaded where it is used: help and bad usage wait for
nothing.
"""

from __future__ import annotations

import errno
import json
import math
import re
import sys
import traceback
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.exceptions import TyperException

import theory

USAGE, INTERNAL, INTERRUPTED = 2, 3, 130


class ArgumentError(ValueError):
    """Bad usage; the message is the one line that the user reads."""


_BAD_INPUT = {
    "theory.checks": "InputError",
    "numerics.core.backend": "InputError",
    "verify.engine.executors": "ExecutorError",
    "verify.engine.options": "RunError",
    "verify.engine.provenance": "SourcesChangedError",
    "verify.engine.store": "StoreError",
    "verify.report.folder": "FolderError",
    "verify.report.results": "ResultsError",
}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM}


def application(help_text: str) -> typer.Typer:
    """An application whose only output on success is its result."""
    return typer.Typer(
        help=help_text,
        add_completion=False,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        callback=_alone,
        invoke_without_command=True,
    )


def _alone(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True)
    ] = False,
) -> None:
    """What a program does without a command: --version, or its help."""
    if version:
        print(f"{context.command_path.removeprefix('python -m ')} {theory.__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


def _is_bad_input(error: Exception) -> bool:
    """Whether it is one of the errors that say what was wrong; of a module not loaded none was raised."""
    known = [
        getattr(sys.modules[module], name)
        for module, name in _BAD_INPUT.items()
        if module in sys.modules
    ]
    return isinstance(error, (ArgumentError, *known))


def _complain(message: str) -> None:
    """One line on standard error; a word that is far too long is cut."""
    words = (word if len(word) <= 100 else word[:60] + "…" for word in message.split())
    print("error: " + " ".join(words), file=sys.stderr)


def main(app: typer.Typer, program: str) -> None:
    """Run the application and leave with the project's exit codes.

    0 as expected, 1 a verdict not as expected, 2 bad usage or input (one line on standard
    error), 3 internal error, 130 interrupted.
    """
    command: Any = typer.main.get_command(app)
    try:
        code = command.main(prog_name=program, standalone_mode=False)
    except TyperException as error:
        message = error.format_message() if hasattr(error, "format_message") else str(error)
        named = " ".join([program, *(word for word in sys.argv[1:2] if word in command.commands)])
        _complain(f"{message} See: {named} --help")
        sys.exit(USAGE)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except MemoryError as error:
        _complain(f"not enough memory ({error}); takes smaller sizes")
        sys.exit(USAGE)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if _is_bad_input(error):
            _complain(str(error))
        elif isinstance(error, OSError) and error.errno in _FULL:
            where = error.filename or "--out"
            _complain(f"{where}: {error.strerror}; takes a place with room to write")
        else:
            traceback.print_exc()
            sys.exit(INTERNAL)
        sys.exit(USAGE)
    if code == INTERRUPTED:  # typer itself may have turned Ctrl-C into this code
        _complain("interrupted; what was finished is kept, the same command resumes")
    sys.exit(code if isinstance(code, int) else 0)


def integer(name: str, text: str | int, least: int, most: int = 2**63 - 1) -> int:
    """An integer between bounds, or the one-line error.

    Examples
    --------
    >>> integer("--n", "10", least=2)
    10
    """
    takes = f"an integer >= {least}" + (f" and <= {most}" if most < 2**63 - 1 else "")
    if re.fullmatch(r"[+-]?[0-9]{1,19}", str(text)) and least <= int(text) <= most:
        return int(text)
    raise ArgumentError(f"{name}: got {str(text)[:40]!r}; takes {takes}")


def indices(name: str, text: str, most: int = 100_000) -> list[int]:
    """One index, ``3``, or a range with both ends, ``0..5``.

    Examples
    --------
    >>> indices("--k", "0..3")
    [0, 1, 2, 3]
    """
    match = re.fullmatch(r"([0-9]{1,7})(?:\.\.([0-9]{1,7}))?", text)
    if match:
        first = int(match[1])
        last = int(match[2]) if match[2] else first
        if first <= last <= most:
            return list(range(first, last + 1))
    raise ArgumentError(f"{name}: got {text[:40]!r}; takes k or a range such as 0..5")


def model(p: str | None, text: str | None) -> theory.Mixture:
    """The model from --p or --model; p = 3 if neither is given."""
    if p is not None and text is not None:
        raise ArgumentError(f"--model: got {text[:40]!r} beside --p {p[:20]}; takes one of the two")
    if text is not None:
        return theory.parse(text)
    return theory.pure(integer("--p", "3" if p is None else p, least=2))


_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")


def level(name: str, text: str, of: theory.Mixture, digits: int) -> theory.Ball | Fraction:
    """An energy level u = H/N: a number that is a float too, or a name, -E_inf, -E_0, -E_3."""
    from theory.annealed.named_levels import resolve_level

    return resolve_level(name, text, of, digits + 5, most=10**300)


_SCALES = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def memory(name: str, text: str | None) -> int | None:
    """Bytes, from a number with a unit: ``2GiB``, ``500M``; powers of 1024; None for None.

    Examples
    --------
    >>> memory("--memory", "2GiB"), memory("--memory", "1.5k"), memory("--memory", None)
    (2147483648, 1536, None)
    """
    if text is None:
        return None
    match = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?([KMGT]?)i?B?", text, re.IGNORECASE)
    size = int(Fraction(match[1]) * _SCALES[match[2].upper()]) if match else 0
    if size < 1:
        raise ArgumentError(f"{name}: got {text[:40]!r}; takes a size such as 2GiB or 500M")
    return size


def is_decimal(text: str) -> bool:
    """Whether it is a decimal number as people type them."""
    return len(text) <= 400 and _DECIMAL.fullmatch(text) is not None


def real(name: str, text: str, least: float | None = None, above: float | None = None) -> float:
    """A finite decimal number, >= least or > above if given.

    Examples
    --------
    >>> real("--until", "100", above=0.0)
    100.0
    """
    value = float(text) if is_decimal(text) else math.nan
    low = least is not None and value < least
    if not math.isfinite(value) or low or (above is not None and value <= above):
        bound = (
            f" >= {least:g}" if least is not None else f" > {above:g}" if above is not None else ""
        )
        raise ArgumentError(f"{name}: got {text[:40]!r}; takes a finite number{bound}")
    return value


def reals(name: str, text: str, most: int) -> list[float]:
    """Finite numbers, parted by commas.

    Examples
    --------
    >>> reals("--at", "-1.5,.2", 10)
    [-1.5, 0.2]
    """
    words = text.split(",")
    if len(words) > most:
        raise ArgumentError(f"{name}: got {len(words)} numbers; takes at most {most}")
    return [real(name, word.strip()) for word in words]


def choice(name: str, text: str, among: tuple[str, ...]) -> str:
    """One of a few words."""
    if text not in among:
        raise ArgumentError(f"{name}: got {text[:40]!r}; takes {', '.join(among)}")
    return text


def backend(name: str, text: str) -> str:
    """Where to compute; the number of a device, after a colon, is checked where it is used."""
    choice(name, text.partition(":")[0], ("numpy", "cupy", "auto"))
    return text


def writable_file(name: str, text: str | None, suffixes: tuple[str, ...] = ()) -> Path | None:
    """A file to write, checked before any work: its folder exists and takes files."""
    if text is None:
        return None
    path = Path(text)
    if suffixes and path.suffix not in suffixes:
        raise ArgumentError(f"{name}: got {text!r}; takes a file ending in {', '.join(suffixes)}")
    try:
        taken = not path.is_dir() and path.parent.is_dir() and _takes_files(path.parent)
    except OSError:  # a name that no file can have
        taken = False
    if not taken:
        raise ArgumentError(f"{name}: got {text!r}; takes a file in a folder that can be written")
    return path


def writable_folder(name: str, text: str) -> Path:
    """A folder to write, existing or to be made in one that can be written."""
    path = Path(text)
    try:
        parent = next(p for p in (path, *path.absolute().parents) if p.exists())
        taken = parent.is_dir() and _takes_files(parent)
    except OSError:  # a name that no folder can have
        taken = False
    if not taken:
        raise ArgumentError(f"{name}: got {text!r}; takes a folder that can be written")
    return path


def _takes_files(folder: Path) -> bool:
    import tempfile

    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def array(name: str, text: str) -> Any:
    """An array from a file, .npy or columns of text."""
    import numpy as np

    takes = "a file .npy of numbers, or .txt or .csv of columns"
    path = Path(text)
    try:
        if not path.is_file():
            raise ArgumentError(f"{name}: got {text!r}; takes {takes}")
        if path.suffix == ".npy":
            return np.load(path, allow_pickle=False)
        delimiter = "," if path.suffix == ".csv" else None
        return np.loadtxt(path, delimiter=delimiter, comments="#")
    except ArgumentError:
        raise
    except (OSError, ValueError, EOFError, UnicodeError) as error:
        raise ArgumentError(f"{name}: got {text!r}, {error}; takes {takes}") from None


def emit(data: dict[str, Any], as_json: bool, lines: list[str]) -> None:
    """Print a result: JSON for machines, lines for people."""
    if as_json:
        print(json.dumps(data, allow_nan=False))
    else:
        print("\n".join(lines))


def stderr_console() -> Console:
    """Where progress goes."""
    return Console(stderr=True)
