"""Louder esses and wider dynamics in takes: what is promised, what the native processors then do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from smartmix.analysis.fast_levels import FastLevels
from smartmix.analysis.sibilance import Sibilance
from smartmix.processors import Compressor, DeEsser, ParametricEQ
from smartmix.session.roles import family
from smartmix.suggesters import compression, de_ess
from tone_takes import SEED, Samples, Take, esses_of, levels_of


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
    print(
        "| rule | esses planted | voices | moves | esses, promised | esses, rendered | the voice otherwise |"
    )
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
    print(
        "| rule | widened | tracks | moves | mean reduction | deepest | level: worst | level wanders by | after |"
    )
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
        rows.append(
            (effect.mean_reduction_db, effect.max_reduction_db, abs(level), levels.spread_db, wanders)
        )
    if not rows:
        return "0 | - | - | - | - | -"
    mean, deepest, level, was, now = zip(*rows, strict=True)
    return (
        f"{len(rows)} | {np.mean(mean):.1f} dB | {max(deepest):.1f} dB | {max(level):.2f} LU | {np.mean(was):.1f} dB "
        f"| {np.mean(now):.1f} dB"
    )
