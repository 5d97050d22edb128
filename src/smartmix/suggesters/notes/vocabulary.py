"""The trade words a note may use, and what each asks for. A table on purpose: what is not in it is not read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

Axis = Literal[
    "level",
    "mud",
    "box",
    "boom",
    "nasal",
    "harsh",
    "esses",
    "body",
    "low_end",
    "bright",
    "air",
    "presence",
    "rumble",
    "punch",
    "even",
    "reverb",
    "delay",
    "width",
    "pan",
    "mute",
    "polarity",
    "leave",
]
Kind = Literal["fault", "wish", "quality", "noun"]
"""What a word does on its own: name a fault (muddy), wish for a change (brighter), or describe (bright, which
on its own is a complaint: "vocal bright"). A noun (air, reverb) is asked for unless "less" stands before it."""
Degree = Literal["more", "less", "too", "not", "enough", "not enough"]
Size = Literal["small", "large"]


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade word: along which axis of the sound it asks for a change, and which way (+1 more, -1 less)."""

    axis: Axis
    sign: int
    kind: Kind


_FAULTS: dict[tuple[Axis, int], str] = {
    (
        "level",
        1,
    ): "buried, lost, hidden, swallowed, drowned, drowning, inaudible, cant hear, cannot hear, barely hear, "
    "hard to hear, disappears, gets lost, too far back",
    (
        "level",
        -1,
    ): "sticks out, sticking out, pokes out, poking out, overpowering, overpowers, dominates, dominating, "
    "drowns out, too far forward, in your face",
    ("mud", -1): "muddy, mud, muddiness, woolly, wooly, cloudy, murky, congested",
    ("box", -1): "boxy, boxiness, cardboard, cardboardy, papery",
    ("boom", -1): "boomy, boominess, tubby, flabby, one note",
    ("nasal", -1): "nasal, honky, honk, telephone, telephony",
    (
        "harsh",
        -1,
    ): "harsh, harshness, shrill, piercing, edgy, strident, biting, aggressive, painful, grating, brittle, "
    "scratchy, hurts, hurt, fatiguing, clicky",
    ("esses", -1): "sibilant, sibilance, essy, esses, ess, spitty, lispy, hissing s",
    ("body", 1): "thin, weak, anaemic, anemic, tinny, skinny, small",
    ("bright", 1): "dull, muffled, veiled, blanket, dark sounding",
    ("rumble", -1): "rumble, rumbly, rumbling, wind noise, footfall",
    ("punch", 1): "limp, no punch, lifeless, lacks punch, flat sounding, soft attack",
    (
        "even",
        1,
    ): "uneven, jumpy, jumping out, jumps out, all over the place, inconsistent, too dynamic, words get lost",
}
_WISHES: dict[tuple[Axis, int], str] = {
    (
        "level",
        1,
    ): "up, louder, raise, lift, boost, higher, hotter, forward, more forward, upfront, up front, in front, "
    "out front, push, push up, "
    "push forward, nudge up, bump, bump up, come up, bring up, turn up, crank, back up, bring out, stand out, on top",
    (
        "level",
        -1,
    ): "down, quieter, lower, softer, turn down, bring down, pull down, back, back off, pull back, tuck, "
    "tucked, tuck in, tuck back, tuck down, "
    "come down, take down, drop, dip, sit back, push back, further back, back down, duck, attenuate",
    ("bright", 1): "brighter, crisper, brighten, open up, opener, more open",
    ("bright", -1): "darker, mellower, darken, mellow, duller",
    ("harsh", -1): "smoother, smooth out, less edgy, sweeter",
    ("body", 1): "warmer, fatter, thicker, fuller, beefier, rounder, warm up, fatten",
    ("body", -1): "thinner, leaner, slimmer",
    (
        "presence",
        1,
    ): "clearer, more defined, more present, cut through, cuts through, cutting through, "
    "more intelligible, intelligible",
    ("air", 1): "airier, silkier",
    ("mud", -1): "cleaner, clean up",
    ("punch", 1): "punchier, snappier, tighter, harder hitting, hit harder, more snap, more impact",
    (
        "even",
        1,
    ): "more even, more consistent, level out, steadier, even out, more controlled, compress, "
    "more compressed",
    ("esses", -1): "de ess, deess, de esser",
    ("reverb", -1): "drier, dryer",
    ("reverb", 1): "wetter, roomier, more spacious, more distant, washier",
    ("width", 1): "wider, widen, spread, spread out",
    ("width", -1): "narrower, narrow, tighter stereo",
    ("mute", 1): "mute, muted, kill, lose, take out, get rid of, drop out",
    (
        "polarity",
        1,
    ): "flip polarity, flip phase, flip the phase, flip the polarity, invert polarity, invert phase, "
    "out of phase, phase flip, flip",
    (
        "leave",
        1,
    ): "leave, keep, dont touch, do not touch, dont change, do not change, "
    "dont move, do not move, hands off, love, loving, perfect, great, fine, good, "
    "happy with, as is, no change, stays",
}
_QUALITIES: dict[tuple[Axis, int], str] = {
    ("level", 1): "loud, hot, high, prominent, present in the mix",
    ("level", -1): "quiet, soft, low, faint, in the background",
    ("bright", 1): "bright, toppy, trebly, crispy",
    ("bright", -1): "dark",
    ("body", 1): "thick, fat, heavy, warm, full",
    ("reverb", 1): "wet, roomy, washy, echoey, reverby, distant, far away, ambient",
    ("reverb", -1): "dry",
    ("width", 1): "wide",
    ("width", -1): "mono sounding",
    ("even", -1): "dynamic",
    ("even", 1): "squashed, compressed, overcompressed, over compressed, pumping",
    ("air", 1): "airy, hissy",
    ("presence", 1): "clear, defined",
    ("punch", 1): "punchy, snappy",
    ("low_end", 1): "bassy, bottom heavy, subby",
}
_NOUNS: dict[tuple[Axis, int], str] = {
    ("level", 1): "volume, level, gain, loudness",
    ("low_end", 1): "low end, lows, thump, bottom, bottom end, sub, weight, low frequencies",
    ("mud", 1): "low mids, lower mids, low mid",
    ("harsh", 1): "high mids, upper mids, high mid, edge, bite in the mids",
    ("bright", 1): "highs, top, top end, treble, brightness, high end",
    ("air", 1): "air, sparkle, shimmer, sheen",
    ("presence", 1): "presence, bite, clarity, definition, intelligibility",
    ("body", 1): "body, warmth, meat, fullness",
    ("punch", 1): "punch, attack, snap, impact, transients, crack, slam",
    ("reverb", 1): "reverb, verb, ambience, space, depth, room sound, hall, plate",
    ("delay", 1): "delay, echo, slap, slapback, echoes, delays",
    ("even", 1): "compression",
    ("width", 1): "width, stereo width",
    ("esses", 1): "s sounds, s s, ss",
    ("rumble", 1): "low rumble, wind",
}

DEGREES: dict[str, Degree] = {
    "more": "more",
    "add": "more",
    "needs": "more",
    "need": "more",
    "lacks": "more",
    "lacking": "more",
    "missing": "more",
    "wants": "more",
    "extra": "more",
    "increase": "more",
    "some": "more",
    "less": "less",
    "remove": "less",
    "cut": "less",
    "reduce": "less",
    "tame": "less",
    "without": "less",
    "give": "more",
    "decrease": "less",
    "too much": "less",
    "too many": "less",
    "bit much": "less",
    "too": "too",
    "overly": "too",
    "not": "not",
    "isnt": "not",
    "arent": "not",
    "no": "less",
    "dont": "not",
    "doesnt": "not",
    "wasnt": "not",
    "wont": "not",
    "shouldnt": "not",
    "wouldnt": "not",
    "didnt": "not",
    "cant": "not",
    "never": "not",
    "no need": "not",
    "nor": "not",
    "too little": "not enough",
    "not enough": "not enough",
    "isnt enough": "not enough",
    "enough": "enough",
}
SIZES: dict[str, Size] = {
    "touch": "small",
    "hair": "small",
    "tad": "small",
    "bit": "small",
    "little": "small",
    "slightly": "small",
    "smidge": "small",
    "somewhat": "small",
    "subtle": "small",
    "smidgen": "small",
    "fraction": "small",
    "not too much": "small",
    "not much": "small",
    "nudge": "small",
    "notch": "small",
    "not by much": "small",
    "little bit": "small",
    "just a bit": "small",
    "subtly": "small",
    "gently": "small",
    "much": "large",
    "way": "large",
    "far": "large",
    "lot": "large",
    "lots": "large",
    "loads": "large",
    "very": "large",
    "really": "large",
    "super": "large",
    "significantly": "large",
    "massively": "large",
}


@cache
def trade_words() -> dict[tuple[str, ...], Trade]:
    """Every phrase of the table, as a tuple of words, with what it asks for."""
    table: dict[tuple[str, ...], Trade] = {}
    kinds: tuple[tuple[Kind, dict[tuple[Axis, int], str]], ...] = (
        ("noun", _NOUNS),
        ("quality", _QUALITIES),
        ("wish", _WISHES),
        ("fault", _FAULTS),
    )
    for kind, entries in kinds:
        for (axis, sign), phrases in entries.items():
            for phrase in phrases.split(","):
                table[tuple(phrase.split())] = Trade(axis, sign, kind)
    return table


def asked_sign(trade: Trade, degree: Degree | None) -> int | None:
    """Which way along its axis a word asks to go after a degree word ("too", "less" ...); None: that is no request.

    "muddy" and "too muddy" ask for less mud, "bright" alone is a complaint, "not bright enough" a wish.
    """
    if trade.axis in ("leave", "mute", "polarity", "pan"):
        return None if degree == "not" else trade.sign
    if trade.kind == "fault":  # "more aggressive" wants what is a fault elsewhere
        return None if degree in ("not", "enough", "more") else trade.sign
    if degree in ("not", "enough"):
        return None
    if trade.kind == "noun":
        return None if degree is None else -trade.sign if degree in ("less", "too") else trade.sign
    if trade.kind == "quality":
        return trade.sign if degree in ("more", "not enough") else -trade.sign
    return -trade.sign if degree in ("too", "less") else trade.sign
