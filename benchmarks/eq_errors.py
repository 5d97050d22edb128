"""Worst distance of the EQ's shapes from their analog prototypes, beside the cookbook's bilinear designs.

``PYTHONPATH=src:tests python benchmarks/eq_errors.py [sample rate]`` prints the table of docs/dsp/parametric_eq.md:
the largest difference in dB from 10 Hz to 20 kHz over gains of 3 to 24 dB, up and down, per centre frequency and q.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy import signal

from core.matched import analog_db
from core.test_equaliser import band, cookbook
from properties.support import prepared

HEARD = np.concatenate([np.geomspace(10.0, 3000.0, 60), np.linspace(3100.0, 20_000.0, 300)])
GAINS = (-24.0, -12.0, -6.0, -3.0, 3.0, 6.0, 12.0, 18.0, 24.0)
CENTRES = (1000.0, 4000.0, 8000.0, 12_000.0, 14_000.0, 16_000.0, 20_000.0)
SHAPES = {
    "bell": (0.1, 0.3, 0.7071, 1.4, 3.0, 10.0, 30.0),
    "low_shelf": (0.1, 0.3, 0.7071, 1.0, 1.4, 2.0, 3.0, 10.0),
    "high_shelf": (0.1, 0.3, 0.7071, 1.0, 1.4, 2.0, 3.0, 10.0),
    "tilt": (1.0,),
    "high_pass": (0.7071,),
    "low_pass": (0.7071,),
}


def worst(design: str, shape: str, hz: float, q: float, rate: float) -> float:
    errors = []
    gains = (0.0,) if shape.endswith("pass") else GAINS
    for gain_db in gains:
        if design == "ours":
            found = prepared("parametric_eq", band(shape, hz, gain_db, q), sample_rate=rate).response_db(
                HEARD
            )
        else:
            over = 2.0 * rate if design == "cookbook at 2x" else rate
            section = cookbook(shape, hz, gain_db, q, over)
            found = 20.0 * np.log10(np.abs(signal.sosfreqz(section, HEARD, fs=over)[1]) + 1e-30)
        errors.append(np.abs(found - analog_db(shape, hz, gain_db, q, HEARD)).max())
    return float(max(errors))


def main() -> None:
    rate = float(sys.argv[1]) if len(sys.argv) > 1 else 44_100.0
    print(f"| {rate:g} Hz | q | design | " + " | ".join(f"{hz / 1000:g}k" for hz in CENTRES) + " |")
    print("|---" * (3 + len(CENTRES)) + "|")
    for shape, qs in SHAPES.items():
        for q in qs:
            designs = ["ours"] if shape == "tilt" else ["ours", "cookbook", "cookbook at 2x"]
            for design in designs:
                cells = " | ".join(f"{worst(design, shape, hz, q, rate):.2f}" for hz in CENTRES)
                print(f"| {shape} | {q:g} | {design} | {cells} |")


if __name__ == "__main__":
    main()
