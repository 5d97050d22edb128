"""Clips of one move: the right versions, at one loudness, from where it acts; the delta is what it changed."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from mixes import eq_move, move_of, plan_of
from smartmix.analysis.loudness import measure_loudness
from smartmix.errors import PlanError
from smartmix.plan import Move
from smartmix.session import Session
from smartmix.workflow.clips import _moved_s
from smartmix.workflow.listen import move_clips
from sources import RATE, noise, write_session


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("listen")
    tracks = {
        name: (role, noise(20.0, seed=seed))
        for seed, (name, role) in enumerate((("guitar", "electric_guitar"), ("vox", "lead_vocal")))
    }
    return write_session(folder, tracks)


def heard(clips: tuple[object, ...]) -> dict[str, np.ndarray]:
    return {c.name: soundfile.read(io.BytesIO(c.flac))[0].T for c in clips}  # type: ignore[attr-defined]


def band_db(samples: np.ndarray, low_hz: float, high_hz: float) -> float:
    power = np.abs(np.fft.rfft(samples[0])) ** 2
    hz = np.fft.rfftfreq(samples.shape[1], 1.0 / RATE)
    return float(10.0 * np.log10(power[(hz > low_hz) & (hz < high_hz)].sum()))


@pytest.mark.parametrize("status", ["proposed", "accepted", "rejected"])
def test_with_without_and_the_opposite(song: Session, status: str) -> None:
    cut = eq_move("m1", "guitar", "bell", 1000.0, gain_db=-6.0, q=1.0, status=status)
    clips = move_clips(song, plan_of(cut), "m1", place="track")
    sound = heard(clips)
    assert list(sound) == ["without", "with", "opposite", "delta"]
    loudness = [
        measure_loudness(sound[name], RATE).integrated_lufs for name in ("without", "with", "opposite")
    ]
    assert max(loudness) - min(loudness) < 0.1
    gains = {c.name: c.gain_db for c in clips}
    level = {
        name: band_db(sound[name], 900.0, 1100.0) - gains[name] for name in ("without", "with", "opposite")
    }
    assert level["with"] - level["without"] == pytest.approx(-5.9, abs=0.3)
    assert level["opposite"] - level["without"] == pytest.approx(5.9, abs=0.3)
    assert gains["delta"] == gains["with"] and max(gains.values()) <= 0.0


def test_clips_begin_where_the_move_acts(song: Session) -> None:
    (first, *_) = move_clips(
        song,
        plan_of(move_of("m1", {"guitar/fader/gain_db": -6.0}, span_s=(10.0, 12.0))),
        "m1",
        length_s=4.0,
    )
    assert first.start_s == pytest.approx(9.0)
    late = move_of("m2", {"guitar/fader/gain_db": -6.0}, span_s=(8.0, 20.0))
    clips = move_clips(song, plan_of(late), "m2", length_s=4.0)
    assert 8.0 <= clips[0].start_s <= 16.0
    forced = move_clips(song, plan_of(late), "m2", start_s=100.0, length_s=4.0)
    assert forced[0].start_s == pytest.approx(16.0)


def test_a_move_that_another_overrules_is_heard_all_the_same(song: Session) -> None:
    stronger = replace(move_of("m1", {"guitar/pan/pan": -0.9}), authority="rough")
    weaker = move_of("m2", {"guitar/pan/pan": 0.6}, status="proposed")
    clips = move_clips(song, plan_of(stronger, weaker), "m2", place="track")
    assert "delta" in {c.name for c in clips}


def test_a_move_that_changes_nothing_has_no_delta(song: Session) -> None:
    nothing = eq_move("m1", "guitar", "bell", 1000.0, gain_db=0.0, q=1.0)
    assert [c.name for c in move_clips(song, plan_of(nothing), "m1")] == ["without", "with"]


def test_an_unknown_move_is_named(song: Session) -> None:
    with pytest.raises(PlanError, match="no move 'm9'"):
        move_clips(song, plan_of(), "m9")


def test_silence_gives_no_clips(tmp_path: Path) -> None:
    song = write_session(tmp_path, {"guitar": ("electric_guitar", np.zeros((1, 5 * RATE), np.float32))})
    plan = plan_of(eq_move("m1", "guitar", "bell", 1000.0, gain_db=-6.0, q=1.0))
    assert move_clips(song, plan, "m1") == ()


def test_advice_has_nothing_to_switch(song: Session) -> None:
    with pytest.raises(PlanError, match="is advice"):
        move_clips(song, plan_of(replace(move_of("m1", {"guitar/pan/pan": 0.6}), sets=())), "m1")


def test_a_ride_that_the_cap_holds_back_is_heard_as_the_mix_has_it(song: Session) -> None:
    up = move_of("m1", {"vox/fader/gain_db": 5.0})
    ride = move_of("m2", {"vox/fader/gain_db": 4.0}, span_s=(4.0, 9.0))
    clips = move_clips(song, plan_of(up, ride), "m2", place="track", length_s=4.0)
    levels = {c.name: measure_loudness(heard((c,))[c.name], RATE).integrated_lufs - c.gain_db for c in clips}
    assert levels["with"] - levels["without"] == pytest.approx(1.0, abs=0.05)


def test_the_reports_clips_are_where_the_moves_that_sound_do_most() -> None:
    def part(move_id: str, at_s: float, benefit: float, **more: Any) -> Move:
        ref = more.pop("ref", "vox/fader/gain_db")
        return replace(
            move_of(move_id, {ref: more.pop("value", 1.0)}, span_s=(at_s, at_s + 4.0)), benefit=benefit
        )

    alone, first, second = part("a", 100.0, 3.0), part("b", 20.0, 2.0), part("c", 26.0, 2.0)
    assert _moved_s(plan_of(alone), 200.0) == pytest.approx(96.0)
    assert _moved_s(plan_of(alone, first, second), 200.0) == pytest.approx(16.0)  # holds both
    lost = replace(part("d", 150.0, 9.0, ref="vox/pan/pan", value=0.5), confidence=0.1)
    winner = replace(move_of("e", {"vox/pan/pan": -0.5}), confidence=0.9)
    assert _moved_s(plan_of(alone, lost, winner), 200.0) == pytest.approx(96.0)  # what stays out is not heard
    assert _moved_s(plan_of(winner), 200.0) is None
