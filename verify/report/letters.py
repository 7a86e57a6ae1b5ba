"""Formulas in plain text, found and set: E_inf, Theta_{k,p}(u), N^(-1/2), sqrt(p-1), xi'(1).

Statements, tables and labels are written in plain letters, which a terminal shows. Pages and figures
set them as mathematics. Only what is whole and sound by itself is set; all else stays text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_GREEK = "alpha|beta|gamma|delta|lambda|mu|xi|rho|sigma|Lambda|Psi|Theta|Sigma"
_FLAT = r"[A-Za-z0-9' +*/.-]"
_INSIDE = rf"(?:{_FLAT}|\({_FLAT}+\))+"  # with brackets of one depth

_Made = Callable[[re.Match[str]], str]


def _names(text: str) -> str:
    """TeX of what stands within brackets: greek names, inf, products."""
    text = re.sub(r"\bE_inf\b", r"E_\\infty", text).replace("*", r"\,")
    text = re.sub(r"\beps\b", r"\\varepsilon", text)
    return re.sub(rf"\b({_GREEK}|log|exp)\b", lambda m: f"\\{m[1]}", text)


def _base(text: str) -> str:
    """A letter with its number below it, n1; else as it is."""
    numbered = len(text) == 2 and text[0].isalpha() and text[1].isdigit()
    return f"{text[0]}_{text[1]}" if numbered else _names(text)


def _index(text: str) -> str:
    return text.strip("{}")


def _argument(text: str | None) -> str:
    return "" if text is None else f"({_names(text[1:-1])})"


_LETTERS: tuple[tuple[str, _Made], ...] = (
    (r"-?\bE_inf\b(?:\^[+2])?", lambda m: m[0].replace("E_inf", r"E_\infty")),
    (r"-?\bE_(?P<level>\d|[ckij]|alg|\{k\+1\})(?!\w)", lambda m: _level(m)),
    (
        r"\bTheta_(?P<theta>\{[kijp0-9,]+\}|[kijp0-9])(?!\w)(?P<at>\(-?u\))?",
        lambda m: rf"\Theta_{{{_index(m['theta'])}}}{_argument(m['at'])}",
    ),
    (
        r"\bSigma(?:_(?P<of>[k0]))?(?P<where>\(u(?:, r)?\))",
        lambda m: r"\Sigma" + (f"_{m['of']}" if m["of"] else "") + m["where"],
    ),
    (
        r"(?P<mean>\bE )?\bCrt_(?P<crt>\{[Nkj0-9,]+\}|N)(?P<below>\(-?u\))?",
        lambda m: (
            (r"\mathbb{E}\," if m["mean"] else "")
            + rf"\mathrm{{Crt}}_{{{_index(m['crt'])}}}{_argument(m['below'])}"
        ),
    ),
    (
        rf"\bsqrt\((?P<root>{_INSIDE})\)|\bsqrt (?P<short>[A-Za-z0-9])\b",
        lambda m: rf"\sqrt{{{_names(m['root'] or m['short'])}}}",
    ),
    (r"\bAi(?P<prime>'?)\(0\)(?P<square>\^2)?", lambda m: rf"\mathrm{{Ai}}{m[0][2:]}"),
    (r"\bxi(?P<primes>'{0,3})(?P<one>\(1\))?(?![\w(])", lambda m: rf"\{m[0]}"),
    (
        r"(?<![\w^.])(?P<function>[a-z])\^\((?P<order>\d)\)(?=\()",
        lambda m: f"{m['function']}^{{({m['order']})}}",
    ),  # a derivative
    (
        rf"(?<![\w^.])(?P<base>[A-Za-z]\d?|\d+|{_GREEK})\^"
        r"(?:\((?P<power>-?[\w+ /.-]+)\)|(?P<plain>-?\w+(?:\.\d+)?(?!\()))",
        lambda m: f"{_base(m['base'])}^{{{_names(m['power'] or m['plain'])}}}",
    ),
    (rf"\b(?P<greek>{_GREEK})\b(?![\w(])", lambda m: f"\\{m['greek']}"),
    (r"\beps\b(?![\w(])", lambda _: r"\varepsilon"),
)
_ANY = re.compile("|".join(f"(?P<_{i}>{pattern})" for i, (pattern, _) in enumerate(_LETTERS)))
_SIGNS = {">=": "≥", "<=": "≤", "->": "→", "+-": "±", "-+": "∓"}
_SIGN = re.compile("|".join(map(re.escape, _SIGNS)))


def _level(found: re.Match[str]) -> str:
    name = found["level"].strip("{}")
    below = rf"\mathrm{{{name}}}" if name == "alg" else name
    return found[0].split("E_")[0] + f"E_{{{below}}}"


def parts(text: str) -> Iterator[tuple[bool, str]]:
    r"""Text cut where formulas begin and end; whether each piece is one, then in TeX.

    Examples
    --------
    >>> list(parts("at u = -E_inf, N^(-1/3)"))
    [(False, 'at u = '), (True, '-E_\\infty'), (False, ', '), (True, 'N^{-1/3}')]
    >>> list(parts("E_0-E_inf")), list(parts("u^(1)(0), n1^beta"))
    ([(True, 'E_{0}-E_\\infty')], [(True, 'u^{(1)}'), (False, '(0), '), (True, 'n_1^{\\beta}')])
    >>> list(parts("n1^0.10, 10^5."))
    [(True, 'n_1^{0.10}'), (False, ', '), (True, '10^{5}'), (False, '.')]
    """
    end, joined = 0, ""  # formulas that touch are one
    for found in _ANY.finditer(text):
        if found.start() > end:
            if joined:
                yield True, joined
            joined = ""
            yield False, text[end : found.start()]
        made = next(make for i, (_, make) in enumerate(_LETTERS) if found[f"_{i}"] is not None)
        joined += made(found)
        end = found.end()
    if joined:
        yield True, joined
    if end < len(text):
        yield False, text[end:]


def signs(text: str) -> str:
    """Relations and arrows as single signs.

    Examples
    --------
    >>> signs("N -> infinity, p >= 3")
    'N → infinity, p ≥ 3'
    """
    return _SIGN.sub(lambda found: _SIGNS[found[0]], text)
