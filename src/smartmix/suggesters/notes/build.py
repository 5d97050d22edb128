"""A move that answers a note: its id, reason and confidence in one place."""

from __future__ import annotations

from dataclasses import dataclass

from smartmix.figures import span as span_text
from smartmix.parameter import Breakpoint, ParamRef
from smartmix.plan.move import MAX_LANE_POINTS, Move, MoveSet, Value, move_id
from smartmix.session.session import Track
from smartmix.suggesters.notes.request import Request
from smartmix.suggesters.notes.targets import Meant
from smartmix.suggesters.notes.when import Span
from smartmix.suggesters.suggester import Context

SOURCE = "note"
BENEFIT = 20.0
"""What a client asked for comes before what nobody asked for (house)."""
SURE = 0.9
"""How sure the reading of a clear clause is; how good the result is, the person judges."""
PARTLY_READ = 0.75
RAMP_S = 0.25
"""Length of a fader move into and out of a stretch (house; as in the rides)."""


class CannotDoError(Exception):
    """The note is understood, but no move answers it; the text says why."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request with what its words mean in this session: the note, the tracks, the stretches of the song."""

    context: Context
    note: str
    request: Request
    meant: Meant
    spans: tuple[Span, ...]
    others: tuple[Move, ...] = ()
    """What is suggested already: a wish for "wider" starts from where tracks are about to stand."""

    def pan_of(self, track: Track) -> float:
        """Where a track is about to stand: its suggested pan, else the session's."""
        for item in (s for m in self.others for s in m.sets):
            if item.ref.track == track.id and item.ref.device == "pan" and isinstance(item.suggested, float):
                return item.suggested
        return track.pan

    @property
    def where(self) -> str:
        """ ", 1:12\u20131:19" or nothing for the whole song."""
        return "".join(f", {span_text(s)}" for s in self.spans)

    @property
    def reason(self) -> str:
        """What the client wrote."""
        text = _as_typed(self.request.text, self.note)
        quoted = f'The note says "{text}".' if text else f'The note says "{self.note}".'
        words = ", ".join(self.request.unknown)
        return f"{quoted} Not in the table of trade words, so not read: {words}." if words else quoted


def sized(request: Request, small: float, usual: float, large: float) -> float:
    """The figure of the note, or the house's figure for "a touch", nothing said, or "a lot"."""
    if request.amount_db is not None:
        return request.amount_db
    return {"small": small, "large": large}.get(request.size or "", usual)


def note_id(ask: Ask, track: str, device: str, band_hz: float | None = None) -> str:
    """Stable id of the answer to one clause on one track: the values are left out."""
    where = ";".join(f"{s[0]:.0f}-{s[1]:.0f}" for s in ask.spans)
    return move_id(track, SOURCE, f"{device}:{ask.request.axis}", where, band_hz)


def move(
    ask: Ask, track: str, key: str, title: str, sets: tuple[MoveSet, ...], *, interval: tuple[float, float]
) -> Move:
    """The move with the client's words as its reason and a person's authority: a rule yields to it."""
    return Move(
        id=key,
        track=track,
        title=title,
        source=SOURCE,
        confidence=PARTLY_READ if ask.request.unknown else SURE,
        reason=ask.reason,
        sets=sets,
        authority="person",
        span_s=whole(ask.spans),
        interval=(min(interval), max(interval)),
        benefit=BENEFIT,
    )


def fader_value(change_db: float, spans: tuple[Span, ...]) -> Value:
    """A fader change: for the whole song a number, else a lane that is there within the spans, straight lines in dB."""
    if not spans:
        return change_db
    points: list[Breakpoint] = []
    for start, end in spans[: MAX_LANE_POINTS // 4]:
        begin = max(0.0, start - RAMP_S, points[-1].time_s if points else 0.0)
        points += [Breakpoint(begin, 0.0), Breakpoint(max(start, begin), change_db)]
        points += [Breakpoint(end, change_db), Breakpoint(end + RAMP_S, 0.0)]
    return tuple(points)


def whole(spans: tuple[Span, ...]) -> Span | None:
    """From the first span's start to the last one's end; None for the whole song."""
    return (spans[0][0], spans[-1][1]) if spans else None


def fader_set(address: str, value: Value) -> MoveSet:
    """A fader setting of a track or bus."""
    return MoveSet(ParamRef(address, "fader", "gain_db"), "dB", 0.0, value)


def unlocked(ask: Ask) -> tuple[Track, ...]:
    """The tracks that are meant and may be touched; CannotDoError when none is."""
    tracks = tuple(t for t in ask.meant.tracks if not t.locked)
    if not tracks:
        raise CannotDoError(f"{ask.meant.label} is locked")
    return tracks


def _as_typed(text: str, note: str) -> str:
    """A clause in the capitals of the note it was read from, where that has it in these words."""
    low = note.lower()
    at = low.find(text.lower()) if len(low) == len(note) else -1
    return note[at : at + len(text)] if text and at >= 0 else text
