"""Suite ``rough``: how much of a console comes back from its rough mix, beside what else could be done."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from smartmix.analysis.cross_spectra import CrossMeter, CrossSpectra
from smartmix.analysis.rough_fit import RoughFit, fit_rough
from smartmix.progress import Progress
from smartmix.suggesters.balance import RoughBalance
from smartmix.suggesters.models.recall import is_better, recall_from
from smartmix.suggesters.recall_moves import RoughRides, RoughTone
from smartmix.suggesters.suggester import Context
from smartmix.training.suites.result import Gate, SuiteOptions, SuiteResult, Table
from smartmix.training.suites.rough_figures import apart, audible, feature_distance, played, spectral_distance
from smartmix.training.suites.rough_scene import Scene, both_sides, make_scene
from smartmix.training.suites.rough_songs import Material, fader_move, materials, scene_context
from smartmix.training.suites.rough_traps import traps
from smartmix.units import Z80

BLOCK = 65_536
MEAN_DB, WORST_DB, PAN = 0.5, 1.0, 0.05
STATIC_S, FULL_S = 3.0, 20.0
COVERAGE = 0.8


@dataclass(slots=True)
class _Rows:
    """Figures per method over scenes."""

    level: dict[str, list[np.ndarray]] = field(default_factory=dict)
    pan: dict[str, list[np.ndarray]] = field(default_factory=dict)
    spectral: dict[str, list[float]] = field(default_factory=dict)
    features: dict[str, list[float]] = field(default_factory=dict)
    held: list[bool] = field(default_factory=list)
    seconds: list[tuple[float, float]] = field(default_factory=list)
    used: list[bool] = field(default_factory=list)


def run(options: SuiteOptions, *, progress: Progress | None = None) -> SuiteResult:
    """Real songs where ``options.songs`` names a folder, and songs made by code; truth is the console drawn."""
    songs = materials(options)
    seeds = range(options.seed + 1, options.seed + (2 if options.quick else 3))
    real, made = _Rows(), _Rows()
    scenes: list[Scene] = []
    work = [(song, seed) for song in songs for seed in seeds]
    for number, (song, seed) in enumerate(work):
        if progress is not None:
            progress(f"{song.name}, throw {seed}", 0.9 * number / len(work))
        scene = make_scene(song.names, song.stems, song.rate, _seed_of(song, seed))
        judge_scene(scene, real if song.real else made)
        if seed == seeds[0]:
            scenes.append(scene)
    if progress is not None:
        progress("traps: other songs, noise, silent and late tracks", 0.9)
    trap_table, trap_gates = traps(scenes)
    tables = [
        _table(title, rows)
        for title, rows in (("real songs", real), ("songs made by code", made))
        if rows.level
    ]
    main = real if real.level else made
    return SuiteResult("rough", (*tables, trap_table), (*_gates(main), *trap_gates), _notes(real))


def _seed_of(song: Material, seed: int) -> int:
    return 1000 * seed + sum(map(ord, song.name))


def crossed(scene: Scene) -> CrossSpectra:
    """Cross-spectra of a scene's tracks and rough."""
    meter = CrossMeter(scene.rate, scene.names, scene.rough.shape[1])
    sources = [np.pad(both_sides(t), ((0, 0), (0, scene.rough.shape[1] - t.shape[1]))) for t in scene.tracks]
    stacked = np.stack([*sources, scene.rough])
    for start in range(0, stacked.shape[2], BLOCK):
        meter.push(stacked[:, :, start : start + BLOCK])
    return meter.finish()


def judge_scene(scene: Scene, rows: _Rows) -> None:
    """Every method on one scene."""
    context = scene_context(scene)
    analysis = context.analysis
    assert analysis.rough is not None
    rival = fit_rough(analysis.tracks, analysis.sum, analysis.rough)
    start = time.process_time()
    spectra = crossed(scene)
    from smartmix.suggesters.models.recall_fit import fit_cells

    fit_cells(spectra, lanes=False, bands=False)
    static_s = time.process_time() - start
    found = recall_from(spectra, rival)
    rows.seconds.append((static_s, time.process_time() - start))
    levels = RoughBalance().suggest(context)
    told = Context(context.session, analysis, None, found)
    balance = RoughBalance().suggest(told)
    full = [*balance, *RoughRides().suggest(told), *RoughTone().suggest(told)]
    rows.used.append(
        found is not None and is_better(found, rival, analysis.tracks, analysis.sum, analysis.rough)
    )
    equal = fader_move(scene.names, [-f.active_lufs for f in analysis.tracks.values()])
    fault = fader_move(scene.names, [3.0 if i == _loudest(scene) else 0.0 for i in range(len(scene.names))])
    methods = {
        "do nothing": [],
        "equal loudness": [equal],
        "levels, without torch": levels,
        "recall: faders and pans": balance,
        "recall: with rides and tone": full,
        "planted fault: one fader 3 dB up": [*full, fault],
    }
    for name, moves in methods.items():
        parts = played(scene, moves)
        judged = apart(scene, parts)
        mix = np.asarray(np.sum(parts, axis=0), np.float32)
        rows.level.setdefault(name, []).append(judged.level_db)
        rows.pan.setdefault(name, []).append(judged.pan)
        rows.spectral.setdefault(name, []).append(spectral_distance(mix, scene.rough))
        matched = np.asarray(
            mix * np.sqrt((scene.rough**2).mean() / max(float((mix**2).mean()), 1e-20)), np.float32
        )
        rows.features.setdefault(name, []).append(feature_distance(matched, scene.rough, scene.rate))
    if found is not None:
        rows.held += _held(scene, found.fit)


def _loudest(scene: Scene) -> int:
    return int(np.argmax(audible(scene).sum(axis=1)))


def _held(scene: Scene, fit: RoughFit) -> list[bool]:
    """Whether each 80 % interval of a fader holds the true mean gain of its track over its audible seconds."""
    from smartmix.training.suites.rough_figures import seconds_power

    there = audible(scene)
    gains, errors = [], []
    for index, track in enumerate(scene.tracks):
        if not there[index].any() or not fit.heard[index]:
            continue
        wide = np.pad(both_sides(track), ((0, 0), (0, scene.rough.shape[1] - track.shape[1])))
        before, after = (
            seconds_power(x, scene.rate)[:, there[index]].sum() for x in (wide, scene.parts[index])
        )
        side = 10.0 ** (fit.side_db[index] / 20.0)
        own = fit.gain_db[index] + 10.0 * np.log10(0.5 * (side + 1.0 / side))
        gains.append(own - 10.0 * np.log10(after / before))
        errors.append(float(fit.error_db[index]))
    middle = np.median(gains) if gains else 0.0
    return [bool(abs(g - middle) <= Z80 * e) for g, e in zip(gains, errors, strict=True)]


def _table(title: str, rows: _Rows) -> Table:
    lines = []
    for name, scenes in rows.level.items():
        filled = [s for s in scenes if s.size]
        lines.append(
            (
                name,
                float(np.mean([s.mean() for s in filled])),
                float(max(s.mean() for s in filled)),
                float(max(s.max() for s in filled)),
                float(np.mean(np.concatenate(rows.pan[name]))),
                float(np.mean(rows.features[name])),
                float(np.mean(rows.spectral[name])),
            )
        )
    return Table(
        f"{title}: {len(rows.used)} scenes, tracks thrown by 12 dB, random pans, EQ, compression, rides and bus",
        ("method", "mean dB", "worst song", "worst track", "pan", "AF loss", "MR-STFT"),
        tuple(lines),
        "Distance of each audible track's contribution from the true one, second by second, over all scenes; pan of 2 "
        "from side to side; re-render against the rough at its level.",
    )


def _gates(rows: _Rows) -> tuple[Gate, ...]:
    full = [s for s in rows.level["recall: with rides and tone"] if s.size]
    mean, worst = float(np.mean(np.concatenate(full))), float(max(s.max() for s in full))
    pan = float(np.mean(np.concatenate(rows.pan["recall: with rides and tone"])))
    static, whole = np.max(rows.seconds, axis=0)
    covered = float(np.mean(rows.held)) if rows.held else 0.0
    return (
        Gate("contribution, mean", f"<= {MEAN_DB} dB", f"{mean:.2f} dB", mean <= MEAN_DB),
        Gate("contribution, worst track", f"<= {WORST_DB} dB", f"{worst:.2f} dB", worst <= WORST_DB),
        Gate("pan", f"<= {PAN}", f"{pan:.3f}", pan <= PAN),
        Gate("static, CPU", f"<= {STATIC_S} s", f"{static:.2f} s at most", bool(static <= STATIC_S)),
        Gate("full, CPU", f"<= {FULL_S} s", f"{whole:.2f} s at most", bool(whole <= FULL_S)),
        Gate("80 % intervals of faders", f">= {COVERAGE:.0%} held", f"{covered:.0%}", covered >= COVERAGE),
    )


def _notes(real: _Rows) -> tuple[str, ...]:
    told = [
        "The console that made the roughs is this package's own: real desks, and real recalls, differ more."
    ]
    if real.level:
        told.append(
            f"The pass would use the recall in {sum(real.used)} of {len(real.used)} scenes of real songs."
        )
        told.append("Thresholds were tuned on the dev songs; on other songs these figures are untuned.")
    return tuple(told)
