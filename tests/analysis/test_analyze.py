"""analyze: one pass, the plain sum, the rough on the session's time line, the same bytes every time."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from smartmix.analysis import analyze
from smartmix.analysis.storage import to_json
from smartmix.errors import AudioError, SessionError
from smartmix.session.session import Session
from sources import RATE, facts_of, melody, noise, write_session


def bursts(seed: int, seconds: float = 12.0) -> np.ndarray:
    """Pink-ish noise in bursts of random length and level: something with an envelope to line up."""
    rng = np.random.default_rng(seed)
    levels = np.repeat(10 ** (rng.uniform(-30, 0, int(seconds * 5)) / 20), RATE // 5)
    return noise(seconds, seed=seed) * levels


def scene(folder, rough_of=None, **more):
    sources = {
        "a": ("keys", bursts(1)),
        "b": ("pad", np.repeat(bursts(2), 2, axis=0)),
        "c": ("click", bursts(3)),
    }
    mixed = np.repeat(bursts(1), 2, axis=0) + np.repeat(bursts(2), 2, axis=0)
    session = write_session(folder, sources, None if rough_of is None else rough_of(mixed), **more)
    tracks = tuple(dataclasses.replace(t, muted=t.role == "click") for t in session.tracks)
    return dataclasses.replace(session, tracks=tracks), mixed


def test_the_sum_is_the_sum_of_what_sounds(tmp_path):
    session, mixed = scene(tmp_path)
    analysis = analyze(session)
    np.testing.assert_allclose(
        analysis.sum.features.band_power, facts_of(mixed).features.band_power, rtol=1e-3, atol=1e-9
    )
    assert set(analysis.tracks) == {"a", "b", "c"} and analysis.rough is None
    assert analysis.material == "unknown"


def test_offset_gain_and_pan_of_a_track_are_in_the_sum(tmp_path):
    session = write_session(tmp_path, {"a": ("keys", melody([220.0, 262.0]))})
    moved = dataclasses.replace(session.tracks[0], offset_frames=70_000, gain_db=-6.0, pan=-1.0)
    analysis = analyze(dataclasses.replace(session, tracks=(moved,)))
    assert analysis.duration_s == pytest.approx(2.0 + 70_000 / RATE)
    left, right = (analysis.sum.features.left_power.sum(), analysis.sum.features.right_power.sum())
    alone = facts_of(melody([220.0, 262.0])).features.left_power.sum()
    assert 10 * np.log10(left / alone) == pytest.approx(-6.0 + 3.01, abs=0.05) and right < 1e-12 * left
    assert not analysis.tracks["a"].features.active[:14].any() and analysis.tracks["a"].features.active[16]


@pytest.mark.parametrize("lag_s", [-1.5, -0.3, 0.0, 0.004, 0.47, 3.0])
def test_a_rough_that_starts_early_or_late_is_lined_up(tmp_path, lag_s):
    def rough_of(mixed):
        shift = round(abs(lag_s) * RATE)
        silence = np.zeros((2, shift))
        late = np.concatenate((silence, mixed), axis=1)
        return 0.5 * (late if lag_s > 0 else mixed[:, shift:])

    session, _ = scene(tmp_path, rough_of)
    analysis = analyze(session)
    expected, found = analysis.sum.features.band_power, analysis.rough.features.band_power
    use = slice(20, 80)
    apart = 10 * np.log10(found[use].sum(axis=1) / expected[use].sum(axis=1)) + 6.02
    assert np.median(np.abs(apart)) < 0.7
    assert ("lined up" in analysis.material_reason) == (abs(lag_s) > 0.02)


def test_prints_and_multitracks_are_told_apart(tmp_path):
    printed, _ = scene(tmp_path / "prints", lambda mixed: 0.8 * mixed)
    assert analyze(printed).material == "prints"

    def remixed(_):
        return np.repeat(bursts(1), 2, axis=0) * 0.4 + np.repeat(bursts(2), 2, axis=0)

    raw, _ = scene(tmp_path / "raw", remixed)
    analysis = analyze(raw)
    assert analysis.material == "multitrack" and "faders moved" in analysis.material_reason
    other, _ = scene(tmp_path / "other", lambda _: np.repeat(bursts(9), 2, axis=0))
    assert analyze(other).material == "unknown"
    said = dataclasses.replace(raw, material="prints")
    assert analyze(said).material == "prints"


def test_the_same_session_gives_the_same_bytes_and_other_audio_another_hash(tmp_path):
    session, _ = scene(tmp_path / "one", lambda mixed: mixed)
    first, second = analyze(session), analyze(session)
    assert to_json(first) == to_json(second) and first.content_hash == second.content_hash
    assert set(first.input_hashes) == {"a", "b", "c", "rough"}
    quieter = write_session(tmp_path / "two", {"a": ("keys", 0.999 * bursts(1))})
    assert analyze(quieter).input_hashes["a"] != first.input_hashes["a"]


def test_json_has_no_infinities_and_no_features(tmp_path):
    session = write_session(tmp_path, {"quiet": ("keys", np.zeros((1, RATE))), "a": ("keys", noise(1.0))})
    content = json.loads(to_json(analyze(session)), parse_constant=pytest.fail)
    assert content["format"] == 1
    assert content["tracks"]["quiet"]["active_lufs"] is None
    assert "features" not in content["tracks"]["a"]
    assert len(content["band_edges_hz"]) == len(content["band_hz"]) + 1


def test_what_cannot_be_analysed_is_said(tmp_path):
    broken = noise(1.0)
    broken[0, 100] = np.inf
    with pytest.raises(AudioError, match="frame 100"):
        analyze(write_session(tmp_path, {"a": ("keys", broken)}))
    with pytest.raises(SessionError, match="no tracks"):
        analyze(Session("empty", tmp_path, (), RATE, 0.0))


def test_progress_rises_to_one(tmp_path):
    heard: list[float] = []
    analyze(write_session(tmp_path, {"a": ("keys", noise(3.0))}), progress=lambda _, f: heard.append(f))
    assert heard == sorted(heard) and heard[-1] == 1.0
