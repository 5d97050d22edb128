"""Compressor, de-esser, send, polarity, shift, return and group moves: their words, files and a person's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plans import SESSION, lane, move, plan, setting
from smartmix.errors import PlanError
from smartmix.plan import load_plan, own, save_plan
from smartmix.plan.conflicts import clashes, resolve
from smartmix.plan.edits import parse_value, person_move
from smartmix.plan.explain import sentence
from smartmix.plan.move import Move, MoveSet
from smartmix.session.session import Bus

BAND = replace(SESSION, buses=(Bus("bus-x", "Drums", ("kick",)),))

SQUEEZE = (
    setting("kick/compressor/threshold_db", -24.0, -18.0),
    setting("kick/compressor/ratio", 3.0, 1.0, ""),
    setting("kick/compressor/attack_ms", 12.0, 10.0, "ms"),
    setting("kick/compressor/release_ms", 120.0, 100.0, "ms"),
    setting("kick/compressor/makeup_db", 2.0),
)


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        (SQUEEZE, "compress 3:1 over −24.0 dB, attack 12 ms, release 120 ms, +2.0 dB make-up"),
        (
            (
                *SQUEEZE[:2],
                setting("kick/compressor/auto_times", "on", "off", ""),
                setting("kick/compressor/detection", "rms", "peak", ""),
                setting("kick/compressor/mix", 0.4, 1.0, ""),
            ),
            "compress 3:1 over −24.0 dB, automatic times, on the RMS level, 40 % in parallel",
        ),
        (
            (
                setting("kick/de_esser/freq_hz", 6_500.0, 6_500.0, "Hz"),
                setting("kick/de_esser/range_db", 4.0),
                setting("kick/de_esser/threshold_db", -36.0),
            ),
            "de-ess around 6.5 kHz by at most 4.0 dB, from −36.0 dB up",
        ),
        (
            (
                setting("kick/de_esser/freq_hz", 6_500.0, 6_500.0, "Hz"),
                setting("kick/de_esser/q", 0.8, 1.0, ""),
                setting("kick/de_esser/relative_db", 0.0),
                setting("kick/de_esser/shape", "bell", "bell", ""),
            ),
            "de-ess around 6.5 kHz, Q 0.8",
        ),
        (
            (*SQUEEZE[:2], setting("kick/compressor/knee_db", 6.0, 6.0)),
            "compress 3:1 over −24.0 dB, knee 6.0 dB",
        ),
        ((setting("kick/send/return-reverb.level_db", -12.0, -120.0),), "send to the reverb at −12.0 dB"),
        ((setting("kick/send/return-delay.level_db", -120.0, -9.0),), "send to the delay off"),
        (
            (setting("kick/send/return-delay.level_db", lane((4.0, -120.0), (8.0, -9.0))),),
            "ride the send to the delay between off and −9.0 dB (2 points, 0:04–0:08)",
        ),
        ((setting("kick/input/polarity", "inverted", "normal", ""),), "polarity inverted"),
        (
            (setting("kick/input/polarity", "left_inverted", "normal", ""),),
            "polarity of the left side inverted",
        ),
        ((setting("kick/input/shift_ms", -4.25, 0.0, "ms"),), "moved 4.25 ms earlier"),
        ((setting("kick/input/shift_ms", 1.0, 0.0, "ms"),), "moved 1 ms later"),
    ],
)
def test_devices_in_words(sets: tuple[MoveSet, ...], words: str) -> None:
    assert sentence(move("a", *sets, reason="x"), BAND) == f"Kick In: {words}. X. Likely (0.80)."


def test_returns_and_groups_are_named() -> None:
    hall = (
        setting("return-reverb/reverb/decay_s", 1.6, 1.2, "s"),
        setting("return-reverb/fader/gain_db", -2.0),
    )
    assert sentence(move("a", *hall, track="return-reverb", reason="x"), BAND).startswith(
        "Reverb return: reverb decay 1.6 s, fader −2.0 dB."
    )
    group = move("a", setting("bus-x/fader/gain_db", -1.5), track="bus-x", reason="x")
    assert sentence(group, BAND).startswith("Drums: group fader −1.5 dB.")
    two = move("a", *SQUEEZE[:2], setting("gtr-l/fader/gain_db", 1.0), reason="x")
    assert sentence(two, BAND).startswith("Kick In: compress 3:1 over −24.0 dB, GTR L: fader +1.0 dB.")


def test_edited_values_are_shown_with_the_suggested_ones() -> None:
    edited = plan(move("m1", *SQUEEZE[:2])).edit("m1", 1, 2.0).moves[0]
    assert "compress 2:1 (suggested 3:1) over −24.0 dB" in sentence(edited, BAND)


def test_a_device_follows_one_move_at_a_time() -> None:
    first = move("m1", *SQUEEZE[:2], status="accepted", authority="person")
    second = move("m2", setting("kick/compressor/attack_ms", 1.0, unit="ms"), status="accepted")
    third = move("m3", *SQUEEZE[:2], status="accepted", span_s=(5.0, 9.0))
    send = move("m4", setting("kick/send/return-delay.level_db", -9.0), status="accepted")
    other = move("m5", setting("kick/send/return-reverb.level_db", -9.0), status="accepted")
    moves, conflicts = resolve(plan(first, second, third, send, other))
    assert [m.id for m in moves] == ["m1", "m4", "m5"]
    assert [(c.move_id, c.winner_id) for c in conflicts] == [("m2", "m1"), ("m3", "m1")]
    assert clashes(first, second)
    assert not clashes(replace(second, span_s=(1.0, 5.0)), third)
    assert not clashes(send, other)


OWN = (
    own.compressor_move("kick", -24.0, 3.0),
    own.compressor_move("kick", -20.0, 2.0, span_s=(8.0, 9.0)),
    own.de_esser_move("kick", 6_500.0, 4.0),
    own.send_move("kick", "reverb", -12.0),
    own.send_move("kick", "return-delay", -18.0, span_s=(1.0, 2.0)),
    person_move(plan(), "kick/input/polarity", "inverted"),
    person_move(plan(), "kick/input/shift_ms", parse_value("-1.5 ms", "ms")),
    person_move(plan(), "return-reverb/fader/gain_db", -2.0),
)


@pytest.mark.parametrize("own_move", OWN, ids=lambda m: m.title)
def test_own_moves_survive_the_file(own_move: Move, tmp_path: Path) -> None:
    decided = plan().add(own_move)
    save_plan(decided, tmp_path / "plan.toml")
    again = load_plan(tmp_path / "plan.toml")
    assert again == decided
    assert sentence(again.moves[0], BAND).endswith("Your own move.")


def test_own_moves_have_ids_of_their_own() -> None:
    assert len({m.id for m in OWN}) == len(OWN)


@pytest.mark.parametrize(
    ("ref", "value", "span", "text"),
    [
        ("kick/compressor/lookahead_ms", 1.0, None, "lookahead_ms"),
        ("kick/compressor/ratio", 21.0, None, "1 to 20"),
        ("kick/input/polarity", "upside_down", None, "one of normal, inverted"),
        ("kick/input/polarity", "inverted", (1.0, 2.0), "whole song"),
        ("kick/input/shift_ms", 501.0, None, "-500 to 500 ms"),
        ("kick/send/return-hall.level_db", -9.0, None, "return-reverb"),
        ("kick/send/return-reverb.level_db", 13.0, None, "-120 to 12 dB"),
    ],
)
def test_own_moves_that_cannot_be(
    ref: str, value: float | str, span: tuple[float, float] | None, text: str
) -> None:
    with pytest.raises(PlanError, match=text):
        person_move(plan(), ref, value, span_s=span)
    with pytest.raises(PlanError, match="reverb or delay"):
        own.send_move("kick", "hall", -9.0)


def test_a_shift_is_no_lane() -> None:
    with pytest.raises(PlanError, match="not a lane"):
        plan(move("m1", setting("kick/input/shift_ms", lane((0.0, 1.0), (2.0, 2.0)), unit="ms")))


def test_a_plan_file_with_a_wrong_device_setting_names_it(tmp_path: Path) -> None:
    save_plan(plan().add(OWN[0]), tmp_path / "plan.toml")
    text = (tmp_path / "plan.toml").read_text(encoding="utf-8")
    (tmp_path / "plan.toml").write_text(text.replace("suggested = 3.0", "suggested = 33.0"), encoding="utf-8")
    with pytest.raises(PlanError, match=r"plan\.toml: move 1 .*compressor/ratio = 33: expected 1 to 20"):
        load_plan(tmp_path / "plan.toml")
