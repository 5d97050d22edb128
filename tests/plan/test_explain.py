"""The sentence of a move: the trade's words, true signs, times as m:ss."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plans import SESSION, lane, move, plan, setting
from smartmix.figures import hertz, pan_position
from smartmix.parameter import Breakpoint
from smartmix.plan.explain import confidence_word, decibels, sentence
from smartmix.session.session import Track

CUT = (
    setting("gtr-l/eq/m1.shape", "bell", "off", ""),
    setting("gtr-l/eq/m1.freq_hz", 310.0, 310.0, "Hz"),
    setting("gtr-l/eq/m1.gain_db", -2.5),
    setting("gtr-l/eq/m1.q", 1.2, 0.7071, ""),
)


def test_the_sentence_of_the_design() -> None:
    m = move(
        "m1",
        *CUT,
        track="gtr-l",
        span_s=(64.0, 95.0),
        confidence=0.78,
        reason="It sits 4 dB over the vocal at 250–400 Hz while she sings",
        result="after, 1 under",
        cost="Thinner in solo: judge it in the mix.",
    )
    assert sentence(m, SESSION) == (
        "GTR L: −2.5 dB at 310 Hz, Q 1.2, chorus 1 only (1:04–1:35). "
        "It sits 4 dB over the vocal at 250–400 Hz while she sings. After, 1 under. "
        "Thinner in solo: judge it in the mix. Likely (0.78)."
    )


def test_an_edited_value_is_shown_with_the_suggested_one() -> None:
    p = plan(move("m1", *CUT, track="gtr-l", confidence=0.9)).edit("m1", 2, -1.0)
    assert sentence(p.moves[0], SESSION) == (
        "GTR L: −1.0 dB (suggested −2.5 dB) at 310 Hz, Q 1.2. Because. Sure (0.90); edited by you."
    )


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        ((setting("kick/fader/gain_db", 1.0),), "fader +1.0 dB"),
        ((setting("kick/fader/gain_db", -0.04),), "fader 0.0 dB"),
        ((setting("kick/trim/gain_db", -6.25),), "trim −6.2 dB"),
        ((setting("kick/pan/pan", -0.3, 0.0, ""),), "pan L30"),
        ((setting("kick/pan/pan", 0.3, -1.0, ""),), "pan from L100 to R30"),
        ((setting("kick/pan/pan", 0.001, 0.5, ""),), "pan from R50 to C"),
        (
            (
                setting("kick/eq/a.shape", "high_pass", "off", ""),
                setting("kick/eq/a.freq_hz", 28.0, 28.0, "Hz"),
                setting("kick/eq/a.slope_db_oct", 12.0, 12.0, "dB/oct"),
            ),
            "high-pass at 28 Hz, 12 dB/oct",
        ),
        (
            (
                setting("kick/eq/a.shape", "high_shelf", "off", ""),
                setting("kick/eq/a.freq_hz", 12_000.0, 1.0, "Hz"),
                setting("kick/eq/a.gain_db", 1.5),
            ),
            "high shelf +1.5 dB at 12 kHz",
        ),
        (
            (
                setting("kick/eq/a.shape", "notch", "off", ""),
                setting("kick/eq/a.freq_hz", 1234.0, 1.0, "Hz"),
                setting("kick/eq/a.q", 8.0, 1.0, ""),
            ),
            "notch at 1.23 kHz, Q 8",
        ),
        (
            (
                setting("kick/eq/a.shape", "tilt", "off", ""),
                setting("kick/eq/a.freq_hz", 650.0, 650.0, "Hz"),
                setting("kick/eq/a.gain_db", 3.0),
                setting("kick/eq/a.q", 1.0, 0.7, ""),
            ),
            "tilt +3.0 dB at 650 Hz",
        ),
        ((setting("kick/comp/ratio", 3.0, 1.0, ""),), "comp ratio 3"),
        ((setting("kick/comp/release_ms", 120.0, 1.0, "ms"),), "comp release_ms 120 ms"),
        (
            (setting("kick/fader/gain_db", lane((64.2, -2.0), (80.0, 1.0), (95.0, 0.0))),),
            "ride the fader between −2.0 dB and +1.0 dB (3 points, 1:04–1:35)",
        ),
        ((setting("kick/fader/gain_db", (Breakpoint(0.0, -2.0),)),), "ride the fader −2.0 dB"),
    ],
)
def test_settings_in_words(sets, words: str) -> None:
    assert sentence(move("a", *sets, reason="x"), SESSION) == f"Kick In: {words}. X. Likely (0.80)."


@pytest.mark.parametrize(
    ("span", "where"),
    [
        (None, ""),
        ((64.4, 94.8), ", chorus 1 only (1:04–1:35)"),
        ((32.0, 95.0), ", verse 1 and chorus 1 only (0:32–1:35)"),
        ((70.0, 80.0), ", only 1:10–1:20"),
        ((0.0, 10.0), ", only 0:00–0:10"),
        ((3000.0, 3723.0), ", only 50:00–1:02:03"),
    ],
)
def test_where(span, where: str) -> None:
    assert (
        sentence(move("a", span_s=span, reason=""), SESSION)
        == f"Kick In: fader −1.0 dB{where}. Likely (0.80)."
    )


def test_a_grouped_move_lists_its_members() -> None:
    both = (setting("kick/fader/gain_db", -1.0), setting("gtr-l/fader/gain_db", 0.53))
    m = move("a", *both, track="session", title="First balance from the rough", grouped=True, reason="")
    assert (
        sentence(m, SESSION) == "First balance from the rough: Kick In −1.0 dB, GTR L +0.5 dB. Likely (0.80)."
    )
    mixed = move("a", both[0], setting("gtr-l/pan/pan", 0.3, 0.0, ""), title="Start", grouped=True, reason="")
    assert sentence(mixed, SESSION).startswith("Start: Kick In fader −1.0 dB, GTR L pan R30.")


def test_a_move_without_settings_and_an_unknown_track() -> None:
    from dataclasses import replace

    m = replace(
        move("a", track="Pad vs keys", title="no move", reason="EQ would cost 5 dB to buy 1."), sets=()
    )
    assert sentence(m, SESSION) == "Pad vs keys: no move. EQ would cost 5 dB to buy 1. Likely (0.80)."


def test_a_persons_move_says_who() -> None:
    p = (
        plan()
        .add(move("a", source="person", reason=""))
        .add(move("b", source="the client", reason="louder please"))
    )
    assert sentence(p.moves[0], SESSION).endswith(" Your own move.")
    assert sentence(p.moves[1], SESSION).endswith(" Louder please. Asked for by the client.")


def test_texts_over_several_lines_become_one_sentence() -> None:
    assert "\n" not in sentence(move("a", reason="one\n\n two!"), SESSION)
    assert " One two! " in sentence(move("a", reason="one\n\n two!"), SESSION)


@pytest.mark.parametrize(
    ("confidence", "word"),
    [
        (1.0, "sure"),
        (0.85, "sure"),
        (0.849, "likely"),
        (0.7, "likely"),
        (0.699, "have a listen"),
        (0.0, "have a listen"),
    ],
)
def test_confidence_words(confidence: float, word: str) -> None:
    assert confidence_word(confidence) == word


def test_numbers() -> None:
    assert [decibels(x) for x in (-2.5, 0.0, -0.04, 1.449, 12.0)] == [
        "−2.5 dB",
        "0.0 dB",
        "0.0 dB",
        "+1.4 dB",
        "+12.0 dB",
    ]
    assert [hertz(x) for x in (31.4, 999.4, 999.9, 1000.0, 2850.0, 16_000.0)] == [
        "31 Hz",
        "999 Hz",
        "1 kHz",
        "1 kHz",
        "2.85 kHz",
        "16 kHz",
    ]
    assert [pan_position(x) for x in (-1.0, -0.3, 0.004, 0.296, 1.0)] == ["L100", "L30", "C", "R30", "R100"]


def test_a_track_name_in_front_keeps_its_spelling() -> None:
    session = replace(SESSION, tracks=(Track("synth", "minilogue_synth", Path("s.wav")),))
    m = move("m1", track="synth", reason="minilogue_synth sits 14 LU over the band", result="back it goes")
    assert ". minilogue_synth sits 14 LU over the band. Back it goes. " in sentence(m, session)
