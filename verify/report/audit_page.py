"""What an audit found, as audit.json and as a page of the report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from verify.audit.audit import Audit
from verify.audit.calibration import GRID, Calibration, Rate
from verify.audit.excuses import excuse_of
from verify.audit.judging.trials import Tried
from verify.audit.mutations import Change
from verify.audit.sweep import LEAST_SHARE, MOST_EXCUSED, MOST_GUARDS, Sweep
from verify.engine.provenance import provenance
from verify.report import plots
from verify.report.audit_line import NAME
from verify.report.folder import check_places, write_texts
from verify.report.markdown import FIGURE, escape, long_table, number

_YES = {True: "yes", False: "**no**"}
_FIGURE = f"figures/calibration{FIGURE}"


def _place(change: Change) -> dict[str, Any]:
    return {"file": change.file, "line": change.line, "change": change.what, "text": change.text}


def _tried(one: Tried) -> dict[str, Any]:
    excuse = excuse_of(one.change)
    why = excuse.why if excuse else ""
    return {**_place(one.change), "outcome": one.outcome, "judge": one.judge, "why": why}


def _calibration(one: Calibration) -> dict[str, Any]:
    return {**asdict(one), "envelope": one.envelope if one.cells else None, "holds": one.holds}


def _look(one: Rate) -> dict[str, Any]:
    low, high = one.interval
    return {**asdict(one), "low": low, "high": high, "holds": one.holds}


def _generic(one: Sweep) -> dict[str, Any]:
    low, high = one.interval
    return {
        "changes": one.changes,
        "excused": len(one.excused),
        "guards": len(one.guards),
        "tried": len(one.tried),
        "killed": one.count("refuted"),
        "by_tests": sum(t.outcome == "refuted" and t.judge.startswith("tests/") for t in one.tried),
        "crashed": one.count("crashed"),
        "survivors": [_tried(each) for each in one.survivors],
        "inconclusive": [_tried(each) for each in one.tried if each.outcome == "inconclusive"],
        "reached": one.reached,
        "unreached": [_place(each) for each in one.unreached],
        "share": one.share,
        "interval": [low, high],
        "files": [list(row) for row in one.by_file()],
        "holds": one.holds,
    }


def as_json(audit: Audit) -> dict[str, Any]:
    """The whole audit as plain data."""
    return {
        "holds": audit.holds,
        "provenance": {
            **provenance(),
            "seed": audit.seed,
            "wall_seconds": round(audit.seconds, 1),
        },
        "calibration": [_calibration(one) for one in audit.calibrations],
        "looks": [_look(one) for one in audit.rates],
        "mutants": [asdict(one) for one in audit.mutants],
        "generic": {one.room: _generic(one) for one in audit.sweeps},
        "excused": [_tried(one) for one in audit.excused],
        "guards": [
            {
                "file": one.excuse.file,
                "line": one.excuse.line,
                "why": one.excuse.why,
                "test": one.excuse.test,
                "tried": [list(each) for each in one.tried],
                "fails": one.fails,
            }
            for one in audit.guarded
        ],
    }


def _head(data: Mapping[str, Any]) -> list[str]:
    mutants, origin = data["mutants"], data["provenance"]
    killed = sum(one["killed"] for one in mutants)
    shares = "; ".join(
        f"{room['killed']} of {room['tried'] - room['crashed']} small changes of {name} refuted"
        for name, room in data["generic"].items()
    )
    return [
        f"**{'Every number below is as stated.' if data['holds'] else 'Some numbers miss.'}** "
        f"{killed} of {len(mutants)} named wrong theories and wrong samplers refuted; {shares}.",
        "# How often is the verifier itself wrong?",
        f"Seed {origin['seed']}, source digest `{origin['source_digest'][:16]}`, "
        f"{number(origin['wall_seconds'])} s (what the store had is not done again).",
    ]


def _calibrated(data: Mapping[str, Any]) -> list[str]:
    head = ["claim", "null", "seeds", "comparisons", "discrete", "p uniform", "P(p < 0.05)"]
    rows = [
        [
            escape(c["claim"]),
            c["kind"],
            str(c["seeds"]),
            str(c["cells"]),
            str(c["discrete"]),
            number(c["p_uniform"], 2),
            number(c["cell_rate"], 2),
            str(c["false_alarms"]),
            _YES[c["holds"]],
        ]
        for c in data["calibration"]
    ]
    looks = [
        [
            escape(r["look"]),
            number(r["stated"]),
            str(r["alarms"]),
            str(r["seeds"]),
            f"{r['low']:.4f} to {r['high']:.4f}",
            _YES[r["holds"]],
        ]
        for r in data["looks"]
    ]
    return [
        "## Calibration: claims that are true",
        "Each claim draws data from its own null on many seeds; its p-values must be uniform "
        "(Kolmogorov-Smirnov, smallest over the comparisons times their number, at 1e-3), and "
        "not powerless: a share of at least 0.02 below 0.05. Comparisons with few distinct p-values "
        "are discrete, and only held to the upper bound. A simulated limit is too costly to draw "
        "anew: its stored units are drawn again with replacement around the estimate from all.",
        *([f"![distribution of p-values]({_FIGURE})"] if figure(data["calibration"]) else []),
        "The figure shows, for each claim, the share of p-values up to x less x: the lowest and the "
        "highest over its comparisons. All of them stay inside the envelope but once in a thousand "
        "such audits of a claim that is calibrated (the exact law of the largest distance).",
        long_table([*head, "alarms at 0.05", "holds"], rows),
        long_table(
            ["look", "stated at most", "alarms", "of", "99 % interval of the rate", "holds"], looks
        ),
    ]


def figure(calibrations: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Series of the distributions of p-values, a panel a claim."""
    found = []
    for one in calibrations:
        if not one["lowest"]:
            continue
        panel = {"panel": one["claim"], "xlabel": "x", "ylabel": "share less x", "kind": "line"}
        reach = one["envelope"]
        curves = {
            "highest": [y - x for x, y in zip(GRID, one["highest"], strict=True)],
            "lowest": [y - x for x, y in zip(GRID, one["lowest"], strict=True)],
            "envelope": [min(reach, 1 - x) for x in GRID],
            "envelope, below": [-min(reach, x) for x in GRID],
        }
        found += [{**panel, "label": k, "x": list(GRID), "y": y} for k, y in curves.items()]
    return found


def _power(data: Mapping[str, Any]) -> list[str]:
    return [
        "## Power: named wrong theories and wrong samplers",
        "Wrong theories are judged on the samples of a quick run. Wrong samplers run at a size of a "
        "few core-seconds and must be refuted in both looks at the level that Holm's procedure asks "
        "of a claim when all others hold.",
        long_table(
            ["claim", "wrong", "side", "refuted", "p", "core-seconds"],
            [
                [
                    escape(m["claim"]),
                    escape(m["mutant"]),
                    m["side"],
                    _YES[m["killed"]] + (f" ({escape(m['note'])})" if m["note"] else ""),
                    number(m["p_value"], 2),
                    number(m["seconds"], 2),
                ]
                for m in data["mutants"]
            ],
        ),
    ]


_JUDGED = {
    "theory": "by the claims that run the line, and what these leave by the tests that run it",
    "numerics": "by the tests and then the claims that run the line, on samples drawn anew; kernels "
    "are compiled from the changed source",
    "statistics": "by its tests and by claims: refuted where a verdict, a wrong theory or a p-value "
    "changes",
}


def _swept(name: str, room: Mapping[str, Any]) -> list[str]:
    judged = room["tried"] - room["crashed"]
    low, high = room["interval"]
    sample = ""
    if room["tried"] < room["reached"]:
        sample = f"An even sample of {room['tried']} of {room['reached']} was tried. "
    goal = LEAST_SHARE[name]  # type: ignore[index]
    return [
        f"### {name}",
        f"Judged {_JUDGED[name]}. {sample}{room['killed']} of {judged} judged were refuted"
        f"{_by_tests(room)}: {room['share']:.1%}, at least {goal:.0%} asked for (95 % interval {low:.1%} to "
        f"{high:.1%}). "
        f"{len(room['inconclusive'])} left a judge undecided, {len(room['survivors'])} survived. "
        f"{room['crashed']} crashed or ran out of time and count neither way. Of "
        f"{room['changes']} changes {room['excused']} are marked as computing the same number "
        f"({_of(room['excused'], room)}), {room['guards']} as guards ({_of(room['guards'], room)}); "
        f"{len(room['unreached'])} are of lines that no judge runs.",
        long_table(
            ["file", "changes", "same", "guards", "tried", "survived"],
            [[row[0], *map(str, row[1:])] for row in room["files"]],
        ),
        "Survivors:",
        _places([*room["survivors"], *room["inconclusive"]]),
        "Lines that no judge runs:",
        long_table(
            ["where", "line"],
            [
                [f"{file}:{line}", escape(text)]
                for file, line, text in dict.fromkeys(
                    (u["file"], u["line"], u["text"]) for u in room["unreached"]
                )
            ],
        ),
    ]


def _by_tests(room: Mapping[str, Any]) -> str:
    by_tests = room.get("by_tests", 0)
    return f", {by_tests} of them by tests" if by_tests else ""


def _of(part: int, room: Mapping[str, Any]) -> str:
    return f"{part / max(1, room['changes']):.1%}"


def _excused(data: Mapping[str, Any]) -> list[str]:
    tried, guards = data["excused"], data["guards"]
    wrong = [one for one in tried if one["outcome"] == "refuted"]
    idle = [one for one in guards if not one["fails"]]
    return [
        "### What the sources excuse",
        f"At most {MOST_EXCUSED:.0%} of the changes of a room may be marked as the same number and "
        f"{MOST_GUARDS:.0%} as guards. {len(tried)} of the first were drawn and tried by the judges "
        f"and, of theory, by a committed list of public numbers: {len(wrong)} refuted or moved beyond "
        f"the error stated, {sum(one['outcome'] == 'crashed' for one in tried)} crashed. The tests of "
        f"{len(guards)} guards were run without them: {len(guards) - len(idle)} failed, as they must.",
        "Wrongly excused:",
        _places(wrong),
        "Guards whose test does not fail:",
        long_table(
            ["where", "why", "test", "tried"],
            [
                [
                    f"{g['file']}:{g['line']}",
                    escape(g["why"]),
                    f"`{g['test']}`",
                    escape("; ".join(f"{what} {outcome}" for what, outcome in g["tried"])),
                ]
                for g in idle
            ],
        )
        if idle
        else "None.",
    ]


def page(data: Mapping[str, Any]) -> str:
    """The page of the sceptic."""
    parts = [
        *_head(data),
        *_calibrated(data),
        *_power(data),
        "## Sweep: small changes of the sources",
        "Each numeric literal +1, -1 and doubled, each sign, + and -, < and <=, and k for k + 1, one "
        "at a time.",
    ]
    for name, room in data["generic"].items():
        parts += _swept(name, room)
    if data["excused"] or data["guards"]:
        parts += _excused(data)
    return "\n\n".join([*parts, "[Back to the index](index.md)"]) + "\n"


def _places(places: Sequence[Mapping[str, Any]]) -> str:
    if not places:
        return "None."
    rows: dict[tuple[str, str, str], list[str]] = {}
    for one in places:
        said = " ".join(part for part in (one["outcome"], one["judge"], one["why"]) if part)
        where = (f"{one['file']}:{one['line']}", one["text"], said)
        rows.setdefault(where, []).append(one["change"])
    return long_table(
        ["where", "line", "changes", "outcome"],
        [[w, escape(t), escape("; ".join(c)), escape(y)] for (w, t, y), c in rows.items()],
    )


def missed(data: Mapping[str, Any]) -> list[str]:
    """What is not as stated, a line each."""
    lines = [f"not calibrated: {c['claim']}" for c in data["calibration"] if not c["holds"]]
    lines += [f"too many alarms: {r['look']}" for r in data["looks"] if not r["holds"]]
    lines += [
        f"not refuted: {m['claim']}: {m['mutant']}" for m in data["mutants"] if not m["killed"]
    ]
    for name, room in data["generic"].items():
        if not room["holds"]:
            said = (
                f"{room['share']:.1%} of the judged refuted, {_of(room['excused'], room)} marked "
            )
            lines.append(
                f"sweep of {name}: {said}as the same, {_of(room['guards'], room)} as guards"
            )
    lines += [
        f"wrongly excused: {one['file']}:{one['line']}: {one['change']} ({one['judge']})"
        for one in data["excused"]
        if one["outcome"] == "refuted"
    ]
    idle = [one for one in data["guards"] if not one["fails"]]
    return lines + [f"no test fails without {g['file']}:{g['line']}: {g['test']}" for g in idle]


def write(data: Mapping[str, Any], out: Path) -> None:
    """Write audit.json, audit.md and its figure to a folder."""
    out.mkdir(parents=True, exist_ok=True)
    series = figure(data["calibration"])
    check_places(out, [NAME, "audit.md", *([_FIGURE] if series else [])])
    if series:
        (out / "figures").mkdir(exist_ok=True)
        plots.draw(series, out / _FIGURE, columns=4)
    text = json.dumps(data, indent=1, allow_nan=False) + "\n"
    write_texts(out, {NAME: text, "audit.md": page(data)})
