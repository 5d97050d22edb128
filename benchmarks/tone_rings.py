"""Rings, mud and harshness planted in takes: how many are found, where, and what is done to clean takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.bulge import find_bulge
from smartmix.analysis.fine_spectrum import FineSpectrum
from smartmix.analysis.resonance import Resonance, find_resonances, over_surroundings_db
from smartmix.plan import Move
from smartmix.session.roles import family
from smartmix.session.session import Track
from smartmix.suggesters import corrective_eq
from tone_takes import SEED, Take, bell, bell_db, spectrum_of

RING_DB = (6.0, 8.0, 10.0)
RING_Q = 8.0
NEAR_OCTAVES = 1.0 / 8.0


Cut = tuple[float, float, float]
"""Hz, dB, Q."""


def smartmix_cuts(track: Track, spectrum: FineSpectrum, keep: Callable[[Resonance], bool]) -> list[Cut]:
    found = [r for r in find_resonances(spectrum, least_db=corrective_eq.RING_OVER_DB) if keep(r)]
    worst = sorted(found, key=lambda r: -r.over_db)[: corrective_eq.MOST_RINGS]
    return [cut_of(corrective_eq.ring_move(track, ring, prints=False)) for ring in worst]


def cut_of(move: Move) -> Cut:
    values = {s.ref.parameter.rpartition(".")[2]: s.suggested for s in move.sets}
    return float(values["freq_hz"]), float(values["gain_db"]), float(values["q"])


def naive_cuts(spectrum: FineSpectrum) -> list[Cut]:
    """The two highest peaks of the long-term spectrum that stand 4.5 dB over its 1/3-octave smoothing."""
    mean = 10.0 * np.log10(np.power(10.0, spectrum.levels_db.astype(np.float64) / 10.0).mean(axis=0))
    smooth = np.convolve(np.pad(mean, 4, mode="edge"), np.ones(9) / 9.0, mode="valid")
    over = mean - smooth
    peaks = [
        k for k in range(1, over.size - 1) if over[k] >= 4.5 and over[k] >= max(over[k - 1], over[k + 1])
    ]
    peaks = sorted(peaks, key=lambda k: -over[k])[:2]
    return [(float(spectrum.band_hz[k]), -min(6.0, 0.7 * float(over[k])), RING_Q) for k in peaks]


def no_sameness(ring: Resonance) -> bool:
    """The planted fault: what plays around the peak is not asked."""
    return corrective_eq.is_ring(replace(ring, sameness=0.0, fall_db=5.0))


RING_ROWS: dict[str, Callable[[Track, FineSpectrum], list[Cut]]] = {
    "do nothing": lambda track, spectrum: [],
    "naive: peaks over 1/3 octave": lambda track, spectrum: naive_cuts(spectrum),
    "smartmix": lambda track, spectrum: smartmix_cuts(track, spectrum, corrective_eq.is_ring),
    "planted fault: notes not told apart": lambda track, spectrum: smartmix_cuts(
        track, spectrum, no_sameness
    ),
    "planted fault: two semitones off": lambda track, spectrum: [
        (hz * 2.0 ** (2.0 / 12.0), db, q)
        for hz, db, q in smartmix_cuts(track, spectrum, corrective_eq.is_ring)
    ],
}


@dataclass
class RingScore:
    planted: int = 0
    found: int = 0
    clean_tracks: int = 0
    false_cuts: int = 0
    octaves: list[float] = field(default_factory=list)
    left_db: list[float] = field(default_factory=list)
    harm_db: list[float] = field(default_factory=list)


def score_rings(all_takes: list[Take], scores: dict[tuple[str, str], RingScore], false: list[str]) -> None:
    rng = np.random.default_rng(SEED)
    for take in all_takes:
        clean = spectrum_of(take.samples, take.rate)
        if clean is None or len(clean.times_s) < 24:
            continue
        kind = kind_of(clean)
        already = {name: rule(take.track, clean) for name, rule in RING_ROWS.items()}
        false += [f"{take.label}: {db:+.1f} dB at {hz:.0f} Hz" for hz, db, _ in already["smartmix"]]
        for name, cuts in already.items():
            score = scores.setdefault((name, kind), RingScore())
            score.clean_tracks += 1
            score.false_cuts += len(cuts)
            curve = sum((bell_db(clean.band_hz, *cut) for cut in cuts), np.zeros(clean.band_hz.size))
            score.harm_db.append(float(np.sqrt(np.mean(curve * curve))))
        for gain_db in RING_DB:
            hz = float(rng.choice(loud_bands(clean)) * 2.0 ** rng.uniform(-1.0 / 48.0, 1.0 / 48.0))
            spectrum = spectrum_of(bell(take.samples, take.rate, hz, gain_db, RING_Q), take.rate)
            if spectrum is None:
                continue
            for name, rule in RING_ROWS.items():
                tally(scores[name, kind], spectrum, rule(take.track, spectrum), (hz, gain_db, RING_Q))


def tally(score: RingScore, spectrum: FineSpectrum, cuts: list[Cut], planted: Cut) -> None:
    score.planted += 1
    distance = [abs(np.log2(cut[0] / planted[0])) for cut in cuts]
    if distance and min(distance) <= NEAR_OCTAVES:
        score.found += 1
        score.octaves.append(min(distance))
    near = np.abs(np.log2(spectrum.band_hz / planted[0])) <= 1.0 / 3.0
    curve = sum((bell_db(spectrum.band_hz, *cut) for cut in (planted, *cuts)), np.zeros(near.size))
    score.left_db.append(float(np.sqrt(np.mean(np.square(curve[near])))))


def loud_bands(spectrum: FineSpectrum) -> NDArray[np.float64]:
    """Frequencies of 120 Hz to 6 kHz at which the track has something within 30 dB of its loudest band."""
    median = np.median(spectrum.levels_db.astype(np.float64), axis=0)
    used = (spectrum.band_hz >= 120.0) & (spectrum.band_hz <= 6000.0)
    loud = used & (median >= median.max() - 30.0)
    return spectrum.band_hz[loud if loud.any() else used]


def kind_of(spectrum: FineSpectrum) -> str:
    """What can be told of a track: "changing" (dense, and always in another colour), "one sound" (dense, the same over
    and over: loops and samples), "notes" (gaps between the partials).
    """
    steps = np.abs(np.diff(spectrum.levels_db[:, 24:144].astype(np.float64), axis=1))
    if float(np.median(steps)) >= 3.0:
        return "notes"
    over = over_surroundings_db(spectrum.levels_db)[:, 16:-16]
    rows = np.clip(over, -15.0, 15.0)
    rows = rows - rows.mean(axis=1, keepdims=True)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9
    alike = (np.square(rows.sum(axis=0)).sum() - len(rows)) / (len(rows) * (len(rows) - 1))
    return "changing" if alike <= corrective_eq.RING_SAMENESS else "one sound"


def print_rings(scores: dict[tuple[str, str], RingScore], title: str) -> None:
    print(f"\n**Rings** ({title}): +6, +8, +10 dB, Q 8, at a random loud frequency\n")
    print(
        "| rule | material | tracks | planted | found | frequency error | rms left | cuts per clean track | harm |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for (name, kind), s in sorted(
        scores.items(), key=lambda item: (item[0][1], list(RING_ROWS).index(item[0][0]))
    ):
        error = f"{100 * (2 ** float(np.median(s.octaves)) - 1):.1f} %" if s.octaves else "-"
        found, false = s.found / max(1, s.planted), s.false_cuts / max(1, s.clean_tracks)
        print(
            f"| {name} | {kind} | {s.clean_tracks} | {s.planted} | {100 * found:.0f} % | {error} "
            f"| {np.mean(s.left_db):.2f} dB | {false:.2f} | {np.mean(s.harm_db):.2f} dB |"
        )


def score_bulges(all_takes: list[Take], title: str) -> None:
    print(f"\n**Mud and harshness** ({title}): +8 dB, Q 1, at 315 Hz or 3.2 kHz\n")
    print(
        "| region | tracks | found | found on clean tracks | naive (3 dB over the trend): found | naive on clean |"
    )
    print("|---|---|---|---|---|---|")
    for region, hz in zip(corrective_eq.REGIONS, (315.0, 3200.0), strict=True):
        rows: list[tuple[bool, bool, bool, bool]] = []
        for take in all_takes:
            if family(take.track.role) not in (*region.families, "unknown"):
                continue
            clean = spectrum_of(take.samples, take.rate)
            dirty = spectrum_of(bell(take.samples, take.rate, hz, 8.0, 1.0), take.rate)
            if clean is None or dirty is None:
                continue
            found = [find_bulge(s, region.low_hz, region.high_hz) for s in (dirty, clean)]
            hit = [b is not None and corrective_eq.is_bulge(b) for b in found]
            naive = [b is not None and b.over_trend_db >= 3.0 for b in found]
            rows.append((*hit, *naive))  # type: ignore[arg-type]
        count = len(rows)
        sums = np.sum(rows, axis=0) if rows else np.zeros(4)
        print(f"| {region.name} | {count} | {sums[0]} | {sums[1]} | {sums[2]} | {sums[3]} |")
