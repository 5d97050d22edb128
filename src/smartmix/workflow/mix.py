"""The assisted pass: tracks in; a mix, a master, a plan and every figure a person needs to judge them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from smartmix.analysis import Analysis, TrackFacts
from smartmix.analysis.features import extract
from smartmix.analysis.storage import to_json
from smartmix.audio.files import write_text
from smartmix.audio.io import probe, stream
from smartmix.automation import compile_plan
from smartmix.mastering import master_file
from smartmix.mastering.design import DEFAULT_CEILING_DBTP
from smartmix.plan import MixPlan, save_plan
from smartmix.plan.accept import Policy
from smartmix.progress import Progress, part, silent
from smartmix.rendering import render_file
from smartmix.session import Session
from smartmix.suggesters.habits import HabitsFile
from smartmix.workflow.chains import FOLDER as CHAINS
from smartmix.workflow.chains import hand_over_chains, owned_chains, plugin_lines, prepare_chains
from smartmix.workflow.clips import before_and_after
from smartmix.workflow.dropped import no_longer_in_the_mix
from smartmix.workflow.from_daw import rough_is_the_import
from smartmix.workflow.levels import level_changes
from smartmix.workflow.limiter_share import limiter_work, reduction_db
from smartmix.workflow.outcomes import outcomes_of, verify
from smartmix.workflow.pass_folder import OUTPUTS, check_output, earlier_plan, way_to
from smartmix.workflow.programme import programme
from smartmix.workflow.propose import is_foreign_rough, material_notice, propose
from smartmix.workflow.result import MixResult, Programme
from smartmix.workflow.revisions import (
    earlier_tracks,
)

if TYPE_CHECKING:
    from smartmix.mastering.result import MasterResult
    from smartmix.workflow.limiter_share import LimiterWork
    from smartmix.workflow.mix_context import MixContext
    from smartmix.workflow.result import Clip


def mix(  # noqa: PLR0913 (one per option)
    session: Session | str | Path,
    output: str | Path,
    *,
    target_lufs: float | None = None,
    ceiling_dbtp: float = DEFAULT_CEILING_DBTP,
    accept: Policy = "confident",
    notes: Sequence[str] = (),
    chains: Mapping[str, str | Path] | None = None,
    most_cuts: int | None = None,
    habits: HabitsFile | None = None,
    models: bool = True,
    force: bool = False,
    progress: Progress | None = None,
) -> MixResult:
    """Run the whole pass and write mix.wav (32-bit float), master.wav (24 bit), plan.toml and analysis.json.

    ``session`` is a Session, a folder of tracks or a session.toml; ``output`` a folder outside it. ``target_lufs``
    is met even if the limiter has to work hard; without it the master follows the rough mix, or aims at -14 LUFS, with
    at most 3 dB of limiting. ``notes`` are a client's notes in words. ``chains`` are chain files (or names of
    shipped chains) by track, bus, kind of track ("vocal") or "mix": plugins the sound runs through, whose devices carry
    out accepted moves where the file says so; they are fitted, kept in chains/ and named in the plan. ``most_cuts`` is
    how many cuts in others a track that must be heard may cost (None: three). ``habits`` are what a person usually
    makes of suggestions (``load_habits``); None leaves them out. ``models`` False leaves out opinions that need torch.
    Decisions in an
    earlier plan.toml in ``output`` are kept. Raises SessionError, AudioError, PlanError, or OutputExistsError when
    outputs are there and ``force`` is not given; inputs are never touched. A pass that fails or is interrupted leaves
    an earlier one's files as they were.
    """
    if not isinstance(session, Session):
        session = Session.open(session)
    folder = check_output(session, Path(output), force=force)
    report = progress or silent
    owned_chains(session, chains or {})  # a wrong name or file is said before minutes of listening
    earlier = earlier_plan(session, folder)
    proposal = propose(
        session,
        accept=accept,
        earlier=earlier,
        notes=notes,
        heard_before=earlier_tracks(folder / "analysis.json"),
        most_cuts=most_cuts,
        habits=habits,
        models=models,
        progress=part(report, 0.0, 0.35),
    )
    session = proposal.session
    named = owned_chains(session, chains or {})
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".smartmix-", dir=folder) as bench:
        racked = Path(bench) / CHAINS
        prepared = prepare_chains(session, proposal.plan, named, racked, progress=part(report, 0.35, 0.4))
        plan, verified = verify(
            session, proposal.analysis, prepared.plan, progress=part(report, 0.4, 0.55), bench=Path(bench)
        )
        loudness = {"target_lufs": target_lufs, "ceiling_dbtp": ceiling_dbtp}
        made = _made(
            session,
            proposal.analysis,
            plan,
            bench=Path(bench),
            ready=verified.mix_of(plan),
            loudness=loudness,
            report=part(report, 0.55, 1.0),
        )
        plan = hand_over_chains(plan, racked, folder / CHAINS)
        files = _hand_over(plan, made.files, folder, force=force)
    report("done", 1.0)
    return MixResult(
        session=session,
        analysis=proposal.analysis,
        plan=plan,
        outcomes=outcomes_of(session, plan, verified),
        programmes=made.programmes,
        master=made.master,
        track_level_change_db=made.level_changes,
        clips=made.clips,
        files=files,
        revisions=proposal.revisions,
        limiter=made.limiter,
        plugins=plugin_lines(session, plan, (*prepared.notices, *made.notices)),
        notices=(
            *(r.text for r in proposal.revisions),
            *no_longer_in_the_mix(earlier, plan, accept),
            *session.notices,
            *material_notice(session, proposal.analysis),
            *compile_plan(session, plan).notices,
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    """What a pass made of a plan, still on the bench."""

    files: dict[str, Path]
    master: MasterResult
    programmes: tuple[Programme, ...]
    clips: tuple[Clip, ...]
    limiter: LimiterWork | None
    level_changes: dict[str, float]
    notices: list[str]


def _made(
    session: Session,
    analysis: Analysis,
    plan: MixPlan,
    *,
    bench: Path,
    ready: MixContext | None,
    loudness: Mapping[str, Any],
    report: Progress,
) -> _Made:
    """Render (unless it was ``ready``, measured in already), master and measure a plan."""
    told: list[str] = []
    made = {name.partition(".")[0]: bench / name for name in OUTPUTS if name != "report.html"}
    if ready is not None and ready.rendered is not None:
        ready.rendered.replace(made["mix"])
        told += ready.notices
    else:
        render_file(session, plan, made["mix"], progress=part(report, 0.0, 0.35), notices=told)
    master = master_file(
        made["mix"],
        made["master"],
        rough_lufs=_rough_lufs(session, analysis),
        progress=part(report, 0.35, 0.85),
        **loudness,
    )
    write_text(made["analysis"], to_json(analysis, way_to(session.root, bench.parent)))
    report("measuring the result", 0.87)
    mixed, columns = _programmes(analysis, made)
    limited_db = reduction_db(made["mix"], made["master"], master.gain_db)
    return _Made(
        files=made,
        master=master,
        programmes=columns,
        clips=before_and_after(session, analysis, plan, mixed.features, made["mix"]),
        limiter=limiter_work(session, analysis, plan, limited_db, mixed.features.band_power),
        level_changes=level_changes(session, analysis, plan),
        notices=told,
    )


def _hand_over(plan: MixPlan, made: dict[str, Path], folder: Path, *, force: bool) -> dict[str, Path]:
    """Put what was made in its place, all of it or nothing: until here an earlier pass is still whole."""
    files = {name: folder / path.name for name, path in made.items()}
    save_plan(plan, files["plan"], force=force)
    for name in ("mix", "master", "analysis"):
        made[name].replace(files[name])
    return files


def _rough_lufs(session: Session, analysis: Analysis) -> float | None:
    """The loudness the client is used to; None without a rough mix of these tracks that somebody has listened to.

    What an import mixed of these tracks is nobody's master: its level is where the DAW's faders happen to stand.
    """
    if analysis.rough is None or rough_is_the_import(session) or is_foreign_rough(session, analysis):
        return None
    return analysis.rough.loudness.integrated_lufs


def _programmes(analysis: Analysis, files: dict[str, Path]) -> tuple[TrackFacts, tuple[Programme, ...]]:
    """Facts of the mix as written, and the table's columns: sum, rough if there is one, mix, master."""
    written = {name: _facts_of(files[name], name) for name in ("mix", "master")}
    columns = {"sum": analysis.sum, "rough": analysis.rough} | written
    return written["mix"], tuple(
        programme(name, facts) for name, facts in columns.items() if facts is not None
    )


def _facts_of(path: Path, name: str) -> TrackFacts:
    info = probe(path)
    return extract(stream(path), info.sample_rate, info.channels, name, low_end=False)
