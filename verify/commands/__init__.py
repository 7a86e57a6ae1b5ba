"""Every command line of the project: parse, call one public function, print its result."""

import importlib
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from verify.commands.streams import tolerant

PACKAGES = {
    "theory": "exact and certified values",
    "numerics": "samples and simulations",
    "verify": "claims, judged",
}


@contextmanager
def loading() -> Iterator[None]:
    """Within, an interrupt ends the process silently: a module half loaded cannot say it well."""
    answered = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if answered:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        if answered:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def enter(package: str, program: str | None = None) -> None:
    """Load a package's command line and run it; an interrupt is answered unless it is ignored."""
    sys.stderr = tolerant(sys.stderr)
    with loading():
        module = importlib.import_module(f"verify.commands.{package}")
        arguments = importlib.import_module("verify.commands.arguments")
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        # As an interrupt: no task takes it for a failure of its own.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    arguments.main(module.app, program or f"python -m {package}")


def _complete(words: list[str]) -> None:
    """Print the script of a shell."""
    completion = importlib.import_module("verify.commands.completion")
    if len(words) == 1 and words[0] in completion.SHELLS:
        print(completion.script(words[0], list(PACKAGES)), end="")
        return
    print(
        f"error: completion: got {' '.join(words)[:40]!r}; takes {' or '.join(completion.SHELLS)}. "
        'Example: eval "$(landscapes completion bash)"',
        file=sys.stderr,
    )
    sys.exit(2)


def landscapes() -> None:
    """The three command lines under one name: ``landscapes theory counts --p 3 --n 10``."""
    word = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if word in PACKAGES:
        del sys.argv[1]
        enter(word, f"landscapes {word}")
    elif word == "completion":
        _complete(sys.argv[2:])
    elif word == "--version":
        from theory import __version__

        print(f"landscapes {__version__}")
    elif word == "--help":
        print("Usage: landscapes theory|numerics|verify COMMAND ...\n")
        print("\n".join(f"  {name:9} {what}" for name, what in PACKAGES.items()))
        print('  completion  for your shell: eval "$(landscapes completion bash)", or zsh')
        print("\nEach has --help. Example: landscapes theory counts --p 3 --n 10")
    else:
        print(
            f"error: got {word[:40]!r}; takes {', '.join(PACKAGES)}. See: landscapes --help",
            file=sys.stderr,
        )
        sys.exit(2)
