"""Every command line of the project: parse, call one public function, print its result."""

import importlib
import signal


def enter(package: str) -> None:
    """Load a package's command line and run it; an interrupt while it loads ends it silently."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    module = importlib.import_module(f"verify.commands.{package}")
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    module.main()
