"""The page of a check, with its figure."""

from __future__ import annotations

from pathlib import Path

from verify.report.folder import check_places, write_texts
from verify.report.markdown import escape, number, table
from verify.report.plots import draw
from verify.samples.result import LEVEL, Check

FIGURE, PAGE = "check.png", "check.md"


def write(found: Check, out: Path) -> None:
    """Write check.md and check.png to a folder, whose places are looked at first."""
    out.mkdir(parents=True, exist_ok=True)
    check_places(out, [FIGURE, PAGE])
    draw(found.curves, out / FIGURE)
    write_texts(out, {PAGE: markdown(found)})


def markdown(found: Check) -> str:
    """The page."""
    tests = table(
        ["quantity", "predicted", "measured", "\u00b1 std. err.", "units", "p"],
        [
            [
                escape(cell.quantity),
                number(cell.predicted),
                number(cell.estimate),
                number(cell.stderr, 2),
                str(cell.units),
                number(cell.p_value, 2),
            ]
            for cell in found.cells
        ],
    )
    fits = table(
        ["mistake", "distance", "p", "power to tell it", "what mends it"],
        [
            [
                escape(fit.name),
                number(fit.distance, 3),
                number(fit.p_value, 2),
                f"{fit.power:.3g}",
                escape(fit.advice),
            ]
            for fit in found.fits
        ],
    )
    reach = [f"- {escape(name)}: {share:.2%}" for name, share in found.smallest.items()]
    word = "agree" if found.agrees else "**do not agree**"
    parts = [
        f"# Samples and {escape(found.name)}",
        f"They {word}: {escape(found.diagnosis)}.",
        f"![samples and the law]({FIGURE})",
        "## Tests",
        f"A right sampler is refused with probability {LEVEL:g}, all tests together (Holm).",
        tests,
        *(
            ["Relative changes that these samples tell with power 0.99:", "\n".join(reach)]
            if reach
            else []
        ),
        "## Usual mistakes",
        "The nearest first. A large p says that the samples are as this mistake makes them; the power, "
        "how likely these tests would have told it from the law.",
        fits,
    ]
    return "\n\n".join(parts) + "\n"
