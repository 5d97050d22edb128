"""Hand a session and its plan to a DAW."""

from __future__ import annotations

import filecmp
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from smartmix.audio.files import check_target
from smartmix.errors import InteropError
from smartmix.interop.bench import Shelf, bench
from smartmix.interop.chains_back import ChainsSince
from smartmix.interop.changes import MIX, as_it_came, owner_of, without_imported
from smartmix.interop.comments import sentences
from smartmix.interop.dawproject.kept import kept_ids
from smartmix.interop.formats import FORMATS, AudioChoice
from smartmix.interop.from_plan import PAN_LAW, hand_over
from smartmix.interop.linked_prints import LinkedPrints
from smartmix.interop.made import Made, plan_as_made
from smartmix.interop.model import Loss
from smartmix.interop.printing import with_prints
from smartmix.interop.rides import SOURCE
from smartmix.interop.staging import staged, turned_by_hand
from smartmix.plan.conflicts import resolve

if TYPE_CHECKING:
    from smartmix.interop.changes import WrittenBack
    from smartmix.interop.formats import Format
    from smartmix.interop.from_plan import Handover
    from smartmix.interop.model import Project
    from smartmix.plan.mixplan import MixPlan
    from smartmix.plan.move import Move
    from smartmix.progress import Progress
    from smartmix.session.session import Session


_AS_PRINTS = ("send", "width", "dynamic_eq", "de_esser")
"""Devices of moves that go into a DAW as tracks of their own only."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What came of an export: the file, how many tracks it holds, whose prints lie in it, and what it cannot say."""

    file: Path
    tracks: int
    moves: int
    printed: tuple[str, ...]
    losses: tuple[Loss, ...]


def export_session(
    session: Session,
    plan: MixPlan,
    path: str | Path,
    to: str,
    *,
    audio: AudioChoice = "copy",
    force: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Write a session with the moves in force as a project of a DAW (``to``: a name of ``FORMATS``).

    Original tracks stay untouched: "copy" puts them into (or beside) the project, "link" names them where they lie,
    "none" names only. What the format has no words for comes as prints: in the project with "copy", in a folder
    "NAME prints" beside it with "link", not at all with "none". InteropError for a format there is not,
    OutputExistsError for a file that is there without ``force``, and the errors of ``compile_plan``.
    """
    path = Path(path)
    if to not in FORMATS:
        raise InteropError(f"{to}: expected one of {', '.join(FORMATS)}")
    form = FORMATS[to]
    if path.suffix.lower() != form.suffix:
        raise InteropError(f"{path}: expected a name that ends in {form.suffix}")
    check_target(path, force=force)
    if folder := _own_folder(path, to, audio):
        _keep_off_inputs(session, folder)
    origin = origin_of(session, to)
    handover = hand_over(session, plan, form.carries)
    if origin is not None:
        handover = _only_new(handover, session, plan, form, origin)
    if origin is not None and not form.adds:
        kept = _without_sound(handover.project)
        said = form.write(kept, path, audio=audio, origin=origin, force=force)
        losses = _said(path, _kept(origin, form), plan, kept.losses, said)
        return Exported(path, _count(form.read(path)), len(plan.in_force), (), losses)
    linked = LinkedPrints(path, form, replaces=force and origin is None)
    with bench(path) as place:
        shelf = linked.shelf(place) if audio == "link" else Shelf(place)
        project, prints, done = _sounds(
            handover, session, plan, shelf=shelf, audio=audio, form=form, origin=origin, progress=progress
        )
        with linked.put(project, shelf) as project:
            losses = form.write(project, path, audio=audio, origin=origin, force=force)
    told = _said(path, _kept(origin, form), plan, (*done, *project.losses), losses)
    held = project if origin is None else form.read(path)
    return Exported(path, _count(held), len(plan.in_force), prints, told)


def _count(project: Project) -> int:
    """Tracks and groups of a project as its DAW counts them: without the master."""
    return sum(track.kind != "master" for track in project.tracks)


def _own_folder(path: Path, to: str, audio: AudioChoice) -> Path | None:
    """The folder beside a project that its sounds go to; None where they go into it, or nowhere."""
    if audio == "link":
        return path.with_name(f"{path.stem} prints")
    return path.with_name(f"{path.stem} audio") if audio == "copy" and to == "rpp" else None


def _keep_off_inputs(session: Session, folder: Path) -> None:
    """InteropError where a project's own folder would be one that the session's files lie in."""
    files = [track.path for track in (*session.tracks, *([session.rough] if session.rough else []))]
    files += [track.right_path for track in session.tracks if track.right_path is not None]
    held = {file.resolve().parent for file in files}
    if any(folder.resolve() in (place, *place.parents) for place in held):
        raise InteropError(
            f"{folder}: holds recordings of the session, and sounds of the project would go there; choose another "
            "name for the project"
        )


def _only_new(handover: Handover, session: Session, plan: MixPlan, form: Format, origin: Path) -> Handover:
    """For the way back: faders and pans as they are now, and only the devices that the DAW does not have yet."""
    kept, carries, ids = _kept(origin, form), form.carries, kept_ids(origin)
    assert kept is not None
    before = form.read(kept)
    muted = frozenset(track.id for track in session.tracks if track.muted)
    made = _of_session(session, as_it_came(plan_as_made(session.root) or plan))
    later, told = without_imported(plan, ChainsSince.of(session, plan, before, ids), made, muted)
    fresh = hand_over(session, later, carries)
    moves = [move for move in resolve(later)[0] if move.source != SOURCE]
    said = sentences(session, [move for move in moves if form.adds or not _is_left_out(move)])
    tracks = []
    for track in handover.project.tracks:
        new, words = fresh.project.track(track.id), said.get(track.source, [])
        tracks.append(replace(track, devices=new.devices, trim=new.trim, comment="\n".join(words)))
    came = hand_over(session, made, carries)
    told = replace(
        told,
        whole={owner_of(track): track for track in handover.project.tracks if owner_of(track)},
        came={track.source: track for track in came.project.tracks if track.source},
        resounded=Made.of(session.root).other_sounds(session),
        stands={t.id: t.gain_db for t in session.tracks} | {b.id: b.gain_db for b in session.buses},
    )
    losses = tuple(
        loss for loss in fresh.project.losses if loss != PAN_LAW or _pans_moved(handover, told, before, ids)
    )
    project = replace(handover.project, tracks=tuple(tracks), losses=losses, origin=told)
    return replace(handover, project=project, printed=fresh.printed)


def _of_session(session: Session, plan: MixPlan) -> MixPlan:
    """A plan without moves on what the session does not have any more."""
    there = {MIX, *(track.id for track in session.tracks), *(bus.id for bus in session.buses)}
    return replace(plan, moves=tuple(move for move in plan.moves if move.track in there))


def _kept(origin: Path | None, form: Format) -> Path | None:
    """The file that came in."""
    return None if origin is None else origin / f"original{form.suffix}"


def _is_left_out(move: Move) -> bool:
    """Whether a move has no place in a file that takes no new tracks: its sentence would claim what is not there."""
    return any(item.ref.device in _AS_PRINTS for item in move.sets)


def _pans_moved(handover: Handover, told: WrittenBack, before: Project, ids: dict[str, str]) -> bool:
    """Whether the pan of a track that the file has moved, or a new one stands off the centre."""
    olds = {track.id: track for track in before.tracks}
    for track in handover.project.tracks:
        if track.kind == "group":  # a bus has no pan: that of the file stays
            continue
        old = olds.get(ids.get(track.source, ""))
        if told.pan_moved(track, old) if old is not None else not track.pan.is_neutral:
            return True
    return False


def _without_sound(project: Project) -> Project:
    """The project where no print can come along: what would have been printed is missing."""
    done = "its print is not put into the imported file"
    losses = tuple(replace(loss, done=done) if "print" in loss.done else loss for loss in project.losses)
    return replace(project, losses=losses)


def foretell(session: Session, plan: MixPlan, to: str) -> tuple[Loss, ...]:
    """What an export would not be able to say; nothing stays written, and nothing is rendered.

    What only comes to light with the sound (a copy with its polarity turned) is not in it.
    """
    if to not in FORMATS:
        from smartmix.interop.prints import untold_chains

        return untold_chains(session, plan)
    form, origin = FORMATS[to], origin_of(session, to)
    handover = hand_over(session, plan, form.carries)
    if origin is not None:
        handover = _only_new(handover, session, plan, form, origin)
    project = handover.project if origin is None or form.adds else _without_sound(handover.project)
    with TemporaryDirectory(prefix="smartmix-") as bench:
        path = Path(bench) / f"x{form.suffix}"
        said = form.write(project, path, audio="link", origin=origin, force=False)
        return _said(path, _kept(origin, form), plan, project.losses, said)


def _said(
    path: Path, kept: Path | None, plan: MixPlan, known: tuple[Loss, ...], said: tuple[Loss, ...]
) -> tuple[Loss, ...]:
    """Each once: what was ``known`` beforehand, but nothing of it where a file goes back as it came (``kept``) and no
    move of ours is in force; what was ``said`` as it was written.
    """
    ours = any(move.source != SOURCE for move in plan.in_force)
    if kept is not None and not ours and kept.is_file() and filecmp.cmp(kept, path, shallow=False):
        known = ()
    return tuple(dict.fromkeys((*known, *said)))


def _sounds(
    handover: Handover,
    session: Session,
    plan: MixPlan,
    *,
    shelf: Shelf,
    audio: AudioChoice,
    form: Format,
    origin: Path | None,
    progress: Progress | None,
) -> tuple[Project, tuple[str, ...], tuple[Loss, ...]]:
    """The project with its prints and staged files; none of them where no sound goes along."""
    known, carries = frozenset[str]() if origin is None else frozenset(kept_ids(origin)), form.carries
    if audio == "none":
        muted = tuple(
            replace(loss, done=f"{loss.done} (not with --audio none)") if "print" in loss.done else loss
            for loss in handover.project.losses
        )
        turned = [t for t in handover.project.tracks if t.polarity != "normal" and "polarity" not in carries]
        return replace(handover.project, losses=muted), (), tuple(turned_by_hand(t) for t in turned)
    prints = (*handover.printed, *handover.returns)
    project = handover.project
    if prints:
        project = with_prints(handover, session, plan, shelf, progress)
    flip = "polarity" not in carries
    project, done = staged(project, session, handover.names, shelf, flip=flip, known=known)
    return project, prints, done


def origin_of(session: Session, to: str) -> Path | None:
    """Where an import of this format kept what it read, in a session that came from one."""
    folder = session.root / "interop" / to
    return folder if (folder / "kept.json").is_file() else None
