"""Which faults a demo song gets: the house's own, another draw by seed, or none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smartmix.synth import faults, song
from smartmix.synth.recording import (
    BACKING_VOCALS,
    BASS_AMP,
    BASS_DI,
    GUITAR_LEFT,
    GUITAR_RIGHT,
    KEYS,
    LEAD_VOCAL,
    OVERHEADS,
    PAD,
    SNARE,
)
from smartmix.synth.shaping import SAMPLE_RATE_HZ, Signal

_RESTS = ((0.0, len(song.GUITAR_REST_BARS) * song.BAR_S - 0.05),)
_BURIED = song.section("verse 2")


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Faults by kind, None where a kind is left out. ``clipping_dbfs`` is the snare's ceiling, which its player
    passes by 7.5 dB; ``thumps_s`` are the knocks in the rumble.
    """

    inverted: faults.InvertedChannel | None = None
    late: faults.LateTrack | None = None
    hum: faults.Hum | None = None
    clipping_dbfs: float | None = None
    buried: faults.BuriedTrack | None = None
    rumble: faults.Rumble | None = None
    thumps_s: tuple[float, ...] = ()
    edits: faults.BadEdits | None = None
    hiss: faults.HissyTrack | None = None


HOUSE = FaultPlan(
    inverted=faults.InvertedChannel(OVERHEADS, channel=1),
    late=faults.LateTrack(BASS_AMP, BASS_DI, late_frames=120, late_ms=2.5),
    hum=faults.Hum(GUITAR_LEFT, mains_hz=50, level_dbfs=-50.0, rests=_RESTS),
    clipping_dbfs=-4.0,
    buried=faults.BuriedTrack(LEAD_VOCAL, _BURIED.name, (_BURIED.start_s, _BURIED.end_s), drop_db=5.0),
    rumble=faults.Rumble(LEAD_VOCAL, low_hz=28.0, high_hz=40.0, level_dbfs=-36.0),
    thumps_s=(8.1, 16.6, 29.4),
)
"""The demo's faults."""
CLEAN = FaultPlan()
"""The same song, well recorded."""


def drawn(seed: int) -> FaultPlan:
    """Another set of faults, of every kind, with places and sizes drawn from what sessions show (house ranges)."""
    rng = np.random.default_rng(seed)
    late = int(rng.integers(24, 480))
    verse = song.section(str(rng.choice(["verse 1", "verse 2"])))
    low_hz = float(rng.uniform(24.0, 34.0))
    keys = str(rng.choice([KEYS, PAD, BACKING_VOCALS]))
    return FaultPlan(
        inverted=faults.InvertedChannel(OVERHEADS, int(rng.integers(0, 2))),
        late=faults.LateTrack(BASS_AMP, BASS_DI, late, 1000.0 * late / SAMPLE_RATE_HZ),
        hum=faults.Hum(
            str(rng.choice([GUITAR_LEFT, GUITAR_RIGHT])), int(rng.choice([50, 60])),
            float(rng.uniform(-62.0, -46.0)), _RESTS,
        ),
        clipping_dbfs=float(rng.uniform(-6.0, -0.5)),
        buried=faults.BuriedTrack(
            LEAD_VOCAL, verse.name, (verse.start_s, verse.end_s), float(rng.uniform(3.5, 6.5))
        ),
        rumble=faults.Rumble(LEAD_VOCAL, low_hz, low_hz + 12.0, float(rng.uniform(-42.0, -32.0))),
        thumps_s=tuple(float(t) for t in np.sort(rng.uniform(5.0, 40.0, 3))),
        edits=faults.BadEdits(keys, _edit_times(rng, keys), float(rng.uniform(3.0, 25.0))),
        hiss=faults.HissyTrack(LEAD_VOCAL, float(rng.uniform(-58.0, -50.0))),
    )  # fmt: skip


def _edit_times(rng: np.random.Generator, track: str) -> tuple[float, ...]:
    """Two or three places inside the choruses, where all of these play."""
    chorus = song.section("chorus 2" if track == BACKING_VOCALS or rng.random() < 0.5 else "chorus 1")
    times = rng.uniform(chorus.start_s + 0.5, chorus.end_s - 0.8, int(rng.integers(2, 4)))
    return tuple(float(t) for t in np.sort(times))


def planted(plan: FaultPlan, name: str, samples: Signal) -> Signal:
    """A track on tape with the faults of the plan (the drop and the clipping are done elsewhere)."""
    if plan.inverted and name == plan.inverted.track:
        samples = faults.with_inverted_channel(samples, plan.inverted)
    if plan.late and name == plan.late.track:
        samples = faults.made_late(samples, plan.late)
    if plan.hum and name == plan.hum.track:
        samples = faults.with_hum(samples, plan.hum)
    if plan.rumble and name == plan.rumble.track:
        samples = faults.with_rumble(samples, plan.rumble, plan.thumps_s)
    if plan.edits and name == plan.edits.track:
        samples = faults.with_bad_edits(samples, plan.edits)
    if plan.hiss and name == plan.hiss.track:
        samples = faults.with_hiss(samples, plan.hiss)
    return samples


def clipping_of(plan: FaultPlan, name: str) -> float | None:
    """The ceiling (dBFS) a track is cut at, None for one that is not."""
    return plan.clipping_dbfs if name == SNARE else None
