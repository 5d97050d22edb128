"""Corrective EQ, de-essing and compression against faults planted in real tracks, and on the clean ones.

    python benchmarks/tone_opinions.py FOLDER_OF_SONGS [DEMO_FOLDER]

Every table has a do-nothing row, a naive baseline, smartmix, and smartmix with a fault planted in its rule (the table
must show that it is worse). The songs of FOLDER were looked at when the thresholds were set: figures on them are TUNED.
The demo was not. Roles are those of the file names; what has none is judged as a guitar where a rule needs a role.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from smartmix._core import LoudnessMeter
from smartmix.analysis.fine_spectrum import FineSpectrum, FineSpectrumMeter
from smartmix.analysis.fast_levels import FastLevelMeter, FastLevels
from smartmix.analysis.resonance import Resonance, find_resonances
from smartmix.analysis.bulge import find_bulge
from smartmix.analysis.sibilance import Sibilance, SibilanceMeter
from smartmix.processors import Compressor, DeEsser, ParametricEQ
from smartmix.session.roles import family
from smartmix.session.session import Session, Track
from smartmix.suggesters import compression, corrective_eq, de_ess

Samples = NDArray[np.float32]
SEED = 20_261
RING_DB = (6.0, 8.0, 10.0)
RING_Q = 8.0
NEAR_OCTAVES = 1.0 / 8.0
BLOCK = 65_536


@dataclass(frozen=True)
class Take:
    """A clean track of a song."""

    song: str
    track: Track
    samples: Samples
    rate: int

    @property
    def label(self) -> str:
        return f"{self.song}/{self.track.name}"


def takes(folders: list[Path]) -> Iterator[Take]:
    for folder in folders:
        for track in Session.open(folder).audible_tracks:
            x, rate = soundfile.read(track.path, dtype="float32", always_2d=True)
            yield Take(folder.name, track, np.ascontiguousarray(x.T), rate)


def spectrum_of(x: Samples, rate: int) -> FineSpectrum | None:
    meter = FineSpectrumMeter(rate)
    for start in range(0, x.shape[1], BLOCK):
        meter.push(x[:, start : start + BLOCK])
    return meter.facts()


def esses_of(x: Samples, rate: int) -> tuple[Sibilance | None, NDArray[np.float64]]:
    meter = SibilanceMeter(rate)
    for start in range(0, x.shape[1], BLOCK):
        meter.push(x[:, start : start + BLOCK])
    return meter.facts(), meter.levels_db()


def levels_of(x: Samples, rate: int) -> FastLevels | None:
    meter, loudness = FastLevelMeter(rate), LoudnessMeter(float(rate), x.shape[0])
    for start in range(0, x.shape[1], BLOCK):
        block = np.ascontiguousarray(x[:, start : start + BLOCK])
        meter.push(block)
        loudness.process(block)
    return meter.facts(np.asarray(loudness.energies_10ms(), dtype=np.float64))


def bell(x: Samples, rate: int, hz: float, gain_db: float, q: float) -> Samples:
    eq = ParametricEQ()
    eq.band1.shape, eq.band1.freq_hz, eq.band1.gain_db, eq.band1.q = "bell", hz, gain_db, q
    return eq.process(x, rate)


def bell_db(hz: NDArray[np.float64], centre: float, gain_db: float, q: float) -> NDArray[np.float64]:
    eq = ParametricEQ()
    eq.band1.shape, eq.band1.freq_hz, eq.band1.gain_db, eq.band1.q = "bell", centre, gain_db, q
    return eq.response_db(hz)


# --- rings ------------------------------------------------------------------------------------------------------------

Cut = tuple[float, float, float]
"""Hz, dB, Q."""


def smartmix_cuts(track: Track, spectrum: FineSpectrum, keep: Callable[[Resonance], bool]) -> list[Cut]:
    found = [
        r for r in find_resonances(spectrum, least_db=corrective_eq.RING_OVER_DB) if keep(r)
    ]
    worst = sorted(found, key=lambda r: -r.over_db)[: corrective_eq.MOST_RINGS]
    return [cut_of(corrective_eq.ring_move(track, ring, prints=False)) for ring in worst]


def cut_of(move: object) -> Cut:
    values = {s.ref.parameter.rpartition(".")[2]: s.suggested for s in move.sets}  # type: ignore[attr-defined]
    return float(values["freq_hz"]), float(values["gain_db"]), float(values["q"])


def naive_cuts(spectrum: FineSpectrum) -> list[Cut]:
    """The two highest peaks of the long-term spectrum that stand 4.5 dB over its 1/3-octave smoothing."""
    mean = 10.0 * np.log10(np.power(10.0, spectrum.levels_db.astype(np.float64) / 10.0).mean(axis=0))
    smooth = np.convolve(np.pad(mean, 4, mode="edge"), np.ones(9) / 9.0, mode="valid")
    over = mean - smooth
    peaks = [k for k in range(1, over.size - 1) if over[k] >= 4.5 and over[k] >= max(over[k - 1], over[k + 1])]
    peaks = sorted(peaks, key=lambda k: -over[k])[:2]
    return [(float(spectrum.band_hz[k]), -min(6.0, 0.7 * float(over[k])), RING_Q) for k in peaks]


def no_sameness(ring: Resonance) -> bool:
    """The planted fault: what plays around the peak is not asked."""
    return corrective_eq.is_ring(replace(ring, sameness=0.0, fall_db=5.0))


RING_ROWS: dict[str, Callable[[Track, FineSpectrum], list[Cut]]] = {
    "do nothing": lambda track, spectrum: [],
    "naive: peaks over 1/3 octave": lambda track, spectrum: naive_cuts(spectrum),
    "smartmix": lambda track, spectrum: smartmix_cuts(track, spectrum, corrective_eq.is_ring),
    "planted fault: notes not told apart": lambda track, spectrum: smartmix_cuts(track, spectrum, no_sameness),
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
    octaves: list[float] = None  # type: ignore[assignment]
    left_db: list[float] = None  # type: ignore[assignment]
    harm_db: list[float] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.octaves, self.left_db, self.harm_db = [], [], []


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
                tally(scores[name, kind], spectrum, rule(take.track, spectrum), already[name], hz, gain_db)


def tally(
    score: RingScore, spectrum: FineSpectrum, cuts: list[Cut], already: list[Cut], hz: float, gain_db: float
) -> None:
    score.planted += 1
    distance = [abs(np.log2(cut[0] / hz)) for cut in cuts]
    if distance and min(distance) <= NEAR_OCTAVES:
        score.found += 1
        score.octaves.append(min(distance))
    near = np.abs(np.log2(spectrum.band_hz / hz)) <= 1.0 / 3.0
    curve = bell_db(spectrum.band_hz, hz, gain_db, RING_Q)
    curve = curve + sum((bell_db(spectrum.band_hz, *cut) for cut in cuts), np.zeros(curve.size))
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
    levels = spectrum.levels_db[:, 24:144].astype(np.float64)
    if float(np.median(np.abs(np.diff(levels, axis=1)))) >= 3.0:
        return "notes"
    rows = levels - np.apply_along_axis(lambda row: np.convolve(row, np.ones(25) / 25.0, "same"), 1, levels)
    rows = np.clip(rows - rows.mean(axis=1, keepdims=True), -15.0, 15.0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9
    alike = (np.square(rows.sum(axis=0)).sum() - len(rows)) / (len(rows) * (len(rows) - 1))
    return "changing" if alike <= corrective_eq.RING_SAMENESS else "one sound"


def print_rings(scores: dict[tuple[str, str], RingScore], title: str) -> None:
    print(f"\n**Rings** ({title}): +6, +8, +10 dB, Q 8, at a random loud frequency\n")
    print("| rule | material | tracks | planted | found | frequency error | rms left within 1/3 octave | cuts per clean track | rms harm on clean tracks |")
    print("|---|---|---|---|---|---|---|---|---|")
    for (name, kind), s in sorted(scores.items(), key=lambda item: (item[0][1], list(RING_ROWS).index(item[0][0]))):
        error = f"{100 * (2 ** float(np.median(s.octaves)) - 1):.1f} %" if s.octaves else "-"
        print(
            f"| {name} | {kind} | {s.clean_tracks} | {s.planted} | {100 * s.found / max(1, s.planted):.0f} % | {error} "
            f"| {np.mean(s.left_db):.2f} dB | {s.false_cuts / max(1, s.clean_tracks):.2f} | {np.mean(s.harm_db):.2f} dB |"
        )


# --- bulges -----------------------------------------------------------------------------------------------------------


def score_bulges(all_takes: list[Take], title: str) -> None:
    print(f"\n**Mud and harshness** ({title}): +8 dB, Q 1, at 315 Hz or 3.2 kHz\n")
    print("| region | tracks | found | found on clean tracks | naive (band 3 dB over pink trend): found | naive on clean |")
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


# --- esses ------------------------------------------------------------------------------------------------------------


def louder_esses(take: Take, gain_db: float) -> Samples:
    """The take with its esses (from its own clean detection) louder above 4.5 kHz."""
    facts, _ = esses_of(take.samples, take.rate)
    high = ParametricEQ()
    high.band1.shape, high.band1.freq_hz, high.band1.slope_db_oct = "high_pass", 4500.0, 24
    top = high.process(take.samples, take.rate)
    mask = np.zeros(take.samples.shape[1])
    for start, end in facts.events_s if facts else ():
        mask[round(start * take.rate) : round((end + 0.01) * take.rate)] = 1.0
    fade = np.ones(round(0.005 * take.rate)) / round(0.005 * take.rate)
    mask = np.convolve(mask, fade, mode="same")
    return (take.samples + (10.0 ** (gain_db / 20.0) - 1.0) * mask * top).astype(np.float32)


EssRule = Callable[[Take, Sibilance], dict[str, float | str] | None]


def smartmix_de_esser(take: Take, facts: Sibilance) -> dict[str, float | str] | None:
    moves = de_ess.DeEss()._for(take.track, facts, prints=False) if de_ess.stands_out(facts) else []
    return {s.ref.parameter: s.suggested for s in moves[0].sets} if moves else None  # type: ignore[misc]


def wrong_body_de_esser(take: Take, facts: Sibilance) -> dict[str, float | str] | None:
    """The planted fault: the side chain does not ask for an s (no "over the voice")."""
    settings = smartmix_de_esser(take, facts)
    return settings and {**settings, "relative_db": -40.0, "threshold_db": facts.voice_db - 30.0}


ESS_RULES: dict[str, EssRule] = {
    "do nothing": lambda take, facts: None,
    "naive: one preset on every voice": lambda take, facts: {"range_db": 6.0, "threshold_db": -30.0},
    "smartmix": smartmix_de_esser,
    "planted fault: keyed by level alone": wrong_body_de_esser,
}


def score_esses(all_takes: list[Take], title: str) -> None:
    print(f"\n**Esses** ({title}): made louder above 4.5 kHz; changes are means over the rendered takes\n")
    print("| rule | esses planted | voices | moves | esses, promised | esses, rendered | the voice otherwise |")
    print("|---|---|---|---|---|---|---|")
    voices = [t for t in all_takes if family(t.track.role) == "vocals"]
    for name, rule in ESS_RULES.items():
        for gain_db in (0.0, 4.0, 8.0, 12.0):
            print(f"| {name} | {gain_db:+.0f} dB | {ess_row(voices, gain_db, rule)} |")


def ess_row(voices: list[Take], gain_db: float, rule: EssRule) -> str:
    count, promised, rendered, otherwise = 0, [], [], []
    for take in voices:
        x = louder_esses(take, gain_db) if gain_db else take.samples
        facts, before = esses_of(x, take.rate)
        if facts is None or len(facts.events_s) < 3:
            continue
        count += 1
        settings = rule(take, facts)
        if settings is None:
            continue
        _, after = esses_of(DeEsser(**settings).process(x, take.rate), take.rate)
        esses = np.zeros(before.shape[1], dtype=bool)
        for start, end in facts.events_s:
            esses[round(start * 100) : round(end * 100)] = True
        rest = ~(np.convolve(esses, np.ones(11), mode="same") > 0) & (before[1] > before[1].max() - 40.0)
        if name_has(settings):
            promised.append(
                de_ess.ess_change_db(facts, float(settings["freq_hz"]), float(settings["threshold_db"]))
            )
        rendered.append((after - before)[0, esses].mean())
        whole = [np.logaddexp(*(levels * np.log(10.0) / 10.0)) for levels in (before, after)]
        otherwise.append(10.0 / np.log(10.0) * (whole[1] - whole[0])[rest].mean())
    words = [f"{np.mean(v):+.2f} dB" if v else "-" for v in (promised, rendered, otherwise)]
    return f"{count} | {len(rendered)} | {' | '.join(words)}"


def name_has(settings: dict[str, float | str]) -> bool:
    """Whether the settings are a rule's own and so have a promise to keep."""
    return settings.get("relative_db") == de_ess.RELATIVE_DB


# --- compression ------------------------------------------------------------------------------------------------------


def widened(take: Take, deviation_db: float, seed: int) -> Samples:
    """Gains that wander from half second to half second with a standard deviation in dB."""
    rng = np.random.default_rng(seed)
    seconds = take.samples.shape[1] / take.rate
    points = rng.normal(0.0, deviation_db, int(2 * seconds) + 2)
    gain = np.interp(np.arange(take.samples.shape[1]) / take.rate, 0.5 * np.arange(points.size), points)
    return (take.samples * 10.0 ** (gain / 20.0)).astype(np.float32) * np.float32(0.5)


CompressorRule = Callable[[Take, FastLevels], dict[str, float | str] | None]


def smartmix_compressor(take: Take, levels: FastLevels) -> dict[str, float | str] | None:
    if not compression.called_for(take.track.role, levels):
        return None
    solved = compression.solve(levels)
    if solved is None or levels.spread_db - solved.spread_db < compression.EVENS_OUT_DB:
        return None
    move = compression._move(take.track, levels, solved)
    return {s.ref.parameter: s.suggested for s in move.sets}  # type: ignore[misc]


def peak_makeup(take: Take, levels: FastLevels) -> dict[str, float | str] | None:
    """The planted fault: make-up by the deepest reduction instead of the loudness."""
    settings = smartmix_compressor(take, levels)
    return settings and {**settings, "makeup_db": 6.0}


COMPRESSOR_RULES: dict[str, CompressorRule] = {
    "do nothing": lambda take, levels: None,
    "naive: 4:1 at -18 dBFS": lambda take, levels: {"ratio": 4.0, "threshold_db": -18.0},
    "smartmix": smartmix_compressor,
    "planted fault: make-up by the peaks": peak_makeup,
}


def score_compression(all_takes: list[Take], title: str) -> None:
    print(f"\n**Compression** ({title}): dynamics widened by gains of 3 and 5 dB deviation per half second\n")
    print("| rule | widened | tracks | moves | mean reduction | deepest | level: worst | level wanders by | after |")
    print("|---|---|---|---|---|---|---|---|---|")
    used = [t for t in all_takes if t.track.role in compression.SPREAD_DB]
    for name, rule in COMPRESSOR_RULES.items():
        for deviation in (0.0, 3.0, 5.0):
            print(f"| {name} | {deviation:.0f} dB | {len(used)} | {compressor_row(used, deviation, rule)} |")


def compressor_row(used: list[Take], deviation_db: float, rule: CompressorRule) -> str:
    rows: list[tuple[float, ...]] = []
    for take in used:
        x = widened(take, deviation_db, SEED) if deviation_db else take.samples
        levels = levels_of(x, take.rate)
        settings = rule(take, levels) if levels is not None else None
        if levels is None or settings is None:
            continue
        effect = Compressor(**{key: value for key, value in settings.items() if key != "auto_times"})
        effect.auto_times = settings.get("auto_times") == "on"
        after = levels_of(effect.process(x, take.rate), take.rate)
        assert after is not None
        heard = levels.sounding
        power = [10.0 ** (side.weighted_db[heard].astype(np.float64) / 10.0) for side in (levels, after)]
        level = 10.0 * np.log10(power[1].sum() / power[0].sum())
        wanders = levels.spread_of(after.rms_db.astype(np.float64))
        rows.append((effect.mean_reduction_db, effect.max_reduction_db, abs(level), levels.spread_db, wanders))
    if not rows:
        return "0 | - | - | - | - | -"
    mean, deepest, level, was, now = zip(*rows, strict=True)
    return (
        f"{len(rows)} | {np.mean(mean):.1f} dB | {max(deepest):.1f} dB | {max(level):.2f} LU | {np.mean(was):.1f} dB "
        f"| {np.mean(now):.1f} dB"
    )


def report(folders: list[Path], title: str) -> None:
    all_takes = list(takes(folders))
    scores: dict[tuple[str, str], RingScore] = {}
    false: list[str] = []
    score_rings(all_takes, scores, false)
    print_rings(scores, title)
    print("\nCuts on the clean tracks: " + ("; ".join(false) or "none") + "\n")
    score_bulges(all_takes, title)
    score_esses(all_takes, title)
    score_compression(all_takes, title)


def main() -> None:
    songs = sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir())
    report(songs, "dev songs, TUNED")
    if len(sys.argv) > 2:
        report([Path(sys.argv[2])], "demo, not tuned")


if __name__ == "__main__":
    main()
