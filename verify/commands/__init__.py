"""Every command line of the project: parse, call one public function, print its result."""

import importlib
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from verify.commands.streams import tolerant


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


def enter(package: str) -> None:
    """Load a package's command line and run it; an interrupt is answered unless it is ignored."""
    sys.stderr = tolerant(sys.stderr)
    with loading():
        module = importlib.import_module(f"verify.commands.{package}")
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        # As an interrupt: no task takes it for a failure of its own.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    module.main()
