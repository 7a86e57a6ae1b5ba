"""The literals are what their script says; those that take long are made again by make.py alone."""

import json

import make
from reference import VALUES


def test_values_are_what_their_script_makes():
    assert VALUES["layers"]["3,0"] == make.layer(3, 0)
    assert VALUES["sphere, p = 3"] == make.on_the_sphere()
    assert VALUES["u(1) of p = 2"] == make.bessel(1)
    coarse = make.energies([0.5, 1.0], 50)
    fine = VALUES["u(0.5), u(1), u(2), u(5) of p = 3"]
    assert all(abs(a - b) < 1e-6 for a, b in zip(coarse, fine, strict=False))
    assert make.FILE.read_text() == json.dumps(VALUES, indent=1) + "\n"
