"""Space: only dry tracks are sent anywhere, as one move to listen to, timed by the song."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from smartmix.analysis import analyze
from smartmix.analysis.analysis import Analysis, Tempo
from smartmix.analysis.decay import decay_s
from smartmix.plan.accept import is_confident
from smartmix.plan.move import Move
from smartmix.session.session import Session
from smartmix.suggesters import Context, suggest
from smartmix.suggesters.sends import Space, delay_settings, reverb_settings
from sources import RATE, melody, noise, write_session

SECONDS = 12


def words(seed: int = 1) -> np.ndarray:
    """Short bursts with pauses of half a second, which stop within 60 ms."""
    rng = np.random.default_rng(seed)
    t = np.arange(SECONDS * RATE) / RATE
    phase = t % 0.9
    shape = np.minimum(1.0, phase / 0.01) * np.where(phase < 0.35, 1.0, np.exp(-(phase - 0.35) / 0.008))
    return (0.1 * shape * rng.standard_normal(t.size))[np.newaxis].astype(np.float32)


def in_a_room(x: np.ndarray, t60_s: float, under_db: float) -> np.ndarray:
    """The source with an exponentially decaying noise tail, the tail ``under_db`` under it."""
    rng = np.random.default_rng(9)
    t = np.arange(int(t60_s * RATE)) / RATE
    tail = rng.standard_normal(t.size) * 10 ** (-3.0 * t / t60_s)
    wet = signal.fftconvolve(x[0], tail)[: x.shape[1]]
    wet *= np.sqrt(np.mean(x**2) / np.mean(wet**2)) * 10 ** (-under_db / 20)
    return (x + wet[np.newaxis]).astype(np.float32)


def level_10ms(x: np.ndarray) -> np.ndarray:
    return (x[0, : x.shape[1] // 480 * 480].reshape(-1, 480).astype(np.float64) ** 2).mean(axis=1)


@pytest.mark.parametrize("t60_s", [0.6, 1.2])
def test_the_decay_of_a_pure_room_is_its_reverberation_time(t60_s: float) -> None:
    clicks = np.zeros((1, SECONDS * RATE), np.float32)
    clicks[0, :: 2 * RATE] = 1.0
    room = in_a_room(clicks, t60_s, -40.0)
    assert decay_s(level_10ms(room)) == pytest.approx(t60_s, rel=0.15)


def test_a_dry_voice_stops_and_a_wet_one_does_not() -> None:
    dry, wet = decay_s(level_10ms(words())), decay_s(level_10ms(in_a_room(words(), 1.5, 12.0)))
    assert dry is not None and dry < 0.2
    assert wet is None or wet > 0.5
    assert decay_s(level_10ms(noise(10.0))) is None
    assert decay_s(np.zeros(500)) is None


def heard(tmp_path: Path, voice: np.ndarray, rough: np.ndarray | None = None) -> tuple[Session, Analysis]:
    sources = {"vox": ("lead_vocal", voice), "bass": ("bass", melody([55] * SECONDS))}
    session = write_session(tmp_path, sources, rough)
    return session, analyze(session)


def test_no_space_is_left_when_its_only_track_is_left_alone_or_locked(tmp_path: Path) -> None:
    """A reverb nothing is sent to is no move."""
    session, analysis = heard(tmp_path, words())
    assert [m.source for m in suggest(session, analysis).moves if m.source == "space"] == ["space"]
    locks = frozenset({f"vox/send/return-{name}.level_db" for name in ("reverb", "delay")})
    for plan in (
        suggest(session, analysis, notes=("don't touch the vox",)),
        suggest(dataclasses.replace(session, locks=locks), analysis),
    ):
        assert not [m for m in plan.moves if m.source == "space"]


def moves_of(session: Session, analysis: Analysis) -> list[Move]:
    return Space().suggest(Context(session, analysis))


def test_a_dry_vocal_gets_one_move_to_listen_to(tmp_path: Path) -> None:
    session, analysis = heard(tmp_path, words())
    analysis = dataclasses.replace(analysis, tempo=None)
    (move,) = moves_of(session, analysis)
    sets = {str(s.ref): s.suggested for s in move.sets}
    assert -9.0 < sets["vox/send/return-reverb.level_db"] <= -5.0 and move.grouped
    assert not any(ref.startswith("bass/") for ref in sets) and not any("return-delay" in ref for ref in sets)
    assert not is_confident(move)
    timed = dataclasses.replace(analysis, tempo=Tempo(120.0))
    sets = {str(s.ref): s.suggested for m in moves_of(session, timed) for s in m.sets}
    assert sets["return-delay/delay/time_ms"] == 500.0 and sets["vox/send/return-delay.level_db"] < -9.9
    vague = dataclasses.replace(analysis, tempo=Tempo(120.0, 60.0, 0.2, "heard"))
    assert not any("return-delay" in str(s.ref) for m in moves_of(session, vague) for s in m.sets)


def test_wet_wide_locked_and_printed_tracks_get_nothing(tmp_path: Path) -> None:
    assert moves_of(*heard(tmp_path / "wet", in_a_room(words(), 1.5, 12.0))) == []
    wide = np.concatenate((words(1), words(2)))
    assert moves_of(*heard(tmp_path / "wide", wide)) == []
    session, analysis = heard(tmp_path / "dry", words())
    assert moves_of(session, dataclasses.replace(analysis, material="prints")) == []
    locked = tuple(dataclasses.replace(t, locked=True) for t in session.tracks)
    assert moves_of(dataclasses.replace(session, tracks=locked), analysis) == []


@pytest.mark.parametrize("wet", [True, False])
def test_only_a_room_in_the_rough_makes_it_likely(tmp_path: Path, wet: bool) -> None:
    rough = np.repeat(in_a_room(words(), 1.5, 8.0) if wet else np.tanh(3 * words()), 2, axis=0)
    session = write_session(tmp_path, {"vox": ("lead_vocal", words())}, rough)
    analysis = dataclasses.replace(analyze(session), material="multitrack")
    (move,) = moves_of(session, analysis)
    assert is_confident(move) is wet and ("room on it" in move.reason) is wet


def test_times_follow_the_song(tmp_path: Path) -> None:
    _, analysis = heard(tmp_path, words())
    slow, fast = (
        reverb_settings(dataclasses.replace(analysis, tempo=Tempo(bpm)))["decay_s"][0]
        for bpm in (70.0, 170.0)
    )
    assert slow > fast >= 0.8 and slow <= 2.4
    assert delay_settings(60.0 / 80.0)["time_ms"][0] == 375.0
