"""What a file name says besides the role: which side of a pair, which version, wet or dry, a print of a group."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from smartmix.session.role_names import role_from_name
from smartmix.session.roles import Family, family

Side = Literal["left", "right"]
Tokens = tuple[str, ...]

_LEFT = "l|left|lt|lft|links|gauche|izq|izquierda|sinistra|sx|esquerda|vänster|lewy|左"
_RIGHT = "r|right|rt|rgt|rechts|droite|der|derecha|destra|dx|direita|höger|prawy|右"
_TAIL = r"(?P<tail>(?:[ _.-]*(?:v\d+|\(\d+\)|[ _.-]\d+))?)"
_SIDE_LAST = re.compile(
    rf"^(?P<base>.+?)(?P<sep>[ ._-]+|[ ._-]*[(\[])(?:(?P<left>{_LEFT})|(?P<right>{_RIGHT}))[)\]]?{_TAIL}$",
    re.IGNORECASE,
)
_SIDE_FIRST = re.compile(
    rf"^(?:(?P<left>{_LEFT})|(?P<right>{_RIGHT}))(?P<sep>[ ._-]+)(?P<base>.+?){_TAIL}$", re.IGNORECASE
)
_SIDE_STUCK = re.compile(
    rf"^(?P<base>OH|OVH|RM|ROOM|GTR|AMB)(?P<sep>)(?:(?P<left>L)|(?P<right>R)){_TAIL}$", re.IGNORECASE
)
_NUMBER_FIRST = re.compile(r"^\d+[ _.)-]+(?=.)")

_NUMBERED_MARK = re.compile(r"^(v|ver|version|rev|take|tk|toma|prise|final|alt|mix)(\d+)$")
_MARKS = {
    "v": "version", "ver": "version", "version": "version", "rev": "version", "take": "take", "tk": "take",
    "toma": "take", "prise": "take", "final": "final", "finale": "final", "fin": "final", "comp": "comp",
    "comped": "comp", "master": "final", "alt": "alt", "alternate": "alt", "alternative": "alt", "alterna": "alt",
    "old": "old", "alte": "old", "unused": "old", "backup": "old", "orig": "old", "new": "new", "neu": "new",
    "nuevo": "new", "edit": "new", "edited": "new", "edt": "new", "fix": "new", "fixed": "new", "updated": "new",
    "tuned": "new", "copy": "copy", "kopie": "copy", "copia": "copy", "copie": "copy",
}  # fmt: skip
_DRY = frozenset({"dry", "trocken", "sec", "seco", "secco", "seca"})
_WET = frozenset({"wet", "nass", "mouille", "mojado", "bagnato"})
_EFFECT = frozenset(
    {"verb", "reverb", "rvb", "rev", "delay", "dly", "echo", "fx", "efx", "hall", "plate", "spring", "slap",
     "throw", "throws", "effekt", "effect", "effects", "return", "rtn", "print", "prints"}
)  # fmt: skip
_PRINT = frozenset(
    {"bus", "buss", "stem", "stems", "print", "prints", "group", "grp", "submix", "mix", "sum", "summe", "all",
     "premix", "gruppe", "bounce", "subgroup", "sub", "mixdown"}
)  # fmt: skip
_WHOLE_GROUPS: dict[str, Family] = {
    "drums": "drums", "drum": "drums", "kit": "drums", "drumkit": "drums", "bass": "bass", "guitars": "guitars",
    "gtrs": "guitars", "keys": "keys", "synths": "keys", "strings": "keys", "brass": "keys", "horns": "keys",
    "vocals": "vocals", "vox": "vocals", "bgvs": "vocals", "bgv": "vocals", "bvs": "vocals", "choir": "vocals",
    "percussion": "drums", "perc": "drums", "schlagzeug": "drums", "batterie": "drums", "bateria": "drums",
    "batteria": "drums", "gitarren": "guitars", "guitares": "guitars", "guitarras": "guitars",
    "chitarre": "guitars", "voces": "vocals", "voci": "vocals", "vocales": "vocals", "chant": "vocals",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SideName:
    """A name that is one side of a pair: ``base`` as written, ``key`` to find the other side by.

    ``split_file`` is True for ".L" / ".R", the way workstations write the two sides of one stereo recording.
    """

    base: str
    key: Tokens
    side: Side
    split_file: bool


@dataclass(frozen=True, slots=True)
class VersionName:
    """A name without its version marks (``key``), the marks themselves, and how new they say it is (``rank``)."""

    key: Tokens
    marks: frozenset[str]
    rank: tuple[int, ...]


def words(stem: str) -> list[str]:
    """Lower-case words of a name without accents; a leading track number is no word."""
    text = unicodedata.normalize("NFKD", _NUMBER_FIRST.sub("", stem).casefold())
    text = "".join(c for c in text if not unicodedata.combining(c))
    return [w for w in re.split(r"[\W_]+", text) if w]


def side_of(stem: str) -> SideName | None:
    """Which side of a left/right pair a name says it is; None when it does not."""
    for pattern in (_SIDE_LAST, _SIDE_STUCK, _SIDE_FIRST):
        found = pattern.match(unicodedata.normalize("NFC", stem))
        if found and words(found["base"]):
            side: Side = "left" if found["left"] else "right"
            base = found["base"].strip(" _.-") + found["tail"]
            key = (*words(found["base"]), "|", *re.findall(r"\d+", found["tail"]))
            return SideName(base, key, side, found["sep"] == "." and not found["tail"])
    return None


def version_of(stem: str) -> VersionName:
    """Which take or version of what a name says it is; without marks the rank is that of a plain name."""
    kept: list[str] = []
    numbers: dict[str, int] = {}
    rest = words(re.sub(r"\((\d+)\)\s*$", r" copy \1", stem))
    while rest:
        word = rest.pop(0)
        stuck = _NUMBERED_MARK.match(word)
        mark = _MARKS.get(stuck[1] if stuck else word)
        if mark is None or (not kept and mark not in ("alt", "old", "new")):
            kept.append(word)
            continue
        number = int(stuck[2][:9]) if stuck else 1
        if not stuck and rest and rest[0].isdecimal():
            number = int(rest.pop(0)[:9])
        numbers[mark] = max(number, numbers.get(mark, 0))
    older = "alt" in numbers or "old" in numbers
    # An unmarked file beside numbered takes is what was put together from them.
    whole = "take" not in numbers or "comp" in numbers
    rank = (
        0 if older else 1,
        *(numbers.get(mark, 0) for mark in ("final", "comp")),
        int(whole),
        *(numbers.get(mark, 0) for mark in ("version", "new", "take", "copy", "alt")),
    )
    return VersionName(tuple(kept), frozenset(numbers), rank)


def dry_key(stem: str) -> tuple[Tokens, bool]:
    """The words of a name without "dry", and whether it says dry."""
    said = words(stem)
    return tuple(w for w in said if w not in _DRY), any(w in _DRY for w in said)


def wet_key(stem: str) -> Tokens | None:
    """What a wet print or an effect return is of ("Snare verb print": snare); None for a name that is neither."""
    said = words(stem)
    source = tuple(w for w in said if w not in _WET | _EFFECT)
    wet = any(w in _WET for w in said) or any(w in _EFFECT - {"print", "prints"} for w in said)
    return source if wet and source and len(source) < len(said) else None


def group_print_of(stem: str) -> tuple[Family, bool] | None:
    """The family of roles a name may be the print of, and whether it says so ("Drum Bus"); "Drums" only may."""
    said = [w for w in words(stem) if not w.isdecimal()]
    bare = [w for w in said if w not in _PRINT]
    marked = len(bare) < len(said)
    if len(bare) == 1 and bare[0] in _WHOLE_GROUPS:
        return _WHOLE_GROUPS[bare[0]], marked
    if not marked or not bare:
        return None
    of = family(role_from_name(" ".join(bare)))
    return None if of in ("unknown", "utility", "effects") else (of, True)
