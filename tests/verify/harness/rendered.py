"""A page of markdown as GitHub renders it: what the tests of pages look at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from markdown_it import MarkdownIt

# Macros of the renderer that GitHub takes and our formulas use; any other is refused here.
MACROS = {
    *(
        "alpha",
        "beta",
        "delta",
        "gamma",
        "lambda",
        "mu",
        "omega",
        "pi",
        "rho",
        "sigma",
        "tau",
        "chi",
        "xi",
        "phi",
        "theta",
    ),
    *("varepsilon", "kappa", "ell", "Lambda", "Phi", "Psi", "Sigma", "Theta", "infty", "partial"),
    *("frac", "dfrac", "tfrac", "sqrt", "sum", "prod", "int", "lim", "log", "exp", "min", "max"),
    *(
        "sup",
        "det",
        "arccos",
        "sinh",
        "cosh",
        "tanh",
        "coth",
        "sin",
        "cos",
        "nabla",
        "cdot",
        "cdots",
    ),
    *(
        "dots",
        "ldots",
        "left",
        "right",
        "rightarrow",
        "big",
        "Big",
        "lceil",
        "rceil",
        "lfloor",
        "rfloor",
        "in",
    ),
    *(
        "le",
        "ge",
        "leq",
        "geq",
        "to",
        "sim",
        "asymp",
        "approx",
        "iff",
        "mp",
        "pm",
        "ne",
        "hat",
        "begin",
    ),
    *("vert", "end", "text", "mathrm", "mathbb", "mathcal", "quad", "qquad"),
    *(",", ";", "{", "}", "|", "\\", " ", "!"),
}
ENVIRONMENTS = {"cases", "pmatrix", "matrix", "aligned"}
REPR = re.compile(
    r"\{'\w|<\w[\w.]* object at|\b(?:dict|array|OrderedDict)\(|\bNone\b(?! of)|\bnan\b"
)
# Words of the program, names of its options and values, and mathematics as it is typed: none is read.
INNER = re.compile(
    r"\b(?:chunk|piece|max_steps|grid point|float64|float32|params|stderr|xnames|True|False)s?\b"
    r"|\b(?:how|below|route|part|case|way) = |\bprofile\b(?! standard| quick)"
    r"|\bsmallest p at\b|errat(?:um|a) E\d"
)
ASCII = re.compile(
    r"\w\^|\w_\w(?!\w*\.py)|[\w)]\^|_[({]|[<>]=|->|\+-|\*\*|\bsqrt\b|(?<!\w)-?\binf\b|\b(?:eps|Yhat|Theta|Psi)\b"
)
_MACRO = re.compile(r"\\([A-Za-z]+\*?|.)")


@dataclass
class Page:
    """What stands on a page.

    Attributes
    ----------
    formulas
        TeX of all formulas, inline and fenced.
    text
        All that is read as text, code aside.
    links
        Targets of links and images.
    anchors
        Names that a link with ``#`` reaches.
    open_rows
        Rows of each table that is not folded.
    """

    formulas: list[str] = field(default_factory=list)
    text: str = ""
    links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    open_rows: list[int] = field(default_factory=list)


def anchor(heading: str) -> str:
    """GitHub's name of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def render(markdown: str) -> Page:
    """Parse a page by GitHub's rules: CommonMark with tables, mathematics in dollars and backticks."""
    page, folded, rows = Page(), 0, None
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    for i, token in enumerate(tokens):
        if token.type == "fence" and token.info == "math":
            page.formulas.append(token.content)
        elif token.type in ("html_block", "html_inline"):
            folded += token.content.count("<details") - token.content.count("</details")
            page.text += re.sub(r"<[^>]*>", "", token.content)
        elif token.type == "tbody_open":
            rows = 0
        elif token.type == "tr_open" and rows is not None:
            rows += 1
        elif token.type == "tbody_close":
            if not folded:
                page.open_rows.append(rows)
            rows = None
        elif token.type == "inline":
            before = len(page.text)
            _inline(page, token.children)
            if i and tokens[i - 1].type == "heading_open":
                page.anchors.add(anchor(page.text[before:].strip()))
            page.text += "\n"
    assert folded == 0, "a fold that is not closed"
    return page


def _inline(page, children):
    for i, child in enumerate(children):
        if child.type == "code_inline":
            sides = children[max(0, i - 1)].content[-1:], children[min(i + 1, len(children) - 1)]
            if i and sides[0] == "$" and sides[1].content[:1] == "$":
                page.formulas.append(child.content)
        elif child.type == "image":
            page.links.append(child.attrGet("src"))
        elif child.type == "link_open":
            page.links.append(child.attrGet("href"))
        elif child.type == "text":
            page.text += child.content
        elif child.type in ("softbreak", "hardbreak"):
            page.text += " "


def refused(formula: str) -> list[str]:
    """What in a formula no renderer takes for sure: other macros, braces that do not close.

    Examples
    --------
    >>> refused(r"\\frac{1}{2}"), refused(r"\\operatorname{Cov}"), refused("{x")
    ([], ['operatorname'], ['braces'])
    """
    found = [name for name in _MACRO.findall(formula) if name not in MACROS]
    bare = re.sub(r"\\[{}]", "", formula)
    depth = 0
    for character in bare:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            break
    found += ["braces"] if depth else []
    named = re.findall(r"\\(?:begin|end)\{(\w+)\}", formula)
    found += [name for name in named if name not in ENVIRONMENTS]
    found += (
        ["left and right"]
        if len(re.findall(r"\\left\b", formula)) != len(re.findall(r"\\right\b", formula))
        else []
    )
    return found + (["dollar"] if "$" in formula else [])
