"""Making room: scenes with a known answer, and dev songs with a lead, graded by two unrelated measures.

    PYTHONPATH=src:tests python benchmarks/unmask_table.py [FOLDER OF SONGS]

Every row is applied to the tracks and heard again. "won": the covered track's loudness level in its own seconds (model
of Moore, Glasberg and Baer), phon; "ratio": change of its mean signal-to-mask ratio (as audio coders reckon it, another
model), dB; "mix": change of the loudness of the sum, LU; "cost": what was moved, rms dB over the bands in which the
covering tracks are heard. "exact" and "faders" are filters of any shape and plain gains at the cost of the cuts found;
the planted fault puts our bells two octaves too low. Songs: the lead is named here and told to matter (priority 1), so
its own fader may rise by 1.5 dB. Limits of the house were set with these songs in view.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import unmask_scenes as scenes
from smartmix import _core
from smartmix.analysis import Analysis, analyze, measure_loudness, measure_masking, measure_signal_to_mask
from smartmix.analysis.masking import LISTENING_LEVEL_DB_SPL
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move
from smartmix.processors import ParametricEQ
from smartmix.rendering import stream_track
from smartmix.session.session import Session
from smartmix.suggesters.suggester import Context
from smartmix.suggesters.unmask import Unmask
from smartmix.suggesters.unmask.bells import Bell
from smartmix.suggesters.unmask.covered import covered_in
from smartmix.suggesters.unmask.exact import solve_at_cost
from smartmix.suggesters.unmask.givers import givers_for
from smartmix.suggesters.unmask.scene import scene_of
from smartmix.suggesters.unmask.solver import Solution, solve_for
from sources import write_session

SCENES = ("at_1800", "at_600", "two_givers", "drummed", "same_spectrum", "second_half", "apart")
LEADS = {
    "eif_potassium": "vox-lead",
    "eif_lithium": "vox-lead",
    "eif_rubidium": "vox-lead",
    "eif_caesium": "bgvox-main",
    "audiokit_funk_loop": "lead",
    "lmms_reggaetry": "01-e-piano",
    "sectoid_escape": "guitar",
    "muldjord_armygeddon": "guitar",
}
Audio = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Case:
    """A session that was listened to, what was found for its lead, and its tracks as they stand."""

    name: str
    session: Session
    analysis: Analysis
    lead: str
    solution: Solution
    moves: tuple[Move, ...]
    seconds: float
    tracks: Audio

    @property
    def givers(self) -> dict[str, NDArray[np.float64]]:
        """The curve of each cut, by track."""
        names = self.analysis.masking.tracks
        return {names[c.giver.track]: c.curve_db for c in self.solution.cuts}


def case(name: str, session: Session, lead: str, *, told: bool) -> Case:
    if told:
        tracks = tuple(replace(t, priority=1.0) if t.id == lead else t for t in session.tracks)
        session = replace(session, tracks=tracks)
    analysis = analyze(session)
    before = time.process_time()
    moves = tuple(Unmask().suggest(Context(session, analysis)))
    seconds = time.process_time() - before
    scene = scene_of(session, analysis, [])
    covered = covered_in(scene, scene.facts.index(lead))
    givers = givers_for(session, analysis, scene, covered, session.locks)
    solution = solve_for(covered, givers, scene.facts.band_edges_hz, 3)
    return Case(name, session, analysis, lead, solution, moves, seconds, rendered(session, ()))


def rendered(session: Session, moves: Sequence[Move]) -> Audio:
    plan = MixPlan(session.name, tuple(m.with_status("accepted") for m in moves))
    return {
        t.id: np.concatenate(list(stream_track(session, plan, t.id)), axis=1) for t in session.audible_tracks
    }


def filtered(
    x: NDArray[np.float32], hz: NDArray[np.float64], curve_db: NDArray[np.float64], rate: int
) -> NDArray:
    """A track through a curve of any shape, without phase."""
    spectrum = np.fft.rfft(x, axis=1)
    at = np.fft.rfftfreq(x.shape[1], 1.0 / rate)
    gain = 10 ** (np.interp(np.log(np.maximum(at, 1.0)), np.log(hz), curve_db) / 20)
    return np.fft.irfft(spectrum * gain, x.shape[1], axis=1).astype(np.float32)


def with_bells(x: NDArray[np.float32], bells: Sequence[Bell], rate: int, *, times_hz: float = 1.0) -> NDArray:
    eq = ParametricEQ()
    for number, bell in enumerate(bells, start=1):
        band = getattr(eq, f"band{number}")
        band.shape, band.freq_hz, band.gain_db, band.q = "bell", bell.hz * times_hz, bell.gain_db, bell.q
    return eq(x, rate)


def variants(c: Case) -> dict[str, Audio]:
    """The rows: the tracks each would leave."""
    rate, solution = c.session.sample_rate, c.solution
    names = c.analysis.masking.tracks
    edges = c.analysis.masking.band_edges_hz
    middles = np.sqrt(edges[:-1] * edges[1:])
    used = [cut.giver for cut in solution.cuts]
    rows: dict[str, Audio] = {"do nothing": c.tracks}
    if used:
        bells = {names[cut.giver.track]: cut.bells for cut in solution.cuts}
        exact = solve_at_cost(solution.covered, used, solution.cost_db)
        down = 10 ** (-solution.cost_db / np.sqrt(len(used)) / 20)
        rows["cuts"] = {n: with_bells(x, bells[n], rate) if n in bells else x for n, x in c.tracks.items()}
        rows["exact"] = c.tracks | {
            names[t]: filtered(c.tracks[names[t]], middles, curve, rate) for t, curve in exact.items()
        }
        rows["faders"] = {n: x * np.float32(down) if n in bells else x for n, x in c.tracks.items()}
        rows["planted fault"] = {
            n: with_bells(x, bells[n], rate, times_hz=0.25) if n in bells else x for n, x in c.tracks.items()
        }
    rows["proposed"] = rendered(c.session, [m for m in c.moves if m.sets])
    return rows


def graded(c: Case, tracks: Mapping[str, NDArray]) -> tuple[float, float, float]:
    """Loudness level of the lead in its seconds, its signal-to-mask ratio, loudness of the sum."""
    rate = c.session.sample_rate
    lufs = _lufs(tracks, rate)
    level = LISTENING_LEVEL_DB_SPL + lufs - _lufs(c.tracks, rate)  # nobody turns it up for what was cut
    heard = measure_masking(dict(tracks), rate, listening_level_db_spl=level)
    at = heard.tracks.index(c.lead)
    inside = np.unique(c.solution.covered.cells)
    inside = inside[inside < heard.times_s.size]
    phon = float(_core.phon_of_sone(heard.heard_sone[at][inside].sum(axis=1).mean()))
    return phon, float(measure_signal_to_mask(dict(tracks), rate).ratio_db[at]), lufs


def _lufs(tracks: Mapping[str, NDArray], rate: int) -> float:
    return measure_loudness(np.sum(list(tracks.values()), axis=0), rate).integrated_lufs


def show(c: Case) -> None:
    solution = c.solution
    lost = solution.covered.alone_phon - solution.covered.phon({})
    faders = abs(solution.broadband_db) * np.sqrt(max(len(solution.cuts), 1))
    print(f"\n### {c.name}: {c.lead} loses {lost:.1f} phon ({c.analysis.material})\n")
    if solution.cuts:
        print(
            f"Cuts in {', '.join(c.givers)}: promise {solution.gain_phon:.2f} phon of {solution.goal_phon:.2f} wanted, "
            f"cost {solution.cost_db:.2f} dB; faders would take {faders:.2f} "
            f"({100 * solution.cost_db / max(faders, 1e-9):.0f} %)."
        )
    print(f"Verdict: {solution.why_not or 'worth it'}. {c.seconds:.1f} s of CPU.")
    for move in c.moves:
        print(f"- {move.title}. {move.reason} {move.result}")
    print("\n| row | won phon | ratio dB | mix LU |\n|---|---|---|---|")
    start = graded(c, c.tracks)
    for name, tracks in variants(c).items():
        phon, ratio, lufs = graded(c, tracks)
        print(f"| {name} | {phon - start[0]:+.2f} | {ratio - start[1]:+.2f} | {lufs - start[2]:+.2f} |")


def main(folder: Path) -> None:
    for name in SCENES:
        with tempfile.TemporaryDirectory() as made:
            show(case(name, write_session(Path(made), getattr(scenes, name)()), "vox", told=False))
    for name, lead in LEADS.items():
        if (folder / name).is_dir():
            show(case(name, Session.open(folder / name), lead, told=True))


if __name__ == "__main__":
    main(
        Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SMARTMIX_DEV_SONGS", "../shared/data/dev"))
    )
