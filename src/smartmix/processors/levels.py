"""Level, position and tone."""

from __future__ import annotations

from smartmix.processors.base import Processor


class Gain(Processor):
    """A level change: ``gain_db`` from -120 (silence) to +24 dB. 0 dB leaves every bit alone."""

    native_name = "gain"

    def __init__(self, gain_db: float = 0.0) -> None:
        super().__init__(gain_db=gain_db)


class Pan(Processor):
    """Balance of a stereo pair: ``pan`` -1 (left) to +1 (right), constant power, 0 dB in the centre."""

    native_name = "pan"

    def __init__(self, pan: float = 0.0) -> None:
        super().__init__(pan=pan)


class ParametricEQ(Processor):
    """24 bands ``band1`` ... ``band24`` with ``shape``, ``freq_hz``, ``gain_db``, ``q`` and ``slope_db_oct``.

    Shapes: off, bell, low_shelf, high_shelf, high_pass, low_pass, notch, tilt. ``slope_db_oct`` counts for
    the passes, ``q`` for everything but the tilt and passes of another slope than 12 dB/oct (those are
    Butterworth). A tilt lowers what lies under ``freq_hz`` by half of ``gain_db`` and lifts what lies above
    by the other half. Cuts mirror boosts; bells, shelves, tilt and notch keep their analog shape up to 20 kHz
    at any sample rate (docs/dsp/parametric_eq.md).
    """

    native_name = "parametric_eq"


class LinearPhaseEQ(Processor):
    """8 bands ``band1`` ... ``band8`` with the settings and the magnitude of ``ParametricEQ``, without its phase.

    Nothing is shifted in time against anything else: for masters and for a copy that is mixed back in. The price
    is a latency of 0.18 s (17/32 of a power of two of samples, 8704 at 44.1 and 48 kHz), pre-echo of sharp
    sounds at narrow or low bands, and less precision where ``freq_hz / q`` is under 30 Hz. Moved settings are
    taken every 4096 samples (at 48 kHz) and faded to in 11 ms. All bands neutral: an exact delay.
    """

    native_name = "linear_phase_eq"


class StereoWidth(Processor):
    """How wide a stereo pair is. ``side_db`` (-60 to +12) lifts or lowers what differs between left and right.

    Under ``mono_below_hz`` (20, off, to 500 Hz; 12 dB/oct) the difference fades out: the bass comes to the
    middle. The mono sum never changes. A mono channel has no sides and stays as it is. 0 dB and 20 Hz (the
    defaults) leave every bit alone.
    """

    native_name = "stereo_width"
