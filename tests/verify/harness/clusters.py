"""A dask scheduler with workers, in processes of their own; with TLS if it is wanted."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path


def certified(folder: Path) -> dict[str, str]:
    """What dask reads of TLS from the environment: one certificate, signed by itself, for every part."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext"
    subprocess.run(
        [*words.split(), "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    prefix = "DASK_DISTRIBUTED__COMM__"
    found = {f"{prefix}TLS__CA_FILE": str(certificate), f"{prefix}REQUIRE_ENCRYPTION": "True"}
    for part in ("SCHEDULER", "WORKER", "CLIENT"):
        found |= {f"{prefix}TLS__{part}__KEY": str(key)}
        found |= {f"{prefix}TLS__{part}__CERT": str(certificate)}
    return found


def scheduler(
    stack: ExitStack, environment: Mapping[str, str], protocol: str = "tcp"
) -> tuple[str, subprocess.Popen[str], Callable[[], subprocess.Popen[str]]]:
    """The address of a scheduler, its process, and how to hire a worker; all end with the stack."""

    def started(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=environment["PYTHONPATH"],  # where python -m looks first
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        stack.callback(process.communicate)
        stack.callback(process.kill)
        return process

    words = ["--protocol", protocol, "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    found = started("distributed.cli.dask_scheduler", *words)
    pattern = rf"{protocol}://[0-9.:]+"
    address = next(re.search(pattern, line)[0] for line in found.stderr if "Scheduler at" in line)

    def hire() -> subprocess.Popen[str]:
        return started("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard")

    return address, found, hire
