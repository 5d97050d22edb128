"""A drum kit with eight microphones, for the benchmark of problems: every one hears every drum at its distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Audio
from smartmix.synth.drums import KICK_IN, SNARE_TOP, MicPlacement, heard_by, overheads, play_kit
from smartmix.synth.seed import seeded, stream
from smartmix.synth.shaping import SAMPLE_RATE_HZ, highpass, hiss, lowpass, through
from smartmix.synth.song import drum_hits

SECONDS = 12.0
FIRST_S = 2.0
"""The scene is cut from the song: a verse into its fill."""
KICK_OUT: MicPlacement = {"kick": (-3.0, 0.9), "snare": (-26.0, 1.6), "floor tom": (-22.0, 1.2)}
SUB_KICK: MicPlacement = {"kick": (0.0, 0.6)}
SNARE_BOTTOM: MicPlacement = {"snare": (-4.0, 0.35), "kick": (-24.0, 1.6), "hat": (-26.0, 1.3)}
RACK_TOM: MicPlacement = {
    "rack tom": (0.0, 0.0), "snare": (-20.0, 1.2), "kick": (-28.0, 1.5), "floor tom": (-18.0, 1.0),
}  # fmt: skip
FLOOR_TOM: MicPlacement = {
    "floor tom": (0.0, 0.0), "snare": (-24.0, 1.9), "kick": (-24.0, 1.3), "rack tom": (-18.0, 1.0),
}  # fmt: skip
KIT_MICROPHONES = ("Kick In", "Kick Out", "Sub Kick", "Snare Top", "Snare Bottom", "Rack Tom", "Floor Tom")


def kit_files(seed: int, turned: str | None) -> dict[str, Audio]:
    """The kit's tracks by name, one of them upside down. The snare's bottom microphone comes turned the right way."""
    with seeded(seed):
        kit = play_kit(drum_hits(), round((FIRST_S + SECONDS) * SAMPLE_RATE_HZ))
        rng = stream("kit distances")
        mics = {
            "Kick In": _mic(kit, KICK_IN, rng),
            "Kick Out": through(_mic(kit, KICK_OUT, rng), lowpass(3000.0, 1)),
            "Sub Kick": through(_mic(kit, SUB_KICK, rng), lowpass(90.0), highpass(25.0, 1)),
            "Snare Top": _mic(kit, SNARE_TOP, rng),
            "Snare Bottom": through(_mic(kit, SNARE_BOTTOM, rng), highpass(150.0, 1)),
            "Rack Tom": _mic(kit, RACK_TOM, rng),
            "Floor Tom": _mic(kit, FLOOR_TOM, rng),
        }
        stereo = overheads(kit)
        tracks = {name: row[np.newaxis] for name, row in mics.items()} | {"OH": stereo}
        return {name: _taped(name, rows, -1.0 if name == turned else 1.0) for name, rows in tracks.items()}


def _mic(kit: dict[str, NDArray], placement: MicPlacement, rng: np.random.Generator) -> NDArray:
    """One microphone, put up by hand: distances and levels a little different in every session."""
    moved = {
        drum: (db + rng.normal(0.0, 1.5), ms * rng.uniform(0.85, 1.2)) for drum, (db, ms) in placement.items()
    }
    return heard_by(kit, moved)


def _taped(name: str, rows: NDArray, sign: float) -> Audio:
    rows = rows[:, round(FIRST_S * SAMPLE_RATE_HZ) :]
    rows = sign * 0.5 * rows / np.abs(rows).max() + hiss(name, *rows.shape, -75.0)
    return Audio(rows.astype(np.float32), SAMPLE_RATE_HZ)
