"""Which side a track's name says it belongs to."""

from __future__ import annotations

import re

_SIDE = re.compile(r"(?i)(?:^|[\s_.\-(])(l|r|left|right|links|rechts|lt|rt)(?=$|[\s_.\-)])")
_LEFT = frozenset({"l", "left", "links", "lt"})


def side_of_name(name: str) -> tuple[str, int] | None:
    """A name without its word for a side, and which side (-1 left, 1 right); None where it says none or both."""
    found = list(_SIDE.finditer(name))
    if len(found) != 1:
        return None
    word = found[0].group(1).casefold()
    rest = name[: found[0].start(1)] + name[found[0].end(1) :]
    return re.sub(
        r"[\s_.\-()]+", " ", re.sub(r"^\d+", "", rest)
    ).strip().casefold(), -1 if word in _LEFT else 1
