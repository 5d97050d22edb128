"""Corrective EQ, de-esser and compressor against their own bypass: what is said, and that a wrong move loses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from mixes import move_of, plan_of
from smartmix.analysis import analyze
from smartmix.plan import MixPlan, apply_policy
from smartmix.plan.own import high_pass_move
from smartmix.processors import Compressor, DeEsser, ParametricEQ
from smartmix.progress import silent
from smartmix.suggesters import Changed, suggest
from smartmix.workflow.measure import measure_move
from smartmix.workflow.measure_compressor import compressor_outcome
from smartmix.workflow.measure_corrective_eq import bulge_outcome, resonance_outcome
from smartmix.workflow.measure_de_esser import de_esser_outcome
from smartmix.workflow.note import take_notes
from smartmix.workflow.outcomes import verify
from sources import RATE, noise, write_session
from tones import drum_room, rbj_bell, voice

LEVELS = (0.0, -9.0, 2.0, -4.0, -11.0, 1.0)
BAND = (905.0 / 2**0.125, 905.0 * 2**0.125)


def blocks(x: np.ndarray) -> Iterator[np.ndarray]:
    x = np.ascontiguousarray(np.repeat(x, 2, axis=0), dtype=np.float32)
    return (x[:, start : start + 50_000] for start in range(0, x.shape[1], 50_000))


def bell(x: np.ndarray, hz: float, gain_db: float, q: float) -> np.ndarray:
    eq = ParametricEQ()
    eq.band1.shape, eq.band1.freq_hz, eq.band1.gain_db, eq.band1.q = "bell", hz, gain_db, q
    return eq.process(np.asarray(x, np.float32), RATE)


def test_a_cut_on_a_ring_wins_and_says_by_how_much():
    ringing = rbj_bell(drum_room(), 905.0, 10.0, 8.0)
    text, wins = resonance_outcome(blocks(ringing), blocks(bell(ringing, 905.0, -5.0, 8.0)), RATE, BAND)
    assert wins
    assert text.startswith("peak at 905 Hz: \u2212") and "against its surroundings" in text
    told = float(text.split(":")[1].split(" dB")[0].replace("\u2212", "-"))
    assert told == pytest.approx(-4.0, abs=1.0)


@pytest.mark.parametrize(
    ("x", "hz", "gain_db"),
    [("clean", 905.0, -5.0), ("ringing", 1400.0, -5.0), ("ringing", 905.0, 0.0), ("ringing", 905.0, -18.0)],
)
def test_a_cut_where_nothing_rings_beside_it_or_too_deep_loses(x, hz, gain_db):
    track = drum_room() if x == "clean" else rbj_bell(drum_room(), 905.0, 10.0, 8.0)
    assert not resonance_outcome(blocks(track), blocks(bell(track, hz, gain_db, 8.0)), RATE, BAND)[1]


def test_a_broad_cut_must_leave_no_hole():
    flat = noise(6.0, level=0.02)
    bulging = rbj_bell(flat, 3200.0, 14.0, 1.0)
    text, wins = bulge_outcome(
        blocks(bulging), blocks(bell(bulging, 3200.0, -3.0, 1.0)), RATE, (2000.0, 5000.0)
    )
    assert wins and text.startswith("2 kHz to 5 kHz: \u2212")
    assert not bulge_outcome(blocks(flat), blocks(bell(flat, 3200.0, -6.0, 1.0)), RATE, (2000.0, 5000.0))[1]


def de_essed(x: np.ndarray, **settings: float) -> np.ndarray:
    return DeEsser(**settings).process(np.ascontiguousarray(x, dtype=np.float32), RATE)


def test_a_de_esser_wins_only_when_it_takes_esses_and_nothing_else():
    x = voice(3.0)
    good = de_essed(x, threshold_db=-26.0, range_db=5.5, freq_hz=6800.0, q=0.8)
    text, wins = de_esser_outcome(blocks(x), blocks(good), RATE)
    assert wins and text.startswith("esses \u2212") and text.endswith("the voice otherwise 0.0 dB")
    for bad in (
        x,
        de_essed(x, threshold_db=-60.0, range_db=18.0, freq_hz=6800.0, q=0.5, ratio=20.0),
        0.7 * x,
        0.7 * good,
    ):
        assert not de_esser_outcome(blocks(x), blocks(bad), RATE)[1]
    assert de_esser_outcome(blocks(noise(2.0)), blocks(noise(2.0)), RATE) == ("no esses found", False)


def compressed(
    x: np.ndarray, makeup_db: float, threshold_db: float = -26.0, ratio: float = 2.0
) -> np.ndarray:
    effect = Compressor(
        threshold_db=threshold_db, ratio=ratio, attack_ms=80.0, release_ms=1000.0, detection="rms"
    )
    effect.auto_times, effect.makeup_db = True, makeup_db
    return effect.process(np.ascontiguousarray(x, dtype=np.float32), RATE)


def test_a_compressor_wins_only_at_the_same_loudness_and_within_the_limits():
    x = voice(-9.0, level_db=LEVELS)
    text, wins = compressor_outcome(blocks(x), blocks(compressed(x, 3.1)), RATE, 3.1)
    assert wins, text
    assert "average reduction" in text and "at most" in text and "LU; it wanders by" in text
    louder = compressor_outcome(blocks(x), blocks(compressed(x, 6.0)), RATE, 6.0)
    crushed = compressor_outcome(blocks(x), blocks(compressed(x, 12.0, -50.0, 6.0)), RATE, 12.0)
    idle = compressor_outcome(blocks(x), blocks(compressed(x, 0.0, 0.0)), RATE, 0.0)
    assert not (louder[1] or crushed[1] or idle[1])


def test_each_move_is_measured_on_the_render_and_stays(tmp_path):
    sources = {
        "vox": ("lead_vocal", voice(3.0, level_db=LEVELS)),
        "room": ("room", rbj_bell(drum_room(), 905.0, 10.0, 8.0)),
    }
    session = write_session(tmp_path, sources)
    analysis = replace(analyze(session), material="multitrack")
    plan = suggest(session, analysis)
    moves = [m for m in plan.moves if m.source in ("corrective-eq", "de-ess", "compression")]
    assert {m.source for m in moves} == {"corrective-eq", "de-ess", "compression"}
    told = {m.source: measure_move(session, analysis, plan, m) for m in moves}
    assert all(outcome.beats_bypass for outcome in told.values()), told
    assert told["corrective-eq"].text.startswith("peak at")
    assert told["de-ess"].text.startswith("esses \u2212")
    assert told["compression"].text.startswith("average reduction")


def test_a_moved_cut_is_backed_out_of_the_mix(tmp_path):
    session = write_session(tmp_path, {"room": ("room", rbj_bell(drum_room(), 905.0, 10.0, 8.0))})
    analysis = replace(analyze(session), material="multitrack")
    (move,) = [m for m in suggest(session, analysis).moves if m.source == "corrective-eq"]
    sets = tuple(replace(s, suggested=1500.0) if s.unit == "Hz" else s for s in move.sets)
    wrong = MixPlan(session.name, (replace(move, sets=sets),)).accept(move.id, by="policy")
    plan, verified = verify(session, analysis, wrong, progress=silent)
    assert plan.move(move.id).status == "proposed" and move.id in verified.backed_out


def told_of(text: str) -> list[float]:
    """The figures of an outcome."""
    return [float(n) for n in re.findall(r"-?\d+\.\d+", text.replace("\u2212", "-"))]


def test_thresholds_are_measured_at_the_level_a_trim_in_force_leaves(tmp_path):
    """Oracle: the file that came 12 dB hotter, behind its trim, is yesterday's file, figure for figure."""
    x = voice(3.0, level_db=LEVELS)
    devices = ("de-ess", "compression")
    told = []
    for name, gain, changed in (
        ("old", 1.0, ()),
        ("new", 10 ** (12 / 20), (Changed("vox", 12.0),)),
    ):
        folder = tmp_path / name
        folder.mkdir()
        session = write_session(folder, {"vox": ("lead_vocal", np.asarray(0.2 * gain * x, np.float32))})
        analysis = replace(analyze(session), material="multitrack")
        plan = suggest(session, analysis, changed=changed)
        plan = plan.accept([m.id for m in plan.moves if m.source in ("revision", *devices)])
        told.append({m.source: measure_move(session, analysis, plan, m) for m in plan.moves})
    old, new = told
    assert new["revision"].text == "level \u221212.0 LU" and new["revision"].beats_bypass
    for source in devices:
        assert old[source].beats_bypass and new[source].beats_bypass, (old[source], new[source])
        assert told_of(new[source].text) == pytest.approx(told_of(old[source].text), abs=0.11)


def test_a_tone_move_is_measured_from_where_the_session_has_the_track(tmp_path):
    """A track the session file has at -9 dB is no track that lost 9 dB to its high-pass."""
    t = np.arange(6 * RATE) / RATE
    keys = 0.1 * np.sin(2 * np.pi * 400.0 * t) + 0.02 * np.sin(2 * np.pi * 30.0 * t)
    session = write_session(tmp_path, {"keys": ("keys", keys.astype(np.float32)[None])})
    session = replace(session, tracks=tuple(replace(track, gain_db=-9.0) for track in session.tracks))
    analysis = analyze(session)
    plan = MixPlan(session.name, (high_pass_move("keys", 80.0),))
    outcome = measure_move(session, analysis, plan, plan.moves[0])
    assert outcome.beats_bypass and outcome.text.endswith("level 0.0 LU"), outcome
    shelf = move_of(
        "m1", {"keys/eq/m1.shape": "bell", "keys/eq/m1.freq_hz": 400.0, "keys/eq/m1.gain_db": 3.0}
    )
    (told,) = told_of(measure_move(session, analysis, plan_of(shelf), shelf).text)
    assert told == pytest.approx(3.0, abs=0.3)


def test_a_note_takes_back_what_only_a_policy_accepted(tmp_path):
    """ "Don't touch it": moves nobody has decided on leave the mix; a person's own stay."""
    session = write_session(tmp_path, {"vox": ("lead_vocal", voice(3.0, level_db=LEVELS))})
    plan = apply_policy(suggest(session, analyze(session)), "all")
    (move,) = [m for m in plan.in_force if m.source == "de-ess"]
    told = take_notes(session, plan, ["don't touch the vox"])
    assert told.notes[-1].left_alone == ("vox",)
    assert not [m for m in told.in_force if m.track == "vox"]
    assert told.last_entry(move.id).detail == "a client's note says otherwise"
    decided = plan.reject([move.id]).accept([move.id])
    assert take_notes(session, decided, ["don't touch the vox"]).move(move.id).in_force
