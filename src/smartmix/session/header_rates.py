"""Files whose header names the wrong sample rate: a 44.1 kHz recording labelled 48 kHz plays 1.088 times too fast."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from smartmix.session.findings import plain_name
from smartmix.session.source import stream_source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartmix.session.gathering import Gathering
    from smartmix.session.listening import Floats
    from smartmix.session.session import Track

CONFUSED_RATES = ((44_100, 48_000), (88_200, 96_000), (48_000, 96_000), (44_100, 88_200))
LENGTH_TOLERANCE_S = 0.02
LENGTH_TOLERANCE = 2e-4
HOP_S = 0.01
LONGEST_S = 180.0
MOST_WITNESSES = 8
LAG_S = 0.1
CONFIRMED = 0.12
"""Correlation of onsets with the others' from which a corrected rate is believed. Measured on dev, all 97 tracks: none
whose header is right is taken for wrong; 57 with a wrong one are settled, the rest is asked about."""
BETTER = 2.0
"""And it must be this many times the correlation at the header's rate."""


def correct_rates(gathering: Gathering) -> None:
    """Find files whose length says that the header has the wrong rate, and confirm it by listening.

    The length is telling when most other files (or the rough) have one length and this one has it only at another
    common rate. Then the onsets must fall together with the others' at that rate and not at the header's. Confirmed:
    the track plays at the right rate (``Track.sample_rate``), and it is said first. Else: asked.
    """
    tracks = [t for t in gathering.tracks if t.sample_rate]
    usual_s = _usual_length_s([*tracks, *([gathering.rough] if gathering.rough else [])])
    if usual_s is None:
        return
    suspects = [(t, rate) for t in tracks if (rate := _rate_that_fits(t, usual_s)) is not None]
    names = {t.id for t, _ in suspects}
    witnesses = [t for t in tracks if t.id not in names and not t.muted]
    for track, rate in suspects:
        if "played_at_hz" not in track.told and not track.muted:
            _judge(gathering, track, rate, witnesses)
    gathering.listen_anew()


def _usual_length_s(tracks: Iterable[Track]) -> float | None:
    """The length (s) most files have, if at least two have it and more than any other."""
    lengths = sorted(t.frames / t.sample_rate for t in tracks)
    best: list[list[float]] = []
    for length in lengths:
        if best and length - best[-1][-1] <= LENGTH_TOLERANCE_S:
            best[-1].append(length)
        else:
            best.append([length])
    best.sort(key=len, reverse=True)
    if not best or len(best[0]) < 2 or (len(best) > 1 and len(best[1]) == len(best[0])):
        return None
    return float(np.median(best[0]))


def _rate_that_fits(track: Track, usual_s: float) -> int | None:
    """The rate (Hz) at which a file is as long as the others, when it is not at its own."""
    tolerance = max(LENGTH_TOLERANCE_S, LENGTH_TOLERANCE * usual_s)
    if abs(track.frames / track.sample_rate - usual_s) <= tolerance:
        return None
    for low, high in CONFUSED_RATES:
        for header, real in ((low, high), (high, low)):
            if track.sample_rate == header and abs(track.frames / real - usual_s) <= tolerance:
                return real
    return None


def _judge(gathering: Gathering, track: Track, rate: int, witnesses: list[Track]) -> None:
    name, header = plain_name(track.path.name), track.sample_rate
    heard = _aligned(track, (header, rate), witnesses)
    way = "fast and high" if header > rate else "slow and low"
    factor = max(header, rate) / min(header, rate)
    if heard is not None and heard[1] >= CONFIRMED and heard[1] >= BETTER * max(heard[0], 0.0):
        gathering.change(track, sample_rate=rate)
        text = (
            f"{name} says {header} Hz but was recorded at {rate} Hz: as it stands it plays {factor:.3f} times too "
            f"{way}. It is played at {rate} Hz; its length and its hits then match the others"
        )
        gathering.notices.add(text, "corrected", (track.id,))
        return
    text = (
        f"{name} would be as long as the others at {rate} Hz, but its header says {header} Hz and listening does not "
        f"settle it: does it play too {way}? If so say played_at_hz = {rate} in session.toml"
    )
    gathering.notices.add(text, "asked", (track.id,), question=True)


def _aligned(track: Track, rates: tuple[int, int], witnesses: list[Track]) -> tuple[float, float] | None:
    """How well a track's onsets fall together with the witnesses' at each rate, or None without witnesses."""
    if not witnesses:
        return None
    others = [_onsets(t, t.sample_rate) for t in witnesses[:MOST_WITNESSES]]
    together = np.sum([o[: min(map(len, others))] for o in others], axis=0)
    first, second = (_correlation(_onsets(track, rate), together) for rate in rates)
    return first, second


def _onsets(track: Track, rate: int) -> Floats:
    """Rises of level per 10 ms of a track played at ``rate`` (Hz), scaled to unit power."""
    hop = round(HOP_S * rate)
    blocks = stream_source(track, sample_rate=track.sample_rate, block_frames=100 * hop)
    most = int(LONGEST_S)
    powers = [
        np.square(b[:, : b.shape[1] // hop * hop], dtype=np.float64)
        .mean(axis=0)
        .reshape(-1, hop)
        .mean(axis=1)
        for b in itertools.islice(blocks, most)
    ]
    power = np.concatenate(powers) if powers else np.zeros(0)
    level = np.log10(power + max(float(power.max(initial=0.0)) * 1e-5, 1e-12))
    rises = np.maximum(np.diff(level), 0.0)
    rises = rises - rises.mean() if rises.size else rises
    scale = float(np.sqrt(np.square(rises).sum()))
    return np.asarray(rises / scale if scale > 0.0 else rises)


def _correlation(own: Floats, others: Floats) -> float:
    """The best normalised correlation within +-100 ms."""
    frames = min(own.size, others.size)
    if frames < 50:
        return 0.0
    own, others = own[:frames], others[:frames]
    scale = float(np.sqrt(np.square(own).sum() * np.square(others).sum()))
    if scale <= 0.0:
        return 0.0
    reach = round(LAG_S / HOP_S)
    sums = [
        float(own[max(0, lag) : frames + min(0, lag)] @ others[max(0, -lag) : frames - max(0, lag)])
        for lag in range(-reach, reach + 1)
    ]
    return max(sums) / scale
