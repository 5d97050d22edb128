"""For learners: what to listen for in a move, and how to hear the fault it mends.

What regions of pitch sound like are the words of the trade (house; from memory), not measurements.
"""

from __future__ import annotations

from dataclasses import dataclass

from smartmix.figures import hertz, number, span
from smartmix.plan.move import Move, MoveSet
from smartmix.plan.opposite import opposite_of

_REGIONS = (
    (60.0, "rumble, felt more than heard"),
    (120.0, "boom and weight"),
    (250.0, "warmth, mud when too many share it"),
    (500.0, "the boxy part, a voice in a cardboard box"),
    (1000.0, "the honk, a hand before the mouth"),
    (2000.0, "the hard, nasal part"),
    (5000.0, "presence: consonants, picks and sticks"),
    (9000.0, "esses and edge"),
    (float("inf"), "air"),
)


@dataclass(frozen=True, slots=True)
class Lesson:
    """``listen_for``: where to point the ear with the move switched in and out at equal loudness. ``fault``: what to
    hear without it, or with its opposite.
    """

    listen_for: str
    fault: str


def region(hz: float) -> str:
    """What a part of the spectrum sounds like."""
    return next(words for top, words in _REGIONS if hz < top)


def lesson(move: Move, names: dict[str, str]) -> Lesson:
    """What a learner is told about a move; ``names`` are tracks, groups and returns by id."""
    track = names.get(move.track, move.track)
    if not move.sets:
        return _LEFT_ALONE
    covered = _covered(move)
    if covered is not None:
        return _uncovering(move, track, names.get(covered, covered))
    if any(fact.kind == "match" for fact in move.evidence):
        return _MATCH
    device = move.sets[0].ref.device
    if move.grouped:
        return {"pan": _PANS, "send": _LESSONS["send", ""]}.get(device, _GROUP)
    if device == "eq":
        return _eq(move, track)
    if device == "dynamic_eq":
        where = hertz(_hz(move) or 1000.0)
        return Lesson(
            f"Only the loud moments change: {region(_hz(move) or 1000.0)} ({where}) steps back when it jumps "
            "out and is left alone when it does not.",
            "Without it: wait for the moment that makes you wince, then switch it in just there.",
        )
    if device == "fader":
        return _fader(move, track)
    plain = _LESSONS.get((device, move.sets[0].ref.parameter if device == "input" else ""))
    return plain if plain is not None else _ANY


def _covered(move: Move) -> str | None:
    """The track a move makes room for."""
    fact = next((f for f in move.evidence if f.kind == "masking" and len(f.tracks) > 1), None)
    return None if fact is None else next((t for t in fact.tracks if t != move.track), None)


def _uncovering(move: Move, track: str, covered: str) -> Lesson:
    fact = next(f for f in move.evidence if f.kind == "masking" and len(f.tracks) > 1)
    low, high = fact.band_hz or (_hz(move) or 1000.0,) * 2
    middle = (low * high) ** 0.5
    when = f" at {span(move.span_s)}" if move.span_s else ""
    if any(item.ref.device == "fader" for item in move.sets):
        return Lesson(
            f"Follow {covered}{when}, not {track}: words and notes of {covered} should be easier to make out. "
            f"If you hear {track} step back, it is too much.",
            f"{_other_way(move)}{covered} goes under.",
        )
    return Lesson(
        f"Follow {covered}{when}, not {track}: of {covered}, {region(middle)} (around {hertz(middle)}) comes forward. "
        f"{track} by itself gets a little thinner; in the mix you should hardly miss it.",
        f"{_other_way(move)}{covered} goes under, and no louder fader brings that part back.",
    )


def _eq(move: Move, track: str) -> Lesson:
    shape = next((s.value for s in move.sets if s.ref.parameter.endswith(".shape")), "bell")
    hz = _hz(move) or 1000.0
    if shape in ("high_pass", "low_pass"):
        side = "under" if shape == "high_pass" else "over"
        return Lesson(
            f"What goes lies {side} {hertz(hz)}; the notes of {track} must stay as they are. Listen to the pauses and, "
            "on speakers that reach low, to the room it leaves."
            if shape == "high_pass"
            else f"What goes lies {side} {hertz(hz)}; listen for hiss and edge that nobody misses.",
            "Without it: what it takes away is heard best alone, in the delta clip.",
        )
    down = (_db(move) or 0.0) < 0.0
    return Lesson(
        f"{'Less' if down else 'More'} of {region(hz)} (around {hertz(hz)}); the rest of {track} should stand still.",
        f"{_other_way(move)}{region(hz)} {'steps out' if down else 'is gone'} until you cannot miss it.",
    )


def _fader(move: Move, track: str) -> Lesson:
    if any(isinstance(item.value, tuple) for item in move.sets):
        return Lesson(
            f"{track} should seem to stay at one place while the song changes around it. If you hear the fader "
            "move, it is too much.",
            f"{_other_way(move)}{track} comes and goes with the arrangement.",
        )
    louder = (_db(move) or 0.0) > 0.0
    aim = "It should be easier to follow" if louder else "What it hid should come out"
    fault = "falls back into" if louder else "sits in front of"
    return Lesson(
        f"Do not listen to {track}: listen to what stands beside it. {aim} without the song getting louder.",
        f"{_other_way(move)}{track} {fault} the others.",
    )


def _other_way(move: Move) -> str:
    """ "The other way, +2.5 dB: "; "Without it: " for a move that has no other side."""
    other = opposite_of(move)
    if other is None:
        return "Without it: "
    figure = _db(other)
    return "The other way: " if figure is None else f"The other way ({number(figure, plus=True)} dB): "


def _hz(move: Move) -> float | None:
    return _number(move, ".freq_hz")


def _db(move: Move) -> float | None:
    return _number(move, "gain_db")


def _number(move: Move, ending: str) -> float | None:
    found: MoveSet | None = next((s for s in move.sets if s.ref.parameter.endswith(ending)), None)
    return found.value if found is not None and isinstance(found.value, float) else None


_ANY = Lesson(
    "Switch it in and out at equal loudness, in the mix and not in solo.",
    "Without it: if you cannot tell which is which, leave it out.",
)
_LEFT_ALONE = Lesson(
    "Mute what covers it: what you then hear of it for the first time is what is lost, all over the spectrum.",
    "There is no switch for this one: two parts want the same place, and the arrangement or a fader decides.",
)
_MATCH = Lesson(
    "Play the other recording first, at equal loudness, then switch this in and out: is the step towards it one this "
    "song wants? Judge lows, mids and highs one after the other.",
    "The other way: the song moves off from the other recording: darker where that is bright, "
    "thinner where it is full.",
)
_GROUP = Lesson(
    "Listen to the whole: which instrument do you notice first, and is it the one the song is about?",
    "Without it: every fader stands where the recording left it.",
)
_PANS = Lesson(
    "Close your eyes and point at each instrument; then fold to mono and check that nothing is gone.",
    "Without it: everything comes from the middle, and the loudest wins.",
)
_LESSONS = {
    ("compressor", ""): Lesson(
        "The loudness of words or strokes gets even; listen to their beginnings, which should keep their bite, "
        "and to the breaths between, which come up.",
        "Without it: soft words drop under the band, loud ones jump out.",
    ),
    ("de_esser", ""): Lesson(
        "Only s, t and ch change. If the singer begins to lisp, it is too much.",
        "Without it: turn the highs of your speakers up and wait for an s.",
    ),
    ("pan", ""): Lesson(
        "Point at it with your eyes closed; then fold to mono: it must not vanish.",
        "The other way: it stands on the other side, where something else may be.",
    ),
    ("width", ""): Lesson(
        "The middle should stay where it is while the edges move; check it in mono.",
        "The other way: the sides crowd in, or the middle gets hollow.",
    ),
    ("send", ""): Lesson(
        "Listen to the ends of notes and words: something should carry on behind them, without a room you could name.",
        "Without it: the track stands in front of the song instead of in it.",
    ),
    ("trim", ""): Lesson(
        "Nothing by itself: it puts the recording at the level that thresholds behind it were made for.",
        "Without it: compressors and gates behind it work more, or less, than they did.",
    ),
    ("input", "polarity"): Lesson(
        "Listen to the low end and to the firmness of the beginnings, best in mono: it gets fuller without being "
        "louder.",
        "Without it: thin, and hollow when you stand between the speakers.",
    ),
    ("input", "shift_ms"): Lesson(
        "The two microphones become one sound: the comb, a phasing whistle, goes.",
        "Without it: solo both, fold to mono: a tube around the sound.",
    ),
}
