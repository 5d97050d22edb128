"""What was in the mix by itself and is not any more is named, with the reason and the way back."""

from __future__ import annotations

from plans import move, plan, setting
from smartmix.plan import MixPlan, apply_policy, merge
from smartmix.plan.move import Move
from smartmix.workflow.dropped import no_longer_in_the_mix


def cut(name: str, benefit: float, **more: object) -> Move:
    sets = more.pop("sets", None) or setting(f"kick/eq/{name}.gain_db")
    return move(name, sets, title=f"Kick: {name}", benefit=benefit, **more)


def again(earlier: MixPlan, *moves: Move) -> MixPlan:
    """The plan of the next pass, in which these moves are suggested."""
    return apply_policy(merge(earlier, plan(*moves)), "confident")


EARLIER = apply_policy(plan(cut("m1", 1.0), cut("m2", 2.0)), "confident")


def test_a_move_that_others_crowd_out_is_named_with_the_way_back() -> None:
    now = again(EARLIER, cut("m1", 1.0), cut("m2", 2.0), cut("m3", 3.0), cut("m4", 4.0))
    assert [m.status for m in now.moves] == ["proposed", "accepted", "accepted", "accepted"]
    (told,) = no_longer_in_the_mix(EARLIER, now)
    assert told == (
        "no longer in the mix: Kick: m1; its track has 3 others that promise more; "
        "smartmix plan accept PLAN m1 puts it back"
    )


def test_less_sure_backed_out_and_no_longer_suggested_are_told_apart() -> None:
    (unsure,) = no_longer_in_the_mix(EARLIER, again(EARLIER, cut("m1", 1.0, confidence=0.6), cut("m2", 2.0)))
    assert "Kick: m1; it is not sure enough any more (60 %)" in unsure
    backed = again(EARLIER, cut("m1", 1.0), cut("m2", 2.0)).back_out(
        {"m2": "it does not beat its own bypass"}
    )
    (told,) = no_longer_in_the_mix(EARLIER, backed)
    assert "Kick: m2; it does not beat its own bypass; " in told
    (gone,) = no_longer_in_the_mix(EARLIER, again(EARLIER, cut("m2", 2.0)))
    assert gone == "no longer in the mix: Kick: m1; it is no longer suggested"


def test_nothing_is_said_where_nothing_fell_out_or_a_person_decided() -> None:
    assert no_longer_in_the_mix(EARLIER, again(EARLIER, cut("m1", 1.0), cut("m2", 2.0))) == ()
    assert no_longer_in_the_mix(None, again(EARLIER, cut("m1", 1.0))) == ()
    decided = EARLIER.accept("m1").reject("m2")
    assert no_longer_in_the_mix(decided, again(decided)) == ()
    refused = again(EARLIER, cut("m1", 1.0), cut("m2", 2.0)).reject("m1")
    assert no_longer_in_the_mix(EARLIER, refused) == ()
    nothing = merge(EARLIER, plan(cut("m1", 1.0), cut("m2", 2.0)))
    assert no_longer_in_the_mix(EARLIER, nothing, "none") == ()


def test_what_goes_on_under_another_id_is_not_called_gone() -> None:
    assert no_longer_in_the_mix(EARLIER, again(EARLIER, cut("m9", 1.0), cut("m2", 2.0))) == ()
