#!/usr/bin/env bash
# On a machine with an NVIDIA GPU: the GPU tests, then the table (gpu.json, gpu.md). At most 8 minutes.
#   .venv/bin/python -m pip install --require-hashes -r locks/gpu.lock     # or gpu-cuda12; and -r requirements-dev.lock
#   benchmarks/gpu.sh [--out DIR]
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
"$python" -c 'from numerics.core.backend import namespace; namespace("cupy")'
timeout 200 "$python" -m pytest -q tests/numerics -k "cupy or OnADevice"
timeout 270 "$python" benchmarks/device.py "$@"
