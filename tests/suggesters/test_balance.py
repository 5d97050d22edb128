"""Balance: known faders and pans come back; nothing is moved when nothing is off."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import optimize

from small_band import SECONDS, band, mix
from smartmix.analysis import analyze
from smartmix.analysis.rough_cells import as_placed
from smartmix.analysis.rough_solver import nnls
from smartmix.audio.panning import pan_gains
from smartmix.suggesters import suggest
from smartmix.suggesters.balance import weighted_median
from sources import RATE, facts_of, noise, write_session


def suggested(session, kind: str) -> dict[str, float]:
    plan = suggest(session, analyze(session))
    return {s.ref.track: s.suggested for m in plan.moves if m.grouped for s in m.sets if s.ref.device == kind}


def test_faders_and_pans_of_the_rough_come_back(tmp_path):
    gains = {"kick": 0.0, "snare": -4.0, "hats": 3.0, "bass": 0.0, "keys": -5.0, "vox": 4.0}
    pans = {"hats": 0.4, "keys": -0.5}
    rough = np.tanh(0.7 * mix(band(), gains, pans))
    session = write_session(tmp_path, band(), rough)
    faders, places = suggested(session, "fader"), suggested(session, "pan")
    found = np.array([faders.get(name, 0.0) - gain for name, gain in gains.items()])
    assert np.abs(found - np.median(found)).max() < 0.5
    assert set(places) == set(pans)
    assert all(places[name] == pytest.approx(pan, abs=0.1) for name, pan in pans.items())


def test_the_sum_as_rough_moves_nothing_at_any_level(tmp_path):
    for index, level in enumerate((1.0, 0.2)):
        session = write_session(tmp_path / str(index), band(), level * mix(band()))
        assert [m for m in suggest(session, analyze(session)).moves if m.grouped] == []


def test_a_track_that_is_not_in_the_rough_is_left_alone_and_named(tmp_path):
    without = {name: source for name, source in band().items() if name != "keys"}
    session = write_session(tmp_path, band(), mix(without, {"vox": 4.0}))
    plan = suggest(session, analyze(session))
    move = next(m for m in plan.moves if m.grouped)
    assert "keys" not in {s.ref.track for s in move.sets} and "keys" in move.cost
    assert {s.ref.track: s.suggested for s in move.sets}["vox"] == pytest.approx(4.0, abs=0.4)


def test_another_song_is_no_brief(tmp_path):
    rng = np.random.default_rng(0)
    noise_mix = 0.1 * rng.standard_normal((2, int(SECONDS * RATE)))
    session = write_session(tmp_path, band(), noise_mix)
    assert not [m for m in suggest(session, analyze(session)).moves if m.authority == "rough"]


def test_prints_are_not_panned_and_moved_little(tmp_path):
    session = write_session(tmp_path, band(), mix(band(), {"vox": 4.0}, {"keys": -0.6}))
    session = dataclasses.replace(session, material="prints")
    assert suggested(session, "pan") == {}
    assert all(abs(v) <= 1.5 for v in suggested(session, "fader").values())


def test_locked_and_muted_tracks_and_settings_get_nothing(tmp_path):
    session = write_session(tmp_path, band(), mix(band(), {"vox": 4.0, "bass": -4.0, "kick": 3.0}))
    tracks = tuple(dataclasses.replace(t, locked=t.id == "vox", muted=t.id == "kick") for t in session.tracks)
    session = dataclasses.replace(session, tracks=tracks, locks=frozenset({"bass/fader/gain_db"}))
    touched = {str(s.ref) for m in suggest(session, analyze(session)).moves for s in m.sets}
    assert not any(ref.startswith(("vox/", "kick/", "bass/fader")) for ref in touched)


def test_the_plan_is_the_same_every_time(tmp_path):
    session = write_session(tmp_path, band(), mix(band(), {"vox": 4.0}))
    analysis = analyze(session)
    assert suggest(session, analysis) == suggest(session, analyze(session))
    assert suggest(session, analysis).input_hashes == analysis.input_hashes


def test_without_a_rough_a_buried_track_comes_up_and_few_moves_are_sure(tmp_path):
    sources = {name: (role, x * (0.05 if name == "vox" else 1.0)) for name, (role, x) in band().items()}
    sources["noise"] = ("unknown", noise(SECONDS))
    session = write_session(tmp_path, sources)
    moves = suggest(session, analyze(session)).moves
    vocal = next(m for m in moves if m.track == "vox" and not m.grouped)
    assert vocal.sets[0].suggested == pytest.approx(6.0) and vocal.interval[0] > 0
    assert all(abs(s.suggested) <= 6.0 for m in moves for s in m.sets if s.ref.device == "fader")
    assert not any(s.ref.track == "noise" for m in moves for s in m.sets)
    grouped = [m for m in moves if m.grouped]
    assert all(m.confidence < 0.7 for m in grouped)


def test_without_a_rough_a_usual_balance_is_left_alone(tmp_path):
    from smartmix.suggesters.role_balance import USUAL_LU

    raw = band()
    facts = analyze(write_session(tmp_path / "raw", raw)).tracks
    level = {n: 10 ** ((USUAL_LU[r] - 14.0 - facts[n].active_lufs) / 20) for n, (r, _) in raw.items()}
    session = write_session(tmp_path / "set", {n: (r, level[n] * x) for n, (r, x) in raw.items()})
    faders = [s for m in suggest(session, analyze(session)).moves for s in m.sets if s.ref.device == "fader"]
    assert faders == []


def test_nnls_against_scipy():
    rng = np.random.default_rng(4)
    for _ in range(5):
        a, b = rng.standard_normal((60, 8)), rng.standard_normal(60)
        expected, _ = optimize.nnls(a, b)
        np.testing.assert_allclose(nnls(a.T @ a, a.T @ b), expected, atol=1e-6)


def test_weighted_median():
    assert weighted_median([3.0, 1.0, 2.0], [1.0, 1.0, 1.0]) == 2.0
    assert weighted_median([3.0, 1.0, 2.0], [9.0, 1.0, 1.0]) == 3.0
    assert weighted_median([], []) == 0.0


def test_a_mono_rough_brings_wide_tracks_back_too_and_tells_no_pans(tmp_path):
    rng = np.random.default_rng(8)
    sources = dict(band())
    sources["pad"] = ("pad", 0.02 * rng.standard_normal((2, int(SECONDS * RATE))))
    gains = {"snare": -4.0, "pad": 3.0, "vox": 4.0, "keys": -5.0}
    rough = mix(sources, gains).mean(axis=0, keepdims=True)
    session = write_session(tmp_path, sources, rough)
    faders = suggested(session, "fader")
    found = {name: faders.get(name, 0.0) - gains.get(name, 0.0) for name in sources}
    middle = np.median(list(found.values()))
    assert max(abs(f - middle) for f in found.values()) < 1.0
    assert suggested(session, "pan") == {}
    stereo = write_session(tmp_path / "twice", sources, np.repeat(rough, 2, axis=0))
    assert suggested(stereo, "fader").keys() == faders.keys() and suggested(stereo, "pan") == {}


def test_a_mono_rough_reads_as_loud_as_it_plays(tmp_path):
    rough = mix(band()).mean(axis=0, keepdims=True)
    once = analyze(write_session(tmp_path / "one", band(), rough)).rough.loudness
    twice = analyze(write_session(tmp_path / "two", band(), np.repeat(rough, 2, axis=0))).rough.loudness
    assert dataclasses.asdict(once) == pytest.approx(dataclasses.asdict(twice), abs=1e-3)


def test_gains_and_pans_of_the_session_are_where_the_faders_start(tmp_path):
    session = write_session(tmp_path, band(), mix(band(), {"vox": 4.0, "bass": -5.0}, {"hats": 0.5}))
    placed = {"vox": (4.0, 0.0), "bass": (-5.0, 0.0), "hats": (0.0, 0.5)}
    tracks = tuple(
        dataclasses.replace(t, gain_db=placed.get(t.id, (0.0, 0.0))[0], pan=placed.get(t.id, (0.0, 0.0))[1])
        for t in session.tracks
    )
    there = dataclasses.replace(session, tracks=tracks)
    assert [m for m in suggest(there, analyze(there)).moves if m.grouped] == []
    half = dataclasses.replace(
        session, tracks=tuple(dataclasses.replace(t, gain_db=t.gain_db / 2, pan=t.pan) for t in tracks)
    )
    assert suggested(half, "fader")["vox"] == pytest.approx(2.0, abs=0.4)
    assert suggested(half, "fader")["bass"] == pytest.approx(-2.5, abs=0.4)


def test_a_synth_far_from_its_place_is_only_something_to_listen_to(tmp_path):
    from smartmix.plan.accept import is_confident

    sources = {
        n: (r if n != "keys" else "synth", x * (8.0 if n == "keys" else 1.0)) for n, (r, x) in band().items()
    }
    moves = suggest(*((s := write_session(tmp_path, sources)), analyze(s))).moves
    own = [m for m in moves if m.track == "keys" and m.source == "role-balance"]
    assert own and not any(is_confident(m) for m in own)


def test_a_placed_track_is_what_its_samples_would_be_at_that_gain_and_pan(tmp_path):
    session = write_session(tmp_path, {"keys": band()["keys"], "bass": band()["bass"]})
    tracks = tuple(dataclasses.replace(t, gain_db=-5.0, pan=0.6) for t in session.tracks)
    placed = as_placed(dataclasses.replace(session, tracks=tracks), analyze(session).tracks)
    left, right = pan_gains(0.6)
    for name, facts in placed.items():
        samples = band()[name][1]
        expected = facts_of(10 ** (-5.0 / 20) * np.stack((left * samples[0], right * samples[-1])))
        for side in ("left_power", "right_power"):
            found, wanted = (getattr(f.features, side) for f in (facts, expected))
            heard = wanted > wanted.max() * 1e-5
            np.testing.assert_allclose(found[heard], wanted[heard], rtol=0.02)
        assert facts.active_lufs == pytest.approx(expected.active_lufs, abs=0.3)


def test_the_common_level_of_an_earlier_balance_stays(tmp_path):
    gains = {"kick": 0.0, "snare": -4.0, "hats": 3.0, "bass": 0.0, "keys": -5.0, "vox": 4.0}
    session = write_session(tmp_path, band(), mix(band(), gains))
    analysis = analyze(session)
    first = suggest(session, analysis)
    shifted = [
        dataclasses.replace(
            m, sets=tuple(dataclasses.replace(s, suggested=s.suggested + 1.3) for s in m.sets)
        )
        for m in first.moves
        if m.grouped
    ]
    again = suggest(session, analysis, earlier=dataclasses.replace(first, moves=tuple(shifted)))
    before = {s.ref.track: s.suggested for m in shifted for s in m.sets}
    after = {s.ref.track: s.suggested for m in again.moves if m.grouped for s in m.sets}
    assert {name: after[name] for name in before} == pytest.approx(before, abs=0.05)
