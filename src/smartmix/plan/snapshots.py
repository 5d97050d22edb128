"""Snapshots: a plan as it stood, kept under a name beside it, to compare with and to go back to."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from smartmix.audio.files import check_target, write_text
from smartmix.errors import PlanError
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.storage import load_plan
from smartmix.session import document as toml

FOLDER = "snapshots"
_MARK = "restored"
"""Beside the snapshots: what the plan's text was when it was restored last."""
_NAME = re.compile(r"\w[\w .-]{0,63}")


def snapshot_path(plan_file: str | Path, name: str) -> Path:
    """Where a snapshot of this plan lies. PlanError for a name that is none (a path, an empty one)."""
    if not _NAME.fullmatch(name) or name.endswith((".", " ")):
        raise PlanError(
            f"snapshot {name!r}: expected a name of letters, digits, spaces, . _ and - (at most 64)"
        )
    return Path(plan_file).parent / FOLDER / f"{name}.toml"


def take_snapshot(plan_file: str | Path, name: str, *, force: bool = False) -> Path:
    """Keep the plan as it stands, comments and all. OutputExistsError for a name that is taken, without ``force``."""
    load_plan(plan_file)
    target = snapshot_path(plan_file, name)
    target.parent.mkdir(exist_ok=True)
    check_target(target, force=force, advice="use --force to replace it, or another name")
    write_text(target, toml.read_text(Path(plan_file), PlanError), force=force)
    return target


def list_snapshots(plan_file: str | Path) -> list[str]:
    """Names of the snapshots of a plan, in order."""
    folder = Path(plan_file).parent / FOLDER
    return sorted(p.stem for p in folder.glob("*.toml")) if folder.is_dir() else []


def restore_snapshot(plan_file: str | Path, name: str) -> MixPlan:
    """Make the plan what it was in a snapshot; what it is now is kept as ``plan.toml.bak``, for ``undo_restore``.

    PlanError for a snapshot that is not there, cannot be read, or is one of another session.
    """
    source = snapshot_path(plan_file, name)
    if not source.is_file():
        there = ", ".join(list_snapshots(plan_file)) or "none"
        raise PlanError(f"no snapshot {name!r} of {plan_file}; there are: {there}")
    kept = load_plan(source)
    path = Path(plan_file)
    if path.exists():
        now = load_plan(path)
        if now.session != kept.session:
            raise PlanError(f"{source}: is a plan of {kept.session!r}, not of {now.session!r}")
        write_text(_before(path), toml.read_text(path, PlanError), force=True)
        write_text(source.parent / _MARK, _digest(toml.read_text(source, PlanError)) + "\n", force=True)
    write_text(path, toml.read_text(source, PlanError), force=True)
    return load_plan(path)


def undo_restore(plan_file: str | Path) -> MixPlan | None:
    """Make the plan what it was before ``restore_snapshot``; None where that was not the last thing done to it."""
    path = Path(plan_file)
    mark = path.parent / FOLDER / _MARK
    if not (mark.is_file() and _before(path).is_file() and path.is_file()):
        return None
    if mark.read_text(encoding="utf-8").strip() != _digest(toml.read_text(path, PlanError)):
        return None
    was = toml.read_text(_before(path), PlanError)
    load_plan(_before(path))
    write_text(path, was, force=True)
    mark.unlink()
    return load_plan(path)


def _before(path: Path) -> Path:
    return path.with_name(path.name + ".bak")


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
