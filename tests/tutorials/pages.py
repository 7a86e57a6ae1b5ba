"""Pages that run: each block of a page in turn, what it printed beneath it.

A block of `python` runs in the one namespace of its page; its last expression is shown, as at a prompt.
One of `python file=NAME` becomes a file. In a block of `console` every line after "$ " is a command. What
was printed stands in a block of `text` right below, or below the command. All happens in an empty
folder with a subfolder for figures. ``make tutorials`` writes pages and figures anew.
"""

import ast
import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs/tutorials"
PAGES = sorted(FOLDER.glob("*.md"))

_BLOCK = re.compile(
    r"^```(?P<kind>python|console)(?: file=(?P<file>\S+))?\n(?P<body>.*?)^```\n"
    r"(?:\n```text\n.*?^```\n)?",
    re.MULTILINE | re.DOTALL,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def renewed(text, place):
    """The page as it is when its blocks run in the folder ``place``."""
    names = {"__name__": "__main__"}

    def one(block):
        kind, file, body = block["kind"], block["file"], block["body"]
        if file:
            (place / file).parent.mkdir(exist_ok=True)
            (place / file).write_text(body, encoding="utf-8")
            return f"```python file={file}\n{body}```\n"
        if kind == "console":
            commands = re.findall(r"^\$ (.*)$", body, re.MULTILINE)
            return (
                "```console\n" + "".join(f"$ {c}\n{_typed(c, place)}" for c in commands) + "```\n"
            )
        said = _executed(body, names)
        shown = f"\n```text\n{said}```\n" if said else ""
        return f"```python\n{body}```\n{shown}"

    with contextlib.chdir(place), plt.rc_context():
        return _BLOCK.sub(one, text)


def _executed(body, names):
    """Run a block; what it printed, and its last expression."""
    tree = ast.parse(body)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(compile(tree, "page", "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "page", "eval"), names)
            if value is not None:
                print(repr(value))
    return said.getvalue()


def _typed(command, place):
    """What a command prints; the last line is its exit code, where that is not 0."""
    program, *words = shlex.split(command)
    assert program == "python", command
    home = {"PYTHONPATH": str(ROOT), "COLUMNS": "100", "OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        encoding="utf-8",
        cwd=place,
        env=os.environ | home,
    )
    assert run.stdout, run.stderr
    code = f"exit {run.returncode}\n" if run.returncode else ""
    return "\n".join(line.rstrip() for line in run.stdout.splitlines()) + "\n" + code


def differences(said, found):
    """Where two texts differ: words are the same, decimals to one unit of the last that stands there.

    What lies below 1e-12, as p-values far out, to a factor 10.

    Examples
    --------
    >>> differences("3 of 1.25e-3", "3 of 1.26e-3"), differences("3 of 1.25", "3 of 1.27")
    ([], ['3 of 1.25 | 3 of 1.27'])
    >>> differences("3", "4"), differences("3", "3 or")
    (['3 | 4'], ['3 | 3 or'])
    """
    lines, others = said.splitlines(), found.splitlines()
    if len(lines) != len(others):
        return [f"{len(lines)} lines | {len(others)} lines"]
    return [f"{a} | {b}" for a, b in zip(lines, others, strict=True) if not _alike(a, b)]


def _alike(said, found):
    words = [" ".join(_NUMBER.sub("#", line).split()) for line in (said, found)]
    numbers = zip(*(map(Decimal, _NUMBER.findall(line)) for line in (said, found)), strict=False)
    return words[0] == words[1] and all(abs(a - b) <= _unit(a) for a, b in numbers)


def _unit(number):
    """How far off a number may be."""
    if 0 < number < Decimal("1e-12"):
        return 9 * number
    exponent = number.as_tuple().exponent
    return Decimal(1).scaleb(exponent) if exponent else Decimal(0)


def main():
    """Write every page and its figures anew."""
    for page in PAGES:
        with tempfile.TemporaryDirectory() as name:
            place = Path(name)
            (place / "figures").mkdir()
            text = renewed(page.read_text(encoding="utf-8"), place)
            for figure in (place / "figures").glob("*.png"):
                shutil.copy(figure, FOLDER / "figures")
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
