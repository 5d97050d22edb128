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
OFF_DB = -120.0


def reverb(ask: Ask) -> list[Move]:
    """A send to the reverb return."""
    return _space(ask, REVERB, "reverb")


def delay(ask: Ask) -> list[Move]:
    """A send to the delay return."""
    return _space(ask, DELAY, "delay")


def _space(ask: Ask, to: Return, what: str) -> list[Move]:
    if ask.request.sign < 0:
        raise CannotDoError(
            f"no {what} is added to {ask.meant.label}; what is heard is in the recording: ask for the dry file, or "
            "close the pauses with a gate"
        )
    if ask.meant.label == "the mix":
        raise CannotDoError(f"{what} on everything is mud; say which track")
    return [_send(ask, track.id, track.name, to, what) for track in unlocked(ask)]


def _send(ask: Ask, track: str, name: str, to: Return, what: str) -> Move:
    level = {"small": SEND_DB[0], "large": SEND_DB[2]}.get(ask.request.size or "", SEND_DB[1])
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
