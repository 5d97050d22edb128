"""The masking map of a session: the same facts as measure_masking, streamed from files, small, and in words."""

from __future__ import annotations

import base64
import dataclasses
import json
import tracemalloc

import numpy as np
import pytest

from smartmix import _core
from smartmix.analysis import analyze, measure_masking
from smartmix.analysis.masking_events import MaskingEvent
from smartmix.analysis.masking_facts import band_words, decode_level, encode_level, place_words
from smartmix.analysis.masking_gather import GatheredMap
from smartmix.analysis.masking_pairs import one_sound
from smartmix.analysis.masking_places import worst_places
from smartmix.analysis.storage import to_json
from smartmix.session.session import Section, Session
from sources import RATE, melody, noise, write_session


def scene(folder, rate: int = RATE, **changes) -> Session:
    voice = melody([220.0, 247.0, 262.0, 220.0, 196.0, 220.0], 1.0)
    bed = noise(6.0, level=0.05, seed=3, channels=2)
    sources = {"vox": ("lead_vocal", voice), "pad": ("pad", bed), "click": ("click", noise(6.0, seed=4))}
    session = write_session(folder, sources, rate=rate)
    tracks = tuple(
        dataclasses.replace(t, muted=t.role == "click", **changes.get(t.id, {})) for t in session.tracks
    )
    return dataclasses.replace(session, tracks=tracks)


def oracle(session: Session, gains=(1.0, 1.0), pad=0):
    voice = melody([220.0, 247.0, 262.0, 220.0, 196.0, 220.0], 1.0).astype(np.float32)
    bed = noise(6.0, level=0.05, seed=3, channels=2)
    late = np.pad(bed * np.float32(gains[1]), ((0, 0), (pad, 0)))
    return measure_masking({"vox": voice * np.float32(gains[0]), "pad": late}, RATE)


def test_it_is_what_measure_masking_says_of_the_placed_tracks(tmp_path):
    gain = 10 ** (-5 / 20)
    session = scene(tmp_path, pad={"gain_db": -5.0, "offset_frames": 70_001})
    facts, whole = analyze(session).masking, oracle(session, (1.0, gain), 70_001)
    assert facts is not None and facts.tracks == ("vox", "pad")
    np.testing.assert_allclose(facts.heard_share, whole.heard_share(), atol=0.012)  # its last cell is shorter
    share = whole.lost_sone.sum(axis=2) / whole.alone_sone.mean(axis=1).sum(axis=1)[:, np.newaxis]
    np.testing.assert_allclose(facts.lost_share, share, atol=0.02)
    assert facts.lost_share[0, 1] > 0.1 and facts.freed_share[0, 1] == pytest.approx(
        facts.lost_share[0, 1], abs=0.05
    )
    cells = facts.cells
    assert cells is not None
    np.testing.assert_allclose(cells.heard_sone, whole.heard_sone, atol=2e-3, rtol=2e-3)
    loud = whole.level_db > -19.0
    np.testing.assert_allclose(decode_level(cells.level_codes)[loud], whole.level_db[loud], atol=0.26)


def test_panning_a_mono_track_changes_nothing_and_a_balance_does(tmp_path):
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    plain = analyze(scene(tmp_path / "a")).masking
    panned = analyze(scene(tmp_path / "b", vox={"pan": -0.7})).masking
    np.testing.assert_allclose(plain.heard_share, panned.heard_share, atol=0.01)


def test_another_rate_is_heard_at_48_khz(tmp_path):
    session = scene(tmp_path)
    doubled = dataclasses.replace(
        session,
        sample_rate=96_000,
        tracks=tuple(dataclasses.replace(t, offset_frames=2 * t.offset_frames) for t in session.tracks),
    )
    np.testing.assert_allclose(
        analyze(doubled).masking.heard_share, analyze(session).masking.heard_share, atol=0.01
    )


def test_the_map_has_at_most_one_column_a_second_and_shares_of_what_is_lost(tmp_path):
    facts = analyze(scene(tmp_path)).masking
    assert facts.column_s >= 1.0 and facts.covered.shape == (2, facts.times_s.size, 40)
    assert facts.covered.dtype == np.uint8 and facts.level_db.shape == facts.covered.shape
    weight = facts.cells.alone_sone.astype(float)[0].sum()
    lost = 1.0 - facts.cells.heard_sone.astype(float)[0].sum() / weight
    assert lost == pytest.approx(1.0 - facts.heard_share[0], abs=5e-3)
    top = facts.covered_share[0].max()
    assert 0.5 < top <= 1.0


def test_silence_and_no_level_have_no_map(tmp_path):
    session = write_session(tmp_path, {"a": ("keys", np.zeros((1, RATE), np.float32))})
    assert analyze(session).masking is None


def test_it_is_written_compactly(tmp_path):
    analysis = analyze(scene(tmp_path))
    written = json.loads(to_json(analysis))["masking"]
    covered = np.frombuffer(base64.b64decode(written["covered"]["uint8"]), np.uint8)
    np.testing.assert_array_equal(covered.reshape(written["covered"]["shape"]), analysis.masking.covered)
    assert "cells" not in written and written["tracks"] == ["vox", "pad"]


def test_levels_come_back_to_a_quarter_of_a_decibel():
    level = np.linspace(-19.9, 106.0, 999)
    np.testing.assert_allclose(decode_level(encode_level(10 ** (level / 10))), level, atol=0.251)
    assert decode_level(encode_level(np.array([0.0])))[0] == -np.inf


def event(covered: str, covering: str, start: float, sone: float, low: float = 300.0) -> MaskingEvent:
    return MaskingEvent(covered, covering, low, 2 * low, start, start + 2.0, 4.2, 1.4 * low, sone, 3.0, 0.3)


def test_the_worst_places_are_gathered_by_pair_and_part_and_what_matters(tmp_path):
    session = scene(tmp_path)
    sections = [Section("verse", 0.0, 10.0), Section("chorus", 10.0, 20.0)]
    events = [
        *(event("vox", "pad", t, 1.0) for t in (1.0, 4.0)),
        event("vox", "pad", 12.0, 1.5),
        event("vox", "pad", 13.0, 0.2, low=4000.0),
        event("pad", "vox", 2.0, 4.0),
    ]
    places = worst_places(session, events, sections)
    assert [(p.covered, p.section) for p in places] == [("vox", "verse"), ("vox", "chorus"), ("pad", "verse")]
    assert places[0].span_s == (1.0, 6.0) and places[0].seconds == pytest.approx(4.0)
    assert places[0].text == "pad sits 4 dB over vox at 300 to 600 Hz (0:01\u20130:06, verse)"


def test_two_microphones_of_one_source_do_not_cover_each_other(tmp_path):
    drums = {
        name: (role, noise(1.0)) for name, role in (("oh", "overheads"), ("snare", "snare"), ("keys", "keys"))
    }
    pairs = one_sound(write_session(tmp_path, drums))
    assert ("oh", "snare") in pairs and ("snare", "oh") in pairs and ("keys", "snare") not in pairs


def test_a_place_that_reaches_over_several_parts_is_not_said_to_lie_in_one(tmp_path):
    sections = [Section("verse", 0.0, 3.0), Section("chorus", 3.0, 8.0), Section("outro", 8.0, 20.0)]
    wide = MaskingEvent("vox", "pad", 300.0, 600.0, 0.0, 8.0, 4.2, 420.0, 1.0, 3.0, 0.3)
    (place,) = worst_places(scene(tmp_path), [wide], sections)
    assert place.section == "chorus" and place.text.endswith("(0:00\u20130:08)")


def test_words():
    names = ("Vox", "GTR L")
    assert place_words(names, (248.0, 402.0), 4.2, (64.0, 95.0), "chorus 1") == (
        "GTR L sits 4 dB over Vox at 250 to 400 Hz (1:04\u20131:35, chorus 1)"
    )
    assert "sits level with" in place_words(names, (200.0, 900.0), 0.2, (0.0, 1.0), "")
    assert "from 3 dB below it" in place_words(names, (200.0, 900.0), -3.0, (0.0, 1.0), "")
    assert band_words((900.0, 2100.0)) == "900 Hz to 2.1 kHz"


def test_the_end_of_the_map_takes_no_second_copy_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept stays where it was put: stacking it at the end once took its memory twice."""
    tracks, bands, rng = 8, 40, np.random.default_rng(0)
    cells = {
        name: rng.random((4, tracks, bands)).astype(np.float32)
        for name in ("excitation", "covering", "alone", "beside_all", "eased_all")
    }
    cells |= {
        n: rng.random((4, tracks, tracks, bands)).astype(np.float32) for n in ("beside", "freed", "eased")
    }
    cells["hops"] = np.full(4, float(_core.MASKING_CELL_HOPS), np.float32)
    frames = 1200 * _core.MASKING_CELL_HOPS * _core.MASKING_HOP
    tracemalloc.start()
    try:
        gathered = GatheredMap(tuple(f"t{n}" for n in range(tracks)), RATE, frames, 78.0)
        monkeypatch.setattr(gathered.events, "take", lambda *_: None)
        for _ in range(300):
            gathered.take(cells)
        kept = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        facts = gathered.facts(())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert facts.cells is not None and facts.cells.level_codes.shape == (tracks, 1200, bands)
    assert facts.cells.level_codes.flags.c_contiguous and facts.cells.eased_sone.flags.c_contiguous
    assert peak < 1.1 * kept
