"""Known vulnerabilities of what the locks hold, by pip-audit.

python .ci/audit_deps.py ENVIRONMENT LOCK ...

pip-audit keeps no database: it asks an advisory service about each package. Exit 0: none known; 1: some,
printed; 3: the service did not answer, nothing is known.
"""

from __future__ import annotations

import json
import subprocess
import sys

UNKNOWN = 3


def judged(said: str) -> tuple[int, str]:
    """Exit code and a line, from what pip-audit printed as JSON; what was not looked up is not clean."""
    try:
        found = json.loads(said)["dependencies"]
    except (ValueError, KeyError):
        return UNKNOWN, "not audited, the advisory service does not answer"
    known = [f"{one['name']} {bad['id']}" for one in found for bad in one.get("vulns", ())]
    skipped = [one["name"] for one in found if "skip_reason" in one]
    if known:
        return 1, f"{len(known)} known vulnerabilities: {', '.join(known)}"
    if skipped or not found:
        return UNKNOWN, f"not audited, the service knows nothing of {len(skipped)} of {len(found)}"
    return 0, f"no known vulnerability in {len(found)} packages"


def main(environment: str, *locks: str) -> int:
    """Audit each lock: 1 if any has a known vulnerability, else 3 if any was not audited."""
    codes = set()
    for lock in locks:
        words = ["-m", "pip_audit", "-r", lock, "--require-hashes", "--disable-pip", "--no-deps"]
        words += ["--format", "json", "--progress-spinner", "off", "--timeout", "15"]
        run = subprocess.run(
            [f"{environment}/bin/python", *words], capture_output=True, encoding="utf-8"
        )
        code, line = judged(run.stdout)
        print(f"{lock}: {line}", flush=True)
        codes.add(code)
        if code == UNKNOWN:
            break  # the others would wait for the same service
    return 1 if 1 in codes else max(codes)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
