"""What each stage came to: the plan again, every stage with the figure that can be checked on a meter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from smartmix.figures import number
from smartmix.mastering.dynamics import NAMES, swings_db, wanted_swings_db
from smartmix.mastering.inforce import told_anew, with_nothing_to_widen
from smartmix.mastering.masterplan import MasterPlan
from smartmix.mastering.portrait import Portrait
from smartmix.mastering.references import Reference
from smartmix.mastering.song import Rendered
from smartmix.mastering.stage import MasterStage
from smartmix.mastering.tone import largest
from smartmix.matching.grid import Floats
from smartmix.matching.thirds import THIRDS_HZ, thirds_db
from smartmix.matching.tone import Tone
from smartmix.plan.evidence import Evidence

JUDGED_HZ = (50.0, 16_000.0)
"""The third octaves a tone is judged by."""
AWAY_DB = 0.2
"""A swing that is further off by more than this went the wrong way."""
_JUDGED = (JUDGED_HZ[0] / 1.1 < THIRDS_HZ) & (JUDGED_HZ[1] * 1.1 > THIRDS_HZ)


def tone_error_db(tone: Tone, references: Sequence[Reference]) -> float:
    """Mean of how far the third octaves are from those of the references, level taken out, dB."""
    wanted = np.zeros(int(_JUDGED.sum()))
    for each in references:
        there = thirds_db(each.portrait.mid)[_JUDGED]
        wanted = wanted + each.weight * (there - np.nanmean(there))
    apart = thirds_db(tone)[_JUDGED] - wanted
    return float(np.nanmean(np.abs(apart - np.nanmean(apart))))


def with_outcomes(
    plan: MasterPlan, rendered: Rendered, before: Portrait, after: Portrait, references: Sequence[Reference]
) -> MasterPlan:
    """The plan, its stages knowing what was measured of the finished master (behind the limiter), and nothing else."""
    plan = told_anew(plan, before)
    found = {
        "eq": _eq(plan.stage("eq"), before, after, references),
        "dynamics": _dynamics(plan.stage("dynamics"), rendered, before, after, references),
        "width": _width(plan.stage("width"), before, after, references),
        "level": _level(plan.stage("level"), rendered, after),
    }
    for stage in found.values():
        plan = plan.with_stage(stage)
    return plan


def _eq(
    stage: MasterStage, before: Portrait, after: Portrait, references: Sequence[Reference]
) -> MasterStage:
    if not references:
        return stage.with_result(_tone_change(before.mid, after.mid)) if stage.played else stage
    was, now = (tone_error_db(portrait.mid, references) for portrait in (before, after))
    whom = references[0].name if len(references) == 1 else "the references"
    text = f"third octaves of the middle {now:.1f} dB from {whom} on the mean, {was:.1f} before"
    return stage.with_result(text, Evidence("outcome", text, now - was, "dB"))


def _tone_change(before: Tone, after: Tone) -> str:
    """Where there is no reference to compare with: what became of the tone, level taken out."""
    apart = thirds_db(after)[_JUDGED] - thirds_db(before)[_JUDGED]
    return f"{largest(apart - np.nanmean(apart), THIRDS_HZ[_JUDGED])} than before, level taken out"


def _dynamics(
    stage: MasterStage,
    rendered: Rendered,
    before: Portrait,
    after: Portrait,
    references: Sequence[Reference],
) -> MasterStage:
    if not stage.played:
        return stage
    was, now = (swings_db(each.band_levels_db, each.trace_s) for each in (before, after))
    parts = []
    for band, (deepest, mean) in enumerate(rendered.chain.reductions_db):
        if deepest > 0.1:
            swing = (
                f", swing {was[band]:.1f} to {now[band]:.1f} dB" if np.isfinite(was[band] + now[band]) else ""
            )
            parts.append(f"{NAMES[band]} {mean:.1f} dB on the mean, {deepest:.1f} at most{swing}")
    if not parts:
        return stage.with_result("nothing passed its threshold")
    text = "; ".join(parts)
    if references and (away := _went_away(was, now, references)):
        text += f". {away} came no nearer: bypass the stage, or give it a smaller amount"
    change = now - was
    known = np.isfinite(change)
    fact = (Evidence("outcome", text, float(change[known].mean()), "dB"),) if known.any() else ()
    return stage.with_result(text, *fact)


def _went_away(was: Floats, now: Floats, references: Sequence[Reference]) -> str:
    """The bands whose swing is further from the references' than before, as names in one line."""
    goal = wanted_swings_db(references)
    further = np.abs(now - goal) - np.abs(was - goal)
    return " and ".join(NAMES[band] for band in np.flatnonzero(further > AWAY_DB)).capitalize()


def _width(
    stage: MasterStage, before: Portrait, after: Portrait, references: Sequence[Reference]
) -> MasterStage:
    if not (stage.played and np.isfinite(before.width_db) and np.isfinite(after.width_db)):
        return with_nothing_to_widen(stage, before)
    wanted = [each for each in references if np.isfinite(each.portrait.width_db)]
    beside = f", {wanted[0].name} {number(wanted[0].portrait.width_db)}" if len(wanted) == 1 else ""
    text = f"sides {number(after.width_db)} dB against the middle, {number(before.width_db)} before{beside}"
    return stage.with_result(text, Evidence("outcome", text, after.width_db - before.width_db, "dB"))


def _level(stage: MasterStage, rendered: Rendered, after: Portrait) -> MasterStage:
    lufs, peak = after.loudness.integrated_lufs, after.loudness.true_peak_dbtp
    if rendered.outcome is None:
        return stage.with_result(f"left alone: {number(lufs)} LUFS, {number(peak)} dBTP")
    chosen = rendered.outcome.chosen
    text = (
        f"{number(lufs)} LUFS, {number(peak)} dBTP; gain {number(chosen.gain_db, plus=True)} dB, "
        f"limiting {chosen.mean_reduction_db:.1f} dB on the mean, {chosen.max_reduction_db:.1f} at most"
    )
    if rendered.outcome.reason:
        text += f". {rendered.outcome.reason}"
    off = lufs - rendered.goal.target_lufs
    return stage.with_result(text, *([Evidence("outcome", text, off, "LU")] if np.isfinite(off) else []))
