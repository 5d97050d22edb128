"""How well faders come back, on real stems: python benchmarks/balance_recovery.py FOLDER_OF_SONGS [--spread 12]

Every track of a song is thrown by up to +-spread dB; the artist's own balance is the truth. With a rough (the
artist's balance made by this script: pans, bus compression 2:1, soft clip; or the song's own _mix) the pass's
moves are taken as they are suggested, limits, abstentions and all, and errors are |fader - truth| over *all*
tracks after the song's median is taken off, dB. Beside them: doing nothing, the role rule, equal loudness,
non-negative least squares, and a planted fault (one fader 3 dB beside). The last table has no rough.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from balance_songs import Array, Song, load, measured, mixed, through_bus, thrown
from smartmix.analysis import TrackFacts
from smartmix.analysis.rough_cells import rough_cells
from smartmix.analysis.rough_fit import fit_rough
from smartmix.analysis.rough_solver import nnls_start
from smartmix.suggesters import Context
from smartmix.suggesters.balance import RoughBalance
from smartmix.suggesters.role_balance import COUNT_LU, USUAL_LU, RoleBalance

SEEDS = (1, 2, 3)
PAN_SPREAD = 0.35
Rows = dict[str, list[Array]]
ROUGHS: dict[str, Callable[[Song, Array], Array]] = {
    "bus compression and soft clip": lambda song, mix: through_bus(mix, song.sample_rate),
    "the same, driven 9 dB into the clip": lambda song, mix: through_bus(mix, song.sample_rate, 9.0),
    "the same, a mono file": lambda song, mix: through_bus(mix, song.sample_rate).mean(axis=0, keepdims=True),
    "the same, 15 ms late": lambda song, mix: through_bus(_late(mix, song.sample_rate), song.sample_rate),
}


def _late(mix: Array, rate: int) -> Array:
    """Late by less than the analysis would line up (20 ms): what is left of a lag."""
    return np.pad(mix, ((0, 0), (round(0.015 * rate), 0)))[:, : mix.shape[1]]


def errors(found_db: Array, truth_db: Array) -> Array:
    apart = found_db - truth_db
    return np.abs(apart - np.median(apart))


def faders(context: Context, suggester: RoughBalance | RoleBalance) -> Array:
    """Fader moves per track as suggested, 0 where there is none."""
    found = dict.fromkeys((t.id for t in context.session.tracks), 0.0)
    for move in suggester.suggest(context):
        for item in move.sets:
            if item.ref.device == "fader" and isinstance(item.suggested, float) and item.ref.track in found:
                found[item.ref.track] += item.suggested
    return np.array(list(found.values()))


def with_rough(song: Song, rough: TrackFacts, thrown_db: Array) -> dict[str, Array]:
    context = thrown(song, thrown_db, rough)
    facts, truth = context.analysis.tracks, -thrown_db
    ours = faders(context, RoughBalance())
    fit = fit_rough(facts, context.analysis.sum, rough)
    cells = rough_cells(list(facts.values()), context.analysis.sum, rough)
    assert fit is not None and cells is not None
    faulty = ours.copy()
    faulty[0] += 3.0
    without = thrown(song, thrown_db, None)
    held = errors(ours[fit.heard], truth[fit.heard]) <= 1.2816 * fit.error_db[fit.heard]
    return {
        "do nothing": errors(np.zeros(truth.size), truth),
        "role rule (no rough)": errors(faders(without, RoleBalance()), truth),
        "equal loudness": errors(-np.array([f.active_lufs for f in facts.values()]), truth),
        "NNLS": errors(nnls_start(cells), truth),
        "smartmix": errors(ours, truth),
        "planted fault": errors(faulty, truth),
        "tracks not heard in the rough": np.full(1, float((~fit.heard).sum())),
        "80 % interval held": held.astype(float),
    }


def without_rough(song: Song, thrown_db: Array) -> dict[str, Array] | None:
    """Rules alone, over the tracks whose name says a role; None where fewer than three do."""
    context = thrown(song, thrown_db, None)
    tracks, facts = context.session.tracks, context.analysis.tracks
    known = np.array([t.role in USUAL_LU and np.isfinite(facts[t.id].active_lufs) for t in tracks])
    if known.sum() < 3:
        return None
    kept = [t for t, k in zip(tracks, known, strict=True) if k]
    level = np.array([facts[t.id].active_lufs for t in kept])
    loud = np.array(
        [np.percentile(facts[t.id].features.loudness_lufs[facts[t.id].features.active], 95) for t in kept]
    )
    counts = [sum(o.role == t.role for o in kept) for t in kept]
    usual = np.array([USUAL_LU[t.role] for t in kept]) - COUNT_LU * np.log10(counts)
    truth = -thrown_db[known]
    return {
        "do nothing": errors(np.zeros(truth.size), truth),
        "equal loudness": errors(-level, truth),
        "Perez-Gonzalez-like (equal 95th percentile)": errors(-loud, truth),
        "hand role table in full": errors(usual - level, truth),
        "smartmix (cautious)": errors(faders(context, RoleBalance())[known], truth),
    }


def print_table(title: str, rows: Rows) -> None:
    print(f"\n**{title}**\n\n| row | mean | worst song | worst track |\n|---|---|---|---|")
    for name, songs in rows.items():
        filled = [s for s in songs if s.size]
        means = [float(s.mean()) for s in filled]
        print(
            f"| {name} | {np.mean(means):.2f} | {np.max(means):.2f} | {max(float(s.max()) for s in filled):.2f} |"
        )


def add(rows: Rows, found: dict[str, Array] | None) -> None:
    for name, values in (found or {}).items():
        rows.setdefault(name, []).append(values)


def made_roughs(songs: list[Song], spread_db: float) -> None:
    for title, make in ROUGHS.items():
        rows: Rows = {}
        for song in songs:
            for seed in SEEDS:
                rng = np.random.default_rng(seed)
                thrown_db = rng.uniform(-spread_db, spread_db, len(song.stems))
                pans = np.clip(rng.normal(0.0, PAN_SPREAD, len(song.stems)), -0.9, 0.9)
                mix = mixed(song.stems, np.zeros(len(song.stems)), pans)
                rough = measured(make(song, mix), song.sample_rate, "rough")
                add(rows, with_rough(song, rough, thrown_db))
        print_table(f"Rough made here: {title}; {len(songs)} songs x {len(SEEDS)}, error in dB", rows)


def own_roughs(songs: list[Song], spread_db: float) -> None:
    for song in songs:
        if song.own_mix is None:
            continue
        rows: Rows = {}
        for seed in SEEDS:
            thrown_db = np.random.default_rng(seed).uniform(-spread_db, spread_db, len(song.stems))
            add(rows, with_rough(song, song.own_mix, thrown_db))
        print_table(f"The artist's own mix as rough: {song.name} x {len(SEEDS)}, error in dB", rows)


def no_roughs(songs: list[Song], spread_db: float) -> None:
    rows: Rows = {}
    for song in songs:
        for seed in SEEDS:
            thrown_db = np.random.default_rng(seed).uniform(-spread_db, spread_db, len(song.stems))
            add(rows, without_rough(song, thrown_db))
    print_table(f"Without a rough, faders thrown by {spread_db:g} dB, error in dB", rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--spread", type=float, default=12.0, help="dB either way (default 12)")
    options = parser.parse_args()
    songs = [load(p) for p in sorted(options.folder.iterdir()) if p.is_dir()]
    several = [s for s in songs if len(s.stems) > 2]
    made_roughs(several, options.spread)
    own_roughs(several, options.spread)
    for spread_db in (6.0, options.spread):
        no_roughs(several, spread_db)


if __name__ == "__main__":
    main()
