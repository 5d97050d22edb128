"""Effects that mend damage and leave everything else alone, bit for bit."""

from __future__ import annotations

from smartmix.processors.base import Processor
from smartmix.processors.dynamics import _Dynamics


class Declick(Processor):
    """Takes out clicks, crackle and bad splices.

    A click stands ``threshold_db`` (6 to 40 dB, 12) over what the prediction error of the sound around it already
    does, so the pulses of a voice or a brass instrument are none, and is over within ``longest_ms`` (0.1 to 4 ms,
    2). It is filled in from the sound before and after it, each channel for itself. ``amount`` 0..1 is the share of
    the repair: 0, the default, leaves every bit alone, and so does any amount where there is no click. ``delta``
    lets only what is taken away be heard. Latency 64 ms (docs/dsp/declick.md).
    """

    native_name = "declick"


class Declip(Processor):
    """Puts back tops that were clipped.

    ``detection`` "flat_tops" finds the limit itself (three samples and more on one level, cut off on both sides);
    "level" takes every sample from ``level_db`` (-30 to 0 dBFS) on. Runs up to ``longest_ms`` (0.1 to 4 ms, 2)
    become what the sound around them makes likely beyond the limit: what comes out is louder than what went in, so
    leave room for it. ``amount`` 0..1 is the share of the repair: 0, the default, leaves every bit alone, and so
    does any amount where nothing is clipped. ``delta`` lets only what is taken away (the tops, inverted) be heard.
    Latency 32 ms (docs/dsp/declip.md).
    """

    native_name = "declip"


class PlosiveControl(_Dynamics):
    """Turns the lows of a voice down while a p or b blows into the microphone, all channels together.

    When the power under ``freq_hz`` (60 to 300 Hz, 150) passes its usual level by ``rise_db`` (3 to 30 dB, 9), a low
    shelf takes back what is over, by at most ``range_db`` (0 to 36 dB; 0, the default, leaves every bit alone),
    within ``attack_ms`` and back within ``release_ms``. ``lookahead_ms`` (0 to 20, 10) is the latency and counts
    from the next one-shot call. ``delta`` lets only what is taken away be heard. Made for voices: on a kick drum
    every beat is a plosive (docs/dsp/plosive_control.md).
    """

    native_name = "plosive_control"
