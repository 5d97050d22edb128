"""What a plan's own folder says of the session it is for: that of an import holds both."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SESSION = "session.toml"


def ids_beside(file: Path) -> frozenset[str]:
    """Ids of the tracks and buses in the session.toml beside a plan's file; none where there is none to be read."""
    try:
        document = tomllib.loads((file.parent / SESSION).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return frozenset()
    rows = [row for kind in ("track", "bus") for row in _rows(document.get(kind))]
    return frozenset(str(row["id"]) for row in rows if "id" in row)


def _rows(value: object) -> list[dict[str, object]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
