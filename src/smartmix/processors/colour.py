"""Harmonics."""

from __future__ import annotations

from smartmix.processors.base import Processor


class Saturation(Processor):
    """Harmonics by a curve: ``drive_db`` 0 to 36 of a ``character``: tape, tube or clip.

    ``tape`` bends softly and evenly (odd harmonics), ``tube`` leans to one side (odd and even ones), ``clip``
    stays clean for longer and has a knee. The curve runs at ``oversampling`` ("2x", "4x", "8x") times the
    sample rate, which decides the latency and counts from the next one-shot call. ``auto_level`` holds
    programme of -18 dBFS RMS at its level, ``output_db`` trims what was bent, ``mix`` 0..1 blends it with the
    input, in phase. Drive 0 (the default) leaves every bit alone. Any number of channels, each for itself.
    """

    native_name = "saturation"
