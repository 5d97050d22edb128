"""Our equaliser and compressor as JSFX against the native ones, both run over the same sound.

    SMARTMIX_YSFX=.../run_effect PYTHONPATH=src:tests python benchmarks/jsfx_table.py [FILE.wav ...]

The JSFX run in ysfx (tests/interop/ysfx/run_effect.cpp says how) in blocks of 512, the natives here. FILE: real
recordings, the first 20 s of each; without one, noise that swells and falls. Figures: RMS of the difference over that
of the native sound, in dB. Rows:
    do nothing     the sound as it came
    naive          equaliser: the cookbook's bilinear bells and shelves; compressor: no knee, as plain ones have
    ours           the JSFX
    planted fault  the first slider that counts 1 % off
Lanes: "told" by a host that says where they bend, as REAPER's reference describes; "by block" by one that only sets
sliders at each block.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from interop.jsfx_cases import COMPRESSORS, RATE, Case, Lane, bursts, compressor_case, eq_case, null_db
from smartmix.interop.model import Control, EqBand, Equalizer
from smartmix.interop.rpp import jsfx
from smartmix.parameter import Breakpoint

RUNNER = os.environ.get("SMARTMIX_YSFX", "")
BLOCK, LONGEST_S = 512, 20
BELLS = (
    ("bell", 180.0, -2.5, 1.2, 12.0),
    ("bell", 3_200.0, 2.0, 0.8, 12.0),
    ("bell", 12_000.0, 3.0, 0.7, 12.0),
    ("low_shelf", 100.0, 1.5, 0.7071, 12.0),
    ("high_shelf", 9_000.0, 2.0, 0.7071, 12.0),
    ("high_pass", 40.0, 0.0, 0.7071, 24.0),
    ("tilt", 900.0, 1.0, 0.7, 12.0),
    ("notch", 50.0, 0.0, 20.0, 12.0),
)


def hosted(case: Case, samples: np.ndarray, rate: int, *, told: bool = True) -> tuple[np.ndarray, float]:
    """What comes out, and the seconds of CPU it took for a second of sound."""
    with tempfile.TemporaryDirectory() as folder:
        raw, out = Path(folder) / "in", Path(folder) / "out"
        samples.T.astype(np.float64).tofile(raw)
        sliders = [f"{number}={value!r}" for number, value in case.sliders.items()]
        lanes = "".join(f"{s} {f} {v}\n" for s, lane in case.lanes.items() for f, v in lane.points)
        before = os.times()
        environment = {**os.environ, "YSFX_UNTOLD": "" if told else "1"}
        words = [RUNNER, case.path, str(rate), str(BLOCK), raw, out, *sliders]
        subprocess.run(words, input=lanes, text=True, check=True, env=environment)
        spent = os.times().children_user - before.children_user
        return np.fromfile(out).reshape(-1, 2).T, spent * rate / samples.shape[1]


def bilinear(samples: np.ndarray, rate: int) -> np.ndarray:
    """The same bands by the Audio EQ Cookbook, as a DAW's own equaliser may have them; passes and tilt as ours."""
    from scipy.signal import sosfilt

    rest = eq_case(*(b for b in BELLS if b[0] not in ("bell", "low_shelf", "high_shelf")))
    sound = rest.sound(samples, rate).astype(np.float64)
    rows = [cookbook(*band, rate) for band in BELLS if band[0] in ("bell", "low_shelf", "high_shelf")]
    return np.asarray(sosfilt(np.array(rows), sound, axis=1))


def cookbook(shape: str, hz: float, gain_db: float, q: float, _: float, rate: int) -> list[float]:
    a, w = 10 ** (gain_db / 40), 2 * np.pi * hz / rate
    alpha, c = np.sin(w) / (2 * q), np.cos(w)
    if shape == "bell":
        up, down = (1 + alpha * a, -2 * c, 1 - alpha * a), (1 + alpha / a, -2 * c, 1 - alpha / a)
    else:
        s = 1 if shape == "low_shelf" else -1
        r = 2 * np.sqrt(a) * alpha
        up = (
            a * ((a + 1) - s * (a - 1) * c + r),
            s * 2 * a * ((a - 1) - s * (a + 1) * c),
            a * ((a + 1) - s * (a - 1) * c - r),
        )
        down = (
            (a + 1) + s * (a - 1) * c + r,
            -s * 2 * ((a - 1) + s * (a + 1) * c),
            (a + 1) + s * (a - 1) * c - r,
        )
    return [x / down[0] for x in (*up, *down)]


def rows_of(samples: np.ndarray, rate: int) -> None:
    def say(name: str, *figures: float) -> None:
        print(f"| {name} | " + " | ".join(f"{figure:.1f}" for figure in figures) + " |")

    eq, squeeze = eq_case(*BELLS), compressor_case(COMPRESSORS[0])
    told = (eq.sound(samples, rate), squeeze.sound(samples, rate))
    plain = compressor_case({**COMPRESSORS[0], "knee_db": 0.0})
    wrong = (
        replace(eq, sliders={**eq.sliders, 5: eq.sliders[5] * 1.01}),
        replace(squeeze, sliders={**squeeze.sliders, 3: squeeze.sliders[3] * 1.01}),
    )
    print("| | equaliser, 8 bands | compressor |\n|---|---|---|")
    say("do nothing", *(null_db(sound, samples) for sound in told))
    say("naive", null_db(told[0], bilinear(samples, rate)), null_db(told[1], plain.sound(samples, rate)))
    ours = [hosted(case, samples, rate) for case in (eq, squeeze)]
    say("ours", *(null_db(sound, out[0]) for sound, out in zip(told, ours, strict=True)))
    say("planted fault", *(null_db(s, hosted(c, samples, rate)[0]) for s, c in zip(told, wrong, strict=True)))
    print(f"CPU in ysfx: {1e3 * ours[0][1]:.1f} and {1e3 * ours[1][1]:.1f} ms for a second of stereo\n")
    print("| lane | told | by block | do nothing |\n|---|---|---|---|")
    for name, case in moving(rate).items():
        sound = case.sound(samples, rate)
        still = replace(case, lanes={})
        outs = (
            hosted(case, samples, rate),
            hosted(case, samples, rate, told=False),
            hosted(still, samples, rate),
        )
        say(name, *(null_db(sound, out[0]) for out in outs))


def moving(rate: int) -> dict[str, Case]:
    """A ride of a bell over 0.1 s, a sweep, a threshold."""
    bell = eq_case(("bell", 1_000.0, 0.0, 1.0, 12.0))
    sweep = eq_case(("bell", 300.0, 4.0, 1.0, 12.0))
    gain = Lane("band1.gain_db", ((0.5 * rate, 0.0), (0.6 * rate, 4.0), (1.5 * rate, 4.0), (1.6 * rate, 0.0)))
    line = as_exported(((0.5 * rate, 300.0), (1.5 * rate, 3_000.0)), rate)
    low = Lane("threshold_db", ((0.5 * rate, -24.0), (1.0 * rate, -30.0), (1.8 * rate, -24.0)))
    return {
        "gain": replace(bell, lanes={jsfx.first_slider(0) + 3: gain}),
        "frequency": replace(sweep, lanes={jsfx.first_slider(0) + 2: line}),
        "threshold": replace(compressor_case({"threshold_db": -24.0, "ratio": 4.0}), lanes={2: low}),
    }


def as_exported(points: tuple[tuple[float, float], ...], rate: int) -> Lane:
    """The lane of a frequency as an export writes it."""
    control = Control(points[0][1], tuple(Breakpoint(frame / rate, value) for frame, value in points))
    (effect,) = jsfx.jsfx_effects(Equalizer((EqBand("bell", control),)))
    written = tuple((p.time_s * rate, p.value) for p in effect.envelopes[0].points)
    return Lane("band1.freq_hz", written, points)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path)
    words = parser.parse_args()
    if not Path(RUNNER).is_file():
        sys.exit("SMARTMIX_YSFX names no runner")
    began = time.process_time()
    for file in words.files or [None]:
        if file is None:
            samples, rate = bursts(10 * RATE), RATE
        else:
            read, rate = soundfile.read(file, frames=LONGEST_S * 192_000, dtype="float32", always_2d=True)
            sides = (read.T if read.shape[1] > 1 else np.repeat(read.T, 2, 0))[:2, : LONGEST_S * rate]
            samples = np.ascontiguousarray(sides)
        print(f"\n{'noise' if file is None else file.stem}, {samples.shape[1] / rate:.0f} s at {rate} Hz")
        rows_of(samples, rate)
    print(f"{time.process_time() - began:.0f} s of CPU here", file=sys.stderr)


if __name__ == "__main__":
    main()
