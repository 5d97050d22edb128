"""Titles tell the values in force: an edited one takes the place of the suggested one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plans import lane, move, setting
from smartmix.plan.move import Move, Value
from smartmix.plan.titles import title_in_force


def edited(title: str, ref: str, suggested: Value, chosen: Value, unit: str = "dB") -> Move:
    return move("m1", replace(setting(ref, suggested, unit=unit), chosen=chosen), title=title)


@pytest.mark.parametrize(
    ("title", "ref", "unit", "suggested", "chosen", "told"),
    [
        ("Kick: high-pass at 40 Hz", "kick/eq/a.freq_hz", "Hz", 40.0, 55.0, "Kick: high-pass at 55 Hz"),
        ("Kick: fader +1.5 dB", "kick/fader/gain_db", "dB", 1.5, -1.0, "Kick: fader \u22121.0 dB"),
        ("Kick: fader +1.5 dB", "kick/fader/gain_db", "dB", 1.5, 0.0, "Kick: fader 0.0 dB"),
        ("K: compress 1.7:1 over 3 dB", "k/compressor/ratio", "", 1.7, 2.5, "K: compress 2.5:1 over 3 dB"),
        ("K: \u22122.0 dB at 2.8 kHz, Q 1.2", "k/eq/a.q", "", 1.2, 2.0, "K: \u22122.0 dB at 2.8 kHz, Q 2"),
        ("K: earlier by 2.48 ms", "k/input/shift_ms", "ms", -2.48, 1.0, "K: later by 1.00 ms"),
        ("K: high-pass at 40 Hz", "k/eq/a.shape", "", "high_pass", "low_shelf", "K: low shelf at 40 Hz"),
        ("Balance: start from the rough", "k/fader/gain_db", "dB", 1.5, 0.5, "Balance: start from the rough"),
        (
            "1.5 dB: \u221211.5 dB at 5 kHz",
            "k/eq/a.gain_db",
            "dB",
            1.5,
            3.0,
            "1.5 dB: \u221211.5 dB at 5 kHz",
        ),
    ],
)
def test_the_chosen_value_stands_in_the_title(
    title: str, ref: str, unit: str, suggested: Value, chosen: Value, told: str
) -> None:
    changed = edited(title, ref, suggested, chosen, unit)
    assert title_in_force(changed) == told
    untouched = replace(changed, sets=tuple(replace(s, chosen=None) for s in changed.sets))
    assert title_in_force(untouched) == title


def test_a_ride_is_told_by_its_largest_change() -> None:
    ride, less = lane((1.0, 0.0), (2.0, 2.0), (3.0, 0.0)), lane((1.0, 0.0), (2.0, 1.2), (3.0, 0.0))
    title = title_in_force(edited("Vox: ride +2.0 dB, 0:01", "vox/fader/gain_db", ride, less))
    assert title == "Vox: ride +1.2 dB, 0:01"


def test_one_figure_that_stood_for_two_settings_is_not_made_up() -> None:
    left = replace(setting("gtr-l/eq/a.gain_db", -2.0), chosen=-1.0)
    pair = move("m1", left, setting("gtr-r/eq/a.gain_db", -2.0), title="GTR: \u22122.0 dB at 300 Hz")
    assert title_in_force(pair) == "GTR: \u22122.0 dB at 300 Hz (edited)"
    same = replace(pair, sets=tuple(replace(s, chosen=-1.0) for s in pair.sets))
    assert title_in_force(same) == "GTR: \u22121.0 dB at 300 Hz"


def test_two_values_that_change_places_are_both_right() -> None:
    one = replace(setting("k/eq/a.gain_db", -1.0), chosen=-2.0)
    two = replace(setting("k/eq/b.gain_db", -2.0), chosen=-1.0)
    swapped = move("m1", one, two, title="K: \u22121.0 dB at 300 Hz, \u22122.0 dB at 5 kHz")
    assert title_in_force(swapped) == "K: \u22122.0 dB at 300 Hz, \u22121.0 dB at 5 kHz"
