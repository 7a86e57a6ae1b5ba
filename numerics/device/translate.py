"""C++ for devices from the very functions that Numba compiles: `numerics.compiled` is written once.

The functions there use a small part of Python: numbers, arrays, loops, tuples of results. Each
becomes a C++20 function template of the same name whose arguments have whatever type they are given
(`auto`), like Numba's. Integers are 64 bits wide, arrays are views with strides (`PRELUDE`), arrays
of one number a lane live in registers. A thread is a tile of one lane. What is outside this part
of the language raises `TypeError`, so it cannot be translated wrongly in silence.
"""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

PRELUDE = """
typedef long long i64;
typedef unsigned long long u64;
typedef double f64;

#ifdef __CUDACC__
#define DEVICE __device__ inline
#define KERNEL extern "C" __global__
// One thread an item.
#define ITEMS(i, count) \\
    if (const i64 i = blockIdx.x * (i64)blockDim.x + threadIdx.x; i < (count))
// One thread a pair of a column and a group.
#define GRID(i, columns, g, groups) \\
    const i64 g = blockIdx.y; \\
    if (const i64 i = blockIdx.x * (i64)blockDim.x + threadIdx.x; i < (columns) && g < (groups))
#define UNROLL _Pragma("unroll")
// Write what is read once, and far later: it takes no room in the cache from what is read again.
#define STREAM(place, x) __stcs(&(place), x)
#else
#include <math.h>
#include <string.h>
#define DEVICE inline
#define KERNEL extern "C"
#define ITEMS(i, count) for (i64 i = 0; i < (count); ++i)
#define GRID(i, columns, g, groups) \\
    for (i64 g = 0; g < (groups); ++g) for (i64 i = 0; i < (columns); ++i)
#define UNROLL
#define STREAM(place, x) ((place) = (x))
#endif

template <class T, int D> struct Array {
    T *data;
    i64 shape[D], stride[D];

    template <class... I> DEVICE decltype(auto) operator()(I... index) const {
        const i64 at[] = {i64(index)...};
        constexpr int given = sizeof...(I);
        T *here = data;
        for (int k = 0; k < given; ++k) here += at[k] * stride[k];
        if constexpr (given == D) {
            return static_cast<T &>(*here);
        } else {
            Array<T, D - given> part{here, {}, {}};
            for (int k = given; k < D; ++k) {
                part.shape[k - given] = shape[k];
                part.stride[k - given] = stride[k];
            }
            return part;
        }
    }
    DEVICE Array slice(i64 first, i64 last) const {
        Array part = *this;
        part.data += first * stride[0];
        part.shape[0] = last - first;
        return part;
    }
};

template <class T> DEVICE Array<T, 1> vector(T *data, i64 length, i64 stride = 1) {
    return {data, {length}, {stride}};
}
template <class T> DEVICE Array<T, 2> matrix(T *data, i64 rows, i64 columns, i64 step, i64 stride) {
    return {data, {rows, columns}, {step, stride}};
}

template <class A, class B> struct Pair { A a; B b; };
template <class A, class B, class C> struct Three { A a; B b; C c; };
template <class A, class B, class C, class D> struct Four { A a; B b; C c; D d; };
template <class A, class B> Pair(A, B) -> Pair<A, B>;
template <class A, class B, class C> Three(A, B, C) -> Three<A, B, C>;
template <class A, class B, class C, class D> Four(A, B, C, D) -> Four<A, B, C, D>;

DEVICE f64 math_sqrt(f64 x) { return sqrt(x); }
DEVICE f64 math_log(f64 x) { return log(x); }
DEVICE f64 math_log1p(f64 x) { return log1p(x); }
DEVICE f64 math_abs(f64 x) { return fabs(x); }
template <class T> DEVICE T math_max(T a, T b) { return a > b ? a : b; }
template <class T> DEVICE T math_min(T a, T b) { return a < b ? a : b; }
DEVICE i64 bits(f64 x) {
#ifdef __CUDACC__
    return __double_as_longlong(x);
#else
    i64 out;
    memcpy(&out, &x, 8);
    return out;
#endif
}
DEVICE f64 from_bits(i64 x) {
#ifdef __CUDACC__
    return __longlong_as_double(x);
#else
    f64 out;
    memcpy(&out, &x, 8);
    return out;
#endif
}
"""

_BINARY = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
}
_COMPARE = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_CALLS = {
    "U": "u64",
    "np.int64": "i64",
    "np.float64": "f64",
    "math.sqrt": "math_sqrt",
    "math.log": "math_log",
    "math.log1p": "math_log1p",
    "abs": "math_abs",
    "max": "math_max",
    "min": "math_min",
}
_TYPES = {"np.int64": "i64", "np.bool_": "bool"}
_TUPLES = {2: "Pair", 3: "Three", 4: "Four"}


def source(functions: Sequence[Callable[..., Any]], **constants: int) -> str:
    """Return C++ for `functions` (in order of use), in namespace ``landscapes``.

    Parameters
    ----------
    functions : sequence of functions
        Compiled by Numba or not; the numbers they use are those of their modules.
    **constants : int
        Numbers that are others on the device.

    Raises
    ------
    TypeError
        A function uses what is not translated, or two a number of one name and two values.

    Examples
    --------
    >>> from numerics.compiled import sweeps
    >>> print(source([sweeps._scale_of]).split("namespace")[1])
     landscapes {
    DEVICE auto _scale_of(auto high)
    {
        return from_bits(((i64(2046) - high) << i64(52)));
    }
    }
    <BLANKLINE>
    """
    bodies: list[str] = []
    values: dict[str, Any] = {}
    for function in functions:
        plain = getattr(function, "py_func", function)
        tree = ast.parse(textwrap.dedent(inspect.getsource(plain)))
        bodies.append(_Writer().function(tree.body[0]))
        known = {**plain.__globals__, **constants}
        for name in {x.id for x in ast.walk(tree) if isinstance(x, ast.Name)}:
            value = known.get(name)
            number = isinstance(value, (int, float, np.uint64))
            if number and values.setdefault(name, value) != value:
                raise TypeError(f"not translated: two values of {name}")
    numbers = []
    for name, value in sorted(values.items()):
        if isinstance(value, np.uint64):
            numbers.append(f"constexpr u64 {name} = {int(value)}ull;")
        elif isinstance(value, int):
            numbers.append(f"constexpr i64 {name} = {value}ll;")
        elif isinstance(value, float) and value == math.inf:
            numbers.append(f"#define {name} from_bits(0x7ff0000000000000ll)")
        elif isinstance(value, float):
            numbers.append(f"constexpr f64 {name} = {value!r};")
    return "\n".join([PRELUDE, "namespace landscapes {", *numbers, *bodies, "}\n"])


class _Writer:
    """Writes one function, keeping track of which names are declared in which block."""

    def __init__(self) -> None:
        self._scopes: list[set[str]] = []
        self._fresh = 0

    def function(self, node: ast.stmt) -> str:
        """Return the function template."""
        if not isinstance(node, ast.FunctionDef):
            raise TypeError(f"not a function: {ast.unparse(node)}")
        names = [a.arg for a in node.args.args]
        arguments = ", ".join(f"auto {name}" for name in names)
        self._scopes = [set(names)]
        return f"DEVICE auto {node.name}({arguments})\n" + self._block(node.body)

    def _block(self, body: list[ast.stmt], *declared: str) -> str:
        self._scopes.append(set(declared))
        lines = [line for statement in body for line in self._statement(statement)]
        self._scopes.pop()
        return "\n".join(["{", *(textwrap.indent(line, "    ") for line in lines), "}"])

    def _statement(self, node: ast.stmt) -> list[str]:
        match node:
            case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
                return []
            case ast.Expr(value=ast.Call() as call):
                return [f"{self._expression(call)};"]
            case ast.Return(value=None):
                return ["return;"]
            case ast.Return(value=ast.Tuple(elts=parts)):
                inner = ", ".join(map(self._expression, parts))
                return [f"return {_TUPLES[len(parts)]}{{{inner}}};"]
            case ast.Return(value=value) if value is not None:
                return [f"return {self._expression(value)};"]
            case ast.Break():
                return ["break;"]
            case ast.Continue():
                return ["continue;"]
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value):
                return self._unpack(targets, value)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if _allocates(
                call
            ):
                return self._lanes(name, call)
            case ast.Assign(targets=[target], value=value):
                return [self._assign(target, self._expression(value))]
            case ast.AugAssign(target=target, op=op, value=value) if type(op) in _BINARY:
                left, right = self._expression(target), self._expression(value)
                return [f"{left} {_BINARY[type(op)]}= {right};"]
            case ast.If(test=test, body=body, orelse=orelse):
                lines = [f"if ({self._expression(test)})", self._block(body)]
                return [*lines, "else", self._block(orelse)] if orelse else lines
            case ast.While(test=test, body=body, orelse=[]):
                return [f"while ({self._expression(test)})", self._block(body)]
            case ast.For(
                target=ast.Name(id=name),
                iter=ast.Call(func=ast.Name(id="range"), args=ends),
                body=body,
                orelse=[],
            ):
                return self._range(name, ends, body)
        raise TypeError(f"not translated: {ast.unparse(node)}")

    def _range(self, name: str, ends: list[ast.expr], body: list[ast.stmt]) -> list[str]:
        """Return a loop; its ends are fixed before it starts."""
        first, stop, step = "i64(0)", "", "i64(1)"
        if len(ends) == 1:
            stop = self._expression(ends[0])
        else:
            first, stop = self._expression(ends[0]), self._expression(ends[1])
        if len(ends) == 3:
            step = self._expression(ends[2])
        # A step is taken for positive unless it is a negative number.
        compare = ">" if step.startswith("i64(-") else "<"
        end = f"{name}_end"
        head = (
            f"for (i64 {name} = {first}, {end} = {stop}; {name} {compare} {end}; {name} += {step})"
        )
        return [head, self._block(body, name)]

    def _unpack(self, targets: list[ast.expr], value: ast.expr) -> list[str]:
        """Return assignments to several targets, all values taken before the first."""
        if isinstance(value, ast.Tuple) and all(map(_allocates, value.elts)):
            pairs = zip(targets, value.elts, strict=True)
            return [x for a, b in pairs for x in self._statement(ast.Assign([a], b))]
        fresh = []
        for _ in targets:
            self._fresh += 1
            fresh.append(f"new_{self._fresh}")
        if isinstance(value, ast.Tuple):
            lines = [
                f"auto {name} = {self._expression(part)};"
                for name, part in zip(fresh, value.elts, strict=True)
            ]
        else:
            lines = [f"auto [{', '.join(fresh)}] = {self._expression(value)};"]
        named = zip(targets, fresh, strict=True)
        return lines + [self._assign(target, name) for target, name in named if not _unused(target)]

    def _assign(self, target: ast.expr, value: str) -> str:
        """Return an assignment, a declaration if the name is new in all blocks around."""
        if isinstance(target, ast.Name) and not any(target.id in s for s in self._scopes):
            self._scopes[-1].add(target.id)
            return f"auto {target.id} = {value};"
        if not isinstance(target, (ast.Name, ast.Subscript)):
            raise TypeError(f"not translated: {ast.unparse(target)} =")
        return f"{self._expression(target)} = {value};"

    def _lanes(self, name: str, call: ast.Call) -> list[str]:
        """Return the declaration of an array of one number a lane."""
        if not (isinstance(call.args[0], ast.Name) and call.args[0].id == "LANES"):
            raise TypeError(f"not translated: {ast.unparse(call)}")
        kind = _TYPES[ast.unparse(call.args[1])] if len(call.args) > 1 else "f64"
        self._scopes[-1].add(name)
        return [f"{kind} {name}_[LANES] = {{}};", f"auto {name} = vector({name}_, LANES);"]

    def _expression(self, node: ast.expr) -> str:
        if _number(node):
            value = eval(compile(ast.Expression(node), "", "eval"), {"__builtins__": {}})
            return repr(value) if isinstance(value, float) else f"i64({value})"
        match node:
            case ast.Constant(value=bool() as value):
                return "true" if value else "false"
            case ast.Name(id=name):
                return name
            case ast.BinOp(op=ast.Div(), left=left, right=right):
                return f"(f64({self._expression(left)}) / f64({self._expression(right)}))"
            case ast.BinOp(op=op, left=left, right=right) if type(op) in _BINARY:
                a, b = self._expression(left), self._expression(right)
                return f"({a} {_BINARY[type(op)]} {b})"
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"(-{self._expression(operand)})"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"(!{self._expression(operand)})"
            case ast.BoolOp(op=op, values=values):
                joint = " && " if isinstance(op, ast.And) else " || "
                return "(" + joint.join(map(self._expression, values)) + ")"
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [self._expression(x) for x in (left, *others)]
                pairs = zip(sides, ops, sides[1:], strict=False)
                tests = [f"({a} {_COMPARE[type(op)]} {b})" for a, op, b in pairs]
                return "(" + " && ".join(tests) + ")"
            case ast.IfExp(test=test, body=body, orelse=orelse):
                parts = map(self._expression, (test, body, orelse))
                return "({} ? {} : {})".format(*parts)
            case ast.Call(func=ast.Name(id="len"), args=[argument]):
                return f"{self._expression(argument)}.shape[0]"
            case ast.Call(func=func, args=arguments, keywords=[]):
                name = ast.unparse(func)
                if "." in name and name not in _CALLS:
                    raise TypeError(f"not translated: {ast.unparse(node)}")
                inner = ", ".join(map(self._expression, arguments))
                return f"{_CALLS.get(name, name)}({inner})"
            case ast.Subscript(value=ast.Name(id=name), slice=index):
                return self._index(name, index.elts if isinstance(index, ast.Tuple) else [index])
        raise TypeError(f"not translated: {ast.unparse(node)}")

    def _index(self, name: str, index: list[ast.expr]) -> str:
        """Return an element or a part of an array; a slice may come last."""
        *front, last = index
        if not isinstance(last, ast.Slice):
            return f"{name}({', '.join(map(self._expression, index))})"
        if last.lower is None or last.upper is None or last.step is not None:
            raise TypeError(f"not translated: {name}[{ast.unparse(last)}]")
        row = f"{name}({', '.join(map(self._expression, front))})" if front else name
        return f"{row}.slice({self._expression(last.lower)}, {self._expression(last.upper)})"


def _number(node: ast.expr) -> bool:
    """Tell whether an expression is made of numbers alone."""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case ast.BinOp(left=left, right=right):
            return _number(left) and _number(right)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _number(operand)
    return False


def _allocates(node: ast.expr) -> bool:
    """Tell whether an expression is a new array."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) in ("np.empty", "np.zeros")


def _unused(target: ast.expr) -> bool:
    """Tell whether a target is the name for what is not wanted."""
    return isinstance(target, ast.Name) and target.id == "_"
