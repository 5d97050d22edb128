"""Steady noise, mains hum and rumble: taken out where they are, and no bit changed where they are not."""

from __future__ import annotations

from smartmix.processors.base import Processor


class NoiseReduction(Processor):
    """Takes steady noise (hiss, air, preamps) out, each frequency by ``reduction_db`` at most.

    ``profile`` is where it knows the noise from: ``"automatic"`` finds the floor by itself in the pauses,
    ``"learning"`` takes all that comes in for noise and keeps its mean, ``"learned"`` uses what was kept (the
    curves ``noise1_db`` and ``noise2_db`` in dBFS per Hz, saved with presets). ``threshold_db`` raises or
    lowers what counts as noise; ``smoothing`` 0..1 goes from detailed to free of musical noise. ``delta``
    plays what is taken out. Latency is one frame of 32 to 47 ms. Reduction 0 (the default), and sound without
    noise, pass bit for bit. Mono or stereo.
    """

    native_name = "noise_reduction"


class HumRemoval(Processor):
    """Takes mains hum out: 50 or 60 Hz and its first 20 harmonics, each in a notch ``width_hz`` wide.

    With ``profile`` ``"automatic"`` it finds the lines within four seconds of pauses or thin music and
    follows them as the mains drift; ``"learned"`` begins at once with the curves ``mains_hz``, ``lines1_db``
    and ``lines2_db``. No more of a harmonic is ever taken than there is hum in it, so a bass note on 50 Hz
    passes. ``delta`` plays what is taken out. Amount 0 (the default), and sound without hum, pass bit for
    bit. No latency. Mono or stereo.
    """

    native_name = "hum_removal"


class RumbleFilter(Processor):
    """A high pass at ``freq_hz`` against rumble and DC, there only while they are.

    What lies under the frequency has to stay over ``threshold_db`` for a second; ``engage`` ``"always"`` does
    not wait. ``slope_db_oct`` 12 or 24. ``delta`` plays what is taken out. Amount 0 (the default), and sound
    without rumble, pass bit for bit. No latency. Mono or stereo.
    """

    native_name = "rumble_filter"
