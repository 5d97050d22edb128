"""What role a track has, read from the name an engineer gave its file.

Reading a name never guesses. Whole words decide ("bassdrum" is a kick, "bassoon" a woodwind, "drumbass"
nothing), the longest phrase first, and then, in this order:

1. a word of negation ("no drums", "minus vox") makes the name unreadable;
2. guide and talkback win over whatever they guide; click only stands alone;
3. an effect word after its source is the return ("Vox Delay"); before it, it may be either: nothing is read;
4. a general word yields to the special one of its family ("Drums Snare" is a snare, "Synth Pad" a pad), an
   overhead or room mic of drums stays one, and "lead" yields to the instrument that leads;
5. weak words ("acoustic", "room", "arp") speak only where no other family does;
6. a voice is the lead unless a word says harmony, double or backing; "lead" with "backing" says nothing;
7. two roles of one family give the family's general role if there is one; two families give "unknown"
   ("pad_bass").
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from smartmix.session.role_words import MORE_VOICE_WORDS
from smartmix.session.roles import ROLES, family

_VOICE = "voice"
_VOICE_WORDS = """
        vox, voxs, vocal, vocals, voc, vocs, voice, voices, vx, singer, gesang, stimme, stimmen, chant,
        voix, voz, voces, vozes, voce, voci, canto"""
_WEAK = {
    "room": "room, rooms, rm",
    "acoustic_guitar": "acoustic, acou, nylon",
    "electric_guitar": "electric, elec, crunch",
    "synth": "arp, arps, arpeggio, pluck, plucks",
    "bass": "808, 808s, sub, subs",
}
_SUPPORT = """
        harmony, harmonies, harm, harms, hmy, double, doubles, doubled, dbl, dbls, dub, stack, stacks, ダブル,
        gang, octave, doppler, doublage, doppelung, harmonie"""
_BACKING = "bg, bgs, backing, background, backup"
_LEAD = "lead, leads, ld, principal, principale, solista, リード, メイン"
_NEGATION = (
    "no, not, minus, without, wo, ohne, sans, sin, senza, sem, less, zonder, utan, bez, без, なし, 无, 無"
)
_NEUTRAL = (
    "drum and bass, drum n bass, drum bass, vox ac30, vox ac15, backing track, backing tracks, beat boxing"
)
"""Phrases that contain a role's word but do not name the role."""
_GENERAL = {"drums": "drums", "bass": "bass", "guitars": "guitar"}
_MORE_MARKS = "リード, メイン, ダブル, ハモリ上, ハモリ下, なし, 无, 無"
_JOINED = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Kana, Han and Hangul (also taken apart): scripts whose words stand without spaces."""
_KEYBOARDS = frozenset({"piano", "organ", "keys", "synth"})


def role_from_name(name: str) -> str:
    """The role a file name (without its ending) says, or "unknown" where it says none or more than one."""
    hits = _hits(_tokens(name))
    if "negation" in hits:
        return "unknown"
    for silent in ("guide", "talkback"):
        if silent in hits:
            return silent
    if "effects" in hits:
        return "effects" if hits[-1] == "effects" or set(hits) == {"effects"} else _without_return(hits)
    return _source_role(hits)


def _without_return(hits: list[str]) -> str:
    sources = [h for h in hits if h == _VOICE or (h in ROLES and h != "effects")]
    return "unknown" if sources and hits.index("effects") < hits.index(sources[-1]) else "effects"


def _source_role(hits: list[str]) -> str:
    """Rules 4 to 7 of the module's text over words already found."""
    roles = {h for h in hits if h in ROLES}
    weak = {h.removeprefix("weak ") for h in hits if h.startswith("weak ")}
    if _VOICE in hits or roles & {"lead_vocal", "backing_vocal"}:
        rest = roles - {"lead_vocal", "backing_vocal", "lead"}
        return "unknown" if rest else _voice_role(hits)
    if "lead" in roles and len(roles) > 1:
        roles.discard("lead")
        if family(min(roles)) == "guitars":
            weak.add("electric_guitar")
        if roles == {"synth"}:
            return "lead"
    families = {family(r) for r in roles}
    if len(families) > 1:
        return "unknown"
    roles |= {w for w in weak if not families or family(w) in families}
    return _one_of_family(roles)


def _voice_role(hits: list[str]) -> str:
    lead = "lead_vocal" in hits or "lead" in hits or "leading" in hits
    backing = "backing_vocal" in hits or "backing" in hits
    if lead and backing:
        return "unknown"
    return "backing_vocal" if backing or "support" in hits else "lead_vocal"


def _one_of_family(roles: set[str]) -> str:
    """One role out of several of the same family; "unknown" when none stands for all of them."""
    if len({family(r) for r in roles}) != 1:
        return "unknown"
    group = family(min(roles))
    special = roles - {_GENERAL.get(group, "")}
    for microphone in ("overheads", "room"):
        if microphone in special:
            return microphone
    if group == "keys":
        return _one_of_keys(special)
    return special.pop() if len(special) == 1 else _GENERAL.get(group, "unknown")


def _one_of_keys(roles: set[str]) -> str:
    special = roles - {"keys", "synth"} if len(roles) > 1 else roles
    if len(special) == 1:
        return min(special)
    return "keys" if roles <= _KEYBOARDS else "unknown"


def _tokens(name: str) -> list[str]:
    """Lower-case words of a name: camel case split, accents folded, punctuation dropped."""
    text = _folded(name)
    return [part for t in re.split(r"[\W_]+", text) if t for part in _unjoined(t)]


def _unjoined(token: str) -> list[str]:
    """A token as its words: languages written without spaces are cut where the script changes and where a known word
    ends ("リードギター2" holds "リードギター"); others stay whole.
    """
    if token.isascii() or not _JOINED.search(token):
        return [token]
    parts = [p for p in re.split(rf"((?:{_JOINED.pattern})+)", token) if p]
    return [word for part in parts for word in (_cut(part) if _JOINED.match(part) else [part])]


def _cut(text: str) -> list[str]:
    """The longest known words in a run of unspaced script, left to right; what is no word is dropped."""
    found, at = [], 0
    known = _joined_words()
    while at < len(text):
        word = next((w for w in known if text.startswith(w, at)), None)
        if word:
            found.append(word)
        at += len(word) if word else 1
    return found or [text]


@cache
def _joined_words() -> tuple[str, ...]:
    """Every listed word of an unspaced script, folded as names are, the longest first."""
    listed = [w for info in ROLES.values() for w in info.words]
    listed += [w for words in (MORE_VOICE_WORDS, _MORE_MARKS) for w in words.split(",")]
    folded = {_folded(w).strip() for w in listed}
    return tuple(
        sorted((w for w in folded if _JOINED.fullmatch(w[:1]) and " " not in w), key=lambda w: (-len(w), w))
    )


def _folded(name: str) -> str:
    """A name in lower case, camel case apart, accents folded."""
    text = unicodedata.normalize("NFC", name)
    text = re.sub(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])", " ", text).casefold()
    for accented, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("œ", "oe"), ("ø", "o"), ("ł", "l")):
        text = text.replace(accented, plain)
    apart = unicodedata.normalize("NFKD", text)
    # The voicing marks of kana are no accents: without them "pad" would be "hat".
    kept = (c for c in apart if c in "\u3099\u309a" or not unicodedata.combining(c))
    return unicodedata.normalize("NFC", "".join(kept))


@cache
def _phrases() -> dict[tuple[str, ...], str]:
    """What each phrase stands for: a role, the voice, or a mark such as "support"."""
    table: dict[tuple[str, ...], str] = {}
    marks = {
        _VOICE: f"{_VOICE_WORDS}, {MORE_VOICE_WORDS}",
        "support": _SUPPORT,
        "backing": _BACKING,
        "leading": _LEAD,
    }
    marks |= {"negation": _NEGATION, "neutral": _NEUTRAL}
    for mark, words in [*marks.items(), *((f"weak {role}", words) for role, words in _WEAK.items())]:
        table |= {tuple(_tokens(w)): mark for w in words.split(",")}
    for role, info in ROLES.items():
        table |= {tuple(_tokens(w)): role for w in info.words}
    return table


def _hits(tokens: list[str]) -> list[str]:
    """What the words stand for, in order: longest phrase first, trailing digits ignored, others skipped."""
    table = _phrases()
    found: list[str] = []
    at = 0
    while at < len(tokens):
        for length in (3, 2, 1):
            mark = _lookup(table, tokens[at : at + length])
            if mark:
                found.append(mark)
                break
        at += length
    return found


def _lookup(table: dict[tuple[str, ...], str], words: list[str]) -> str | None:
    exact = table.get(tuple(words))
    if exact or not words:
        return exact
    bare = words[-1].rstrip("0123456789")
    return table.get((*words[:-1], bare)) if bare else None
