"""Formulas in plain text, found and set: E_inf, Theta_{k,p}(u), N^(-(k+1)^2/2), sqrt(1 - s_1^2), xi'(1).

Statements, tables and labels are written in plain letters, which a terminal shows. Pages and figures
set them as mathematics. Only what is whole and sound by itself is set; all else stays text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_GREEK = (
    "alpha|beta|gamma|delta|lambda|mu|pi|xi|rho|sigma|tau|chi|Lambda|Phi|Psi|Theta|Sigma"  # letters
)
_FLAT = r"[A-Za-z0-9' +*/._^-]"
_ONCE = rf"(?:{_FLAT}|\({_FLAT}+\))+"  # with brackets of one depth
_INSIDE = rf"(?:{_FLAT}|\({_ONCE}\))+"  # of two
_FUNCTIONS = "sinh|cosh|tanh|coth|sin|cos|log|exp|det|int"

_Made = Callable[[re.Match[str]], str]


def _names(text: str) -> str:
    """TeX of what stands within brackets: greek names, inf, products, indices, powers.

    Examples
    --------
    >>> print(_names("1 - s_1^2 - 2*eps"), _names("-(k+1)^2/2"), _names("n_0 n_(i+1) E_inf"))
    1 - s_1^2 - 2\\,\\varepsilon -(k+1)^2/2 n_0 n_{i+1} E_\\infty
    """
    text = re.sub(r"\binf\b|(?<=_)inf\b", r"\\infty", text).replace("*", r"\,")
    text = re.sub(r"([_^])\(((?:[^()]|\([^()]*\))*)\)", r"\1{\2}", text)
    text = re.sub(r"([_^])(-?\w{2,}|-\w)", r"\1{\2}", text)
    text = re.sub(r"(?<![A-Za-z\\])(sqrt) ?\(([^()]*)\)", r"\\sqrt{\2}", text)
    text = re.sub(r"(?<![A-Za-z\\])eps(?![A-Za-z])", r"\\varepsilon", text)
    return re.sub(
        rf"(?<![A-Za-z\\])({_GREEK}|{_FUNCTIONS})(?![A-Za-z])", lambda m: f"\\{m[1]}", text
    )


def _base(text: str) -> str:
    """A letter with its number below it, n1; a function or greek letter; another word upright."""
    if len(text) == 2 and text[0].isalpha() and text[1].isdigit():
        return f"{text[0]}_{text[1]}"
    made = _names(text)
    return made if len(text) == 1 or made != text or text.isdigit() else rf"\mathrm{{{text}}}"


def _index(text: str) -> str:
    return text.strip("{}")


def _argument(text: str | None) -> str:
    return "" if text is None else f"({_names(text[1:-1])})"


# Written a^b or a^(b).
_POWER = rf"\^(?:(?P<minus>-?)\((?P<power>{_INSIDE})\)|(?P<plain>-?[A-Za-z0-9]+(?:\.\d+)?(?![(_])))"


def _power(found: re.Match[str]) -> str:
    if found["minus"]:
        return f"^{{-({_names(found['power'])})}}"
    return f"^{{{_names(found['power'] or found['plain'])}}}"


def _indexed(found: re.Match[str]) -> str:
    """A letter with what stands below it, its prime and its argument."""
    letter = r"\hat{Y}" if found["letter"] == "Yhat" else _names(found["letter"])
    below = found["below_it"] or found["sum"]
    raised = f"^{{{found['raised']}}}" if found["raised"] else ""
    return f"{letter}_{{{_names(below)}}}{found['dash']}{raised}{found['at_it'] or ''}"


_LETTERS: tuple[tuple[str, _Made], ...] = (
    (r"-?\bE_inf\b(?:\^[+2])?", lambda m: m[0].replace("E_inf", r"E_\infty")),
    (r"-?\bE_(?P<level>\d+|[ckij]|alg|\{k\+1\})(?!\w)", lambda m: _level(m)),
    (
        r"\bTheta_(?P<theta>\{[kijp0-9,]+\}|[kijpH0-9])(?!\w)(?P<at>\(-?u\))?",
        lambda m: rf"\Theta_{{{_index(m['theta'])}}}{_argument(m['at'])}",
    ),
    (
        r"\bSigma(?:_(?P<of>[k0]))?(?P<where>\(u(?:, r)?\))",
        lambda m: r"\Sigma" + (f"_{m['of']}" if m["of"] else "") + m["where"],
    ),
    (
        r"(?P<mean>\bE )?\bCrt_(?P<crt>\{[Nkj0-9,]+\}|N|\d(?!\w))(?P<below>\(-?(?:u|\d+\.\d+)\))?",
        lambda m: (
            (r"\mathbb{E}\," if m["mean"] else "")
            + rf"\mathrm{{Crt}}_{{{_index(m['crt'])}}}{_argument(m['below'])}"
        ),
    ),
    (
        rf"\bsqrt\((?P<root>{_INSIDE})\)|\bsqrt (?P<short>(?:int )?xi'{{0,3}}|[A-Za-z0-9]\b)",
        lambda m: rf"\sqrt{{{_names(m['root'] or m['short'])}}}",
    ),
    (r"\bAi(?P<prime>'?)\(0\)(?P<square>\^2)?", lambda m: rf"\mathrm{{Ai}}{m[0][2:]}"),
    (r"\bxi(?P<primes>'{0,3})(?P<one>\((?:1|[a-z](?:_\w)?)\))?(?!\w)", lambda m: rf"\{m[0]}"),
    (r"\bint (?=sqrt)", lambda _: r"\int "),
    (
        r"(?<![\w^.])(?P<function>[a-z])\^\((?P<order>\d)\)(?=\()",
        lambda m: f"{m['function']}^{{({m['order']})}}",
    ),  # a derivative
    (r"\|(?P<size>[a-z])\|(?=\^)", lambda m: rf"\vert {m['size']}\vert"),
    (
        rf"(?<![\w.])\((?P<group>{_INSIDE})\)(?=\^)",  # its power is found next
        lambda m: f"({_names(m['group'])})",
    ),
    (
        rf"(?<![\w^.])(?P<base>[A-Za-z]\d?|\d+|[A-Za-z]{{3,}})?{_POWER}",
        lambda m: f"{_base(m['base']) if m['base'] else ''}{_power(m)}",
    ),
    (
        r"\b(?P<letter>Yhat|[A-Za-z]|Sigma|lambda|delta|tau)_(?:(?P<below_it>[A-Za-z]{1,2}|\d+)"
        r"(?!\w)|\((?P<sum>[\w+ -]+)\))(?P<dash>'?)(?:\^(?P<raised>\d)\b)?(?P<at_it>\([a-z]\))?",
        lambda m: _indexed(m),
    ),
    (
        r"\bint_0\^(?:(?P<upper>inf|\w)\b|\((?P<end>[\w/+-]+)\))",
        lambda m: rf"\int_0^{{{_names(m['upper'] or m['end'])}}}",
    ),
    (r"(?<![\w)])-?\binf\b", lambda m: m[0].replace("inf", r"\infty")),
    (rf"\b(?P<greek>{_GREEK})\b", lambda m: f"\\{m['greek']}"),
    (r"\beps\b", lambda _: r"\varepsilon"),
    (r"(?<=\d )q(?!\w)", lambda _: "q"),  # h^2 q
    (r"\bYhat\b(?!_)", lambda _: r"\hat{Y}"),
)
_ANY = re.compile("|".join(f"(?P<_{i}>{pattern})" for i, (pattern, _) in enumerate(_LETTERS)))
_SIGNS = {">=": "≥", "<=": "≤", "->": "→", "+/-": "±", "+-": "±", "-+": "∓"}
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
    begin = end = 0
    joined = ""  # formulas that touch are one
    for found in _ANY.finditer(text):
        if found.start() > end:
            yield from _whole(joined, text[begin:end])
            joined, begin = "", found.start()
            yield False, text[end:begin]
        made = next(make for i, (_, make) in enumerate(_LETTERS) if found[f"_{i}"] is not None)
        joined += made(found)
        end = found.end()
    yield from _whole(joined, text[begin:end])
    if end < len(text):
        yield False, text[end:]


def _whole(joined: str, text: str) -> Iterator[tuple[bool, str]]:
    """A formula; the text that it was made of where a power has a power, an index an index or no end.

    Examples
    --------
    >>> list(_whole("N^{2}^{3}", "N^2^3")), list(_whole("x_{1}", "x_1"))
    ([(False, 'N^2^3')], [(True, 'x_{1}')])
    """
    twice = re.search(r"\^\{[^{}]*\}'*\^|_\{[^{}]*\}_", joined)
    cut_off = re.search(r"[_^](?:[_^}]|$)", joined)
    if joined:
        yield (False, text) if twice or cut_off else (True, joined)


def signs(text: str) -> str:
    """Relations and arrows as single signs.

    Examples
    --------
    >>> signs("N -> infinity, p >= 3")
    'N → infinity, p ≥ 3'
    """
    return _SIGN.sub(lambda found: _SIGNS[found[0]], text)
