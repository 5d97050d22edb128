"""What a pass would do: listen, form opinions, and say which of them would be in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from smartmix.analysis import Analysis, analyze
from smartmix.automation.targets import MIX
from smartmix.plan import MixPlan, apply_policy, merge
from smartmix.plan.accept import Policy
from smartmix.plan.merging import without_missing
from smartmix.progress import Progress, part, silent
from smartmix.session import Session
from smartmix.session.returns import RETURNS
from smartmix.suggesters.habits import HabitsFile
from smartmix.workflow.matching import check_targets, has_targets, with_matches
from smartmix.workflow.note import check_notes
from smartmix.workflow.revisions import (
    EarlierTrack,
    Revision,
    changed_files,
    revisions_of,
    under_old_names,
)
from smartmix.workflow.suggesting import suggest


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """What a pass would do, before anything is rendered or written."""

    session: Session
    analysis: Analysis
    plan: MixPlan
    revisions: tuple[Revision, ...] = ()
    """Tracks that are not as an earlier pass heard them."""


def propose(  # noqa: PLR0913 (one per option)
    session: Session | str | Path,
    *,
    accept: Policy = "confident",
    earlier: MixPlan | None = None,
    notes: Sequence[str] = (),
    heard_before: Mapping[str, EarlierTrack] | None = None,
    most_cuts: int | None = None,
    habits: HabitsFile | None = None,
    models: bool = True,
    progress: Progress | None = None,
) -> Proposal:
    """Listen and form an opinion: analysis, suggestions, and which of them would be accepted.

    ``accept`` is "confident" (sure enough, and within the house budgets), "all" or "none"; it only ever touches moves
    no person has decided on. ``earlier`` is a plan whose decisions and client notes are kept; ``notes`` are new ones
    ("1:12 vocal up; kick muddy"). ``heard_before`` is what an earlier pass heard (``earlier_tracks``): revised files
    are recognised, renamed ones keep their decisions, hotter ones are trimmed back. What the session names for the mix,
    a bus or a track to sound like (``references``, ``match``) is measured against the mix those moves give.
    ``most_cuts``: as ``suggest``. ``habits`` are a person's own (``load_habits``); without them suggestions are the
    house's. ``models`` False leaves out what needs torch; without torch nothing of it is tried. SmartmixError for a
    note that says nothing.
    """
    check_notes(notes)
    if not isinstance(session, Session):
        session = Session.open(session)
    check_targets(session)
    report = progress or silent
    analysis = analyze(session, progress=part(report, 0.0, 0.9))
    revisions = revisions_of(session, analysis, heard_before or {})
    session, analysis = under_old_names(session, analysis, revisions)
    told = [note.text for note in earlier.notes] if earlier is not None else []
    plan = suggest(
        session,
        analysis,
        notes=tuple(dict.fromkeys((*told, *notes))),
        earlier=earlier,
        changed=changed_files(revisions),
        most_cuts=most_cuts,
        habits=habits,
        models=models,
        progress=part(report, 0.9, 1.0),
    )
    if has_targets(session):
        base = plan if earlier is None else without_missing(merge(earlier, plan), _addresses(session))
        base = apply_policy(base, "confident" if accept == "none" else accept)
        plan = with_matches(session, plan, base, progress=progress or silent)
    if earlier is not None:
        plan = without_missing(merge(earlier, plan), _addresses(session))
    return Proposal(session, analysis, apply_policy(plan, accept), revisions)


def _addresses(session: Session) -> frozenset[str]:
    """What a move can name: tracks, buses and returns."""
    own = {*(t.id for t in session.tracks), *(b.id for b in session.buses)}
    return frozenset(own | {item.id for item in RETURNS} | {MIX})


def material_notice(session: Session, analysis: Analysis) -> tuple[str, ...]:
    """What listening told about the rough mix and the tracks, if nobody had said it: one sentence, or none.

    A rough mix that no balance of the tracks comes near (another song, another version) is said here.
    """
    if session.rough is None or session.material != "unknown":
        return ()
    if is_foreign_rough(session, analysis):
        return (f"the rough mix is not used, for balance or loudness: {analysis.material_reason}",)
    return (f"the tracks are taken as {analysis.material}: {analysis.material_reason}",)


def is_foreign_rough(session: Session, analysis: Analysis) -> bool:
    """Whether no balance of the tracks comes near the rough mix, and nobody said what they are."""
    return session.rough is not None and session.material == "unknown" and analysis.material == "unknown"
