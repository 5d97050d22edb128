"""Notes about space: "more reverb on the snare", "drier", "a slap on the vocal"."""

from __future__ import annotations

from dataclasses import replace

from smartmix.figures import number
from smartmix.parameter import ParamRef
from smartmix.plan.move import Move, MoveSet, Value
from smartmix.session.returns import DELAY, REVERB, Return
from smartmix.suggesters.notes.build import Ask, CannotDoError, fader_value, move, note_id, unlocked

SEND_DB = (-14.0, -10.0, -7.0)
""" "A touch", nothing said, "a lot": send level, which with the returns' wet level is about how far the return lies
under the dry track (the usual place is 9 LU under: Pestana and Reiss 2014)."""
MORE_DB = (2.0, 3.0, 5.0)
"""How much further up than a send that is suggested already (house)."""
OFF_DB = -120.0


def reverb(ask: Ask) -> list[Move]:
    """A send to the reverb return."""
    return _space(ask, REVERB, "reverb")


def delay(ask: Ask) -> list[Move]:
    """A send to the delay return."""
    return _space(ask, DELAY, "delay")


def _space(ask: Ask, to: Return, what: str) -> list[Move]:
    if ask.request.sign < 0:
        sent = [t for t in unlocked(ask) if _suggested_db(ask, t.id, to) is not None]
        if sent and ask.spans:
            raise CannotDoError(
                f"the {what} of {ask.meant.label} is one level for the song: ride its send by hand"
            )
        if not sent:
            raise CannotDoError(
                f"no {what} is added to {ask.meant.label}; what is heard is in the recording: ask for the dry file, "
                "or close the pauses with a gate"
            )
        return [_no_send(ask, track.id, track.name, to, what) for track in sent]
    if ask.meant.label == "the mix":
        raise CannotDoError(f"{what} on everything is mud; say which track")
    return [_send(ask, track.id, track.name, to, what) for track in unlocked(ask)]


def _suggested_db(ask: Ask, track: str, to: Return) -> float | None:
    """The send to this return that is suggested for a track; None without one."""
    for item in (s for m in ask.others for s in m.sets):
        sends = item.ref.track == track and (item.ref.device, item.ref.parameter) == (
            "send",
            f"{to.id}.level_db",
        )
        if sends and isinstance(item.value, float) and item.value > OFF_DB:
            return item.value
    return None


def _no_send(ask: Ask, track: str, name: str, to: Return, what: str) -> Move:
    """The track gets none of what is suggested: what it was recorded with is all there is."""
    answer = move(
        ask,
        track,
        note_id(ask, track, to.id),
        f"{name}: no {what} send",
        (MoveSet(ParamRef(track, "send", f"{to.id}.level_db"), "dB", OFF_DB, OFF_DB),),
        interval=(OFF_DB, OFF_DB),
    )
    return replace(answer, result=f"It stays out of the {what} that is suggested for others.")


def _send(ask: Ask, track: str, name: str, to: Return, what: str) -> Move:
    size = {"small": 0, "large": 2}.get(ask.request.size or "", 1)
    level, suggested = SEND_DB[size], _suggested_db(ask, track, to)
    if suggested is not None:
        level = min(0.0, max(level, suggested + MORE_DB[size]))
    value: Value = level
    if ask.spans:
        ramps = fader_value(OFF_DB - level, ask.spans)
        if isinstance(ramps, tuple):  # off outside of the spans, there within them
            value = tuple(type(p)(p.time_s, level if p.value else OFF_DB) for p in ramps)
    answer = move(
        ask,
        track,
        note_id(ask, track, to.id),
        f"{name}: {what} send {number(level)} dB{ask.where}",
        (MoveSet(ParamRef(track, "send", f"{to.id}.level_db"), "dB", OFF_DB, value),),
        interval=(level - 3.0, level + 3.0),
    )
    lies = f"The {what} lies about {number(-level, 0)} dB under the dry track."
    return replace(answer, result=lies, cost="Further back in the mix.")
