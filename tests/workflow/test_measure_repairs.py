"""A repair is judged on the render: what the two microphones' sum gained in their band."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from smartmix.parameter import ParamRef
from smartmix.plan import Evidence, MixPlan, Move, MoveSet
from smartmix.session.session import Session
from smartmix.workflow.measure_repairs import is_repair, measure_repair
from sources import RATE, melody, noise, write_session

BAND_HZ = (60.0, 250.0)


def scene(folder, late_frames: int = 0, sign: float = 1.0) -> tuple[Session, np.ndarray, np.ndarray]:
    di = melody([82.4, 98, 110, 123.5])[0] + noise(4.0, level=0.002)[0]
    amp = 0.8 * sign * np.concatenate((np.zeros(late_frames), di))[: di.size]
    sources = {"DI": ("bass_di", di[np.newaxis]), "Amp": ("bass_amp", amp[np.newaxis])}
    return write_session(folder, sources), di, amp


def repair(**values: object) -> Move:
    sets = tuple(
        MoveSet(ParamRef("Amp", "input", key), "", 0.0 if key == "shift_ms" else "normal", value)
        for key, value in values.items()
    )
    fact = Evidence("polarity", "", 1.0, "dB", ("Amp", "DI"), BAND_HZ)
    return Move("m1", "Amp", "Amp", "repairs", 0.9, "", sets, status="accepted", evidence=(fact,))


def level(x: np.ndarray) -> float:
    sos = signal.butter(8, BAND_HZ, "band", fs=RATE, output="sos")
    return 10 * np.log10(np.mean(signal.sosfiltfilt(sos, x) ** 2))


def told_db(text: str) -> float:
    return float(text.split("Amp and DI ")[1].split(" dB", maxsplit=1)[0].replace("\u2212", "-"))


def test_a_turned_amp_gains_what_a_plain_sum_gains(tmp_path):
    session, di, amp = scene(tmp_path, late_frames=24, sign=-1.0)
    move = repair(polarity="inverted")
    text, beats = measure_repair(session, MixPlan("song", (move,)), move)
    assert beats and told_db(text) == pytest.approx(level(di - amp) - level(di + amp), abs=0.6)


def test_the_wrong_move_does_not_beat_its_bypass(tmp_path):
    session, di, amp = scene(tmp_path)
    move = repair(polarity="inverted")
    text, beats = measure_repair(session, MixPlan("song", (move,)), move)
    assert not beats and told_db(text) == pytest.approx(level(di - amp) - level(di + amp), abs=1.0)


def test_an_alignment_is_measured_and_one_the_wrong_way_is_not_kept(tmp_path):
    session, di, amp = scene(tmp_path, late_frames=150)
    right, wrong = repair(shift_ms=-3.125), repair(shift_ms=3.125)
    assert is_repair(right)
    text, beats = measure_repair(session, MixPlan("song", (right,)), right)
    lined_up = np.concatenate((amp[150:], np.zeros(150)))
    assert beats and told_db(text) == pytest.approx(level(di + lined_up) - level(di + amp), abs=0.6)
    assert not measure_repair(session, MixPlan("song", (wrong,)), wrong)[1]
