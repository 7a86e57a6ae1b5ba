#!/usr/bin/env bash
# On a machine with an NVIDIA GPU: tests, rates, the paper's Figure 3, the quick profile; at most 8 minutes.
# Each part is written to gpu.json and gpu.md as it ends, and not measured again on the same sources.
#
#   benchmarks/gpu.sh [--wheels DIR] [--parts tests,rates,peers,networks,f3,quick] [--out DIR]
#
# More parts by name: standard (the whole standard profile), large (end points at N = 1000 and 2000).
# Python is that of PYTHON, or .venv, or python3. What it lacks is named; wheels of it in DIR are installed
# into build/site, with no network:
#   python -m pip download --require-hashes -r locks/gpu.lock -d DIR      # on a machine that has one
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
command -v "$python" >/dev/null || python=python3
wheels="" parts=tests,rates,peers,networks,f3,quick rest=()
while [ $# -gt 0 ]; do
    case "$1" in
        --wheels) wheels=$2; shift 2 ;;
        --parts) parts=$2; shift 2 ;;
        *) rest+=("$1"); shift ;;
    esac
done
if [ -n "$wheels" ]; then
    "$python" -m pip install -q --no-index --no-deps --no-compile --upgrade --target build/site "$wheels"/*.whl
    export PYTHONPATH="$PWD/build/site${PYTHONPATH:+:$PYTHONPATH}"
fi
"$python" - <<'END'
import importlib.util, sys
needed = ("array_api_compat", "cupy", "flint", "jsonschema", "lazy_loader", "llvmlite", "matplotlib", "mpmath",
          "numba", "numpy", "rich", "scipy", "sklearn", "sympy", "threadpoolctl", "typer", "hypothesis", "pytest")
missing = [name for name in needed if importlib.util.find_spec(name) is None]
if missing:
    sys.exit(f"missing: {', '.join(missing)}; give their wheels with --wheels DIR")
END
"$python" -c 'from numerics.core.backend import namespace; namespace("cupy")'
case ",$parts," in *,tests,*)
    timeout 150 "$python" -m pytest -q -p no:cacheprovider tests/numerics -k "device or cupy or OnADevice" ;;
esac
measured=$(echo ",$parts," | sed 's/,tests,/,/; s/^,//; s/,$//')
[ -z "$measured" ] || "$python" benchmarks/device.py --parts "$measured" ${rest[@]+"${rest[@]}"}
