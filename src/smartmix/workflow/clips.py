"""Before/after clips: the same stretch of two versions at the same loudness, so that louder does not sound better."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from smartmix.analysis.analysis import FRAME_RATE_HZ, Analysis, Features
from smartmix.analysis.loudness import measure_loudness
from smartmix.audio.buffer import Samples
from smartmix.audio.io import stream
from smartmix.plan import MixPlan
from smartmix.plan.acting import acts_within
from smartmix.plan.conflicts import resolve
from smartmix.rendering import stream as render
from smartmix.session import Session
from smartmix.session.source import stream_source
from smartmix.units import db_to_gain, gain_to_db, power_to_db
from smartmix.workflow.result import Clip

CLIP_S = 12.0
MIN_CLIP_S = 1.0
FADE_S = 0.02
DELTA_HEARD_DBFS = -80.0
"""A difference that peaks under this is no difference to listen to."""


def before_and_after(
    session: Session, analysis: Analysis, plan: MixPlan, mix_features: Features, mix_file: Path
) -> tuple[Clip, ...]:
    """Clips: before (the rough mix, else the plain sum), after (the mix), and what the moves changed, from where moves
    that act on a part of the song are of most benefit together, else from where the two differ most.

    The louder of the two is turned down to the quieter one's integrated loudness, both further if one would clip;
    nothing is turned up. The third, "delta", is the mix less the plain sum, as loud as it is in the mix clip. Empty
    when the song is silent or shorter than one second.
    """
    before = analysis.sum if analysis.rough is None else analysis.rough
    start_s = _moved_s(plan, session.duration_s)
    if start_s is None:
        start_s = _most_changed_s(before.features, mix_features, session.duration_s)
    length_s = min(CLIP_S, session.duration_s - start_s)
    if length_s < MIN_CLIP_S:
        return ()
    rate = session.sample_rate
    clips = {
        "sum" if session.rough is None else "rough": excerpt(_before(session, plan), rate, start_s, length_s),
        "mix": excerpt(stream(mix_file), rate, start_s, length_s),
    }
    changed = _delta(session, plan, clips, (start_s, length_s))
    levels = {name: measure_loudness(clip, rate).integrated_lufs for name, clip in clips.items()}
    if not all(np.isfinite(level) for level in levels.values()):
        return ()
    peaks_db = {name: gain_to_db(float(np.max(np.abs(clip)))) for name, clip in clips.items()}
    # A level at which neither clip is turned up and neither peaks over full scale (a float mix may).
    common = min(levels[name] - max(0.0, peaks_db[name]) for name in clips)
    gains_db = {name: common - levels[name] for name in clips}
    if changed is not None:
        clips["delta"], gains_db["delta"] = changed, gains_db["mix"]
    return tuple(
        Clip(name, start_s, length_s, gains_db[name], to_flac(clip, gains_db[name], rate))
        for name, clip in clips.items()
    )


def _delta(
    session: Session, plan: MixPlan, clips: dict[str, Samples], stretch_s: tuple[float, float]
) -> Samples | None:
    """What the moves changed: the mix less the plain sum at the gain that leaves the least; None if that is nothing."""
    mix = clips["mix"]
    plain = clips.get("sum")
    if plain is None:
        plain = excerpt(render(session, replace(plan, moves=(), chains={})), session.sample_rate, *stretch_s)
    energy = float(np.vdot(plain, plain))
    if energy <= 0.0:
        return None
    delta: Samples = mix - np.float32(float(np.vdot(plain, mix)) / energy) * plain
    heard = gain_to_db(float(np.max(np.abs(delta), initial=0.0))) > DELTA_HEARD_DBFS
    return delta if heard else None


def _before(session: Session, plan: MixPlan) -> Iterable[Samples]:
    if session.rough is not None:
        return stream_source(session.rough, sample_rate=session.sample_rate)
    return render(session, replace(plan, moves=(), chains={}))


def _moved_s(plan: MixPlan, duration_s: float) -> float | None:
    """Start of the window that holds the most benefit of moves that sound for a part of the song; None without any."""
    parts = [move for move in resolve(plan)[0] if move.span_s is not None]
    starts = [_around(move.span_s, duration_s) for move in parts if move.span_s is not None]
    held = [sum(m.benefit for m in parts if acts_within(m, start, start + CLIP_S)) for start in starts]
    return max(zip(held, starts, strict=True), key=lambda pair: (pair[0], -pair[1]))[1] if parts else None


def _around(span_s: tuple[float, float], duration_s: float) -> float:
    return max(0.0, min((sum(span_s) - CLIP_S) / 2.0, duration_s - CLIP_S))


def _most_changed_s(before: Features, after: Features, duration_s: float) -> float:
    """Start of the window in which the two versions' band levels differ most, weighted by how much is heard."""
    window = round(CLIP_S * FRAME_RATE_HZ)
    frames = min(before.band_power.shape[0], after.band_power.shape[0])
    if frames <= window:
        return 0.0
    change = _heard_change(before.band_power[:frames], after.band_power[:frames])
    total = np.concatenate([[0.0], np.cumsum(change)])
    best = int(np.argmax(total[window:] - total[:-window]))
    return min(best / FRAME_RATE_HZ, max(0.0, duration_s - CLIP_S))


def _heard_change(before: NDArray[np.float32], after: NDArray[np.float32]) -> NDArray[np.float64]:
    old, new = before.astype(np.float64) + 1e-12, after.astype(np.float64) + 1e-12
    difference_db = power_to_db(new / old)
    # The clips play at the same loudness: what both versions differ by all along is not a change.
    weight = np.sqrt(old)
    common_db = np.average(difference_db, weights=weight)
    difference_db = np.abs(difference_db - common_db)
    return np.asarray((difference_db * weight).sum(axis=1) / np.sqrt(old.mean()))


def excerpt(blocks: Iterable[Samples], rate: int, start_s: float, length_s: float) -> Samples:
    """Frames [start, start + length) of a stream as stereo, with short fades so that the cut does not click."""
    first, wanted = round(start_s * rate), round(length_s * rate)
    out = np.zeros((2, wanted), dtype=np.float32)
    position = 0
    for block in blocks:
        low, high = max(position, first), min(position + block.shape[1], first + wanted)
        if low < high:
            out[:, low - first : high - first] = block[:, low - position : high - position]
        position += block.shape[1]
        if position >= first + wanted:
            break
    fade = np.linspace(0.0, 1.0, max(1, round(FADE_S * rate)), dtype=np.float32)
    out[:, : fade.size] *= fade
    out[:, -fade.size :] *= fade[::-1]
    return out


def to_flac(clip: Samples, gain_db: float, rate: int) -> bytes:
    """The clip at that gain as a 16-bit FLAC file."""
    buffer = io.BytesIO()
    soundfile.write(buffer, (clip * np.float32(db_to_gain(gain_db))).T, rate, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()
