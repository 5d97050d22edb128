"""The output folder of a pass: what lies there, whether it may be written to, and the way back to its session."""

from __future__ import annotations

import json
import os
from pathlib import Path

from smartmix.errors import OutputExistsError, SessionError
from smartmix.plan import MixPlan, load_plan
from smartmix.session import Session

OUTPUTS = ("mix.wav", "master.wav", "plan.toml", "analysis.json", "report.html")
"""What a pass leaves in its output folder; report.html is written by smartmix.write_report."""


def check_output(session: Session, folder: Path, *, force: bool) -> Path:
    """The output folder if it may be written to: not among the inputs, and nothing of an earlier pass without force."""
    resolved = folder.resolve()
    root = session.root.resolve()
    if resolved == root or root in resolved.parents:
        raise SessionError(
            f"{folder}: nothing is written among the inputs; choose a folder outside {session.root}"
        )
    if resolved.exists() and not resolved.is_dir():
        raise OutputExistsError(f"{folder}: is a file; choose a folder")
    heard = [
        *session.references,
        *(file for _, file in session.match),
        *([session.rough.path] if session.rough else []),
    ]
    for path in heard:
        if any(
            (folder / name).exists() and path.exists() and path.samefile(folder / name) for name in OUTPUTS
        ):
            raise SessionError(f"{folder}: {path.name} in it is read by this pass; choose another folder")
    there = [name for name in OUTPUTS if (folder / name).exists()]
    if there and not force:
        raise OutputExistsError(
            f"{folder}: holds {', '.join(there)}; use --force to replace them (decisions in plan.toml are kept)"
        )
    return folder


def earlier_plan(session: Session, folder: Path) -> MixPlan | None:
    """The plan of an earlier pass; in the first one that of the session's own folder, which an import leaves there."""
    places = (folder / "plan.toml", session.root / "plan.toml")
    return next((load_plan(path) for path in places if path.exists()), None)


def way_to(target: Path, start: Path) -> str:
    """The way from one folder to another, so that both may move together; "" where there is none (other drives)."""
    try:
        return Path(os.path.relpath(target.resolve(), start.resolve())).as_posix()
    except ValueError:
        return ""


def session_of_pass(folder: Path) -> Path | None:
    """Where the session of a pass lies, by the analysis.json in its output folder; None where that does not say."""
    try:
        found = json.loads((folder / "analysis.json").read_text(encoding="utf-8")).get("session_folder")
    except (OSError, ValueError, AttributeError, RecursionError):
        return None
    there = folder / found if isinstance(found, str) and found else None
    return there if there is not None and there.is_dir() else None
