"""habits.toml: a person's decisions by song, in the user's own settings folder, readable and theirs to edit."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.errors import SmartmixError
from smartmix.session import document as toml
from smartmix.session.comments import comments_of
from smartmix.suggesters.habits.decisions import Decision, decisions_of

if TYPE_CHECKING:
    from smartmix.plan.mixplan import MixPlan
    from smartmix.session.session import Session

FOLDER_VARIABLE = "SMARTMIX_CONFIG"
MOST_SONGS = 100
"""The latest so many songs count: tastes change, and a file stays readable."""
HEADER = """\
What you made of suggestions, song by song: wanted_db is what you wanted beyond the suggestion (0: as suggested).
smartmix learns your habits from this; nothing leaves this computer. Change or delete what you like.
Switch it off with  on = false  or  smartmix habits off."""


@dataclass(frozen=True, slots=True)
class HabitsFile:
    """Whether habits are in use, and the decisions they come from, by song, the oldest first."""

    on: bool = True
    songs: dict[str, tuple[Decision, ...]] = field(default_factory=dict)

    def without(self, song: str) -> HabitsFile:
        """What is known from other songs: a song's own decisions stand in its plan and must not count twice."""
        return replace(self, songs={name: d for name, d in self.songs.items() if name != song})


def habits_path() -> Path:
    """``$SMARTMIX_CONFIG/habits.toml``, or in "smartmix" in the system's folder for a user's settings."""
    chosen = os.environ.get(FOLDER_VARIABLE, "")
    if chosen:
        return Path(chosen).expanduser() / "habits.toml"
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA", "") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        named = Path(os.environ.get("XDG_CONFIG_HOME", "") or ".")
        # The XDG specification: a relative path there is invalid and ignored.
        base = named if named.is_absolute() else Path.home() / ".config"
    return base / "smartmix" / "habits.toml"


def load_habits(path: Path | None = None) -> HabitsFile:
    """Read the file; a missing one is empty and on. SmartmixError names file, key, value and what was expected."""
    path = habits_path() if path is None else path
    if not path.exists():
        return HabitsFile()
    from smartmix.suggesters.habits.schema import HabitsTable

    text = toml.read_text(path, SmartmixError)
    table = toml.validate(HabitsTable, toml.parse(text, path, SmartmixError), path, SmartmixError)
    songs = {
        song.name: tuple(Decision(row.role, row.quantity, row.wanted_db) for row in song.decision)
        for song in table.song
    }
    return HabitsFile(table.on, songs)


def save_habits(habits: HabitsFile, path: Path | None = None) -> Path:
    """Write the file atomically; comments a person put there stay. Makes its folder."""
    path = habits_path() if path is None else path
    table: toml.Document = {"format": 1, "on": habits.on}
    table["song"] = [
        {
            "name": name,
            "decision": [
                {"role": d.role, "quantity": d.quantity, "wanted_db": d.wanted_db} for d in decisions
            ],
        }
        for name, decisions in list(habits.songs.items())[-MOST_SONGS:]
    ]
    comments = toml.with_header(HEADER, table)
    if path.exists():
        comments = comments_of(toml.read_text(path, SmartmixError))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SmartmixError(f"{path.parent}: cannot be made ({error.strerror})") from error
    toml.write(path, table, comments)
    return path


def remember(session: Session, plan: MixPlan, path: Path | None = None) -> bool:
    """Take a plan's decisions into the file, in place of what it knew of this song; whether there were any to take.

    Does nothing when habits are switched off.
    """
    held = load_habits(path)
    decisions = decisions_of(session, plan)
    if not held.on or not decisions:
        return False
    songs = held.without(session.name).songs | {session.name: decisions}
    if songs != held.songs or list(songs) != list(held.songs):
        save_habits(replace(held, songs=songs), path)
    return True
