"""Effects that turn audio down by how loud it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix.processors.base import Processor


class _Dynamics(Processor):
    """What processors that turn audio down have in common: they say how much, in dB.

    They listen to the audio itself, or to the ``side_chain`` given to ``process``.
    """

    @property
    def gain_reduction_db(self) -> float:
        """Reduction at the last frame processed, dB >= 0; of the processed part, before a parallel mix."""
        return self._native.reduction_db[0]

    @property
    def max_reduction_db(self) -> float:
        """The deepest reduction since the last reset, dB >= 0."""
        return self._native.reduction_db[1]

    @property
    def mean_reduction_db(self) -> float:
        """Mean reduction since the last reset over the frames with more than 0.1 dB of it; 0 without any."""
        return self._native.reduction_db[2]

    def reduction_trace(self, rate_hz: int = 10) -> NDArray[np.float32]:
        """The deepest reduction in dB of each 1/``rate_hz`` s of the programme since the last reset.

        ``rate_hz`` is 1, 2, 5 or 10. What has begun of the last piece of time is in it; a look-ahead is taken
        out, so that cell ``i`` is that of the audio from ``i / rate_hz`` seconds on. Of the processed part,
        before a parallel mix. ValueError on another rate.
        """
        cells: NDArray[np.float32] = self._native.reduction_trace_db(rate_hz)[0]
        return cells


class _BandDynamics(_Dynamics):
    """Dynamics in bands: each also says for itself how much."""

    @property
    def band_reductions_db(self) -> tuple[float, ...]:
        """Reduction of each band at the last frame processed, dB >= 0."""
        return tuple(now for now, _, _ in self._native.part_reductions_db)

    @property
    def band_max_reductions_db(self) -> tuple[float, ...]:
        """The deepest reduction of each band since the last reset, dB >= 0."""
        return tuple(deepest for _, deepest, _ in self._native.part_reductions_db)

    @property
    def band_mean_reductions_db(self) -> tuple[float, ...]:
        """Mean reduction of each band since the last reset over its frames with more than 0.1 dB of it."""
        return tuple(mean for _, _, mean in self._native.part_reductions_db)

    def reduction_trace(self, rate_hz: int = 10) -> NDArray[np.float32]:
        """The same for every band: (bands, cells), dB >= 0."""
        return self._native.reduction_trace_db(rate_hz)


class Compressor(_Dynamics):
    """Turns down what passes ``threshold_db``, all channels together, at ``ratio`` to one with a soft knee.

    ``attack_ms`` and ``release_ms`` are times to 63.2 %; with ``auto_times`` the longest ones, shorter for
    material with a higher crest factor. ``detection`` is peak or rms (10 ms). ``lookahead_ms`` acts before
    the peak and is the latency; it counts from the next one-shot call. ``makeup_db`` lifts the compressed
    part, ``mix`` 0..1 blends it with the input. Ratio 1 (the default) leaves every bit alone.
    """

    native_name = "compressor"


class DeEsser(_Dynamics):
    """Turns a high band down while it is loud: a bell or high shelf at ``freq_hz`` keyed by that band.

    The band has to pass ``threshold_db`` and to stand ``relative_db`` over what lies an octave and more
    below it; then it goes down by ``ratio``, at most by ``range_db``, within ``attack_ms`` and back within
    ``release_ms``. ``q`` is the width of the bell. ``lookahead_ms`` acts before the s and is the latency; it
    counts from the next one-shot call. Range 0 (the default) leaves every bit alone.
    """

    native_name = "de_esser"


class DynamicEQ(_BandDynamics):
    """Four bells or shelves that move only while their band is loud: ``band1`` ... ``band4``.

    The gain of a band goes from 0 towards ``range_db`` (down when negative, up when positive) as the level
    in its side chain passes ``threshold_db``: by 1 - 1/``ratio`` dB for each dB over, through a knee of
    ``knee_db``, never further than the range, within ``attack_ms`` and back within ``release_ms``. ``shape``
    is bell, low_shelf, high_shelf or off, with ``freq_hz`` and ``q``. A band listens to itself; with
    ``detector`` "own" to ``detector_hz`` and ``detector_q``, as with a bell that ducks for another range.
    Readings are how far a gain is from 0 dB, up or down. No latency; range 0 (the default) leaves every bit
    alone.
    """

    native_name = "dynamic_eq"


class Gate(_Dynamics):
    """Turns down what stays under ``threshold_db``, all channels together, by at most ``range_db``.

    ``ratio`` makes it an expander (2, with a ``knee_db``) or a gate (10 and more; 100 is infinite). It opens
    at the threshold (the top of its knee) within ``attack_ms`` and closes, within ``release_ms``, when
    nothing has reached ``hysteresis_db`` less for ``hold_ms``. ``detection`` is peak or rms (10 ms).
    ``lookahead_ms`` opens before the sound and is the latency; it counts from the next one-shot call.
    ``mix`` 0..1 blends with the input. Range 0 (the default) leaves every bit alone.
    """

    native_name = "gate"


class MultibandCompressor(_BandDynamics):
    """Two to four ``bands``, each with a compressor of its own: ``band1`` (lowest) ... ``band4``.

    They part at ``crossover1_hz`` < ``crossover2_hz`` < ``crossover3_hz`` (24 dB/oct, Linkwitz-Riley; each
    counts from a third of an octave over the one below it on) and add up flat. Of each band:
    ``threshold_db``, ``ratio``, ``knee_db``, ``attack_ms``, ``release_ms``, ``makeup_db`` and ``bypass``, as
    of the Compressor. For all bands: ``detection`` (peak or rms), ``auto_times``, ``mix`` 0..1 with the
    uncompressed bands, ``lookahead_ms`` (the latency; it counts from the next one-shot call). While it works
    the phase turns at the crossovers; with nothing to do (every ratio 1, the default, without make-up) every
    bit is left alone. A side chain is cut into the same bands.
    """

    native_name = "multiband_compressor"


class TruePeakLimiter(Processor):
    """A limiter whose ceiling holds between the samples too; parameters as in the native registry."""

    native_name = "true_peak_limiter"
