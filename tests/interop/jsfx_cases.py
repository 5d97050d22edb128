"""The same settings for an effect of ours in a DAW and for the native processor, and the sound that goes through."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from smartmix.audio import Samples
from smartmix.interop.rpp import jsfx
from smartmix.processors import Compressor, ParametricEQ

RATE = 44_100
EFFECTS = Path(jsfx.__file__).parent / "effects"
BANDS = tuple(
    (shape, hz, gain_db, q, slope)
    for shape, hz, gain_db, q, slope in (
        ("bell", 60.0, 6.0, 0.7, 12.0),
        ("bell", 15_000.0, -9.0, 3.0, 12.0),
        ("low_shelf", 200.0, -12.0, 0.5, 12.0),
        ("low_shelf", 9_000.0, 8.0, 2.0, 12.0),
        ("high_shelf", 12_000.0, 6.0, 0.7071, 12.0),
        ("high_shelf", 500.0, -4.5, 1.2, 12.0),
        ("high_pass", 80.0, 0.0, 0.9, 12.0),
        ("high_pass", 120.0, 0.0, 0.7, 6.0),
        ("high_pass", 40.0, 0.0, 0.7, 48.0),
        ("low_pass", 14_000.0, 0.0, 0.7, 18.0),
        ("low_pass", 8_000.0, 0.0, 1.4, 36.0),
        ("notch", 1_000.0, 0.0, 8.0, 12.0),
        ("tilt", 900.0, 3.0, 0.7, 12.0),
        ("tilt", 2_000.0, -6.0, 0.7, 12.0),
    )
)
COMPRESSORS: tuple[dict[str, float | str], ...] = (
    {"threshold_db": -24.0, "ratio": 4.0},
    {"threshold_db": -30.0, "ratio": 2.0, "knee_db": 0.0, "detection": "rms", "attack_ms": 3.0},
    {"threshold_db": -24.0, "ratio": 3.0, "auto_times": 1.0, "makeup_db": 4.0},
    {"threshold_db": -40.0, "ratio": 10.0, "attack_ms": 200.0, "release_ms": 20.0, "mix": 0.4},
)
_KNOBS = (*jsfx.KNOBS[1:], "detection", "auto_times")
_DEFAULTS = dict(zip(_KNOBS, (-18.0, 1.0, 6.0, 10.0, 100.0, 0.0, 1.0, "peak", 0.0), strict=True))
_WORDS = {"peak": 0.0, "rms": 1.0}


@dataclass(frozen=True)
class Lane:
    """A line of one slider in frames, and the native parameter it moves; ``meant`` where that has other points."""

    parameter: str
    points: tuple[tuple[float, float], ...]
    meant: tuple[tuple[float, float], ...] = ()

    def native(self, sample_rate: float) -> dict[str, tuple[tuple[float, float], ...]]:
        points = self.meant or self.points
        return {self.parameter: tuple((frame / sample_rate, value) for frame, value in points)}


@dataclass(frozen=True)
class Case:
    """Sliders by number, and the processor that is to sound alike."""

    file: str
    sliders: dict[int, float]
    native: ParametricEQ | Compressor
    lanes: dict[int, Lane] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return EFFECTS / self.file

    def sound(self, samples: Samples, sample_rate: float = RATE) -> Samples:
        moved = {k: v for lane in self.lanes.values() for k, v in lane.native(sample_rate).items()}
        return self.native(samples, sample_rate, automation=moved or None)


def eq_case(*bands: tuple[str, float, float, float, float]) -> Case:
    native, sliders = ParametricEQ(), dict[int, float]()
    for place, (shape, hz, gain_db, q, slope) in enumerate(bands):
        for name, value in zip(
            ("shape", "freq_hz", "gain_db", "q", "slope_db_oct"), (shape, hz, gain_db, q, slope), strict=True
        ):
            told = int(value) if name == "slope_db_oct" else value
            setattr(getattr(native, f"band{place + 1}"), name, told)
        index, step = float(jsfx.SHAPES.index(shape)), float(jsfx.SLOPES_DB_OCT.index(slope))
        row = (1.0, index, hz, gain_db, q, step)
        sliders |= {jsfx.first_slider(place) + k: value for k, value in enumerate(row)}
    return Case(jsfx.EQUALISER, sliders, native)


def compressor_case(settings: dict[str, float | str]) -> Case:
    native = Compressor()
    for name, value in settings.items():
        setattr(native, name, value)
    values = {**_DEFAULTS, **settings}
    sliders = {k: float(_WORDS.get(str(values[name]), values[name])) for k, name in enumerate(_KNOBS, 2)}
    return Case(jsfx.COMPRESSOR, sliders, native)


def bursts(frames: int) -> Samples:
    """Noise that swells and falls, the right side lower."""
    rng = np.random.default_rng(20)
    shape = 0.05 + 0.5 * np.sin(np.arange(frames) / 400.0) ** 8
    return (rng.standard_normal((2, frames)) * shape * np.array([[0.5], [0.3]])).astype(np.float32)


def null_db(ours: np.ndarray, theirs: np.ndarray) -> float:
    """RMS of the difference against the first, in dB."""
    apart = np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)
    return float(10.0 * np.log10(max(np.mean(apart**2), 1e-30) / np.mean(np.asarray(ours, np.float64) ** 2)))
