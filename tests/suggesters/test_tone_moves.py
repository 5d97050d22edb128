"""Corrective EQ, de-essing and compression: what is proposed, what is left alone, and that limits bind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from smartmix.analysis import analyze
from smartmix.analysis.analysis import Analysis
from smartmix.analysis.bulge import Bulge
from smartmix.analysis.resonance import Resonance
from smartmix.plan import Move
from smartmix.plan.accept import is_confident
from smartmix.processors import Compressor, DeEsser
from smartmix.session.session import Session, Track
from smartmix.suggesters import suggest
from smartmix.suggesters.compression import solve
from smartmix.suggesters.corrective_eq import REGIONS, bulge_move, ring_move
from smartmix.suggesters.limits import (
    COMPRESSION_MAX_DB,
    COMPRESSION_RATIO,
    CUT_DB,
    CUT_Q,
    SURGICAL_CUT_DB,
    SURGICAL_Q,
)
from sources import RATE, noise, write_session
from tones import bass_line, drone_under_chords, drum_room, lead_on_one_note, pink, rbj_bell, same_hit, voice

LEVELS = (0.0, -9.0, 2.0, -4.0, -11.0, 1.0)
KINDS = ("corrective-eq", "de-ess", "compression")


def moves_of(
    folder: Path, sources: dict[str, tuple[str, np.ndarray]], **changed: object
) -> dict[str, list[Move]]:
    session = write_session(folder, sources)
    analysis = replace(analyze(session), **changed)  # type: ignore[arg-type]
    return by_track(session, analysis)


def by_track(session: Session, analysis: Analysis) -> dict[str, list[Move]]:
    found: dict[str, list[Move]] = {}
    for move in suggest(session, analysis).moves:
        if move.source in KINDS:
            found.setdefault(move.track, []).append(move)
    return found


def values(move: Move) -> dict[str, float | str]:
    return {s.ref.parameter.rpartition(".")[2]: s.suggested for s in move.sets}  # type: ignore[misc]


def test_a_ring_gets_a_surgical_cut_and_clean_tracks_nothing(tmp_path):
    sources = {
        "room": ("room", rbj_bell(drum_room(), 905.0, 10.0, 8.0)),
        "clean room": ("room", drum_room(seed=7)),
        "bass": ("bass", bass_line() + noise(12.0, level=1e-4)),
        "lead": ("lead", lead_on_one_note() + noise(12.0, level=1e-4)),
        "pad": ("pad", drone_under_chords() + noise(12.0, level=1e-4)),
        "snare": ("snare", same_hit()),
    }
    found = moves_of(tmp_path, sources)
    assert list(found) == ["room"]
    (move,) = found["room"]
    cut = values(move)
    assert cut["freq_hz"] == pytest.approx(905.0, rel=0.03)
    assert -SURGICAL_CUT_DB <= cut["gain_db"] <= -3.0 and 4.0 <= cut["q"] <= SURGICAL_Q
    assert is_confident(move)
    assert "rings" in move.reason and move.evidence[0].band_hz is not None
    assert move.evidence[0].span_s is not None


@pytest.mark.parametrize("over_db", [4.5, 9.0, 30.0])
@pytest.mark.parametrize("prints", [False, True])
def test_no_ring_is_cut_beyond_the_limits(over_db, prints):
    ring = Resonance(1000.0, over_db, over_db - 1.0, 1.0, 4.0, 0.2, 14.0, (0.0, 9.0))
    move = ring_move(Track("x", "X", Path("x.wav")), ring, prints=prints)
    assert -SURGICAL_CUT_DB <= values(move)["gain_db"] < 0.0
    assert values(move)["q"] <= SURGICAL_Q
    assert move.interval is not None and move.interval[1] < 0.0
    assert not (prints and is_confident(move))


@pytest.mark.parametrize("sides_db", [5.5, 8.0, 9.5, 30.0])
def test_a_broad_cut_keeps_its_limits_and_is_likely_only_when_clear(sides_db):
    bulge = Bulge(310.0, 6.0, sides_db + 2.0, sides_db, 4.0)
    move = bulge_move(Track("x", "X", Path("x.wav"), role="guitar"), bulge, REGIONS[0])
    assert -CUT_DB <= values(move)["gain_db"] < 0.0 and values(move)["q"] <= CUT_Q
    assert is_confident(move) == (sides_db >= 9.0)


@pytest.mark.parametrize(("hz", "word"), [(310.0, "muddy"), (3200.0, "harsh")])
def test_a_bulge_is_cut_on_roles_where_it_is_a_fault(tmp_path, hz, word):
    dirty = rbj_bell(pink(), hz, 14.0, 1.0)
    sources = {"gtr": ("guitar", dirty), "kick": ("kick", dirty), "clean": ("guitar", pink())}
    found = moves_of(tmp_path, sources)
    assert list(found) == ["gtr"]
    broad = [m for m in found["gtr"] if word in m.reason]
    assert len(broad) == 1 and values(broad[0])["freq_hz"] == pytest.approx(hz, rel=0.2)
    assert moves_of(tmp_path, sources, material="prints") == {}


def test_loud_esses_are_turned_down_as_promised_and_soft_ones_left_alone(tmp_path):
    found = moves_of(
        tmp_path,
        {
            "loud": ("lead_vocal", voice(3.0)),
            "soft": ("lead_vocal", voice(-8.0)),
            "hat": ("hihat", voice(3.0)),
        },
    )
    assert list(found) == ["loud"]
    (move,) = found["loud"]
    assert is_confident(move)
    settings = values(move)
    x = np.ascontiguousarray(voice(3.0), dtype=np.float32)
    y = DeEsser(**settings).process(x, RATE)
    seconds = np.arange(x.shape[1]) / RATE % 1.0
    inside = (seconds > 0.015) & (seconds < 0.085)
    outside = (seconds > 0.2) & (seconds < 0.9)
    change = 10 * np.log10(np.mean(y[0, inside] ** 2) / np.mean(x[0, inside] ** 2))
    rest = 10 * np.log10(np.mean(y[0, outside] ** 2) / np.mean(x[0, outside] ** 2))
    assert move.interval is not None
    promised = 0.5 * sum(move.interval)
    assert -4.5 <= promised <= -2.0
    assert change == pytest.approx(promised, abs=1.0)
    assert abs(rest) < 0.02


def test_few_esses_and_constant_hiss_are_left_alone(tmp_path):
    few = voice(3.0, seconds=4)
    hiss = np.concatenate([voice(3.0, seconds=1)[:, : RATE // 5] for _ in range(80)], axis=1)
    assert moves_of(tmp_path, {"few": ("lead_vocal", few), "hiss": ("lead_vocal", hiss)}) == {}


def test_a_wandering_voice_is_compressed_within_the_limits_at_the_same_loudness(tmp_path):
    x = voice(-9.0, level_db=LEVELS)
    sources = {
        "wide": ("lead_vocal", x),
        "even": ("lead_vocal", voice(-9.0)),
        "drums": ("drums", x),
        "squashed": ("lead_vocal", np.clip(20.0 * x, -0.1, 0.1)),
    }
    found = moves_of(tmp_path, sources, material="multitrack")
    (move,) = [m for moves in found.values() for m in moves if m.source == "compression"]
    assert move.track == "wide"
    settings = values(move)
    assert 1.0 < settings["ratio"] <= COMPRESSION_RATIO
    effect = Compressor(**{k: v for k, v in settings.items() if k != "auto_times"})
    effect.auto_times = True
    wide = np.ascontiguousarray(x, dtype=np.float32)
    y = effect.process(wide, RATE)
    assert 1.5 <= effect.mean_reduction_db <= 3.0
    assert effect.max_reduction_db <= COMPRESSION_MAX_DB + 0.3
    session = write_session(tmp_path / "after", {"a": ("lead_vocal", y), "b": ("lead_vocal", x)})
    facts = analyze(session).tracks
    assert facts["a"].loudness.integrated_lufs == pytest.approx(facts["b"].loudness.integrated_lufs, abs=0.3)
    on_prints = moves_of(tmp_path, sources, material="prints")
    assert not any(m.source == "compression" for moves in on_prints.values() for m in moves)


def test_a_compressor_that_would_only_catch_peaks_is_none(tmp_path):
    x = voice(-9.0, rms=0.02)
    x[:, :: RATE // 2] = 0.9
    session = write_session(tmp_path, {"x": ("lead_vocal", x)})
    tone = analyze(session).tracks["x"].tone
    assert tone is not None and tone.levels is not None
    solved = solve(tone.levels)
    assert solved is None or solved.reduction.max_db <= COMPRESSION_MAX_DB


def test_locked_and_muted_tracks_get_nothing(tmp_path):
    session = write_session(tmp_path, {"v": ("lead_vocal", voice(3.0, level_db=LEVELS))})
    analysis = replace(analyze(session), material="multitrack")
    assert by_track(session, analysis)
    for change in ({"locked": True}, {"muted": True}):
        other = replace(session, tracks=tuple(replace(t, **change) for t in session.tracks))
        assert by_track(other, analysis) == {}


def test_the_same_track_gets_the_same_moves(tmp_path):
    sources = {"v": ("lead_vocal", voice(3.0, level_db=LEVELS))}
    first, second = (moves_of(tmp_path / n, sources, material="multitrack") for n in ("a", "b"))
    assert first == second and {m.source for m in first["v"]} == {"de-ess", "compression"}


def test_finished_songs_are_left_alone(dev_songs: Path) -> None:
    for name, expected in (("lmms_reggaetry", 0), ("eif_potassium", 0), ("muldjord_armygeddon", 1)):
        session = Session.open(dev_songs / name)
        found = [m for moves in by_track(session, analyze(session)).values() for m in moves]
        assert len(found) <= expected
        assert not any(is_confident(m) for m in found)
