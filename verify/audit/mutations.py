"""Small changes of sources, one at a time, for the sweep of the audit.

Every numeric literal is changed by +1, -1 and doubled, every sign flipped, + and - exchanged, < and
<= exchanged, and k replaced by k + 1. Annotations, messages and raised errors compute nothing and
are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any, Literal

Room = Literal["theory", "numerics", "statistics"]
Kind = Literal["numbers", "signs", "comparisons", "k"]

ROOT = Path(__file__).resolve().parents[2]
ROOMS: dict[Room, str] = {
    "theory": "theory",
    "numerics": "numerics",
    "statistics": "verify/statistics",
}
KINDS: tuple[Kind, ...] = ("numbers", "signs", "comparisons", "k")
_SWAPPED: dict[type[ast.AST], Any] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_WRITTEN: dict[Any, str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


@dataclass(frozen=True)
class Change:
    """One change of one place in a source file.

    Attributes
    ----------
    file, line
        Where; the file by its path, as ``theory/model.py``.
    kind
        Of what.
    what
        The change in words, such as ``2 -> 3``.
    text
        The line as it stands.
    span
        First and last line of the statement.
    number
        Its place among the changes of the file.
    outside
        Whether the statement stands outside of all functions and runs on import.
    """

    file: str
    line: int
    kind: Kind
    what: str
    text: str
    span: tuple[int, int]
    number: int
    outside: bool

    def __str__(self) -> str:
        """Place and change on one line."""
        return f"{self.file}:{self.line}: {self.what} in `{self.text}`"


def _variants(node: ast.AST) -> Iterator[tuple[Kind, str, ast.AST]]:
    """All changes of one node: kind, in words, and the node to put in its place."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        x: Any = node.value
        for value in dict.fromkeys((x + 1, x - 1, 2 * x)):
            if value != x:
                yield "numbers", f"{x} -> {value}", ast.Constant(value)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "signs", "sign dropped", node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in _SWAPPED:
        new = _SWAPPED[type(node.op)]
        what = f"{_WRITTEN[type(node.op)]} -> {_WRITTEN[new]}"
        yield "signs", what, ast.BinOp(node.left, new(), node.right)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _SWAPPED:
        new = _SWAPPED[type(node.ops[0])]
        what = f"{_WRITTEN[type(node.ops[0])]} -> {_WRITTEN[new]}"
        yield "comparisons", what, ast.Compare(node.left, [new()], node.comparators)
    elif isinstance(node, ast.Name) and node.id == "k" and isinstance(node.ctx, ast.Load):
        yield "k", "k -> k + 1", ast.BinOp(ast.Name("k", ast.Load()), ast.Add(), ast.Constant(1))


class _Walk(ast.NodeTransformer):
    """Visit every place that can be changed; with ``target``, make that change."""

    def __init__(self, source: str, file: str, target: int | None = None) -> None:
        self.lines = source.splitlines()
        self.file = file
        self.target = target
        self.found: list[Change] = []
        self.span = (0, 0)
        self.depth = 0

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            first = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            before, self.span = self.span, (node.lineno, max(node.lineno, first))
            kept = self._visit(node)
            self.span = before
            return kept
        return self._visit(node)

    def _visit(self, node: ast.AST) -> Any:
        for kind, what, new in _variants(node):
            number = len(self.found)
            line = getattr(node, "lineno", 0)
            text = self.lines[line - 1].strip()
            self.found.append(
                Change(self.file, line, kind, what, text, self.span, number, self.depth == 0)
            )
            if number == self.target:
                return ast.copy_location(new, node)
        return super().visit(node)

    # Annotations compute nothing; what stands in an f-string is a message.
    def visit_arg(self, node: ast.arg) -> Any:
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        node.args = self.visit(node.args)
        self.depth += 1
        node.body = [self.visit(one) for one in node.body]
        self.depth -= 1
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> Any:
        return node

    def visit_Raise(self, node: ast.Raise) -> Any:
        return node


def room_of(file: str) -> Room:
    """The room that a file is in."""
    return next(room for room, place in ROOMS.items() if file.startswith(f"{place}/"))


def files(room: Room) -> list[str]:
    """Every file of a room, by its path."""
    return [
        path.relative_to(ROOT).as_posix() for path in sorted((ROOT / ROOMS[room]).rglob("*.py"))
    ]


@cache
def source_of(file: str) -> str:
    """Text of a file."""
    return (ROOT / file).read_text(encoding="utf-8")


@cache
def changes(file: str) -> tuple[Change, ...]:
    """Every change of a file."""
    walk = _Walk(source_of(file), file)
    walk.visit(ast.parse(source_of(file)))
    return tuple(walk.found)


def changed_code(change: Change) -> CodeType:
    """The module with the change made, compiled."""
    walk = _Walk(source_of(change.file), change.file, change.number)
    tree = ast.fix_missing_locations(walk.visit(ast.parse(source_of(change.file))))
    return compile(tree, str(ROOT / change.file), "exec")
