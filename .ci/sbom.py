"""A software bill of materials, CycloneDX 1.6 as JSON, of what a lock file installs.

python .ci/sbom.py LOCK OUT

The same lock gives the same bytes. A component bears the SHA-256 of each file that may be it: a wheel
for every system, and the sources.
"""

from __future__ import annotations

import json
import sys
import tomllib
import uuid
from pathlib import Path

from locked import Locked, read

ROOT = Path(__file__).resolve().parents[1]


def component(one: Locked) -> dict[str, object]:
    """A package as CycloneDX says it."""
    address = f"pkg:pypi/{one.name}@{one.version}"
    found: dict[str, object] = {
        "type": "library",
        "bom-ref": address,
        "name": one.name,
        "version": one.version,
        "purl": address,
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in one.hashes],
    }
    if one.marker:
        found["properties"] = [{"name": "python:marker", "value": one.marker}]
    return found


def bill(lock: Path) -> dict[str, object]:
    """The whole bill."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = project["name"], project["version"]
    packages = read(lock)
    number = uuid.uuid5(uuid.NAMESPACE_OID, lock.read_text(encoding="utf-8"))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{number}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": name,
                "name": name,
                "version": version,
                "licenses": [{"license": {"id": project["license"]}}],
            },
            "properties": [{"name": "lock", "value": lock.name}],
        },
        "components": [component(one) for one in packages],
        # A lock does not say which package asks for which.
        "dependencies": [
            {"ref": name, "dependsOn": [f"pkg:pypi/{p.name}@{p.version}" for p in packages]}
        ],
    }


if __name__ == "__main__":
    lock, out = map(Path, sys.argv[1:])
    out.write_text(json.dumps(bill(lock), indent=1) + "\n", encoding="utf-8")
    print(f"{out}: {len(read(lock))} packages of {lock}")
