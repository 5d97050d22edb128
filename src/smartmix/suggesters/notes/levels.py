"""Notes about levels, positions, muting and polarity: "vocal up", "gtr left 30", "lose the tambourine"."""

from __future__ import annotations

from smartmix.figures import number, pan_position
from smartmix.parameter import Breakpoint, ParamRef
from smartmix.plan.move import Move, MoveSet, Value
from smartmix.plan.ranges import RANGES
from smartmix.session.session import Track
from smartmix.suggesters.notes.build import (
    Ask,
    CannotDoError,
    fader_set,
    fader_value,
    move,
    note_id,
    sized,
    unlocked,
)
from smartmix.suggesters.notes.targets import MIX, side_of

LEVEL_DB = (1.0, 1.5, 3.0)
""" "A touch", nothing said, "a lot": what these mean on a fader (house; 1.5 dB is the house limit of a fader move)."""
GREATEST_DB = 12.0
"""A larger figure in a note is taken for a slip of the pen and asked about."""
PAN_STEP = 0.2
"""How far "a bit to the left" goes (house); twice that for "a lot"."""
WIDTH_FACTOR = 1.3
""" "Wider" takes what stands to a side this much further out (house)."""
NAMED_SIDE = 0.7
"""Where "wider" puts a track that is called left or right and still sits in the centre (house)."""
MUTE_DB = RANGES["fader", "gain_db"].low


def level(ask: Ask) -> list[Move]:
    """A fader move, of a whole group by its bus."""
    change = ask.request.sign * _size_db(ask)
    if abs(change) > GREATEST_DB:
        raise CannotDoError(
            f"{number(change, plus=True)} dB is more than {GREATEST_DB:.0f} dB; set it by hand if it is meant"
        )
    if ask.request.targets and ask.meant.label == "the mix":
        raise CannotDoError("the loudness of the whole is the master's: use --target")
    return [_faders(ask, change, f"fader {number(change, plus=True)} dB", "fader")]


def _size_db(ask: Ask) -> float:
    """The figure of the note; without one the usual, or what a ride would do there anyway if that is more."""
    usual = sized(ask.request, *LEVEL_DB)
    if ask.request.amount_db is not None or ask.request.size is not None or not ask.spans:
        return usual
    ids = {t.id for t in ask.meant.tracks}
    peaks = [
        point.value * ask.request.sign
        for other in ask.others
        if replaced_by(other, ids, ask.spans)
        for item in other.sets
        if isinstance(item.suggested, tuple)
        for point in item.suggested
    ]
    return max([usual, *peaks])


def replaced_by(other: Move, tracks: set[str], spans: tuple[tuple[float, float], ...]) -> bool:
    """Whether a ride is about a stretch in which a note says what these tracks are to do: the note answers it."""
    if other.grouped or other.span_s is None or other.authority == "person":
        return False
    rides = all(s.ref.device == "fader" and s.ref.track in tracks for s in other.sets)
    start, end = other.span_s
    return rides and any(a < end and start < b for a, b in spans)


def mute(ask: Ask) -> list[Move]:
    """Silence tracks, for the whole song or in a stretch."""
    if ask.meant.label == "the mix":
        raise CannotDoError("that would leave nothing")
    return [_faders(ask, MUTE_DB, "muted", "mute")]


def _faders(ask: Ask, change: float, what: str, device: str) -> Move:
    value: Value = fader_value(change, ask.spans)
    tracks = unlocked(ask)
    whole_group = ask.meant.bus is not None and len(tracks) == len(ask.meant.tracks)
    addresses = [ask.meant.bus] if whole_group and ask.meant.bus else [t.id for t in tracks]
    owner = addresses[0] if len(addresses) == 1 else MIX
    size = abs(change)
    return move(
        ask,
        owner,
        note_id(ask, "+".join(addresses), device),
        f"{_name(ask, tracks)}: {what}{ask.where}",
        tuple(fader_set(address, value) for address in addresses),
        interval=(change - size / 2.0, change + size / 2.0),
    )


def _name(ask: Ask, tracks: tuple[Track, ...]) -> str:
    return tracks[0].name if len(tracks) == 1 else ask.meant.label[:1].upper() + ask.meant.label[1:]


def pan(ask: Ask) -> list[Move]:
    """Move tracks to a position, or further to a side."""
    tracks = unlocked(ask)
    if ask.meant.label == "the mix":
        raise CannotDoError("say which track")
    step = PAN_STEP * (2.0 if ask.request.size == "large" else 0.5 if ask.request.size == "small" else 1.0)
    return [_pan(ask, track, step) for track in tracks]


def _pan(ask: Ask, track: Track, step: float) -> Move:
    place = ask.request.pan if ask.request.pan is not None else ask.pan_of(track) + ask.request.sign * step
    place = round(max(-1.0, min(1.0, place)), 2)
    if place == track.pan and not ask.spans:
        raise CannotDoError(f"{track.name} is at {pan_position(place)} already")
    return _pan_move(ask, track, place)


def _pan_move(ask: Ask, track: Track, place: float) -> Move:
    value: Value = place
    if ask.spans:
        ramps = fader_value(place - track.pan, ask.spans)
        value = (
            tuple(Breakpoint(p.time_s, track.pan + p.value) for p in ramps)
            if isinstance(ramps, tuple)
            else place
        )
    return move(
        ask,
        track.id,
        note_id(ask, track.id, "pan"),
        f"{track.name}: pan {pan_position(place)}{ask.where}",
        (MoveSet(ParamRef(track.id, "pan", "pan"), "", track.pan, value),),
        interval=(0.5 * (place - track.pan), 1.5 * (place - track.pan)),
    )


def width(ask: Ask) -> list[Move]:
    """Wider or narrower: tracks that stand to a side go further out or in. What stands in the centre stays there."""
    aside = [t for t in unlocked(ask) if abs(ask.pan_of(t)) >= 0.05 or (side_of(t) and t.channels == 1)]
    if not aside:
        raise CannotDoError(
            "nothing of it stands to a side, so panning cannot change its width: pan its tracks apart, or ask for a "
            "stereo recording or a double"
        )
    factor = WIDTH_FACTOR if ask.request.sign > 0 else 1.0 / WIDTH_FACTOR
    start = {t.id: ask.pan_of(t) or side_of(t) * NAMED_SIDE / WIDTH_FACTOR for t in aside}
    moves = [(t, round(max(-1.0, min(1.0, start[t.id] * factor)), 2)) for t in aside]
    changed = [(t, place) for t, place in moves if place != ask.pan_of(t)]
    if not changed:
        raise CannotDoError("it is as wide as panning can make it")
    return [_pan_move(ask, t, place) for t, place in changed]


def polarity(ask: Ask) -> list[Move]:
    """Flip the polarity of tracks."""
    if ask.meant.label == "the mix":
        raise CannotDoError("flipping everything changes nothing; say which track")
    return [
        move(
            ask,
            track.id,
            note_id(ask, track.id, "polarity"),
            f"{track.name}: polarity flipped",
            (MoveSet(ParamRef(track.id, "input", "polarity"), "", "normal", "inverted"),),
            interval=(0.5, 1.0),
        )
        for track in unlocked(ask)
    ]
