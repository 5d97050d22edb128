"""Analysis: every fact measured about one revision of a session. Facts only, with units and time axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.loudness import Loudness
from smartmix.analysis.tone import ToneFacts
from smartmix.session.session import Material

Floats = NDArray[np.float32]

FRAME_RATE_HZ = 10.0
"""Rate of every feature over time: one value per 100 ms, frame i covers [i/10, (i+1)/10) seconds of the session."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a source, with where and how much. Reported, never repaired unasked."""

    kind: Literal["clipping", "dc", "hum", "polarity", "delay", "silence", "noise", "nonfinite"]
    track: str
    text: str
    amount: float
    unit: str
    span_s: tuple[float, float] | None = None
    other_track: str | None = None
    serious: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What suggesters need over time, at FRAME_RATE_HZ. Not written to analysis.json.

    ``band_power`` (frames, bands) is the mean square per band, both channels' mean;
    ``left_power``/``right_power`` the same per side (a mono source counts the same on both sides);
    ``loudness_lufs`` (frames,) the K-weighted level of each 100 ms frame; ``active`` (frames,) whether the
    source sounds (as opposed to spill, noise or silence).
    """

    band_power: Floats
    left_power: Floats
    right_power: Floats
    loudness_lufs: Floats
    active: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class TrackFacts:
    """One source on its own, at unity gain.

    ``active_lufs`` is the K-weighted level averaged over the frames where it sounds (the shared definition of
    "level" for balance); -inf for a silent track. ``lowest_note_hz`` is None when no pitch is found low down.
    """

    track: str
    loudness: Loudness
    active_lufs: float
    active_share: float
    active_spans_s: tuple[tuple[float, float], ...]
    crest_db: float
    correlation: float
    lowest_note_hz: float | None
    rumble_db: float
    """Power below half an octave under the lowest note (or under 40 Hz), in dB relative to the whole track."""
    spectrum_db: Floats
    """(bands,) mean power per ERB band while the source sounds, dB relative to full scale."""
    features: Features
    tone: ToneFacts | None = None
    """What corrective EQ, de-essing and compression are judged by; None for the sum and the rough."""


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """All facts of one session revision. ``content_hash`` covers the audio and the definitions used."""

    session: str
    sample_rate: int
    duration_s: float
    content_hash: str
    band_hz: Floats
    """(bands,) centre frequency of each ERB band, Hz."""
    band_edges_hz: Floats
    """(bands + 1,) band edges, Hz."""
    tracks: dict[str, TrackFacts]
    sum: TrackFacts
    """The plain sum of the audible tracks."""
    rough: TrackFacts | None
    problems: tuple[Problem, ...]
    material: Material
    material_reason: str
    input_hashes: dict[str, str]
    """SHA-256 of each input's samples, by track id ("rough" for the rough mix)."""
