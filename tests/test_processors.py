"""The Python face of the native processors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from properties.support import noise, same_bits
from smartmix import _core, processors
from smartmix.errors import AudioError, AudioShapeError, SmartmixError
from smartmix.parameter import AutomationLane, Breakpoint, ParamRef
from smartmix.processors import Gain, LinearPhaseEQ, Pan, ParametricEQ

ONES = np.ones((2, 48_000), dtype=np.float32)


def test_every_registered_processor_can_be_made_and_run() -> None:
    for name in _core.processor_names():
        effect = processors.create(name)
        audio = noise(2, 3000, level=0.02)
        out = effect(audio, 48_000)
        assert np.array_equal(out, audio), name  # neutral by default, and its latency taken out
        assert out.flags.c_contiguous
        assert repr(effect).startswith(f"<{type(effect).__name__}")


def test_attributes_speak_plain_units() -> None:
    eq = ParametricEQ()
    eq.band3.shape = "high_pass"
    eq.band3.freq_hz = 90
    eq.band3.slope_db_oct = 24
    assert (eq.band3.shape, eq.band3.freq_hz, eq.band3.slope_db_oct) == ("high_pass", 90.0, 24)
    assert eq.settings() == {"band3.shape": "high_pass", "band3.freq_hz": 90.0, "band3.slope_db_oct": 24}
    assert eq.response_db([90.0])[0] == pytest.approx(-3.01, abs=0.01)
    assert repr(eq) == "<ParametricEQ band3.shape='high_pass' band3.freq_hz=90.0 band3.slope_db_oct=24>"
    assert repr(Gain(-3)) == "<Gain gain_db=-3.0>"
    assert "band24" in dir(eq)
    assert "freq_hz=90.0" in repr(eq.band3)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            lambda eq: setattr(eq.band1, "gain_db", 40),
            SmartmixError,
            r"parametric_eq\.band1\.gain_db = 40: .* -24 to 24 dB",
        ),
        (lambda eq: setattr(eq.band1, "shape", "peak"), SmartmixError, "'peak': expected one of off, bell"),
        (lambda eq: setattr(eq.band1, "slope_db_oct", 30), SmartmixError, "expected one of 6, 12"),
        (lambda eq: setattr(eq.band1, "q", "wide"), SmartmixError, "expected a number"),
        (lambda eq: setattr(eq.band1, "q", float("nan")), SmartmixError, "expected 0.1 to 30"),
        (
            lambda eq: setattr(eq.band1, "gain", 1),
            AttributeError,
            r"no parameter 'band1.gain'; .*band1\.\.24\.gain_db",
        ),
        (lambda eq: setattr(eq, "mix", 1), AttributeError, "no parameter 'mix'"),
        (lambda eq: eq.band25, AttributeError, "no parameter 'band25'"),
        (lambda eq: eq.set("nonsense", 1), SmartmixError, "no parameter 'nonsense'"),
    ],
)
def test_a_wrong_setting_is_refused(change, error, message) -> None:
    with pytest.raises(error, match=message):
        change(ParametricEQ())


def test_wrong_audio_is_refused() -> None:
    with pytest.raises(AudioShapeError, match="channels, frames"):
        Gain()(np.zeros(100, dtype=np.float32), 48_000)
    with pytest.raises(AudioShapeError, match=r"audio\.T"):
        Gain()(np.zeros((100, 2), dtype=np.float32), 48_000)
    with pytest.raises(AudioError, match="sample rate"):
        Gain()(ONES, 10)
    with pytest.raises(AudioError, match="floating point"):
        Gain()(np.zeros((2, 10), dtype=np.int16), 48_000)
    with pytest.raises(AudioError, match="stereo pair"):
        Pan()(ONES[:1], 48_000)
    with pytest.raises(AudioError, match="buffer_size 0"):
        Gain()(ONES, 48_000, 0)


def vocal_eq() -> ParametricEQ:
    eq = ParametricEQ()
    eq.band1.shape, eq.band1.gain_db, eq.band1.q = "bell", -6.0, 3.0
    return eq


@pytest.mark.parametrize("buffer_size", [1, 31, 64, 1000, 10**6])
def test_the_buffer_size_changes_no_bit(buffer_size: int) -> None:
    lanes = {
        "band1.gain_db": [(0.0, -6.0), (0.01, 6.0), (0.02, 0.0)],
        "band1.freq_hz": [(0.005, 100.0), (0.03, 5000.0)],
    }
    audio = noise(2, 2000)
    wanted = vocal_eq()(audio, 48_000, automation=lanes)
    assert same_bits(vocal_eq()(audio, 48_000, buffer_size, automation=lanes), wanted)


def test_without_reset_the_sound_goes_on() -> None:
    audio = noise(2, 2000)
    whole = vocal_eq()(audio, 48_000)
    eq = vocal_eq()
    parts = [eq(audio[:, :777], 48_000, reset=False), eq(audio[:, 777:], 48_000, reset=False)]
    assert same_bits(np.concatenate(parts, axis=1), whole)
    assert same_bits(eq(audio, 48_000), whole)
    with pytest.raises(AudioError, match="reset=False goes on with 2 channels at 48000 Hz, got 1"):
        eq(audio[:1], 48_000, reset=False)


@pytest.mark.parametrize("kind", ["pairs", "points", "lane"])
def test_automation_is_straight_in_db(kind: str) -> None:
    pairs = [(0.1, -12.0), (0.5, 0.0), (0.5, -6.0), (0.8, -6.0)]
    points = [Breakpoint(t, v) for t, v in pairs]
    lane = {
        "pairs": pairs,
        "points": points,
        "lane": AutomationLane(ParamRef("t", "gain", "gain_db"), tuple(points)),
    }[kind]
    gain = Gain()
    db = 20.0 * np.log10(gain(ONES, 48_000, automation={"gain_db": lane})[0].astype(np.float64))
    at = np.array([0.0, 0.1, 0.3, 0.49, 0.5, 0.7, 0.99]) * 48_000
    np.testing.assert_allclose(db[at.astype(int)], [-12.0, -12.0, -6.0, -0.3, -6.0, -6.0, -6.0], atol=1e-5)
    assert gain.gain_db == -6.0


def test_a_held_point_steps_at_the_next_one() -> None:
    lane = [Breakpoint(0.0, 0.0, "hold"), Breakpoint(0.25, -6.0, "hold")]
    out = Gain()(ONES, 48_000, automation={"gain_db": lane})[0]
    assert np.all(out[:12_000] == 1.0)
    assert np.all(out[12_000:] == np.float32(10.0 ** (-6.0 / 20.0)))


def test_a_choice_steps_at_its_own_point() -> None:
    eq = vocal_eq()
    audio = noise(1, 4800)
    out = eq(audio, 48_000, automation={"band1.shape": [(0.0, "off"), (0.05, "bell")]})
    assert same_bits(np.ascontiguousarray(out[:, :2400]), np.ascontiguousarray(audio[:, :2400]))
    assert out[0, 2400] != audio[0, 2400]


@pytest.mark.parametrize(
    ("automation", "message"),
    [
        ({"gain": [(0.0, 0.0)]}, "no parameter 'gain'"),
        ({"gain_db": [(0.0, 90.0)]}, "expected -120 to 24 dB"),
        ({"gain_db": [(1.0, 0.0), (0.5, 0.0)]}, "rising time"),
        ({"gain_db": []}, "expected points"),
    ],
)
def test_wrong_automation_is_refused(automation, message: str) -> None:
    with pytest.raises(SmartmixError, match=message):
        Gain()(ONES, 48_000, automation=automation)


def test_every_shipped_preset_loads_and_does_something(repo_root: Path) -> None:
    paths = sorted((repo_root / "presets" / "eq").glob("*.toml"))
    assert paths
    for path in paths:
        eq = processors.load_preset(path)
        assert isinstance(eq, ParametricEQ | LinearPhaseEQ)
        assert np.abs(eq.response_db(np.geomspace(20, 20_000, 100))).max() > 0.5, path.name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'format = 1\ndevice = "parametric_eq"\n[band1]\ngain_db = 99',
            r"band1\.gain_db = 99: expected -24 to 24",
        ),
        ('format = 1\ndevice = "parametric_eq"\n[band1]\ngian_db = 9', r"no parameter 'band1\.gian_db'"),
        ('format = 1\ndevice = "flanger"', "no processor 'flanger'"),
        ('device = "gain"', "expected format = 1"),
        ("format = ", "cannot be read"),
    ],
)
def test_a_wrong_preset_is_refused_naming_the_file(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(SmartmixError, match=rf"mine\.toml: .*{message}"):
        processors.load_preset(path)
