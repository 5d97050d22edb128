"""Planted faults over many seeds: found, named right, placed right; and every alarm on the same songs well recorded.

    python benchmarks/demo_faults.py [SEEDS [song kit singer]]

Every seed is another performance of the demo song (timing, strokes, voices, noise) and another draw of the faults:
which side, which track, how late, how loud, where. Each song is also recorded clean. Four rows per kind: do nothing;
plain thresholds (naive baseline); smartmix; smartmix with every alarm moved to the next track (a planted fault in the
table itself: recall has to collapse). A microphone of a drum kit turned over is a scene of its own, 12 s long.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import soundfile

from fault_table import KINDS, Alarm, Table, Tally, show
from kit_scene import KIT_MICROPHONES, kit_files
from naive_faults import naive_alarms
from smartmix.analysis import analyze
from smartmix.audio.buffer import Audio
from smartmix.plan.move import CONFIDENT
from smartmix.session import Session
from smartmix.suggesters import suggest
from smartmix.synth.demo import perform_demo, record_demo, session_toml
from smartmix.synth.fault_plan import CLEAN, FaultPlan, drawn, planted
from smartmix.synth.recording import BASS_DI, LEAD_VOCAL, SNARE, TRACKS, lead_vocal, on_tape
from smartmix.synth.seed import seeded
from smartmix.synth.shaping import SAMPLE_RATE_HZ, to_frames
from smartmix.synth.song import DURATION_S
from smartmix.synth.strings import bass_di

PROCESSES = 2


def record_singer(seed: int, fault: FaultPlan) -> dict[str, Audio]:
    """The lead vocal of a seed's performance on tape, with the noise of a plan, and the bass beside it."""
    setups = {setup.name: setup for setup in TRACKS}
    with seeded(seed):
        frames = to_frames(DURATION_S)
        takes = {LEAD_VOCAL: lead_vocal(frames), BASS_DI: bass_di(frames)[np.newaxis]}
        taped = {name: planted(fault, name, on_tape(take, setups[name])) for name, take in takes.items()}
    return {name: Audio(rows.astype(np.float32), SAMPLE_RATE_HZ) for name, rows in taped.items()}


def write_song(folder: Path, tracks: Mapping[str, Audio], rough: Audio | None) -> Session:
    folder.mkdir(parents=True)
    for name, audio in tracks.items():
        soundfile.write(folder / f"{name}.wav", audio.samples.T, audio.sample_rate, subtype="FLOAT")
    if rough is not None:
        soundfile.write(folder / "Demo Rough Mix.wav", rough.samples.T, rough.sample_rate, subtype="FLOAT")
        (folder / "session.toml").write_text(session_toml(), encoding="utf-8")
    return Session.open(folder)


def our_alarms(session: Session) -> Iterator[tuple[Alarm, object]]:
    """What smartmix says of a session: problems, and the moves that answer rumble and a buried vocal."""
    analysis = analyze(session)
    names = {track.id: track.name for track in session.tracks}
    kinds = {"delay": "amp late", "clicks": "bad edits", "dc": "dc"}
    for problem in analysis.problems:
        kind = kinds.get(problem.kind, problem.kind)
        if kind == "polarity":
            kind = "side inverted" if problem.other_track is None else "kit microphone"
        yield (kind, names[problem.track], problem.text), problem
    for move in suggest(session, analysis).moves:
        words = {"rumble": "rumble", "vocal-ride": "buried"}
        if move.source in words and move.confidence >= CONFIDENT:
            yield (words[move.source], names[move.track], move.title), move
        if move.source == "repairs":
            yield ("move", names[move.track], "; ".join(f"{s.ref}={s.suggested}" for s in move.sets)), move


def truths(plan: FaultPlan) -> dict[str, tuple[str, Callable[[str, object], bool]]]:
    """By kind: the track, and whether an alarm on it is placed right (side, delay, Hz and level, time)."""
    found: dict[str, tuple[str, Callable[[str, object], bool]]] = {}
    if plan.inverted:
        found["side inverted"] = (plan.inverted.track, lambda text, item: "left and right" in text)
    if plan.late:
        late_ms = plan.late.late_ms
        found["amp late"] = (plan.late.track, lambda text, item: abs(item.amount - late_ms) < 0.1)
    if plan.hum:
        hum = plan.hum
        found["hum"] = (
            hum.track,
            lambda text, item: f"{hum.mains_hz} Hz" in text and abs(item.amount - hum.level_dbfs) < 2.0,
        )
    if plan.clipping_dbfs is not None:
        ceiling = f"{plan.clipping_dbfs:.1f} dBFS"
        found["clipping"] = (SNARE, lambda text, item: ceiling in text)
    if plan.edits:
        times = plan.edits.times_s
        found["bad edits"] = (
            plan.edits.track,
            lambda text, item: (
                item.amount == len(times)
                and abs(item.span_s[0] - times[0]) < 0.01
                and abs(item.span_s[1] - times[-1]) < 0.01
            ),
        )
    if plan.hiss:
        level_dbfs = plan.hiss.level_dbfs
        found["noise"] = (plan.hiss.track, lambda text, item: abs(item.amount - level_dbfs) < 3.0)
    if plan.rumble:
        top_hz = plan.rumble.high_hz
        found["rumble"] = (plan.rumble.track, lambda text, item: item.interval[1] > top_hz)
    if plan.buried:
        span = plan.buried.span_s
        found["buried"] = (plan.buried.track, lambda text, item: overlap(item.span_s, span) > 0.5)
    return found


def overlap(span: tuple[float, float] | None, truth: tuple[float, float]) -> float:
    """Share of a move's span that lies in the truth."""
    if span is None:
        return 0.0
    return max(0.0, min(span[1], truth[1]) - max(span[0], truth[0])) / (span[1] - span[0])


def count(row: dict[str, Tally], alarms: list[tuple[Alarm, object]], plan: FaultPlan) -> None:
    """Add a song's alarms to a row: one alarm of a kind on its track finds it, others are false."""
    truth = truths(plan)
    for kind, (track, is_placed) in truth.items():
        tally = row[kind]
        tally.planted += 1
        of_kind = [(alarm, item) for alarm, item in alarms if alarm[0] == kind]
        there = [(alarm, item) for alarm, item in of_kind if alarm[1] == track]
        tally.found += bool(of_kind)
        tally.named += bool(there)
        tally.placed += any(item is not None and is_placed(alarm[2], item) for alarm, item in there)
    for (kind, track, _), item in alarms:
        elsewhere = kind not in truth or track != truth[kind][0]
        late_or_early = (
            kind == "buried" and item is not None and not elsewhere and not truth[kind][1]("", item)
        )
        if kind in KINDS and (elsewhere or late_or_early):
            row[kind].false += 1


def moved_on(alarms: list[tuple[Alarm, object]], tracks: list[str]) -> list[tuple[Alarm, object]]:
    after = dict(zip(tracks, tracks[1:] + tracks[:1], strict=True))
    return [((kind, after[track], text), item) for (kind, track, text), item in alarms]


def one_song(table: Table, seed: int, folder: Path) -> None:
    takes = perform_demo(seed)
    for clean in (False, True):
        tracks, rough, plan = record_demo(takes, seed, clean=clean)
        session = write_song(folder / f"{seed}-{clean}", tracks, rough)
        names = [track.name for track in session.tracks]
        ours = list(our_alarms(session))
        count(table.rows["do nothing"], [], plan)
        count(table.rows["plain thresholds"], [(alarm, None) for alarm in naive_alarms(tracks)], plan)
        count(table.rows["smartmix"], ours, plan)
        count(table.rows["planted fault"], moved_on(ours, names), plan)
        if plan.inverted:
            side = ("left", "right")[plan.inverted.channel]
            right = any(a[0] == "move" and f"polarity={side}_inverted" in a[2] for a, _ in ours)
            table.rows["smartmix"]["side inverted"].placed -= not right
        if clean:
            table.clean_alarms += [
                f"seed {seed}: {kind}: {text}" for (kind, _, text), _ in ours if kind != "move"
            ]


def one_singer(table: Table, seed: int, folder: Path) -> None:
    """Noise on its own: the vocal of the song with its drawn noise and without, beside the bass alone."""
    plan = drawn(seed)
    for fault in (FaultPlan(hiss=plan.hiss), CLEAN):
        session = write_song(folder / f"singer-{seed}-{fault.hiss is None}", record_singer(seed, fault), None)
        alarms = [(a, item) for a, item in our_alarms(session) if a[0] == "noise"]
        count(table.rows["do nothing"], [], fault)
        count(table.rows["smartmix"], alarms, fault)
        if fault.hiss is None:
            table.clean_alarms += [f"singer {seed}: {text}" for (_, _, text), _ in alarms]


def one_kit(table: Table, seed: int, folder: Path) -> None:
    rng = np.random.default_rng(1000 + seed)
    planted = [str(rng.choice(KIT_MICROPHONES)), None]
    for index, name in enumerate(planted):
        session = write_song(folder / f"kit-{seed}-{index}", kit_files(seed, name), None)
        ours = [a for a, _ in our_alarms(session) if a[0] == "kit microphone"]
        names = [track.name for track in session.tracks]
        for row, alarms in (
            ("do nothing", []),
            ("smartmix", [a[1] for a in ours]),
            ("planted fault", [names[(names.index(a[1]) + 1) % len(names)] for a in ours]),
        ):
            tally = table.rows[row]["kit microphone"]
            tally.planted += name is not None
            tally.found += name is not None and bool(alarms)
            tally.named += name is not None and name in alarms
            tally.placed += name is not None and alarms == [name]
            tally.false += sum(alarm != name for alarm in alarms)
        if name is None:
            table.clean_alarms += [f"kit {seed}: {text}" for _, _, text in ours]


SCENES = {"song": one_song, "kit": one_kit, "singer": one_singer}


def one_seed(job: tuple[int, tuple[str, ...]]) -> Table:
    table = Table()
    seed, scenes = job
    with tempfile.TemporaryDirectory() as bench:
        for scene in scenes:
            SCENES[scene](table, seed, Path(bench))
    return table


def main(seeds: int, scenes: tuple[str, ...]) -> None:
    table = Table()
    jobs = [(seed, scenes) for seed in range(1, seeds + 1)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        for seed, part in enumerate(pool.map(one_seed, jobs), start=1):
            table.add(part)
            print(f"seed {seed} done", file=sys.stderr, flush=True)
    show(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20, tuple(sys.argv[2:]) or tuple(SCENES))
