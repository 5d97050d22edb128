"""Analysis: every fact measured about one revision of a session. Facts only, with units and time axes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.compact import Codes, decode_power, encode_power
from smartmix.analysis.landmarks import Fingerprint
from smartmix.analysis.loudness import Loudness
from smartmix.analysis.masking_facts import MaskingFacts
from smartmix.analysis.pickup import Pickup
from smartmix.analysis.tone import ToneFacts
from smartmix.session.session import Material

Floats = NDArray[np.float32]

FRAME_RATE_HZ = 10.0
"""Rate of every feature over time: one value per 100 ms, frame i covers [i/10, (i+1)/10) seconds of the session."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a source, with where and how much. Reported, never repaired unasked."""

    kind: Literal[
        "clipping", "dc", "hum", "clicks", "plosives", "polarity", "delay", "silence", "noise", "nonfinite"
    ]
    track: str
    text: str
    amount: float
    unit: str
    span_s: tuple[float, float] | None = None
    other_track: str | None = None
    serious: bool = False


Heard = Literal["session", "heard"]
"""Who says so: the session file, or the audio itself."""

OCTAVE_GROUPS = ("low", "low mid", "mid", "high mid", "high")
"""Names of the octave groups; they meet at OCTAVE_GROUP_EDGES_HZ."""
OCTAVE_GROUP_EDGES_HZ = (125.0, 500.0, 2000.0, 6000.0)
"""Where the octave groups meet, Hz (house: two octaves each in the middle)."""
LEVEL_PERCENTILES = (10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9)
"""The percentiles ``ShortLevels`` holds."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """Beats per minute: ``bpm``, and ``other_bpm``, the octave (half or double) it could also be counted in (None:
    the session file says the tempo). ``confidence`` 0..1 is how clearly the pulse stands out; a session's own tempo
    has 1.
    """

    bpm: float
    other_bpm: float | None = None
    confidence: float = 1.0
    source: Heard = "heard"


@dataclass(frozen=True, slots=True)
class ShortLevels:
    """Levels of 10 ms pieces while the source sounds, dBFS, unweighted: what a compressor's detector gets to see.

    ``peak_dbfs`` (the louder side's highest sample) and ``rms_dbfs`` (channels' mean power) each hold the percentiles
    LEVEL_PERCENTILES; a full-scale square wave is 0 dBFS in both. Empty for silence.
    """

    peak_dbfs: tuple[float, ...] = ()
    rms_dbfs: tuple[float, ...] = ()

    def peak_at(self, percentile: float) -> float:
        """The peak level at a percentile (0..100), dBFS, between the ones kept by straight lines; -inf for silence."""
        return _between(percentile, self.peak_dbfs)

    def rms_at(self, percentile: float) -> float:
        """The RMS level at a percentile (0..100), dBFS; -inf for silence."""
        return _between(percentile, self.rms_dbfs)


def _between(percentile: float, levels: tuple[float, ...]) -> float:
    return float(np.interp(percentile, LEVEL_PERCENTILES, levels)) if levels else -math.inf


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What suggesters need over time, at FRAME_RATE_HZ. Not written to analysis.json.

    ``loudness_lufs`` (frames,) is the K-weighted level of each 100 ms frame; ``active`` (frames,) whether the source
    sounds (as opposed to spill, noise or silence). The powers per side and band are kept in two bytes each
    (compact.py) and come out as float32, new at every call. ``right_codes`` is ``left_codes`` for a mono source.
    """

    left_codes: Codes
    right_codes: Codes
    loudness_lufs: Floats
    active: NDArray[np.bool_]

    @classmethod
    def of_powers(
        cls, left: Floats, right: Floats, loudness_lufs: Floats, active: NDArray[np.bool_]
    ) -> Features:
        """From mean squares (frames, bands) per side."""
        codes = encode_power(left)
        return cls(codes, codes if right is left else encode_power(right), loudness_lufs, active)

    @property
    def left_power(self) -> Floats:
        """(frames, bands) mean square per band on the left; a mono source counts the same on both sides."""
        return decode_power(self.left_codes)

    @property
    def right_power(self) -> Floats:
        """(frames, bands) mean square per band on the right."""
        return decode_power(self.right_codes)

    @property
    def band_power(self) -> Floats:
        """(frames, bands) mean square per band, both sides' mean."""
        left = decode_power(self.left_codes)
        if self.right_codes is not self.left_codes:
            left += decode_power(self.right_codes)
            left *= np.float32(0.5)
        return left


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
    section_lufs: dict[str, float] = field(default_factory=dict)
    """Level over the sounding frames of each section, LUFS as ``active_lufs``; -inf where it is silent. By name."""
    crest_by_band_db: dict[str, float] = field(default_factory=dict)
    """Peak over RMS of the sounding part within each octave group, dB; 0 for a silent group. By group name."""
    width_db: float = -math.inf
    """Side power over mid power, dB; -inf for mono."""
    mono_loss_db: float = 0.0
    """What folding to (L+R)/2 loses against the mean of both sides' powers, dB: 0 mono, 3.01 unrelated sides."""
    noise_floor_dbfs: float = -math.inf
    """What is left in the pauses: 3rd percentile of the 50 ms RMS levels that are not digital silence, dBFS."""
    short_levels_db: ShortLevels = ShortLevels()
    """Percentiles of the 10 ms levels, for thresholds of compressors and gates."""
    decay_s: float | None = None
    """How long the source takes to fall by 60 dB when it stops, s (``analysis.decay``); None where it never does."""
    fingerprint: Fingerprint | None = None
    """What a revised file of the same track is recognised by."""
    tone: ToneFacts | None = None
    """What corrective EQ, de-essing and compression are judged by; None for the sum and the rough."""


@dataclass(frozen=True, slots=True, eq=False)
class SectionFacts:
    """One part of the song: ``tracks`` are the audible tracks that play in it, by id; levels are of the plain sum."""

    name: str
    start_s: float
    end_s: float
    source: Heard = "heard"
    loudness_lufs: float = -math.inf
    """K-weighted power mean of the sum's sounding frames."""
    true_peak_dbtp: float = -math.inf
    crest_db: float = 0.0
    """True peak over RMS of the sum in this section."""
    correlation: float = 1.0
    width_db: float = -math.inf
    mono_loss_db: float = 0.0
    spectrum_db: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    """(bands,) mean power per ERB band, dB relative to full scale."""
    tracks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class BusFacts:
    """A group: the sum of its members as the plain sum has them (session gains and pans).

    ``members`` are the ids of the audible tracks that reach it, ``facts`` what is measured of the sum (no lowest
    note, rumble or fingerprint: those belong to single sources).
    """

    bus: str
    name: str
    members: tuple[str, ...]
    facts: TrackFacts


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
    tempo: Tempo | None = None
    """None where no pulse is clear (rubato, speech, beds)."""
    sections: tuple[SectionFacts, ...] = ()
    """The parts of the song, one after another; the session's own where it names any."""
    buses: dict[str, BusFacts] = field(default_factory=dict)
    """By bus id."""
    pickups: tuple[Pickup, ...] = ()
    """How the microphones and pick-ups of one source stand against each other."""
    masking: MaskingFacts | None = None
    """Who covers whom among the audible tracks; None where nothing sounds."""
