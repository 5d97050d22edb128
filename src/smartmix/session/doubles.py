"""Tracks that would be counted twice or bring nothing: digital silence, noise, and copies of another file."""

from __future__ import annotations

import math
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

import numpy as np

from smartmix.session.findings import plain_name
from smartmix.session.gathering import file_names, stem_of
from smartmix.session.source import stream_source
from smartmix.session.track_names import version_of

if TYPE_CHECKING:
    from smartmix.session.gathering import Gathering
    from smartmix.session.session import Track

DEAD_DBFS = -70.0
"""A track whose loudest 80 ms (RMS) stay under this holds nothing but the noise of its chain (house)."""
SUSPECT_LIKENESS = 0.9999
COPY_RESIDUAL = 1e-6
"""A copy differs from its original by less than this share of its power after one gain: -60 dB, dither included."""
_BLOCK_FRAMES = 1 << 16


def mute_dead(gathering: Gathering) -> None:
    """Mute tracks that hold digital silence or only noise under -70 dBFS. A track that is quiet at every glance is
    read from end to end before it is called dead.
    """
    for track in gathering.audible:
        if gathering.ear.glance(track).loudest_dbfs >= DEAD_DBFS:
            continue
        loudest = _loudest_dbfs(track)
        if loudest >= DEAD_DBFS:
            continue
        what = "only digital silence" if loudest == -math.inf else f"nothing but noise at {loudest:.0f} dBFS"
        gathering.mute(
            track, f"{plain_name(track.path.name)} is muted: it holds {what}; is it the right export?"
        )


def _loudest_dbfs(track: Track) -> float:
    """RMS of the loudest window of 80 ms of a whole track, dBFS; stops at the first that is not dead."""
    window = round(0.08 * track.sample_rate)
    loudest = 0.0
    for block in stream_source(track, sample_rate=track.sample_rate, block_frames=64 * window):
        whole = block[:, : block.shape[1] // window * window].reshape(block.shape[0], -1, window)
        powers = np.square(whole, dtype=np.float64).mean(axis=2)
        rest = np.square(block[:, whole.shape[1] * window :], dtype=np.float64)
        loudest = max(
            loudest, float(powers.max(initial=0.0)), float(rest.sum(axis=1).max(initial=0.0)) / window
        )
        if loudest >= 10.0 ** (DEAD_DBFS / 10.0):
            break
    return 10.0 * math.log10(loudest) if loudest > 0.0 else -math.inf


def note_dual_mono(gathering: Gathering) -> None:
    """Say which stereo files have two equal sides: they sound as mono, in the middle, and stay as they are."""
    dual = [
        t
        for t in gathering.audible
        if t.channels == 2 and not t.right_path and gathering.ear.glance(t).dual_mono
    ]
    if dual:
        text = f"stereo files whose two sides are the same (dual mono; they play as mono): {file_names(dual)}"
        gathering.notices.add(text, "noted", tuple(t.id for t in dual))


def mute_copies(gathering: Gathering) -> None:
    """Of files with the same samples, at any gain, keep one: the one whose name says copy or version least."""
    for _, same_format in groupby(sorted(gathering.audible, key=_format), key=_format):
        tracks = [t for t in same_format if gathering.ear.glance(t).signature.any()]
        tracks.sort(key=_plainness)
        for number, track in enumerate(tracks):
            for original in tracks[:number]:
                if _mute_if_copy(gathering, original, track):
                    break


def _mute_if_copy(gathering: Gathering, original: Track, track: Track) -> bool:
    now = {t.id: t for t in gathering.tracks}
    if now[original.id].muted or now[track.id].muted or not _suspect(gathering, original, track):
        return False
    gain = _copy_gain(original, track)
    if gain is None or (abs(abs(gain) - 1.0) >= 0.005 and _versions(original, track)):
        return False  # a newer version at another level is no copy: versions.py plays the newest
    level = "" if abs(abs(gain) - 1.0) < 0.005 else f", {20.0 * math.log10(abs(gain)):+.1f} dB"
    upside = ", upside down" if gain < 0.0 else ""
    text = (
        f"{plain_name(track.path.name)} is muted: the same recording as {plain_name(original.path.name)}"
        f"{level}{upside}"
    )
    return gathering.mute(track, text, also=[original])


def _versions(first: Track, second: Track) -> bool:
    """Whether the names are equal but for what makes them versions of one part."""
    a, b = version_of(stem_of(first)), version_of(stem_of(second))
    said = (a.marks | b.marks) - {"copy", "alt"}  # "Gtr copy" is no version of "Gtr"
    return a.key == b.key and a.rank != b.rank and bool(said) and first.path.parent == second.path.parent


def _format(track: Track) -> tuple[int, int, int]:
    return track.frames, track.sample_rate, track.channels


def _plainness(track: Track) -> tuple[int, int]:
    return len(version_of(stem_of(track)).marks), len(track.path.stem)


def _suspect(gathering: Gathering, first: Track, second: Track) -> bool:
    a, b = (gathering.ear.glance(t).signature.astype(np.complex128).ravel() for t in (first, second))
    scale = float(np.linalg.norm(a) * np.linalg.norm(b))
    return scale > 0.0 and abs(complex(np.vdot(a, b))) > SUSPECT_LIKENESS * scale


def _copy_gain(original: Track, track: Track) -> float | None:
    """The gain that makes one file the other, all samples compared; None when they differ."""
    own = cross = other = 0.0
    streams = [
        stream_source(t, sample_rate=t.sample_rate, block_frames=_BLOCK_FRAMES) for t in (original, track)
    ]
    for a, b in zip_longest(*streams):
        if a is None or b is None or a.shape != b.shape:
            return None
        wide = a.astype(np.float64)
        own += float(np.square(wide).sum())
        cross += float((wide * b).sum())
        other += float(np.square(b, dtype=np.float64).sum())
    if own <= 0.0 or other <= 0.0 or other - cross * cross / own > COPY_RESIDUAL * other:
        return None
    return cross / own
