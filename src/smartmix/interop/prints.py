"""Prints for any DAW: every track as it plays in the mix, from 0:00, with a time line and a settings sheet."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.audio.broadcast import time_reference
from smartmix.audio.files import write_bytes, write_text
from smartmix.automation import compile_plan
from smartmix.errors import InteropError, OutputExistsError, SessionError
from smartmix.interop.bench import bench
from smartmix.interop.export import Exported
from smartmix.interop.from_plan import hand_over
from smartmix.interop.midi import midi_file
from smartmix.interop.model import Loss
from smartmix.interop.names import file_name
from smartmix.interop.sheet import settings_sheet
from smartmix.interop.stamped import StampedWriter
from smartmix.progress import part, silent
from smartmix.rendering import stream_return, stream_tracks
from smartmix.session.returns import RETURNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartmix.audio.buffer import Samples
    from smartmix.plan.mixplan import MixPlan
    from smartmix.progress import Progress
    from smartmix.session.session import Session

TIME_LINE, SHEET = "Tempo and markers.mid", "Settings.txt"
ALL_WORDS = frozenset({"eq", "compressor", "vst3", "polarity", "trim"})


def export_prints(
    session: Session,
    plan: MixPlan,
    folder: str | Path,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Write each track as it plays in the mix, and each effect return, as stereo 32-bit float WAVs.

    All files start at 0:00 and end together; with faders at unity and centred they add up to the mix, EQs of buses and
    of the mix included (what a chain of a bus or of the mix does to the sum is said as lost). Their time stamp is that
    of the recordings, if these have one. Beside them a MIDI file with tempo and markers, and a settings sheet.
    OutputExistsError for a folder that holds something, without ``force``; the errors of ``stream``.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise OutputExistsError(f"{folder}: is a file; prints are a folder")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise OutputExistsError(
            f"{folder}: is not empty; choose a new folder, or --force to replace files in it"
        )
    if not folder.parent.is_dir():
        raise InteropError(f"{folder}: there is no folder {folder.parent}; create it first")
    if not session.audible_tracks:
        raise SessionError(f"session {session.name}: no track sounds (all are muted or there are none)")
    handover = hand_over(session, plan, ALL_WORDS)
    with bench(folder) as made:
        written = _write_prints(session, plan, made, progress or silent)
        project = handover.project
        write_bytes(made / TIME_LINE, midi_file(project.name, project.tempo, project.markers))
        write_text(made / SHEET, settings_sheet(project))
        folder.mkdir(exist_ok=True)
        for path in made.iterdir():
            path.replace(folder / path.name)
    losses = untold_chains(session, plan)
    return Exported(folder, len(written), len(plan.in_force), tuple(written), losses)


def _write_prints(session: Session, plan: MixPlan, folder: Path, progress: Progress) -> list[str]:
    compiled = compile_plan(session, plan)
    names = {track.id: track.name for track in session.audible_tracks}
    names |= {item.id: item.name for item in RETURNS if item.id in {r.return_id for r in compiled.returns}}
    used = {TIME_LINE.casefold(), SHEET.casefold()}
    start = session_start(session)
    for number, (id_, name) in enumerate(names.items()):
        step = part(progress, number / len(names), (number + 1) / len(names))
        path = folder / file_name(name, ".wav", used)
        told = f"{name}: print of {session.name}"
        with StampedWriter(path, session.sample_rate, 2, start_frame=start, description=told) as writer:
            for block in _blocks(session, plan, id_, step):
                writer.write(block)
    return list(names)


def _blocks(session: Session, plan: MixPlan, id_: str, progress: Progress) -> Iterator[Samples]:
    if any(track.id == id_ for track in session.tracks):
        return stream_tracks(session, plan, (id_,), with_returns=False, progress=progress)
    return stream_return(session, plan, id_, progress=progress)


def session_start(session: Session) -> int:
    """Frames after midnight at which the session's 0:00 lies, by the time stamps of its recordings; 0 without one."""
    starts = []
    for track in session.tracks:
        stamp = time_reference(track.path)
        if stamp:
            starts.append(round(stamp * session.sample_rate / track.sample_rate) - track.offset_frames)
    return max(round(statistics.median_low(starts)), 0) if starts else 0


def untold_chains(session: Session, plan: MixPlan) -> tuple[Loss, ...]:
    """Chains behind the tracks: no print of a single track has them."""
    names = {bus.id: bus.name for bus in session.buses} | {"mix": "the mix"}
    return tuple(
        Loss(names[owner], f"its chain {Path(file).name}", "it is not in the prints")
        for owner, file in plan.chains.items()
        if owner in names and file
    )
