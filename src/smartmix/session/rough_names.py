"""Which file name says that it is the rough mix."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from smartmix.session.findings import plain_name
from smartmix.session.ids import without_version
from smartmix.session.role_names import role_from_name

if TYPE_CHECKING:
    from pathlib import Path

    from smartmix.session.findings import Notices

_ROUGH_PHRASES = (
    "rough mix", "roughmix", "ruff mix", "ruffmix", "mix rough", "monitor mix", "rohmix", "mezcla previa",
    "mezcla de referencia", "premix", "ラフミックス", "ラフmix",
)  # fmt: skip
_ROUGH_ENDS = frozenset(
    {"mix", "rough", "ruff", "mixdown", "2mix", "twomix", "roughs", "mezcla", "mischung", "mixage", "mixaggio",
     "mixagem", "ラフ"}
)  # fmt: skip
_LEVEL_WORDS = frozenset({"up", "down", "louder", "quieter"})
_PARTS_OF_A_DESK = frozenset({"bus", "buss", "fx", "cue", "stem", "group", "sub", "parallel", "wet"})

IMPORTED, IMPORTS_MIX = "interop", "rough.wav"
"""What an import of a DAW's project leaves in a session's folder: the file that came, and its own mix of it."""

SENT = "sent.json"
"""In the import's folder: the tracks that the DAW sends to returns, heard here or not."""


def is_imports_mix(path: Path, folder: Path) -> bool:
    """Whether a sound file of a session's folder is the mix that an import made of the tracks, so nobody's bounce."""
    return path.name == IMPORTS_MIX and path.parent == folder and (folder / IMPORTED).is_dir()


def is_rough_name(stem: str) -> bool:
    """Whether a file name says that the file is a rough mix of the whole song.

    It does when it says "rough mix" (or "ruff"), is just "rough", "mix" or "mixdown", or ends in one of these
    after words that name no instrument ("song_mix", "Caesium rough v2"). "Drum mix", "rough vox", "remix" and
    "mixdown of drums" do not.
    """
    named = unicodedata.normalize("NFC", without_version(stem)).casefold()
    words = [w for w in re.split(r"[\W_]+", named) if w and not w.isdecimal()]
    text = " ".join(words)
    phrase = next((p for p in _ROUGH_PHRASES if re.search(rf"\b{p}\b", text)), None)
    if phrase:
        rest = text.replace(phrase, " ")
        return role_from_name(rest) == "unknown" or bool(_LEVEL_WORDS & set(words))
    if not words or words[-1] not in _ROUGH_ENDS:
        return False
    return role_from_name(" ".join(words[:-1])) == "unknown" and not _PARTS_OF_A_DESK & set(words)


def choose_rough(files: list[Path], notices: Notices) -> Path | None:
    """The rough mix among sound files by name; of several the last in natural order (the highest version)."""
    found = [p for p in files if is_rough_name(p.stem)]
    if len(found) > 1:
        others = ", ".join(plain_name(p.name) for p in found[:-1])
        text = f"several rough mixes: {plain_name(found[-1].name)} is used, set aside: {others}"
        notices.add(text, "set_aside")
    return found[-1] if found else None
