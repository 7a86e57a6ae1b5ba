"""``landscapes completion bash``: a script by which the shell completes commands and options.

The words are found by introspection once and written out, so that no Python starts at a press of Tab.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from typing import Any

import typer

SHELLS = ("bash", "zsh")

_SCRIPT = """\
_landscapes() {{
  local words
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="{packages} --version --help"
  else
    case "${{COMP_WORDS[1]}} ${{COMP_WORDS[2]}}" in
{cases}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _landscapes landscapes
"""
_ZSH = "autoload -U +X bashcompinit && bashcompinit\n"


def script(shell: str, packages: Sequence[str]) -> str:
    """The script for a shell; other words are completed as files.

    Examples
    --------
    >>> "complete -o default -F _landscapes landscapes" in script("bash", ["theory"])
    True
    """
    cases = "\n".join(_case(*one) for package in packages for one in _words(package))
    text = _SCRIPT.format(packages=" ".join([*packages, "completion"]), cases=cases)
    return (_ZSH if shell == "zsh" else "") + text


def _words(package: str) -> Iterator[tuple[str, list[str]]]:
    """What was typed so far, as a pattern, and the words that may follow it."""
    app = importlib.import_module(f"verify.commands.{package}").app
    group: Any = typer.main.get_command(app)
    for name, command in sorted(group.commands.items()):
        yield f'"{package} {name}"', _options(command)
    yield f'"{package} "*', [*sorted(group.commands), *_options(group)]


def _options(command: Any) -> list[str]:
    every = (name for one in command.params for name in (*one.opts, *one.secondary_opts))
    return sorted({name for name in every if name.startswith("--")} | {"--help"})


def _case(pattern: str, words: Sequence[str]) -> str:
    return f'      {pattern}) words="{" ".join(words)}" ;;'
