"""A master.toml that is edited key by key and played, for tests."""

from __future__ import annotations

import copy
import io
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import soundfile
from rich.console import Console

from mastering.songs import RATE, Song, song
from smartmix.mastering import MasterSettings, master, master_song
from smartmix.mastering.plan_file import load_master_plan, save_master_plan
from smartmix.report.master_text import print_master
from smartmix.session import document as toml

OLD = "an outcome of another day"
Document = dict[str, Any]


@dataclass(frozen=True)
class Room:
    """A mix, its plan as the tool wrote it (every outcome replaced by OLD), and how that sounds and reads."""

    folder: Path
    mix: Path
    plan: Document
    sound: Song
    said: str


class Run(NamedTuple):
    """What a plan came to: as heard, as printed, as printed by a dry run, as saved."""

    sound: Song
    said: str
    dry: str
    saved: Document


def made_room(folder: Path) -> Room:
    """A mix mastered after a louder recording, within 3 dB of limiting."""
    mix, loud = folder / "mix.wav", folder / "loud.wav"
    soundfile.write(mix, song(1, 3.0).T, RATE, subtype="FLOAT")
    soundfile.write(loud, master(song(2, 3.0, tilt_db=9.0), RATE, -8.0)[0].samples.T, RATE, subtype="FLOAT")
    settings = MasterSettings(repair=("clicks",), drive_db=3.0)
    made = master_song(mix, folder / "first.wav", settings, reference=loud, bits="32f")
    assert made.plan is not None
    save_master_plan(made.plan, folder / "first.toml")
    plan = tomllib.loads((folder / "first.toml").read_text(encoding="utf-8"))
    for stage in plan["stage"]:
        if "result" in stage:
            stage["result"] = OLD
        for fact in stage.get("evidence", ()):
            if fact["kind"] == "outcome":
                fact["text"] = OLD
    (folder / "tape.toml").write_text(
        'format = 1\nname = "q"\n[[device]]\nkind = "native"\nname = "gain"\nvalues = { gain_db = -3.0 }\n'
    )
    return Room(folder, mix, plan, read(folder / "first.wav"), printed(made))


def read(path: Path) -> Song:
    samples: Song = soundfile.read(path, dtype="float32", always_2d=True)[0].T
    return samples


def printed(result: Any, *, dry_run: bool = False) -> str:
    out = io.StringIO()
    print_master(result, Console(file=out, width=10_000, color_system=None), dry_run=dry_run)
    return out.getvalue()


def play(room: Room, plan: Document, mix: Path | None = None) -> Run:
    path = room.folder / "edited.toml"
    toml.write(path, plan, toml.with_header("", plan))
    edited = load_master_plan(path)
    out = room.folder / "out.wav"
    planned = master_song(mix or room.mix, None, plan=edited)
    assert OLD not in str(planned.plan)
    dry = printed(planned, dry_run=True)
    made = master_song(mix or room.mix, out, plan=edited, bits="32f", force=True)
    assert made.plan is not None
    save_master_plan(made.plan, path, force=True)
    return Run(read(out), printed(made), dry, tomllib.loads(path.read_text(encoding="utf-8")))


def put(plan: Document, where: str, value: object) -> Document:
    """The plan with ``stage eq amount``, ``level target_lufs`` ... set; GONE takes the key out."""
    plan = copy.deepcopy(plan)
    table: Any = plan
    *above, key = where.split()
    if above[:1] == ["stage"]:
        table = next(each for each in plan["stage"] if each["id"] == above[1])
        above = above[2:]
    for part in above:
        table = table[int(part)] if part.isdigit() else table.setdefault(part, {})
    if value is GONE:
        table.pop(key)
    else:
        table[key] = value
    return plan


def stage_of(plan: Document, id_: str) -> Document:
    return next(each for each in plan["stage"] if each["id"] == id_)


GONE = object()
