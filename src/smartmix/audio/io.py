"""Sound files in: what a file holds, and its samples."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import soundfile

from smartmix.audio.buffer import check_sample_rate
from smartmix.errors import AudioError


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """Format of a sound file; ``frames`` are per channel at ``sample_rate`` Hz."""

    path: Path
    sample_rate: int
    channels: int
    frames: int
    subtype: str

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate


def probe(path: str | Path) -> AudioInfo:
    """Read the header of a sound file. AudioError when it is missing, empty or no sound file."""
    path = Path(path)
    if not path.is_file():
        raise AudioError(f"{path}: no such file")
    try:
        info = soundfile.info(str(path))
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise AudioError(f"{path}: cannot be read as a sound file ({error})") from error
    check_sample_rate(info.samplerate)
    return AudioInfo(path, int(info.samplerate), int(info.channels), int(info.frames), str(info.subtype))
