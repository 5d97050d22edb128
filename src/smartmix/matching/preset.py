"""The bands of a match as a preset file of the parametric EQ, which people edit."""

from __future__ import annotations

import json
from pathlib import Path

from smartmix.audio.files import write_text
from smartmix.matching.match import EQMatch
from smartmix.processors import ParametricEQ


def match_preset(match: EQMatch, name: str, comment: str = "") -> str:
    """The TOML text; ``comment`` stands over it."""
    lines = [f"# {line}" for line in comment.splitlines()]
    lines += [
        "format = 1",
        f"device = {json.dumps(match.eq.native_name)}",
        f"name = {json.dumps(name, ensure_ascii=False)}",
    ]
    for number in used_bands(match.eq):
        band = f"band{number}"
        lines += ["", f"[{band}]", f'shape = "{match.eq.get(f"{band}.shape")}"']
        lines += [f"{key} = {float(match.eq.get(f'{band}.{key}')):g}" for key in ("freq_hz", "gain_db", "q")]
    return "\n".join(lines) + "\n"


def write_match_preset(
    path: Path, match: EQMatch, name: str, comment: str = "", *, force: bool = False
) -> Path:
    """Write the preset, complete or not at all; OutputExistsError for a file that is there, without ``force``."""
    return write_text(path, match_preset(match, name, comment), force=force)


def used_bands(eq: ParametricEQ) -> list[int]:
    """Numbers of the bands that are on."""
    shapes = [info.id for info in eq.parameters if info.id.endswith(".shape")]
    return [number for number, shape in enumerate(shapes, 1) if eq.get(shape) != "off"]
