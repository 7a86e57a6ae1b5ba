"""Marks in a source that excuse small changes of it from the sweep.

A mark is a comment at the place that it excuses::

    # same (WHAT): why
    # guard (WHAT): why
    # tests/path/test_file.py::test_name

``same`` says that the change computes the same number within its stated error; ``guard`` that what is
changed guards a proof, a refusal or the working precision, and names the test that fails without it.
WHAT is a list of ``numbers``, ``signs``, ``comparisons``, ``k``, ``all``, or exact changes such as
``84 -> 85``. Comments below a mark belong to it.

A mark above a ``def`` covers the function; above a statement, that statement (of ``if``, ``for``,
``with`` the line that opens it); above constants of a module, the paragraph. At the end of a line it
covers the statement there, of a ``def`` the arguments.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from verify.audit.mutations import KINDS, Change, source_of

Lines = tuple[int, int]

_BEGINS = re.compile(r"#\s*(same|guard)\s*\(")
_MARK = re.compile(r"# (same|guard) \(([^()]+)\): (.+)", re.DOTALL)
_TEST = re.compile(r"\btests/[\w/]+\.py::\w+")


class ExcuseError(ValueError):
    """A mark that cannot be read; the message names its place."""


@dataclass(frozen=True)
class Excuse:
    """One mark.

    Attributes
    ----------
    kind, what, why
        As written; ``what`` in parts.
    test
        Of a guard, the test that fails without it.
    file, line
        Where the mark stands.
    lines
        First and last line that it covers.
    """

    kind: Literal["same", "guard"]
    what: tuple[str, ...]
    why: str
    test: str
    file: str
    line: int
    lines: Lines

    def covers(self, change: Change) -> bool:
        """Whether it speaks of this change."""
        named = {"all", change.kind, change.what}
        inside = self.lines[0] <= change.line <= self.lines[1]
        return change.file == self.file and inside and not named.isdisjoint(self.what)

    def __str__(self) -> str:
        """Place and text on one line."""
        test = f" [{self.test}]" if self.test else ""
        return f"{self.file}:{self.line}: {self.kind} ({', '.join(self.what)}): {self.why}{test}"


def _comments(source: str) -> Iterator[tuple[int, str, bool]]:
    """Line, text, and whether nothing else stands on the line, of every comment."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string, not token.line[: token.start[1]].strip()


def _marks(source: str) -> Iterator[tuple[int, int, str, bool]]:
    """First and last line, text, and whether it stands alone, of every mark."""
    found: list[tuple[int, int, str, bool]] = []
    for line, text, alone in _comments(source):
        if _BEGINS.match(text):
            found.append((line, line, text, alone))
        elif found and alone and found[-1][3] and line == found[-1][1] + 1:
            first, _, before, _ = found[-1]
            found[-1] = first, line, f"{before} {text.removeprefix('#').strip()}", True
    yield from found


def _first(node: ast.stmt) -> int:
    """Line on which a statement begins, with its decorators."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def _head(node: ast.stmt) -> Lines:
    """Lines of a statement without its body."""
    body = getattr(node, "body", None)
    last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
    return node.lineno, max(node.lineno, last)


def _paragraph(node: ast.stmt, module: ast.Module) -> Lines:
    """A statement of a module and those right below it, up to a blank line or a comment."""
    first, last = _head(node)
    for other in module.body:
        if other.lineno == last + 1 and not hasattr(other, "body"):
            last = other.end_lineno or other.lineno
    return first, last


def _covered(tree: ast.Module, first: int, below_it: int, alone: bool) -> Lines | None:
    """Lines that a mark covers, above the line ``below_it``; None if it stands nowhere."""
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    if not alone:
        heads = [head for head in map(_head, statements) if head[0] <= first <= head[1]]
        return max(heads, default=None)
    below = [node for node in statements if _first(node) == below_it]
    if not below:
        return None
    node = below[0]  # the outermost
    if isinstance(node, ast.FunctionDef):
        return node.lineno, node.end_lineno or node.lineno
    return _paragraph(node, tree) if node in tree.body else _head(node)


def parse(source: str, file: str) -> list[Excuse]:
    """Every mark of a source.

    Examples
    --------
    >>> [mark] = parse("# same (numbers): any start does\\nSTART = 3\\n", "theory/toy.py")
    >>> mark.kind, mark.what, mark.lines
    ('same', ('numbers',), (2, 2))
    """
    tree, found = ast.parse(source), []
    alone_on = {line for line, _, alone in _comments(source) if alone}
    for first, last, text, alone in _marks(source):
        read = _MARK.fullmatch(text)
        while last + 1 in alone_on:  # another mark of the same statement
            last += 1
        lines = _covered(tree, first, last + 1, alone)
        if read is None or lines is None:
            raise ExcuseError(f"{file}:{first}: not a mark above or beside a statement: {text}")
        kind, listed, why = read.groups()
        what = tuple(part.strip() for part in listed.split(","))
        for part in what:
            if part not in {*KINDS, "all", "sign dropped"} and " -> " not in part:
                raise ExcuseError(f"{file}:{first}: {part} is no change")
        test = _TEST.search(why)
        if (kind == "guard") != (test is not None):
            raise ExcuseError(f"{file}:{first}: a guard names its test, and nothing else does")
        why = _TEST.sub("", why).strip(" ;.")
        name = test.group() if test else ""
        found.append(Excuse(kind, what, why, name, file, first, lines))  # type: ignore[arg-type]
    return found


@cache
def excuses(file: str) -> tuple[Excuse, ...]:
    """Every mark of a file."""
    return tuple(parse(source_of(file), file))


def excuse_of(change: Change, among: Sequence[Excuse] | None = None) -> Excuse | None:
    """The mark that covers a change, the nearest if there are several; None without one."""
    marks = excuses(change.file) if among is None else among
    covering = [mark for mark in marks if mark.covers(change)]
    return min(covering, key=lambda mark: mark.lines[1] - mark.lines[0], default=None)
