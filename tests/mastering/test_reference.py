"""A master after references: tone, dynamics and width follow, notes and noise do not."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy.signal import butter, correlate, sosfilt, welch

from mastering.songs import RATE, chords, song
from smartmix.errors import AudioError
from smartmix.mastering import MasterSettings, master, master_song
from smartmix.mastering.chain import MasterChain
from smartmix.mastering.dynamics import dynamics_stage, reduced, swings_db
from smartmix.mastering.portrait import PortraitMeter, portrait_of
from smartmix.mastering.references import read_references
from smartmix.mastering.stage import MasterStage
from smartmix.mastering.tone import eq_stage, tone_aim
from smartmix.matching.bands import response_at
from smartmix.matching.grid import GRID_HZ
from smartmix.processors import MultibandCompressor, ParametricEQ

THIRDS_HZ = 1000.0 * 2.0 ** (np.arange(-13, 13) / 3.0)


def thirds(samples: NDArray[np.floating]) -> NDArray[np.float64]:
    hz, power = welch(samples, RATE, nperseg=16_384)
    edge = 2.0 ** (1 / 6)
    rows = [power[(hz >= f / edge) & (hz < f * edge)].sum() for f in THIRDS_HZ]
    return 10.0 * np.log10(np.maximum(rows, 1e-30))


def apart(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    difference = thirds(one.mean(axis=0)) - thirds(other.mean(axis=0))
    return float(np.abs(difference - difference.mean()).mean())


def test_the_same_song_as_reference_changes_nothing() -> None:
    mix = song(1)
    made, result = master(mix, RATE, "match", mix)
    assert 20 * math.log10(float(np.abs(made.samples - mix).max()) + 1e-12) <= -120.0
    assert result.plan is not None
    assert [stage.id for stage in result.plan.stages if stage.played] == []


def test_a_known_tone_is_found_and_the_loudness_met_under_the_ceiling() -> None:
    mix, reference = song(1), song(2, tilt_db=9.0) * np.float32(0.5)
    made, result = master(mix, RATE, "match", reference)
    assert apart(mix, reference) > 1.5
    assert apart(made.samples, reference) < 0.5
    assert result.reached
    assert result.loudness.true_peak_dbtp <= -1.0
    eq = result.plan.stage("eq") if result.plan else MasterStage("eq")
    assert "before" in eq.result
    assert eq.move.track == "master"
    assert any(s.ref.parameter.endswith("gain_db") for s in eq.move.sets)


def test_every_stage_keeps_the_time() -> None:
    mix, reference = song(1), song(2, tilt_db=6.0, punch=0.3, width=1.0)
    settings = MasterSettings(drive_db=3.0, repair=("clips", "clicks", "rumble"))
    made, result = master(mix, RATE, "match", reference, settings=settings)
    assert made.samples.shape == mix.shape
    assert result.plan is not None
    for stage in result.plan.stages:
        if stage.id != "dynamics":
            out = np.concatenate(list(MasterChain((stage,), RATE, 2).run(iter([mix]))), axis=1)
            assert late_by(out, mix, 3000.0) == 0, stage.id
    # The crossovers of the dynamics are an all-pass: a tenth of a millisecond around 4.5 kHz.
    assert abs(late_by(made.samples, mix, 3000.0)) <= 4


def late_by(out: NDArray[np.floating], mix: NDArray[np.floating], above_hz: float) -> int:
    """Frames by which hits come late; filters turn the phase of the lows, so in what is above."""
    sharp = butter(4, above_hz, "highpass", fs=RATE, output="sos")
    after, before = (sosfilt(sharp, x.mean(axis=0)) for x in (out, mix))
    return int(np.argmax(correlate(after, before, method="fft"))) - (mix.shape[1] - 1)


def test_exact_third_octaves_would_print_more_notes() -> None:
    """The same instrument two semitones up: an exact match of third octaves would print the chords.

    Nothing but partials is the worst case: no third octave tells the colour. tests/matching/test_thirds.py has some
    that do.
    """
    low, high = chords(0), chords(2)
    aim = tone_aim(portrait_of([low], RATE, 2), read_references(high, RATE)).mid_db[
        (GRID_HZ > 100.0) & (GRID_HZ < 5000.0)
    ]
    inside = (THIRDS_HZ > 100.0) & (THIRDS_HZ < 5000.0)
    exact = (thirds(high.mean(axis=0)) - thirds(low.mean(axis=0)))[inside]
    assert np.std(exact) > 1.4
    assert np.std(aim) < 0.9 * np.std(exact)


def test_noise_on_the_sides_is_never_lifted() -> None:
    mix = song(1, width=0.0) + 1e-5 * np.array([[1.0], [-1.0]]) * np.random.default_rng(5).standard_normal(
        (1, 8 * RATE)
    )
    made, _ = master(mix.astype(np.float32), RATE, "match", song(2, tilt_db=9.0, width=1.5))
    side_before, side_after = (thirds((x[0] - x[1]) / 2) for x in (mix, made.samples))
    mid_before, mid_after = (thirds(x.mean(axis=0)) for x in (mix, made.samples))
    assert float((side_after - mid_after - side_before + mid_before).max()) <= 0.3


def test_nothing_is_lifted_where_the_mix_has_nothing() -> None:
    dull = sosfilt(butter(12, 6000.0, fs=RATE, output="sos"), song(1), axis=1).astype(np.float32)
    source = portrait_of([dull], RATE, 2)
    aim = tone_aim(source, read_references(song(2, tilt_db=9.0), RATE))
    stage = eq_stage(source, aim, "it")
    eq = ParametricEQ()
    for name, value in (stage.settings.get("mid") or stage.settings["both"]).items():
        eq.set(name, value)
    assert response_at(eq, np.array([12_000.0, 15_000.0]), RATE).max() < 1.5


def test_the_sides_come_to_the_width_of_the_reference() -> None:
    mix, reference = song(1, width=0.4), song(2, width=0.7)
    made, result = master(mix, RATE, "match", reference, amount={"eq": 0, "dynamics": 0})
    wide = [portrait_of([np.ascontiguousarray(x)], RATE, 2).width_db for x in (mix, reference, made.samples)]
    assert wide[1] - wide[0] > 3.0
    assert abs(wide[2] - wide[1]) < 0.35 * (wide[1] - wide[0])
    assert result.plan is not None
    narrow, _ = master(mix, RATE, "match", reference, amount={"eq": 0, "dynamics": 0, "width": 0})
    assert abs(portrait_of([narrow.samples], RATE, 2).width_db - wide[0]) < 0.05


def test_the_lows_are_never_widened() -> None:
    source = portrait_of([song(1, width=0.4)], RATE, 2)
    aim = tone_aim(source, read_references(song(2, width=0.8), RATE))
    assert aim.width_db[GRID_HZ < 80.0].max() < 0.05
    assert aim.width_db[GRID_HZ > 400.0].mean() > 1.0


def test_hits_that_stand_out_more_come_nearer_to_those_of_the_reference() -> None:
    mix, reference = song(1, punch=1.6), song(2, punch=0.5)
    made, result = master(mix, RATE, "match", reference, amount={"width": 0})
    swings = [
        swings_db((p := portrait_of([x], RATE, 2)).band_levels_db, p.trace_s)
        for x in (mix, reference, made.samples)
    ]
    assert float(np.mean(swings[0] - swings[1])) > 2.0
    assert float(np.mean(swings[2] - swings[1])) < 0.7 * float(np.mean(swings[0] - swings[1]))
    stage = result.plan.stage("dynamics") if result.plan else MasterStage("dynamics")
    assert "at most" in stage.result


def test_swing_that_is_missing_is_said_and_left() -> None:
    _, result = master(song(1, punch=0.5), RATE, "match", song(2, punch=1.6))
    assert result.plan is not None
    stage = result.plan.stage("dynamics")
    assert not stage.played
    assert "cannot give back" in stage.reason


def test_the_reduction_foretold_is_that_of_the_paper_and_of_the_compressor() -> None:
    """Giannoulis et al. 2012, knee 6 dB: threshold -20, ratio 4."""
    levels = np.array([-40.0, -23.0, -20.0, -17.0, -10.0, 0.0])
    assert levels - reduced(levels, -20.0, 4.0) == pytest.approx(
        [-40.0, -23.0, -20.5625, -19.25, -17.5, -15.0]
    )
    tone = np.sqrt(2.0) * 10 ** (-10 / 20) * np.sin(2 * np.pi * 300.0 * np.arange(2 * RATE) / RATE)
    comp = MultibandCompressor(bands=4, detection="rms")
    for band in range(1, 5):
        comp.set(f"band{band}.threshold_db", -20.0)
        comp.set(f"band{band}.ratio", 4.0)
        comp.set(f"band{band}.knee_db", 6.0)
    comp.set("crossover1_hz", 60.0)
    comp.set("crossover2_hz", 3000.0)
    out = comp(tone[np.newaxis].astype(np.float32), RATE)[0, RATE:]
    assert 10 * np.log10(np.mean(np.square(out, dtype=np.float64))) == pytest.approx(-17.5, abs=0.4)


def test_references_count_by_their_weights() -> None:
    source = portrait_of([song(1)], RATE, 2)
    bright, dark = song(2, tilt_db=9.0), song(3, tilt_db=-9.0)
    one, other = (tone_aim(source, read_references(x, RATE)).mid_db for x in (bright, dark))
    both = tone_aim(source, read_references([(bright, 3.0), dark], RATE))
    assert both.mid_db == pytest.approx(0.75 * one + 0.25 * other, abs=1e-9)


def test_any_cut_gives_the_same_portrait() -> None:
    mix = song(1, 3.0)
    whole = portrait_of([mix], RATE, 2)
    meter = PortraitMeter(RATE, 2)
    at = 0
    for frames in (1, 77, 4096, 30_011, mix.shape[1]):
        meter.push(np.ascontiguousarray(mix[:, at : at + frames]))
        at += frames
    cut = meter.portrait()
    assert np.array_equal(cut.mid.band_power, whole.mid.band_power)
    assert np.array_equal(cut.band_levels_db, whole.band_levels_db)


def test_the_portrait_knows_levels_as_a_spectrum_does() -> None:
    """Band powers against Parseval: a sine of -20 dBFS in the mid, one of -40 in the side."""
    t = np.arange(4 * RATE) / RATE
    mid, side = 0.1 * np.sin(2 * np.pi * 997.0 * t), 0.01 * np.sin(2 * np.pi * 60.0 * t)
    found = portrait_of([np.stack([mid + side, mid - side]).astype(np.float32)], RATE, 2)
    assert found.side is not None
    assert 10 * np.log10(found.mid.band_power.sum()) == pytest.approx(-23.01, abs=0.05)
    assert 10 * np.log10(found.side.band_power.sum()) == pytest.approx(-43.01, abs=0.05)
    near = np.argsort(np.abs(np.log2(GRID_HZ / 60.0)))[:13]
    assert found.side.band_power[near].sum() > 0.98 * found.side.band_power.sum()


def test_compression_keeps_to_the_caps_of_the_house() -> None:
    source = portrait_of([song(1, punch=6.0)], RATE, 2)
    stage = dynamics_stage(source, np.zeros(GRID_HZ.size), read_references(song(2, punch=0.0), RATE), "it")
    settings = stage.settings["bands"]
    working = 0
    for band, levels in enumerate(source.band_levels_db, 1):
        ratio = settings.get(f"band{band}.ratio", 1.0)
        if ratio == 1.0:
            continue
        working += 1
        assert isinstance(ratio, float)
        assert ratio <= 2.5
        heard = levels[levels > np.percentile(levels, 95) - 30.0]
        less = reduced(heard, float(settings[f"band{band}.threshold_db"]), ratio)
        assert less.mean() <= 2.6
        assert np.percentile(less, 95) <= 6.1
    assert working >= 2


@pytest.mark.parametrize("rate", [8000, 11_025, 192_000])
def test_a_rate_that_holds_fewer_bands(rate: int) -> None:
    mix, reference = song(1)[:, : 2 * RATE], song(2, tilt_db=6.0)[:, : 2 * RATE]
    made, result = master(mix.astype(np.float32), rate, "match", reference.astype(np.float32))
    assert np.isfinite(made.samples).all()
    assert abs(result.loudness.integrated_lufs - result.target_lufs) <= 0.1 or not result.reached


def test_what_cannot_be_mastered_is_named(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "quiet.wav", np.zeros((RATE, 2)), RATE)
    soundfile.write(tmp_path / "six.wav", np.full((RATE, 6), 0.1), RATE)
    soundfile.write(tmp_path / "ref.wav", song(1).T, RATE)
    for name in ("quiet", "six"):
        with pytest.raises(AudioError, match=name):
            master_song(tmp_path / f"{name}.wav", tmp_path / "o.wav", reference=tmp_path / "ref.wav")
    assert not (tmp_path / "o.wav").exists()
