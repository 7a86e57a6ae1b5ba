"""What tests compare with: values.json, which make.py made by code that shares nothing with ours."""

import json
from pathlib import Path

VALUES = json.loads(Path(__file__).with_name("values.json").read_text())
