"""Effects that turn audio down by how loud it is."""

from __future__ import annotations

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
    ``release_ms``. ``q`` is the width of the bell. Range 0 (the default) leaves every bit alone.
    """

    native_name = "de_esser"


class Gate(_Dynamics):
    """Turns down what stays under ``threshold_db``, all channels together, by at most ``range_db``.

    ``ratio`` makes it an expander (2) or a gate (10 and more). It opens at the threshold within
    ``attack_ms`` and closes, within ``release_ms``, when nothing has reached the threshold less
    ``hysteresis_db`` for ``hold_ms``. ``lookahead_ms`` opens before the sound and is the latency; it counts
    from the next one-shot call. Range 0 (the default) leaves every bit alone.
    """

    native_name = "gate"


class TruePeakLimiter(Processor):
    """A limiter whose ceiling holds between the samples too; parameters as in the native registry."""

    native_name = "true_peak_limiter"
