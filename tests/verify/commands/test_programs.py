"""What the programs say of themselves: version, help, where help is; one name for the three."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
from cli import APPS, call

import theory
import verify
from verify import commands

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def landscapes(capsys, monkeypatch, *words):
    for name in ("getsignal", "signal"):  # the tests keep their own
        monkeypatch.setattr(commands.signal, name, lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["landscapes", *words])
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    code = 0
    try:
        commands.landscapes()
    except SystemExit as left:
        code = left.code
    return code, *capsys.readouterr()


@pytest.mark.parametrize("program", APPS)
def test_version(capsys, program):
    assert call(capsys, program, "--version") == (0, f"{program} {theory.__version__}\n", "")
    assert theory.__version__ == PROJECT["version"]


@pytest.mark.parametrize("program", APPS)
def test_without_a_command_there_is_help(capsys, program):
    code, out, err = call(capsys, program)
    assert (code, err) == (0, "")
    assert out.strip() == call(capsys, program, "--help")[1].strip()


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["counts", "--bogus"], "python -m theory counts --help"),
        (["counts", "--n"], "python -m theory counts --help"),
        (["ground-state", "too", "many"], "python -m theory ground-state --help"),
        (["bogus"], "python -m theory --help"),
    ],
)
def test_an_error_points_to_the_help_of_its_command(capsys, words, place):
    code, out, err = call(capsys, "theory", *words)
    assert (code, out) == (2, "")
    assert err.endswith(f"See: {place}\n")


def test_one_name_for_the_three_programs(capsys, monkeypatch):
    assert PROJECT["scripts"] == {"landscapes": "verify.commands:landscapes"}
    code, out, _ = landscapes(capsys, monkeypatch, "theory", "counts", "--p", "3", "--n", "3")
    assert (code, "N = 3: 10.5523597 " in out) == (0, True)
    code, _, err = landscapes(capsys, monkeypatch, "theory", "counts", "--bogus")
    assert (code, "See: landscapes theory counts --help" in err) == (2, True)
    assert landscapes(capsys, monkeypatch, "verify", "--version") == (
        0,
        f"landscapes verify {theory.__version__}\n",
        "",
    )
    assert landscapes(capsys, monkeypatch, "--version")[:2] == (
        0,
        f"landscapes {theory.__version__}\n",
    )
    for words in ([], ["--help"]):
        code, out, _ = landscapes(capsys, monkeypatch, *words)
        assert (code, all(name in out for name in APPS)) == (0, True)
    code, out, err = landscapes(capsys, monkeypatch, "physics")
    assert (code, out, len(err.splitlines())) == (2, "", 1)


def test_from_python_there_are_the_same_words():
    assert theory.counts(theory.pure(3), 5, 0) == theory.mean_count(theory.pure(3), 5, 0)
    for old, new in (("sharp_asymptotics", "prefactor"), ("relaxation", "dynamics")):
        with pytest.warns(DeprecationWarning, match=rf"theory\.{new}"):
            assert getattr(theory, old) is getattr(theory, new)
        assert old not in dir(theory)
    for word in ("complexity", "counts", "dynamics", "prefactor", "temperatures"):
        assert word in {c.name or c.callback.__name__ for c in APPS["theory"].registered_commands}
        assert word in theory.__all__
    assert verify.__version__ == theory.__version__
    assert verify.all_claims()["E1"].title.startswith("The plateau")


def completed(script, *words):
    """What bash offers after these words."""
    typed = " ".join(f"'{word}'" for word in words)
    ask = (
        f'COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; _landscapes; echo "${{COMPREPLY[@]}}"'
    )
    run = subprocess.run(["bash", "-uc", script + ask], capture_output=True, text=True, check=True)
    assert run.stderr == ""
    return run.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_the_shell_completes_commands_and_options(capsys, monkeypatch):
    code, script, err = landscapes(capsys, monkeypatch, "completion", "bash")
    assert (code, err) == (0, "")
    assert completed(script, "landscapes", "") == [*APPS, "completion", "--version", "--help"]
    assert completed(script, "landscapes", "theory", "co") == ["complexity", "counts"]
    assert "--samples" in completed(script, "landscapes", "numerics", "census", "--p", "3", "--s")
    for program, app in APPS.items():
        for name, command in typer.main.get_command(app).commands.items():
            offered = completed(script, "landscapes", program, name, "--")
            asked = {word for one in command.params for word in one.opts if word.startswith("--")}
            assert asked <= set(offered), name
            assert "--help" in offered
    assert completed(script, "landscapes", "theory", "counts", "fi") == []  # then bash offers files


def test_shells_have_names(capsys, monkeypatch):
    code, script, _ = landscapes(capsys, monkeypatch, "completion", "zsh")
    assert code == 0
    assert script.startswith("autoload -U +X bashcompinit && bashcompinit\n")
    for words in ((), ("tcsh",), ("bash", "zsh")):
        code, out, err = landscapes(capsys, monkeypatch, "completion", *words)
        assert (code, out) == (2, "")
        assert err.startswith("error: completion: got ")
        assert err.count("\n") == 1
