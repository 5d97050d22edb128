"""The equaliser against filters computed in double by other means: matched designs, cookbook, scipy's Butterworth."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from core.matched import matched
from properties.support import noise, prepared, run, same_bits

SHAPES = ["off", "bell", "low_shelf", "high_shelf", "high_pass", "low_pass", "notch", "tilt"]
SLOPES = [6, 12, 18, 24, 36, 48]
RATES = [44_100, 48_000, 96_000, 192_000]


def band(shape: str, hz: float, gain_db: float = 0.0, q: float = 0.7071, slope: int = 12, number: int = 1):
    values = {
        "shape": SHAPES.index(shape),
        "freq_hz": hz,
        "gain_db": gain_db,
        "q": q,
        "slope_db_oct": SLOPES.index(slope),
    }
    return {f"band{number}.{key}": float(value) for key, value in values.items()}


def cookbook(shape: str, hz: float, gain_db: float, q: float, rate: float) -> np.ndarray:
    """Robert Bristow-Johnson's Audio EQ Cookbook, one second-order section."""
    a = 10.0 ** (gain_db / 40.0)
    w = 2.0 * np.pi * hz / rate
    cos, alpha = np.cos(w), np.sin(w) / (2.0 * q)
    root = 2.0 * np.sqrt(a) * alpha
    low = a + 1 - (a - 1) * cos, a - 1 - (a + 1) * cos
    high = a + 1 + (a - 1) * cos, a - 1 + (a + 1) * cos
    sections = {
        "bell": ([1 + alpha * a, -2 * cos, 1 - alpha * a], [1 + alpha / a, -2 * cos, 1 - alpha / a]),
        "low_shelf": (
            [a * (low[0] + root), 2 * a * low[1], a * (low[0] - root)],
            [high[0] + root, -2 * high[1], high[0] - root],
        ),
        "high_shelf": (
            [a * (high[0] + root), -2 * a * high[1], a * (high[0] - root)],
            [low[0] + root, 2 * low[1], low[0] - root],
        ),
        "high_pass": ([(1 + cos) / 2, -(1 + cos), (1 + cos) / 2], [1 + alpha, -2 * cos, 1 - alpha]),
        "low_pass": ([(1 - cos) / 2, 1 - cos, (1 - cos) / 2], [1 + alpha, -2 * cos, 1 - alpha]),
    }
    b, c = sections[shape]
    return np.array([[*b, *c]]) / c[0]


def designed(shape: str, hz: float, gain_db: float, q: float, rate: float) -> np.ndarray:
    return (cookbook if shape.endswith("_pass") else matched)(shape, hz, gain_db, q, rate)


def error_db(out: np.ndarray, reference: np.ndarray, source: np.ndarray) -> float:
    """Power of the difference against that of the louder of input and reference."""
    loudest = max(np.sum(reference**2), np.sum(source.astype(np.float64) ** 2))
    return float(10.0 * np.log10(np.sum((out - reference) ** 2) / loudest + 1e-30))


def tone(hz: float, rate: float, frames: int) -> np.ndarray:
    return np.tile(0.5 * np.sin(2 * np.pi * hz * np.arange(frames) / rate), (2, 1)).astype(np.float32)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("shape", SHAPES[1:])
def test_against_the_design_in_double(shape: str, rate: int) -> None:
    for hz, gain_db, q in ((20.0, 6.0, 2.0), (20.0, -9.0, 2.0), (310.0, -2.5, 1.2), (9000.0, 12.0, 0.5)):
        reference = designed(shape, hz, gain_db, q, rate)
        for source in (noise(2, 2 * rate), tone(hz, rate, 2 * rate)):
            out = run(prepared("parametric_eq", band(shape, hz, gain_db, q), sample_rate=rate), source)
            assert error_db(out, signal.sosfilt(reference, source.astype(np.float64)), source) < -120.0, (
                hz,
                gain_db,
            )


@pytest.mark.parametrize("slope", [6, 18, 24, 36, 48])
@pytest.mark.parametrize("shape", ["high_pass", "low_pass"])
def test_steep_passes_are_butterworth(shape: str, slope: int) -> None:
    for rate, hz in ((48_000, 40.0), (48_000, 5000.0), (192_000, 20.0)):
        source = noise(2, rate)
        kind = {"high_pass": "highpass", "low_pass": "lowpass"}[shape]
        reference = signal.butter(slope // 6, hz, kind, fs=rate, output="sos")
        out = run(prepared("parametric_eq", band(shape, hz, q=5.0, slope=slope), sample_rate=rate), source)
        assert error_db(out, signal.sosfilt(reference, source.astype(np.float64)), source) < -120.0, (
            rate,
            hz,
        )


@pytest.mark.parametrize("channels", [1, 2, 3, 6])
def test_bands_in_series_in_every_channel(channels: int) -> None:
    """Odd and even numbers of sections, all channel counts: every lane of the vector code."""
    source = noise(channels, 20_000)
    settings: dict[str, float] = {}
    reference = np.zeros((0, 6))
    for number in range(1, 12):
        hz, gain_db, q = 60.0 * 1.6**number, (-1.0) ** number * 4.0, 0.5 + 0.2 * number
        settings |= band("bell", hz, gain_db, q, number=2 * number)
        reference = np.vstack([reference, matched("bell", hz, gain_db, q, 48_000)])
        out = run(prepared("parametric_eq", settings, channels=channels), source)
        wanted = signal.sosfilt(reference, source.astype(np.float64))
        for c in range(channels):
            assert error_db(out[c], wanted[c], source[c]) < -120.0, (number, c)


@pytest.mark.parametrize("shape", ["bell", "low_shelf", "high_shelf", "tilt"])
def test_a_cut_is_the_mirror_of_a_boost(shape: str) -> None:
    hz = np.geomspace(20, 20_000, 50)
    for gain_db, q in ((3.0, 0.4), (12.0, 4.0)):
        boost = prepared("parametric_eq", band(shape, 700.0, gain_db, q)).response_db(hz)
        cut = prepared("parametric_eq", band(shape, 700.0, -gain_db, q)).response_db(hz)
        np.testing.assert_allclose(boost, -cut, atol=1e-9)
        assert np.abs(boost).max() > (0.45 if shape == "tilt" else 0.9) * gain_db
    both = prepared("parametric_eq", band(shape, 700.0, 9.0, 2.0) | band(shape, 700.0, -9.0, 2.0, number=2))
    source = noise(2, 20_000)
    assert error_db(run(both, source), source.astype(np.float64), source) < -120.0


@pytest.mark.parametrize("shape", ["off", "bell", "low_shelf", "high_shelf", "tilt"])
def test_bands_at_rest_leave_every_bit_alone(shape: str) -> None:
    settings: dict[str, float] = {}
    for number in range(1, 25):
        settings |= band(shape, 40.0 * 1.3**number, 0.0, 3.0, number=number)
    source = noise(2, 5000)
    source[:, :4] = [0.0, -0.0, 1e-42, -1e-42]
    assert same_bits(run(prepared("parametric_eq", settings), source), source)


def test_a_band_that_comes_to_rest_leaves_every_bit_alone() -> None:
    processor = prepared("parametric_eq", band("bell", 100.0, 6.0, 5.0))
    source = noise(2, 4000)
    out = run(processor, source, [(1000, processor.parameter_index("band1.gain_db"), 0.0, 1500)])
    assert np.any(out[:, 2400:2500] != source[:, 2400:2500])
    assert same_bits(np.ascontiguousarray(out[:, 2500:]), np.ascontiguousarray(source[:, 2500:]))


def level_db(samples: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(2.0 * np.mean(samples.astype(np.float64) ** 2)) / 0.5))


def test_a_gain_ramp_is_straight_in_db() -> None:
    frames = 4 * 48_000
    processor = prepared("parametric_eq", band("bell", 1000.0, 0.0, 1.0))
    out = run(
        processor,
        tone(1000.0, 48_000, frames),
        [(0, processor.parameter_index("band1.gain_db"), 12.0, frames)],
    )
    for part in (0.25, 0.5, 0.75):
        middle = int(part * frames)
        assert level_db(out[0, middle - 480 : middle + 480]) == pytest.approx(12.0 * part, abs=0.01)


def test_a_frequency_ramp_is_straight_in_octaves() -> None:
    """A bell swept 100 Hz .. 10 kHz lifts 1 kHz by its full gain half way, and 464 Hz after a third."""
    frames = 8 * 48_000
    for hz, part in ((1000.0, 0.5), (464.159, 1 / 3)):
        processor = prepared("parametric_eq", band("bell", 100.0, 12.0, 4.0))
        sweep = [(0, processor.parameter_index("band1.freq_hz"), 10_000.0, frames)]
        out = run(processor, tone(hz, 48_000, frames), sweep)
        middle = int(part * frames)
        assert level_db(out[0, middle - 480 : middle + 480]) == pytest.approx(12.0, abs=0.1)


@pytest.mark.parametrize("ramp", [0, 500])
def test_an_event_is_heard_from_its_frame_on(ramp: int) -> None:
    """A step has its value at the frame itself; a ramp begins there and has moved one frame later."""
    settings = band("bell", 1000.0, 3.0, 1.0)
    source = noise(2, 3000)
    index = prepared("parametric_eq").parameter_index("band1.gain_db")
    out = run(prepared("parametric_eq", settings), source, [(1234, index, 9.0, ramp)])
    still = run(prepared("parametric_eq", settings), source)
    first = int(np.flatnonzero(np.any(out != still, axis=0))[0])
    assert 1234 + (ramp > 0) <= first <= 1234 + (8 if ramp else 0)


def test_the_callers_denormals_come_back() -> None:
    processor = prepared("parametric_eq", band("bell", 1000.0, 3.0))
    run(processor, noise(2, 100))
    tiny = np.full(64, 1e-40, dtype=np.float32)
    assert np.all(tiny * np.float32(0.5) > 0.0)


@pytest.mark.parametrize(("hz", "q"), [(2000.0, 1.0), (2000.0, 8.0), (90.0, 1.0), (20.0, 0.7)])
def test_a_tail_dies_away(hz: float, q: float) -> None:
    """No limit cycle: what rounding and flushed denormals leave in the memory is below -600 dB."""
    click = np.zeros((2, 5 * 48_000), dtype=np.float32)
    click[:, 0] = 1.0
    out = run(prepared("parametric_eq", band("bell", hz, 6.0, q)), click)
    assert np.abs(out[:, -1000:]).max() < 1e-30


ANOTHER_INSTRUCTION_SET = """
import sys
import numpy as np
from smartmix import _core

assert _core.build_info()["kernels"] == "baseline"
given = np.load(sys.argv[1])
outs = {}
for case in range(given["settings"].shape[0]):
    processor = _core.Processor("parametric_eq")
    processor.prepare(float(given["rates"][case]), 2)
    for key, value in zip(("shape", "freq_hz", "gain_db", "q"), given["settings"][case]):
        processor.set("band1." + key, float(value))
    outs[str(case)] = processor.process(given["source"])
np.savez(sys.argv[2], **outs)
"""


def test_instruction_sets_agree(tmp_path: Path) -> None:
    """The plain kernels, forced in a process of their own, against those of this process: below -120 dB."""
    cases = [
        (rate, SHAPES.index(shape), hz, gain_db, 2.0)
        for rate in (48_000, 192_000)
        for shape in SHAPES[1:]
        for hz, gain_db in ((20.0, 6.0), (310.0, -9.0))
    ]
    source = noise(2, 48_000) + tone(20.0, 48_000, 48_000)
    table = np.array(cases)
    np.savez(tmp_path / "in.npz", rates=table[:, 0], settings=table[:, 1:], source=source)
    command = [
        sys.executable,
        "-c",
        ANOTHER_INSTRUCTION_SET,
        str(tmp_path / "in.npz"),
        str(tmp_path / "out.npz"),
    ]
    paths = os.pathsep.join(path for path in sys.path if path)
    subprocess.run(
        command, check=True, env={**os.environ, "SMARTMIX_ISA": "baseline", "PYTHONPATH": paths}, timeout=120
    )
    with np.load(tmp_path / "out.npz") as theirs:
        for case, (rate, shape, hz, gain_db, q) in enumerate(cases):
            settings = band(SHAPES[shape], hz, gain_db, q)
            ours = run(prepared("parametric_eq", settings, sample_rate=rate), source)
            assert error_db(theirs[str(case)].astype(np.float64), ours.astype(np.float64), source) < -120.0, (
                case
            )
