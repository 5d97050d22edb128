"""What a write-back into a REAPER project leaves out is said, each thing of it."""

from __future__ import annotations

from dataclasses import replace

from smartmix.interop.model import Control, Equalizer, Track
from smartmix.interop.rpp.text import parse
from smartmix.interop.rpp.write_back import _changed

BLOCK = b'<REAPER_PROJECT 0.1 "7" 0\n  <TRACK\n    NAME Vox\n    VOLPAN 1 0 -1 -1 1\n  >\n>\n'


def said(new: Track) -> list[str]:
    root = parse(BLOCK, "x.rpp")
    whole = root.block("REAPER_PROJECT")
    assert whole is not None
    return [loss.what for loss in _changed(whole.blocks("TRACK")[0], new, Track("t1", "Vox"), False)]


def test_nothing_new_loses_nothing() -> None:
    assert said(Track("t1", "Vox")) == []
    assert said(replace(Track("t1", "Vox"), volume=Control(-3.0))) == [], "a fader is written"


def test_trims_comments_polarity_and_devices_are_said() -> None:
    new = replace(
        Track("t1", "Vox"),
        trim=Control(-2.0),
        comment="-2.5 dB at 310 Hz because ...",
        polarity="inverted",
        devices=(Equalizer(()),),
    )
    assert said(new) == ["the new device EQ", "a trim", "what the moves say", "its polarity"]
