"""Names of files that every system takes, and ids that every project file does."""

from __future__ import annotations

import os
import re
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)
LONGEST, LONGEST_SHOWN = 80, 200


def shown_name(name: str) -> str:
    """A name as people can read it: bytes that are no UTF-8 as Windows would show them, no control characters, at most
    200 characters.
    """
    if any("\udc80" <= character <= "\udcff" for character in name):
        name = name.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
    plain = "".join(c if c.isprintable() else " " for c in name[: 4 * LONGEST_SHOWN])
    return plain if len(plain) <= LONGEST_SHOWN else plain[: LONGEST_SHOWN - 1] + "\u2026"


def safe_stem(name: str) -> str:
    """A name without separators, control characters, or what Windows keeps for itself; "audio" if nothing is left."""
    stem = _UNSAFE.sub("_", name).strip(" .")[:LONGEST].strip(" .") or "audio"
    return f"_{stem}" if _RESERVED.match(stem) else stem


def file_name(name: str, suffix: str, used: set[str]) -> str:
    """A file name not yet in ``used``, where upper and lower case do not tell names apart; it is noted there."""
    stem = safe_stem(name)
    unique, count = stem, 1
    while (full := f"{unique}{suffix.lower()}").casefold() in used:
        count += 1
        unique = f"{stem}-{count}"
    used.add(full.casefold())
    return full


def free_name(folder: Path, name: str, suffix: str, taken: Sequence[str] = ()) -> Path:
    """A path in a folder that nothing has yet, and that is none of the file names ``taken``."""
    used = {entry.name.casefold() for entry in folder.iterdir()} | {each.casefold() for each in taken}
    return folder / file_name(name, suffix, used)


def seen_from(folder: Path, file: Path) -> str:
    """A file as a project in ``folder`` names it: by the way there, where there is one."""
    try:
        return PurePath(os.path.relpath(file.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return file.resolve().as_posix()


def model_ids(names: Sequence[str], own: Sequence[str] = ()) -> dict[str, str]:
    """Ids for a project: plain letters in front, nothing that XML or a DAW stumbles over, each once and none of
    ``own``.
    """
    made: dict[str, str] = {}
    taken = set(own)
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_-]", "-", name)
        wanted = plain if re.match(r"[A-Za-z]", plain) else f"t-{plain}"
        unique, count = wanted, 1
        while unique in taken:
            count += 1
            unique = f"{wanted}-{count}"
        taken.add(unique)
        made[name] = unique
    return made
