"""What people type: values with and without units, lanes, times; moves of their own."""

from __future__ import annotations

import pytest

from plans import lane, plan
from smartmix.errors import PlanError
from smartmix.plan.edits import parse_time_s, parse_value, person_move


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("-2.0", "dB", -2.0),
        ("−2", "dB", -2.0),
        (" +1.5 dB ", "dB", 1.5),
        ("1.5db", "dB", 1.5),
        (".5", "dB", 0.5),
        ("310", "Hz", 310.0),
        ("310 Hz", "Hz", 310.0),
        ("2.8k", "Hz", 2800.0),
        ("2.8 kHz", "Hz", 2800.0),
        ("L30", "", -0.3),
        ("r100", "", 1.0),
        ("C", "", 0.0),
        ("0.25", "", 0.25),
        ("bell", "", "bell"),
        ("low_shelf", "", "low_shelf"),
        ("12", "dB/oct", 12.0),
        ("1:04=-2 1:35=0", "dB", lane((64.0, -2.0), (95.0, 0.0))),
        ("0=−1.5", "dB", lane((0.0, -1.5))),
        ("1:00=L30 1:02:03.5=C", "", lane((60.0, -0.3), (3723.5, 0.0))),
    ],
)
def test_values(text: str, unit: str, value: object) -> None:
    assert parse_value(text, unit) == value


@pytest.mark.parametrize(
    ("text", "unit", "message"),
    [
        ("-2,5", "dB", "value '-2,5': expected a number in dB; write a decimal point"),
        ("loud", "dB", "value 'loud': expected a number in dB"),
        ("3 Hz", "dB", "expected a number in dB"),
        ("nan", "dB", "expected a number in dB"),
        ("", "", "value '': expected a number, a word or a pan position"),
        ("two words", "", "expected a number, a word or a pan position like L30"),
        ("1:04=-2 1:35", "dB", "lane point '1:35': expected time=value such as 1:04=-2"),
        ("1:04=x", "dB", "lane point '1:04=x': expected time=value"),
        ("x=1", "dB", "time 'x': expected minutes:seconds"),
        ("1:35=0 1:04=1", "dB", "expected rising times"),
        ("1:75=0", "dB", "time '1:75': expected less than 60 after each colon"),
        (" ".join(f"{n}=0" for n in range(201)), "dB", "lane of 201 points: expected at most 200"),
    ],
)
def test_values_refused(text: str, unit: str, message: str) -> None:
    with pytest.raises(PlanError) as caught:
        parse_value(text, unit)
    assert message in str(caught.value)


def test_times() -> None:
    assert [parse_time_s(t) for t in ("64", "90", "1:04", "1:04.5", "1:02:03")] == [
        64.0,
        90.0,
        64.0,
        64.5,
        3723.0,
    ]
    for bad in ("1:60", "1:61:00", "-1", "1:", ":5", "a", ""):
        with pytest.raises(PlanError, match="time"):
            parse_time_s(bad)


def test_own_moves_get_ids_of_their_own_and_the_same_each_time() -> None:
    p = plan()
    for _ in range(3):
        p = p.add(person_move(p, "kick/fader/gain_db", -1.0, reason="muddy"))
    ids = [m.id for m in p.moves]
    assert len(set(ids)) == 3
    again = plan().add(person_move(plan(), "kick/fader/gain_db", 2.0))
    assert again.moves[0].id == ids[0]
    assert (p.moves[0].title, p.moves[0].sets[0].unit, p.moves[0].authority) == ("fader", "dB", "person")
    with pytest.raises(PlanError, match="kick/fader/gain_db = 40: expected -120 to 24 dB"):
        person_move(plan(), "kick/fader/gain_db", 40.0)
