"""The examples of docs/formats.md are files that load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from smartmix.plan.ranges import RANGES
from smartmix.plan.storage import load_plan
from smartmix.session.roles import ROLES
from smartmix.session.storage import open_session

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 3


@pytest.mark.parametrize("example", EXAMPLES[:2])
def test_session_examples(example: str, tmp_path, sound) -> None:
    for name in (
        "Audio 07.wav",
        "Kick In.wav",
        "Vox_Lead_v2.wav",
        "rough.wav",
        "OH left.wav",
        "OH right.wav",
    ):
        sound(tmp_path / name)
    (tmp_path / "session.toml").write_text(example, encoding="utf-8")
    session = open_session(tmp_path)
    for track in session.tracks:
        if track.path.name == "Vox_Lead_v2.wav":
            assert (track.id, track.role, track.role_source) == ("vox-lead", "lead_vocal", "name")
        else:
            entries = [e for e in example.split("[[") if f'file = "{track.path.name}"' in e]
            assert (track.role_source == "session") == any("role = " in e for e in entries)


def test_the_plan_example(tmp_path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(EXAMPLES[2], encoding="utf-8")
    plan = load_plan(path)
    assert [m.status for m in plan.moves] == ["edited", "proposed"]
    assert plan.undo().moves[0].status == "proposed"


def test_the_page_names_every_key_role_and_range() -> None:
    from smartmix.plan import schema as plan_schema
    from smartmix.session import schema as session_schema

    text = PAGE.read_text(encoding="utf-8")
    tables = [
        v for s in (session_schema, plan_schema) for v in vars(s).values() if hasattr(v, "model_fields")
    ]
    keys = {key for table in tables for key in table.model_fields}
    shown = set(re.findall(r"^\[*(?:move\.)?(\w+)", "\n".join(EXAMPLES), re.MULTILINE))
    assert len(keys) > 40
    assert keys - shown == set()
    assert [r for r in ROLES if not re.search(rf"\b{r}\b", text)] == []
    rows = [line for line in text.splitlines() if line.startswith(("| `<track>", "| `<return>"))]
    for (device, parameter), allowed in RANGES.items():
        first = re.sub(
            r"^band\d+\.", "band1.", parameter
        )  # the page has one row for the bands of an equaliser
        names = (f"{first}`", f"`.{first.partition('.')[2]}`")
        row = next(r for r in rows if f"/{device}/" in r and any(name in r for name in names))
        if allowed.names_track:
            continue
        figures = [
            f"{c:g}" if isinstance(c, float) else c for c in allowed.choices or (allowed.low, allowed.high)
        ]
        assert [f for f in figures if not re.search(rf"(?<![\d.]){re.escape(f)}\b", row)] == [], row
