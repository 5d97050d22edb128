"""Track ids made from file names."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from smartmix.session.buses import DEFAULT_BUS_IDS
from smartmix.session.returns import RETURNS

if TYPE_CHECKING:
    from collections.abc import Iterable

RESERVED_IDS = DEFAULT_BUS_IDS | {r.id for r in RETURNS} | {"rough", "mix"}
"""Ids of what every session has; no track may take one."""

_VERSION = re.compile(r"([ _.-]+(v|ver|version|final|rev)[ _.-]?\d*|[ _.-]*\(\d+\))+$", re.IGNORECASE)


def natural_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key that counts: track 2 before track 10, whatever the case."""
    parts = re.findall(r"\d{1,18}|\d+|\D+", name.casefold())
    return [(0, int(p), "") if p.isdecimal() and len(p) <= 18 else (1, 0, p) for p in parts], name


def without_version(stem: str) -> str:
    """A file name without the version at its end ("Vox_v2", "Kick final", "Bass (2)")."""
    return _VERSION.sub("", stem) or stem


def slug(stem: str) -> str:
    """Track id of a file name: no version suffix, no accents, lower case, words joined by hyphens."""
    text = unicodedata.normalize("NFC", without_version(stem)).casefold()
    for accented, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("œ", "oe"), ("ø", "o"), ("æ", "ae")):
        text = text.replace(accented, plain)
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", text)).strip("-")[:60] or "track"


def unique_id(wanted: str, taken: Iterable[str]) -> str:
    """The id, or the id with -2, -3 ... if it is taken, by a return or a default bus too."""
    taken = {*taken, *RESERVED_IDS}
    candidates = (wanted if n == 1 else f"{wanted}-{n}" for n in range(1, len(taken) + 2))
    return next(c for c in candidates if c not in taken)
