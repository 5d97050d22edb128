"""What a learner is told: the right part of the spectrum, the right track, an opposite that is one."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from plans import lane, move, setting
from smartmix.plan.evidence import Evidence
from smartmix.plan.lessons import lesson, region
from smartmix.plan.move import Move
from smartmix.plan.opposite import opposite_of

NAMES = {"gtr-l": "GTR L", "vox": "Lead Vox", "kick": "Kick In"}


def cut(gain_db: float = -2.5, hz: float = 310.0, **more: object) -> Move:
    return move(
        "m017",
        setting("gtr-l/eq/m017.shape", "bell", "off", ""),
        setting("gtr-l/eq/m017.freq_hz", hz, 1000.0, "Hz"),
        setting("gtr-l/eq/m017.gain_db", gain_db),
        track="gtr-l",
        **more,
    )


def values(found: Move) -> dict[str, object]:
    return {item.ref.parameter.rpartition(".")[2]: item.value for item in found.sets}


def test_the_opposite_of_a_cut_is_a_boost_at_the_same_place() -> None:
    other = opposite_of(cut())
    assert other is not None
    assert values(other) == {"shape": "bell", "freq_hz": 310.0, "gain_db": 2.5}
    assert other.id == "m017"


def test_the_opposite_is_measured_from_where_the_knob_stood_and_of_what_the_person_chose() -> None:
    other = opposite_of(move("m1", setting("kick/fader/gain_db", 1.0, before=-3.0)))
    assert other is not None
    assert other.sets[0].value == -7.0
    edited = move("m1", replace(setting("kick/fader/gain_db", 1.0), chosen=-4.0), status="edited")
    other = opposite_of(edited)
    assert other is not None
    assert other.sets[0].value == 4.0


def test_a_ride_turns_over_point_by_point_and_stays_in_range() -> None:
    other = opposite_of(move("m1", setting("kick/fader/gain_db", lane((0.0, 0.0), (4.0, -60.0)))))
    assert other is not None
    points = other.sets[0].value
    assert isinstance(points, tuple)
    assert [(p.time_s, p.value) for p in points] == [(0.0, 0.0), (4.0, 24.0)]  # a fader ends at +24 dB


@pytest.mark.parametrize(
    "refs",
    [
        {"kick/eq/m1.shape": "high_pass", "kick/eq/m1.freq_hz": 40.0},
        {"kick/compressor/threshold_db": -20.0, "kick/compressor/ratio": 2.0},
        {"kick/input/polarity": "inverted"},
        {"kick/send/return-reverb.level_db": -9.0},
    ],
)
def test_what_has_no_other_side_has_no_opposite(refs: dict[str, float | str]) -> None:
    assert opposite_of(move("m1", *(setting(ref, value) for ref, value in refs.items()))) is None


def test_room_for_another_track_is_about_that_track() -> None:
    fact = Evidence("masking", "4 dB over", 4.0, "dB", ("gtr-l", "vox"), (2500.0, 4000.0), (64.0, 95.0))
    told = lesson(cut(hz=3100.0, evidence=(fact,), span_s=(64.0, 95.0)), NAMES)
    assert told.listen_for.startswith("Follow Lead Vox at 1:04–1:35, not GTR L: ")
    assert "consonants" in told.listen_for
    assert told.fault.startswith("The other way (+2.5 dB): Lead Vox goes under")


@pytest.mark.parametrize(
    ("hz", "word"),
    [(50.0, "rumble"), (90.0, "boom"), (310.0, "boxy"), (3000.0, "consonants"), (7000.0, "esses")],
)
def test_regions_have_their_names(hz: float, word: str) -> None:
    assert word in region(hz)
    assert word in lesson(cut(hz=hz), NAMES).listen_for


def test_every_kind_of_move_teaches_something_of_its_own() -> None:
    refs = {
        "eq": cut(),
        "boost": cut(2.0),
        "fader": move("m1", setting("kick/fader/gain_db", -2.0)),
        "ride": move("m1", setting("kick/fader/gain_db", lane((0.0, 0.0), (1.0, 1.0)))),
        "pan": move("m1", setting("kick/pan/pan", 0.3)),
        "compressor": move("m1", setting("kick/compressor/ratio", 2.0)),
        "de_esser": move("m1", setting("kick/de_esser/range_db", -4.0)),
        "dynamic_eq": move("m1", setting("kick/dynamic_eq/band1.range_db", -2.0)),
        "width": move("m1", setting("kick/width/side_db", 1.0)),
        "send": move("m1", setting("kick/send/return-reverb.level_db", -9.0)),
        "polarity": move("m1", setting("kick/input/polarity", "inverted")),
        "shift": move("m1", setting("kick/input/shift_ms", -2.0)),
        "trim": move("m1", setting("kick/trim/gain_db", -2.0)),
        "balance": move("m1", setting("kick/fader/gain_db", -2.0), grouped=True),
        "spread": move("m1", setting("kick/pan/pan", 0.3), grouped=True),
    }
    told = {name: lesson(m, NAMES) for name, m in refs.items()}
    assert len({item.listen_for for item in told.values()}) == len(refs)
    for item in told.values():
        assert item.listen_for[-1] in ".?" and item.fault.endswith(".")
        assert not re.search(r"\bphon\b", item.listen_for + item.fault)


def test_advice_is_not_told_as_a_switch() -> None:
    fact = Evidence("masking", "59 % covered", 12.0, "phon", ("gtr-l", "vox"))
    told = lesson(replace(cut(evidence=(fact,)), sets=(), track="Lead Vox vs GTR L"), NAMES)
    assert "vs" not in told.listen_for + told.fault
    assert "Without it" not in told.fault


def test_a_fader_that_makes_room_does_not_get_thinner() -> None:
    fact = Evidence("masking", "59 % covered", 12.0, "phon", ("gtr-l", "vox"))
    ride = move("m3", setting("gtr-l/fader/gain_db", -2.0), track="gtr-l", evidence=(fact,))
    told = lesson(ride, NAMES)
    assert told.listen_for.startswith("Follow Lead Vox, not GTR L: ")
    assert "thinner" not in told.listen_for


def test_a_match_is_about_the_whole_tone() -> None:
    fact = Evidence("match", "3.2 dB from HIT", 3.2, "dB", ("gtr-l",))
    assert lesson(cut(evidence=(fact,)), NAMES).listen_for.startswith("Play the other recording first")
