"""Repairs: polarity per group of microphones and DI/amp alignment; healthy sources are left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from kits import kit, turned
from smartmix.analysis import Analysis, analyze
from smartmix.plan.accept import is_confident
from smartmix.plan.move import Move
from smartmix.session.session import Session
from smartmix.suggesters.repairs import Repairs
from smartmix.suggesters.suggester import Context
from sources import RATE, melody, noise, write_session


def repairs(folder: Path, sources: dict) -> tuple[Session, Analysis, list[Move]]:
    session = write_session(folder, sources)
    analysis = analyze(session)
    return session, analysis, Repairs().suggest(Context(session, analysis))


def settings(moves: list[Move]) -> dict[str, object]:
    return {str(s.ref): s.suggested for move in moves for s in move.sets}


def bass(late_frames: int, sign: float) -> dict[str, tuple[str, np.ndarray]]:
    di = melody([55, 61.7, 82.4, 49, 55, 73.4])[0] + noise(6.0, level=0.003)[0]
    amp = sign * np.tanh(4 * np.concatenate((np.zeros(late_frames), di))[: di.size])
    return {"Bass DI": ("bass_di", di[np.newaxis]), "Bass Amp": ("bass_amp", 0.2 * amp[np.newaxis])}


def test_a_healthy_kit_and_a_healthy_bass_are_left_alone(tmp_path):
    assert repairs(tmp_path, {**kit(), **bass(3, 1.0)})[2] == []


@pytest.mark.parametrize(("frames", "sign"), [(150, 1.0), (0, -1.0), (150, -1.0)])
def test_an_amp_is_lined_up_with_its_di_and_turned_over(tmp_path, frames, sign):
    _, _, moves = repairs(tmp_path, bass(frames, sign))
    expected = {"Bass Amp/input/polarity": "inverted"} if sign < 0 else {}
    if frames:
        expected["Bass Amp/input/shift_ms"] = pytest.approx(-1000 * frames / RATE, abs=0.05)
    assert len(moves) == 1 and settings(moves) == expected
    assert is_confident(moves[0])


def test_the_gain_told_is_the_gain_of_the_sum(tmp_path):
    """Oracle: the two files summed with scipy's band-pass, as delivered and as the move puts them."""
    sources = bass(150, -1.0)
    _, _, (move,) = repairs(tmp_path, sources)
    di, amp = sources["Bass DI"][1][0], sources["Bass Amp"][1][0]
    low, high = move.evidence[0].band_hz
    sos = signal.butter(8, (low, high), "band", fs=RATE, output="sos")

    def level(x: np.ndarray) -> float:
        return 10 * np.log10(np.mean(signal.sosfiltfilt(sos, x) ** 2))

    frames = -round(settings([move])["Bass Amp/input/shift_ms"] * RATE / 1000)
    put_right = di - np.concatenate((amp[frames:], np.zeros(frames)))
    assert move.evidence[0].amount == pytest.approx(level(put_right) - level(di + amp), abs=0.7)


def test_a_kit_is_one_grouped_move_and_overheads_are_never_shifted(tmp_path):
    _, _, moves = repairs(tmp_path, turned(kit(), "Kick Out", "OH right"))
    assert len(moves) == 1 and moves[0].grouped
    assert settings(moves) == {"Kick Out/input/polarity": "inverted", "OH/input/polarity": "right_inverted"}
    assert len(moves[0].evidence) == 2 and all(e.amount > 0.5 for e in moves[0].evidence)


def test_partners_follow_a_microphone_that_is_turned_over(tmp_path):
    """Snare top and bottom both upside down go together; the top alone leaves the bottom as it is."""
    for planted in (("Kick In", "Kick Out"), ("Kick In",)):
        _, analysis, moves = repairs(tmp_path / planted[-1], turned(kit(), *planted))
        worth = next(p.gained_db for p in analysis.pickups if p.track == "Kick In") >= 0.5
        told = set(settings(moves))
        if worth:
            assert told == {f"{name}/input/polarity" for name in planted}
        else:  # what the distance would take back is not done: only the two of one drum are brought together
            assert told == ({"Kick Out/input/polarity"} if len(planted) == 1 else set())


def test_opposed_sides_of_a_synth_may_be_meant(tmp_path):
    x = melody([220, 262, 247, 294])
    wide = np.concatenate((x, -x)) + noise(4.0, channels=2, level=0.003)
    for role, sure in (("piano", True), ("pad", False)):
        _, _, moves = repairs(tmp_path / role, {"wide": (role, wide)})
        assert settings(moves) == {"wide/input/polarity": "right_inverted"}
        assert is_confident(moves[0]) is sure


def test_locked_tracks_get_no_repair(tmp_path):
    session = write_session(tmp_path, bass(150, -1.0))
    analysis = analyze(session)
    held = replace(session, tracks=tuple(replace(t, locked=True) for t in session.tracks))
    assert Repairs().suggest(Context(held, analysis)) == []
