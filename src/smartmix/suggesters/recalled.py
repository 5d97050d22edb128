"""What a rough of the same song says about the client's console: plain figures, whoever read them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.rough_fit import RoughFit

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Recalled:
    """Static settings (``fit``), and what changes over frequency and time, in the order of ``fit.tracks``.

    ``tone_db`` (tracks, bands) is each track's EQ around its own level, ``tone_error_db`` one standard deviation;
    ``ride_db`` (segments, tracks) how far each fader stands from the song's own (what compressors of track and bus do
    from moment to moment looks the same, and is in it), ``ride_error_db`` its deviation; ``share`` (segments, tracks)
    how much of the rough each track makes up in the band where it is strongest. ``explained`` (0..1) is the share of
    the rough that standing faders and pans give, sample by sample; ``lag_s`` how late the rough is.
    """

    fit: RoughFit
    band_hz: Array
    tone_db: Array
    tone_error_db: Array
    segment_s: float
    ride_db: Array
    ride_error_db: Array
    share: Array
    explained: float
    lag_s: float = 0.0

    def behind(self, trims_db: dict[str, float]) -> Recalled:
        """The same balance for tracks that are trimmed by these amounts (dB, by track) before the fader."""
        if not trims_db:
            return self
        less = np.array([trims_db.get(name, 0.0) for name in self.fit.tracks])
        return replace(self, fit=replace(self.fit, gain_db=self.fit.gain_db - less))
