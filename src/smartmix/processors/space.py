"""Room and echoes."""

from __future__ import annotations

import re

from smartmix.errors import SmartmixError
from smartmix.processors.base import Processor

_NOTE = re.compile(r"1/(1|2|4|8|16|32)(\.|t)?")
_FACTORS = {None: 1.0, ".": 1.5, "t": 2.0 / 3.0}


def note_ms(bpm: float, note: str) -> float:
    """Length in ms of a note at ``bpm`` quarter notes a minute.

    ``note`` is ``"1/8"``, dotted ``"1/8."`` (half as long again) or a triplet ``"1/8t"`` (two thirds), from
    1/1 to 1/32. SmartmixError on another word or a tempo outside 20 to 400.
    """
    match = _NOTE.fullmatch(note)
    if match is None:
        raise SmartmixError(
            f'note {note!r}: expected "1/1" to "1/32", with "." for dotted or "t" for a triplet'
        )
    if not 20.0 <= bpm <= 400.0:
        raise SmartmixError(f"tempo {bpm:g}: expected 20 to 400 bpm")
    return 240_000.0 / bpm / int(match[1]) * _FACTORS[match[2]]


class Reverb(Processor):
    """A room around the sound: early reflections, then a smooth decay by 60 dB in ``decay_s``.

    ``pre_delay_ms`` parts it from the dry sound, ``size`` 0 (booth) to 1 (hall) stretches every path,
    ``damping_hz`` is where the decay is half as long, ``low_cut_hz`` and ``high_cut_hz`` (12 dB/oct) keep
    rumble and edge out of it, ``early_db`` holds the reflections against the late part (closer or further
    away), ``width`` 0..1 goes from mono to full. ``mix`` blends with the input; fully wet, pink programme
    is as loud as dry. Mix 0 (the default) leaves every bit alone. Mono or stereo.
    """

    native_name = "reverb"


class Delay(Processor):
    """Echoes every ``time_ms``, each ``feedback`` times the one before and darker by the cut filters.

    With ``ping_pong`` they fall left and right in turn. A changed time is reached by a crossfade: no click,
    no change of pitch. ``mix`` blends with the input. Mix 0 (the default) leaves every bit alone. Mono or
    stereo.
    """

    native_name = "delay"

    def set_note(self, bpm: float, note: str) -> None:
        """Set ``time_ms`` to the length of a note, such as ``"1/8."``, at ``bpm`` quarter notes a minute.

        SmartmixError when the note is longer than the delay can be (2 s) or not a note.
        """
        time_ms = note_ms(bpm, note)
        try:
            self.set("time_ms", time_ms)
        except SmartmixError as error:
            raise SmartmixError(f"{note} at {bpm:g} bpm: {error}") from None
