"""The EQ that brings the tone of one recording to that of another: as bands, and as a filter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.audio.buffer import Samples, check_sample_rate
from smartmix.audio.io import probe, stream
from smartmix.errors import AudioError, SmartmixError
from smartmix.matching.bands import MOST_BANDS, MOST_Q, fit_curve, response_at
from smartmix.matching.curve import MatchCurve, match_curve
from smartmix.matching.grid import GRID_HZ, Floats, at_hz, existing
from smartmix.matching.tone import Tone, k_weighting, measure_tone, tone_of_blocks, window_frames
from smartmix.processors import ParametricEQ

DEFAULT_LIMIT_DB, MOST_LIMIT_DB = 6.0, 12.0
MOST_AMOUNT = 1.5
OCTAVE_CENTRES_HZ = (31.5, 63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16_000.0)
SHORTEST_TAPS, LARGEST_GRID = 64, 65_536

Phase = Literal["minimum", "linear"]


@dataclass(frozen=True, slots=True)
class OctaveMatch:
    """One octave of a match, dB: means of what was intended and of what the bands do, and how far they are apart.

    ``mean_error_db`` and ``max_error_db`` are of the absolute difference; ``confidence`` 0 to 1 is the mean of how far
    both recordings can tell.
    """

    centre_hz: float
    intended_db: float
    achieved_db: float
    mean_error_db: float
    max_error_db: float
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class EQMatch:
    """What brings ``source`` to the tone of ``reference``.

    Curves are per 24th octave at ``hz`` (241,): ``intended_db`` the curve that is wanted (amount counted in),
    ``achieved_db`` what the bands of ``eq`` do at ``sample_rate``, ``confidence`` 0 to 1. ``curve`` is how it came
    about. ``loudness_change_lu``: what the bands do to the loudness of the source, to be taken back where versions
    are compared.
    """

    eq: ParametricEQ
    hz: Floats
    intended_db: Floats
    achieved_db: Floats
    confidence: Floats
    source: Tone
    reference: Tone
    curve: MatchCurve
    amount: float
    limit_db: float
    sample_rate: float

    @property
    def octaves(self) -> tuple[OctaveMatch, ...]:
        """Intended, achieved and error per octave, as far up as the source goes."""
        return tuple(found for centre in OCTAVE_CENTRES_HZ if (found := self._octave(centre)) is not None)

    @property
    def loudness_change_lu(self) -> float:
        """By how much the bands make the source louder (BS.1770 weighting, its long-term spectrum)."""
        power = self.source.band_power * k_weighting(self.hz, self.sample_rate)
        return float(10.0 * np.log10(power @ np.power(10.0, self.achieved_db / 10.0) / power.sum()))

    def fir(self, phase: Phase = "minimum", taps: int | None = None) -> NDArray[np.float32]:
        """Taps (taps,) of a filter with the intended curve, which bands can only come near.

        ``"minimum"`` has no latency; ``"linear"`` shifts nothing in time against anything else, is symmetric about tap
        ``taps / 2``, which is its latency, and has a pre-echo. ``taps`` even; left out, a power of two not
        under 0.17 s (8192 at 44.1 and 48 kHz). SmartmixError for another number or phase.
        """
        if phase not in ("minimum", "linear"):
            raise SmartmixError(f"phase {phase!r}: expected minimum or linear")
        count = window_frames(self.sample_rate) if taps is None else taps
        if count % 2 or not SHORTEST_TAPS <= count <= LARGEST_GRID:
            raise SmartmixError(
                f"taps = {count}: expected an even number from {SHORTEST_TAPS} to {LARGEST_GRID}"
            )
        grid = min(LARGEST_GRID, 4 * 2 ** int(np.ceil(np.log2(count))))
        db = at_hz(self.intended_db, np.arange(grid // 2 + 1) * self.sample_rate / grid)
        return _core.fir_taps(np.power(10.0, db / 20.0), count, minimum_phase=phase == "minimum")

    def filtered(self, audio: NDArray[np.floating], phase: Phase = "minimum") -> Samples:
        """Audio (channels, frames) at ``sample_rate`` through the filter, as long as it was, latency taken out."""
        from scipy.signal import oaconvolve

        taps = self.fir(phase)
        late = taps.size // 2 if phase == "linear" else 0
        frames = audio.shape[-1]
        wet = oaconvolve(np.asarray(audio, np.float32), taps[np.newaxis, :], axes=-1)
        return np.ascontiguousarray(wet[:, late : late + frames], dtype=np.float32)

    def _octave(self, centre_hz: float) -> OctaveMatch | None:
        inside = (self.hz >= centre_hz / np.sqrt(2.0)) & (self.hz < centre_hz * np.sqrt(2.0))
        inside &= existing(self.source.sample_rate)
        if not inside.any():
            return None
        error = np.abs(self.achieved_db - self.intended_db)[inside]
        intended, achieved = (float(x[inside].mean()) for x in (self.intended_db, self.achieved_db))
        return OctaveMatch(
            centre_hz,
            intended,
            achieved,
            float(error.mean()),
            float(error.max()),
            float(self.confidence[inside].mean()),
        )


def match_eq(
    source: NDArray[np.floating],
    reference: NDArray[np.floating],
    sample_rate: float,
    bands: int = 10,
    *,
    amount: float = 1.0,
    limit_db: float = DEFAULT_LIMIT_DB,
) -> EQMatch:
    """The EQ that makes ``source`` sound like ``reference`` on the long run.

    Both are (channels, frames) at ``sample_rate``. Level does not count, nor do pauses, nor which notes were played;
    nothing is lifted where either recording has nothing to say. At most ``bands`` (1 to 24) bells and shelves; the
    curve stays within ``limit_db`` (1 to 12) and is then taken by ``amount`` (0 to 1.5). Recordings shorter than 3 s
    count by their share. Recipe and limits: docs/dsp/match_curve.md. AudioShapeError, AudioError (silence, no finite
    numbers), SmartmixError (out of range).
    """
    rate = check_sample_rate(sample_rate)
    return match_tones(
        measure_tone(source, rate), measure_tone(reference, rate), bands, amount=amount, limit_db=limit_db
    )


def match_files(
    source: Path, reference: Path, bands: int = 10, *, amount: float = 1.0, limit_db: float = DEFAULT_LIMIT_DB
) -> EQMatch:
    """The same of two sound files, each at its own sample rate, streamed; the EQ is for that of the source."""
    check_settings(bands, amount, limit_db)
    return match_tones(tone_of_file(source), tone_of_file(reference), bands, amount=amount, limit_db=limit_db)


def match_tones(
    source: Tone,
    reference: Tone,
    bands: int = 10,
    *,
    amount: float = 1.0,
    limit_db: float = DEFAULT_LIMIT_DB,
    most_q: float = MOST_Q,
) -> EQMatch:
    """The same of two tones that were measured before, with no band sharper than ``most_q``."""
    check_settings(bands, amount, limit_db)
    curve = match_curve(source, reference, limit_db)
    intended = amount * curve.db
    rate = source.sample_rate
    eq = fit_curve(intended, rate, bands, most_q)
    achieved = response_at(eq, GRID_HZ, rate)
    return EQMatch(
        eq, GRID_HZ, intended, achieved, curve.confidence, source, reference, curve, amount, limit_db, rate
    )


def tone_of_file(path: Path) -> Tone:
    """The tone of a sound file. AudioError naming it where it cannot be read or is silent."""
    info = probe(path)
    try:
        return tone_of_blocks(stream(path), info.sample_rate, info.channels)
    except AudioError as error:
        text = str(error)
        raise AudioError(text if str(path) in text else f"{path}: {text}") from None


def check_settings(bands: int, amount: float, limit_db: float) -> None:
    """SmartmixError naming what is out of range."""
    if not 1 <= bands <= MOST_BANDS:
        raise SmartmixError(f"bands = {bands}: expected 1 to {MOST_BANDS}")
    if not 0.0 <= amount <= MOST_AMOUNT:
        raise SmartmixError(f"amount = {amount:g}: expected 0 to {MOST_AMOUNT:g} (0 to 150 %)")
    if not 1.0 <= limit_db <= MOST_LIMIT_DB:
        raise SmartmixError(f"limit_db = {limit_db:g}: expected 1 to {MOST_LIMIT_DB:g} dB")
