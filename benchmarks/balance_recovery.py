"""How well a rough's faders come back, on real stems: python benchmarks/balance_recovery.py FOLDER_OF_SONGS

Each song's stems get random fader moves of +-6 dB and pans, are summed, and go through a bus compressor (2:1,
10/150 ms) and a soft clipper. Rows: do nothing, equal loudness, non-negative least squares, the fit smartmix
ships, and a planted fault (one fader 3 dB beside the truth: the metric has to show it). Errors are |fader -
truth| after the median of the song is taken off, dB. The second table is the role rule, which gets no rough;
its truth is the artist's own balance.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from smartmix.analysis import TrackFacts, extract
from smartmix.analysis.rough_fit import _cells, _nnls_start, fit_rough
from smartmix.audio.panning import pan_gains
from smartmix.session.role_names import role_from_name
from smartmix.suggesters.role_balance import COUNT_LU, FAR_LU, STAY_LU, TRUST, USUAL_LU

Array = NDArray[np.float64]
BLOCK_FRAMES = 65_536
SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Song:
    name: str
    sample_rate: int
    stems: dict[str, Array]
    facts: dict[str, TrackFacts]
    plain_sum: TrackFacts


def measured(samples: Array, sample_rate: int, name: str) -> TrackFacts:
    single = samples.astype(np.float32)
    blocks = (single[:, i : i + BLOCK_FRAMES] for i in range(0, single.shape[1], BLOCK_FRAMES))
    return extract(blocks, sample_rate, single.shape[0], name)


def load(folder: Path) -> Song:
    stems: dict[str, Array] = {}
    rate = 0
    for path in sorted(folder.glob("*.flac")):
        if not path.stem.startswith("_"):
            samples, rate = soundfile.read(path, always_2d=True)
            stems[path.stem] = samples.T
    facts = {name: measured(samples, rate, name) for name, samples in stems.items()}
    return Song(folder.name, rate, stems, facts, measured(mixed(stems), rate, "sum"))


def mixed(stems: dict[str, Array], gain_db: Array | None = None, pans: Array | None = None) -> Array:
    total = np.zeros((2, max(x.shape[1] for x in stems.values())))
    for index, x in enumerate(stems.values()):
        gain = 1.0 if gain_db is None else 10.0 ** (gain_db[index] / 20.0)
        left, right = pan_gains(0.0 if pans is None else float(pans[index]))
        total[:, : x.shape[1]] += gain * np.stack((left * x[0], right * x[-1]))
    return total


def through_bus(samples: Array, sample_rate: int) -> Array:
    """Bus compressor 2:1 over -16 dBFS at -14 dBFS RMS, 10 ms attack, 150 ms release, then tanh."""
    samples = samples * 10.0 ** (-14.0 / 20.0) / np.sqrt(np.mean(samples**2))
    hop = sample_rate // 200
    hops = samples.shape[1] // hop
    level = 10.0 * np.log10(
        (samples[:, : hops * hop].reshape(2, hops, hop) ** 2).mean(axis=2).max(axis=0) + 1e-12
    )
    wanted = np.minimum(0.0, (-16.0 - level) * 0.5)
    gain, state = np.zeros(hops), 0.0
    for index, target in enumerate(wanted):
        keep = np.exp(-0.005 / (0.01 if target < state else 0.15))
        state = keep * state + (1.0 - keep) * target
        gain[index] = state
    smooth = np.interp(np.arange(samples.shape[1]), (np.arange(hops) + 0.5) * hop, gain)
    return np.tanh(samples * 10.0 ** (smooth / 20.0))


def errors(found_db: Array, truth_db: Array) -> Array:
    apart = found_db - truth_db
    return np.abs(apart - np.median(apart))


def faders(fit_gain_db: Array, side_db: Array) -> Array:
    return fit_gain_db + 10.0 * np.log10(0.5 * (10.0 ** (-side_db / 20.0) + 10.0 ** (side_db / 20.0)))


def one_rough(song: Song, seed: int) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    count = len(song.stems)
    truth = rng.uniform(-6.0, 6.0, count)
    pans = np.clip(rng.normal(0.0, 0.35, count), -0.9, 0.9)
    rough = measured(through_bus(mixed(song.stems, truth, pans), song.sample_rate), song.sample_rate, "rough")
    fit = fit_rough(song.facts, song.plain_sum, rough)
    cells = _cells(list(song.facts.values()), song.plain_sum, rough)
    assert fit is not None and cells is not None
    level = np.array([f.active_lufs for f in song.facts.values()])
    ours, heard = faders(fit.gain_db, fit.side_db), fit.heard
    faulty = ours.copy()
    faulty[int(np.argmax(heard))] += 3.0
    return {
        "do nothing": errors(np.zeros(count)[heard], truth[heard]),
        "equal loudness": errors((-level)[heard], truth[heard]),
        "NNLS": errors(_nnls_start(cells[0], cells[1])[heard], truth[heard]),
        "smartmix": errors(ours[heard], truth[heard]),
        "planted fault": errors(faulty[heard], truth[heard]),
        "abstained": np.full(1, float((~heard).sum())),
        "80 % interval held": (errors(ours[heard], truth[heard]) <= 1.2816 * fit.error_db[heard]).astype(
            float
        ),
    }


def role_rule(song: Song, seed: int) -> dict[str, Array] | None:
    roles = {name: role_from_name(name) for name in song.stems}
    known = [
        name for name in song.stems if roles[name] in USUAL_LU and np.isfinite(song.facts[name].active_lufs)
    ]
    if len(known) < 3:
        return None
    moved = np.random.default_rng(seed).uniform(-6.0, 6.0, len(known))
    counts = [sum(roles[n] == roles[name] for n in known) for name in known]
    usual = np.array([USUAL_LU[roles[name]] for name in known]) - COUNT_LU * np.log10(counts)
    level = np.array([song.facts[name].active_lufs for name in known]) + moved
    off = level - usual - np.median(level - usual)
    cautious = np.where(np.abs(off) < STAY_LU, 0.0, np.clip(-TRUST * off, -6.0, 6.0))
    return {
        "do nothing": errors(np.zeros(len(known)), -moved),
        "equal loudness": errors(-level, -moved),
        "role table in full": errors(-off, -moved),
        "smartmix (cautious)": errors(cautious, -moved),
        f"of which over {FAR_LU:g} LU off": errors(cautious, -moved)[np.abs(off) >= FAR_LU],
    }


def print_table(title: str, rows: dict[str, list[Array]]) -> None:
    print(f"\n{title}\n\n| row | mean | worst song | worst track |\n|---|---|---|---|")
    for name, songs in rows.items():
        filled = [s for s in songs if s.size]
        means = [float(s.mean()) for s in filled]
        print(
            f"| {name} | {np.mean(means):.2f} | {np.max(means):.2f} "
            f"| {max(float(s.max()) for s in filled):.2f} |"
        )


def main(folder: Path) -> None:
    rough_rows: dict[str, list[Array]] = {}
    rule_rows: dict[str, list[Array]] = {}
    songs = [p for p in sorted(folder.iterdir()) if p.name.startswith(("eif_", "lmms_"))]
    for path in songs:
        song = load(path)
        for seed in SEEDS:
            for name, found in one_rough(song, seed).items():
                rough_rows.setdefault(name, []).append(found)
            for name, found in (role_rule(song, seed) or {}).items():
                rule_rows.setdefault(name, []).append(found)
    print_table(f"Faders from a rough: {len(songs)} songs x {len(SEEDS)} roughs, error in dB", rough_rows)
    print_table("Without a rough (roles from file names), error in dB", rule_rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
