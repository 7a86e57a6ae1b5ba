"""A command line run in this process."""

import sys

from verify.commands import arguments, numerics, theory
from verify.commands import verify as verify_command

APPS = {"theory": theory.app, "numerics": numerics.app, "verify": verify_command.app}


def call(capsys, program, *words):
    """Exit code, standard output and standard error of a command line."""
    old = sys.argv
    sys.argv = [program, *words]
    try:
        arguments.main(APPS[program], f"python -m {program}")
    except SystemExit as left:
        out, err = capsys.readouterr()
        return left.code, out, err
    finally:
        sys.argv = old
    raise AssertionError("main returned")
