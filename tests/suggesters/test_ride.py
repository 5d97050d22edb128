"""Vocal rides: a buried section comes back within the limit, in the pauses; a steady vocal is left alone."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from smartmix.analysis import analyze
from smartmix.parameter import Breakpoint
from smartmix.session.session import Section
from smartmix.suggesters import suggest
from smartmix.suggesters.ride import Phrase, lane
from sources import RATE, melody, noise, write_session

PHRASES = [(1.0 + 4.0 * k, 4.0 + 4.0 * k) for k in range(8)]


def vocal(drops: dict[int, float]) -> np.ndarray:
    """Eight phrases of three seconds, a pause of one between; phrase k is drops[k] dB lower."""
    x = np.zeros((1, 34 * RATE))
    for k, (start, end) in enumerate(PHRASES):
        sung = melody([220, 262, 247])[:, : int((end - start) * RATE)]
        x[:, int(start * RATE) : int(end * RATE)] = sung * 10 ** (-drops.get(k, 0.0) / 20)
    return x


def session_of(folder, drops, rough=None):
    band = noise(34.0, channels=2, level=0.03, seed=1)
    return write_session(folder, {"vox": ("lead_vocal", vocal(drops)), "band": ("keys", band)}, rough)


def rides(session):
    return [m for m in suggest(session, analyze(session)).moves if m.source == "vocal-ride"]


@pytest.mark.parametrize(("drop", "expected"), [(4.0, 2.0), (1.8, 1.8), (1.0, None), (0.0, None)])
def test_a_buried_phrase_is_raised_by_what_it_lacks_up_to_the_limit(tmp_path, drop, expected):
    found = rides(session_of(tmp_path, {3: drop, 4: drop}))
    if expected is None:
        assert found == []
        return
    (move,) = found
    points = move.sets[0].suggested
    assert max(p.value for p in points) == pytest.approx(expected, abs=0.3)
    assert move.span_s == pytest.approx((PHRASES[3][0], PHRASES[4][1]), abs=0.15)
    assert f"{drop:.1f} dB under its usual place" in move.reason or expected < 2.0
    assert points[0].value == points[-1].value == 0.0


def test_the_fader_moves_in_the_pauses_and_is_level_over_the_phrase(tmp_path):
    (move,) = rides(session_of(tmp_path, {2: 4.0, 5: 3.5}))[:1]
    points = move.sets[0].suggested
    times, values = [p.time_s for p in points], [p.value for p in points]
    sung = np.arange(PHRASES[2][0] + 0.05, PHRASES[2][1] - 0.05, 0.01)
    assert np.allclose(np.interp(sung, times, values), 2.0, atol=0.01)
    assert np.allclose(np.interp([PHRASES[1][1], PHRASES[3][0]], times, values), 0.0)
    assert 0.15 <= times[1] - times[0] <= 0.3


def test_two_buried_places_are_two_rides_with_their_own_ids(tmp_path):
    session = session_of(tmp_path, {1: 4.0, 6: 3.0})
    session = dataclasses.replace(session, sections=(Section("song", 0.0, 34.0),))
    found = rides(session)
    assert len(found) == 2 and len({m.id for m in found}) == 2


def test_a_phrase_that_hangs_a_little_between_two_buried_ones_does_not_make_two_rides_of_one(tmp_path):
    """With 1.6 dB it is buried itself, with 0.7 not: the same ride in the same place, under the same id."""
    (buried,) = rides(session_of(tmp_path / "a", {3: 4.0, 4: 1.6, 5: 4.0}))
    (hanging,) = rides(session_of(tmp_path / "b", {3: 4.0, 4: 0.7, 5: 4.0}))
    assert hanging.id == buried.id
    assert hanging.span_s == pytest.approx(buried.span_s, abs=0.15)
    points = hanging.sets[0].suggested
    middle = np.interp(PHRASES[4][0] + 1.5, [p.time_s for p in points], [p.value for p in points])
    assert middle == pytest.approx(0.7, abs=0.3)


@pytest.mark.parametrize("between", [{4: -0.7}, {4: 0.7, 5: 0.7}])
def test_a_ride_ends_where_the_vocal_stands_over_its_place_or_is_well_for_long(tmp_path, between):
    last = 5 + (len(between) == 2)
    found = rides(session_of(tmp_path, {3: 4.0, last: 4.0} | between))
    assert [m.span_s[0] for m in found] == pytest.approx([PHRASES[3][0], PHRASES[last][0]], abs=0.15)


def test_a_loud_phrase_comes_down_only_without_a_rough(tmp_path):
    drops = {4: -6.0}
    (move,) = rides(session_of(tmp_path / "free", drops))
    assert min(p.value for p in move.sets[0].suggested) == -2.0 and move.confidence < 0.7
    rough = np.repeat(vocal(drops), 2, axis=0) + noise(34.0, channels=2, level=0.03, seed=1)
    assert rides(session_of(tmp_path / "brief", drops, rough)) == []


def test_a_phrase_without_band_is_not_buried(tmp_path):
    band = noise(34.0, channels=2, level=0.03, seed=1)
    band[:, 12 * RATE : 21 * RATE] *= 1e-4
    session = write_session(tmp_path, {"vox": ("lead_vocal", vocal({3: 4.0})), "band": ("keys", band)})
    assert rides(session) == []


def test_a_locked_vocal_is_not_ridden(tmp_path):
    session = session_of(tmp_path, {3: 4.0})
    locked = dataclasses.replace(session.tracks[0], locked=True)
    assert rides(dataclasses.replace(session, tracks=(locked, session.tracks[1]))) == []


def test_lane_has_two_points_a_phrase_and_its_ends():
    stretch = [Phrase(4.0, 6.0, -3.0), Phrase(6.5, 8.0, -1.6)]
    phrases = [Phrase(1.0, 3.9, 0.0), *stretch, Phrase(9.0, 10.0, 0.0)]
    assert lane(stretch, phrases) == (
        Breakpoint(3.85, 0.0),
        Breakpoint(4.0, 2.0),
        Breakpoint(6.0, 2.0),
        Breakpoint(6.5, 1.6),
        Breakpoint(8.0, 1.6),
        Breakpoint(8.25, 0.0),
    )


def test_a_choir_over_the_lead_does_not_make_the_lead_shout(tmp_path):
    band = noise(34.0, channels=2, level=0.03, seed=1)
    choir = 0.1 * noise(34.0, channels=2, level=1.0, seed=2)
    choir[:, : 16 * RATE] = 0.0
    choir[:, 24 * RATE :] = 0.0
    sources = {"vox": ("lead_vocal", vocal({})), "band": ("keys", band), "choir": ("backing_vocal", choir)}
    assert rides(write_session(tmp_path / "voices", sources)) == []
    sources["choir"] = ("organ", choir)
    assert rides(write_session(tmp_path / "organ", sources)) != []


def test_two_lead_vocals_are_ridden_each_for_itself_and_an_instrument_is_not(tmp_path):
    band = noise(34.0, channels=2, level=0.03, seed=1)
    sources = {
        "one": ("lead_vocal", vocal({3: 4.0})),
        "two": ("lead_vocal", 0.8 * vocal({})),
        "sax": ("lead", vocal({5: 5.0})),
        "band": ("keys", band),
    }
    assert {m.track for m in rides(write_session(tmp_path, sources))} == {"one"}
