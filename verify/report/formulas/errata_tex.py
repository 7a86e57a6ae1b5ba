"""The errata on one page of LaTeX, to be cited."""

from __future__ import annotations

from verify.report.formulas.page import misprinted
from verify.report.paper import ERRATA, Erratum

NAME = "errata.tex"

_HEAD = r"""\documentclass[10pt,a4paper]{article}
\usepackage{amsmath,amssymb}
\usepackage[margin=14mm]{geometry}
\setlength{\parindent}{0pt}
\pagestyle{empty}
\begin{document}
\small
\begin{center}
{\large\bfseries Errata to ``The Loss Surfaces of Multilayer Networks''}\\[2pt]
(A.~Choromanska, M.~Henaff, M.~Mathieu, G.~Ben Arous, Y.~LeCun, AISTATS 2015)
\end{center}
$N$ spins on the sphere of radius $\sqrt N$; $p$ the order of the interaction; $u = H/N$;
$E_\infty = 2\sqrt{(p-1)/p}$; $c = (p-2)/(2p)$ in 6.
Proofs, exact counts and wrong variants that the same evidence refutes: the report of \emph{spin-landscapes},
sources of digest \texttt{@DIGEST@}.
"""

# What has no formula, in words.
_WORDS = {
    "E5": (
        "the gradient is never cleared, so that steps follow an accumulated one",
        "cleared at every step",
    ),
    "E12": ("losses said to be scaled", "the losses as they are"),
}

# What the formulas leave unsaid.
_NOTES = {
    "E4": "The first and the third printed bound are true, not sharp; the second needs "
    r"$\varepsilon \le \pi \le 1/2$ and is false where a class is rare.",
    "E6": r"With an $\varepsilon$ of room the printed form holds; typical mean minima lie "
    r"$2\sqrt c\,E_\infty/\sqrt N$ above $-E_\infty$.",
    "E7": r"At fixed $u < -E_\infty$ it does vanish.",
    "E8": "Index 0 dominates; the drawn curves are a limit formula that lacks a power of $N$.",
    "E9": "The printed number is the drop.",
}


def tex(digest: str) -> str:
    """The page; ``digest`` is that of the sources of the report."""
    items = [_item(one) for one in ERRATA]
    return "\n".join([_HEAD.replace("@DIGEST@", digest[:16]), *items, r"\end{document}", ""])


def _item(one: Erratum) -> str:
    said = [(f.printed, f.tex) for f in misprinted() if f.erratum == one.id]
    shown = [(f"${_fit(a)}$", f"${_fit(b)}$") for a, b in said] or [_WORDS[one.id]]
    lines = [rf"\smallskip\textbf{{{one.id[1:]}.}} {_plain(one.source)}."]
    for printed, right in shown:
        lines.append(rf"\\ \emph{{Printed:}} {printed}.\\ \emph{{Right:}} {right}.")
    note = [rf"\\ {_NOTES[one.id]}"] if one.id in _NOTES else []
    return "\n".join([*lines, *note, r"\par", ""])


def _fit(tex: str) -> str:
    """A formula for running text."""
    return tex.replace(r"\qquad", r"\quad")


def _plain(text: str) -> str:
    """A place in the paper, with its formula letters as mathematics."""
    for plain, formula in (
        ("Theta_{k,p}", r"$\Theta_{k,p}$"),
        ("u >= -E_inf", r"$u \ge -E_\infty$"),
        ("u = -E_inf", r"$u = -E_\infty$"),
        ("-E_inf", r"$-E_\infty$"),
    ):
        text = text.replace(plain, formula)
    return text
