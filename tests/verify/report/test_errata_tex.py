r"""The errata in LaTeX, read by a parser of our own, and compiled where there is a LaTeX.

It knows the grammar (groups, environments, mathematics, arguments, scripts) and the macros of base LaTeX and
amsmath that the page uses, each with its mode and its number of arguments; anything else is an error.
"""

import re
import shutil
import subprocess

import pytest

from verify.report.formulas import errata_tex

# Of base LaTeX, but for \tfrac, \dfrac and \text of amsmath, and \mathbb of amssymb: arguments.
PACKAGES = {"amsmath", "amssymb", "geometry"}
PREAMBLE = {"documentclass": 1, "usepackage": 1, "setlength": 2, "pagestyle": 1, "parindent": 0}
TEXT = {
    **dict.fromkeys(("small", "large", "bfseries", "smallskip", "par", "\\", " ", "%", "&"), 0),
    **dict.fromkeys(("emph", "textbf", "texttt", "textit"), 1),
}
LETTERS = (
    *("alpha", "beta", "gamma", "delta", "varepsilon", "lambda", "mu", "pi", "rho"),
    *("sigma", "tau", "phi", "kappa", "xi", "ell", "Lambda", "Phi", "Psi"),
    *("Sigma", "Theta", "infty", "partial", "nabla", "cdot", "cdots", "dots", "ldots"),
    *("sum", "prod", "int", "lim", "log", "exp", "min", "max", "sup"),
    *("det", "sinh", "cosh", "tanh", "coth", "sin", "cos", "arccos", "le"),
    *("ge", "leq", "geq", "ne", "to", "sim", "asymp", "approx", "iff"),
    *("in", "mp", "pm", "lceil", "rceil", "lfloor", "rfloor", "vert", "quad"),
    *("qquad"),
)
MATH = {
    **dict.fromkeys((*LETTERS, ",", ";", "!", " ", "{", "}", "|"), 0),
    **dict.fromkeys(("sqrt", "hat", "mathrm", "mathbb", "mathcal", "text"), 1),
    **dict.fromkeys(("frac", "tfrac", "dfrac"), 2),
    **dict.fromkeys(("big", "Big", "left", "right"), 0),  # of which a delimiter follows
}
DELIMITERS = {*"()[]|.", "\\{", "\\}", "\\lceil", "\\rceil", "\\lfloor", "\\rfloor", "\\vert"}
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}$_^&#%~]|\n\s*\n|\s+|[^\\{}$_^&#%~\s]", re.DOTALL)


class Tex:
    """A document, read from its first token to its last; an error names the text before it."""

    def __init__(self, source):
        self.tokens = TOKEN.findall(source)
        self.at = 0
        self.preamble = True
        self.open = []  # environments

    def error(self, what):
        raise ValueError(f"{what} after {''.join(self.tokens[max(0, self.at - 12) : self.at])!r}")

    def next(self):
        if self.at == len(self.tokens):
            self.error("the end of the file")
        self.at += 1
        return self.tokens[self.at - 1]

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def spaces(self):
        while self.peek().isspace():
            self.next()

    def document(self):
        while self.at < len(self.tokens):
            self.one(math=False)
        if self.preamble or self.open:
            self.error(f"no end of {self.open or 'the document'}")

    def group(self, math, verbatim=False):
        """What stands in braces, read; as text where it is only a name."""
        self.spaces()
        if self.peek() != "{":
            return (
                self.next() if math and self.peek() not in "}$_^&#%" else self.error("no argument")
            )
        self.next()
        begin = self.at
        while self.peek() != "}":
            self.next() if verbatim else self.one(math)
        self.next()
        return "".join(self.tokens[begin : self.at - 1])

    def option(self):
        """What stands in brackets, skipped."""
        if self.peek() == "[":
            while self.next() != "]":
                pass

    def one(self, math):
        token = self.next()
        if not token.isascii():
            self.error(f"{token!r}, which is not ASCII,")
        if token.startswith("\\"):
            self.macro(token[1:], math)
        elif token == "{":
            self.at -= 1
            self.group(math)
        elif token == "$" and not math:
            self.formula()
        elif token in "_^" and math:
            self.script(token)
        elif token in ("}", "$", "&", "#", "%", "_", "^") or (token == "~" and math):
            self.error(f"{token} in {'mathematics' if math else 'text'}")
        elif self.preamble and not token.isspace():
            self.error("text before the document")
        elif math and token.isspace() and token.count("\n") > 1:
            self.error("a paragraph within mathematics")

    def formula(self):
        depth = len(self.open)
        while self.peek() != "$":
            self.one(math=True)
        self.next()
        if len(self.open) != depth:
            self.error("left without right")

    def script(self, sign):
        """An index or a power, and that no second one follows."""
        self.group(math=True)
        others = {"_", "^"} - {sign}
        if self.peek() == sign or (
            self.peek() in others
            and self.next()
            and (self.group(True), self.peek())[1] in ("_", "^")
        ):
            self.error("a second script")

    def macro(self, name, math):
        if name in ("begin", "end"):
            return self.environment(name, self.group(math, verbatim=True), math)
        known = MATH if math else PREAMBLE if self.preamble else TEXT
        if name not in known:
            self.error(f"\\{name}, which is unknown in {'mathematics' if math else 'text'},")
        if name in ("big", "Big", "left", "right"):
            if self.next() not in DELIMITERS:
                self.error(f"no delimiter of \\{name}")
            if name == "left":
                self.open.append("left")
            elif name == "right" and (not self.open or self.open.pop() != "left"):
                self.error("right without left")
            return None
        self.option() if name in ("\\", "documentclass", "usepackage", "sqrt") else None
        for _ in range(known[name]):
            said = self.group(math and name != "text", verbatim=self.preamble)
            if name == "usepackage" and not set(said.split(",")) <= PACKAGES:
                self.error(f"package {said}")
        return None

    def environment(self, side, name, math):
        if math or name not in ("document", "center"):
            self.error(f"environment {name}")
        if side == "begin":
            self.preamble = self.preamble and name != "document"
            self.open.append(name)
        elif not self.open or self.open.pop() != name:
            self.error(f"the end of {name}")


def test_the_errata_are_latex():
    text = errata_tex.tex("0123456789abcdef0123")
    Tex(text).document()
    assert text.startswith("\\documentclass")
    assert text.isascii()  # of any encoding


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex")
def test_the_errata_are_one_page_without_a_warning(tmp_path):
    (tmp_path / "errata.tex").write_text(errata_tex.tex("0123456789abcdef0123"))
    run = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "errata.tex"]
    assert subprocess.run(run, cwd=tmp_path, capture_output=True).returncode == 0
    log = (tmp_path / "errata.log").read_text()
    assert "(1 page," in log
    assert not re.findall("Warning|Overfull", log)


AROUND = "\\documentclass{article}\\begin{document}%s\\end{document}"


def test_what_is_right_is_read():
    for body in (
        "a $\\frac12 x_1^2$ \\emph{b $\\sqrt[3]{x}$}",
        "$\\Big[\\frac{a}{b}\\Big]$",
        "$\\left( x\\right)$",
    ):
        Tex(AROUND % body).document()


@pytest.mark.parametrize(
    "body",
    [
        *(
            "{",
            "}",
            "$x",
            "a_b",
            "5 %",
            "a & b",
            "$x_1_2$",
            "$x^2_1^3$",
            "$\\frac{1}$",
            "\\frac{1}{2}",
        ),
        *(
            "\\gone",
            "$\\operatorname{a}$",
            "\\begin{center}",
            "\\end{center}",
            "\\begin{table}\\end{table}",
        ),
        *(
            "$\\left( x$",
            "$\\Big x$",
            "é",
            "$\\emph{x}$",
            "$x\n\ny$",
            "\\emph",
            "\\begin{center}\\end{document}",
        ),
    ],
)
def test_what_is_wrong_is_seen(body):
    with pytest.raises(ValueError, match="after"):
        Tex(AROUND % body).document()
