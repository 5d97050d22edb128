"""What an import gives back, and the sound files it starts from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.interop.fetching import fetched
from smartmix.interop.model import Loss

if TYPE_CHECKING:
    from smartmix.interop.formats import Format
    from smartmix.interop.model import Project
    from smartmix.plan import MixPlan
    from smartmix.session import session as sessions


PAN_LAW_UNSAID = Loss(
    "project",
    "the DAW's pan law, which the format does not name",
    "pans are heard by smartmix's: 0 dB at the centre, +3 dB at a side, stereo tracks balanced",
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import: the folder with session.toml, plan.toml and rough.wav; the plugins the tracks ran
    through; what could not be taken over.
    """

    folder: Path
    session: sessions.Session
    plan: MixPlan
    plugins: tuple[tuple[str, str], ...]
    losses: tuple[Loss, ...]


def with_files(project: Project, file: Path, form: Format, loose: Path) -> Project:
    """The project with its sound files as they lie here; those of an archive are put into ``loose``."""
    from smartmix.interop.dawproject.archive import Archive

    beside = file.resolve().parent
    if form.name == "dawproject":
        with Archive(file) as archive:
            return fetched(project, archive, beside, loose)
    return fetched(project, None, beside, loose)


def mixer_losses(project: Project, form: Format) -> list[Loss]:
    """Solos, and the pan law where the format has no word for it."""
    losses = [
        Loss(track.name, "it is soloed in the DAW", "the others are heard here too")
        for track in project.tracks
        if track.solo
    ]
    if "pan_law" not in form.carries and any(not t.pan.is_neutral for t in project.tracks):
        losses.append(PAN_LAW_UNSAID)
    return losses
