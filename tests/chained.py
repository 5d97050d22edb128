"""A small session with a bus, and chain files, for tests of chains in a mix."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from mixes import RATE, noise, recorded, session_of
from smartmix.session.session import Bus, Session

FRAMES = 40_000
Entry = tuple[str, str | Path, dict[str, Any]]


def session_with_bus(folder: Path) -> Session:
    """Two guitars on a bus, and a mono voice."""
    sounds = {
        "gtr": noise(2, FRAMES, 1, 0.2),
        "gtr2": noise(1, FRAMES, 2, 0.2),
        "vox": noise(1, FRAMES, 3, 0.2),
    }
    tracks = [recorded(folder, name, sound) for name, sound in sounds.items()]
    session = session_of(*tracks, duration_s=FRAMES / RATE)
    return replace(session, buses=(Bus("band", "Band", ("gtr", "gtr2")),))


def chain_file(
    folder: Path, *entries: Entry, name: str = "chain.toml", carries: list[str] | None = None
) -> Path:
    """A chain file with these devices: (kind, name or path, values)."""
    lines = ["format = 1", 'name = "A chain"']
    for k, (kind, what, values) in enumerate(entries):
        key = "path" if kind == "vst3" else "name"
        lines += ["[[device]]", f'id = "d{k}"', f'kind = "{kind}"', f"{key} = {json.dumps(str(what))}"]
        lines += [f"carries = {json.dumps(carries)}"] if carries else []
        lines += ["[device.values]", *(f"{i} = {json.dumps(v)}" for i, v in values.items())]
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path
