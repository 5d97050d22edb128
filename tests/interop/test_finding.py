"""Sound files of a .dawproject that are not where it says: a file of that name is heard only where nothing speaks
against it, and never without a word, on the way back too.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from interop.scenes import plain_plan, session
from mixes import RATE, noise
from smartmix.interop.export import export_session
from smartmix.interop.to_session import import_project


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A project that names its files in the folder of the recordings."""
    (tmp_path / "tracks").mkdir()
    (tmp_path / "desk").mkdir()
    export_session(
        session(tmp_path / "tracks"),
        plain_plan(),
        tmp_path / "desk" / "x.dawproject",
        "dawproject",
        audio="link",
    )
    return tmp_path / "desk" / "x.dawproject"


@pytest.mark.parametrize(
    ("samples", "rate", "why"),
    [
        (noise(1, RATE, 8)[0], RATE, ""),
        (noise(1, RATE, 8)[0], 44_100, "44100 Hz instead of 48000"),
        (noise(2, RATE, 8).T, RATE, "2 channels instead of 1"),
        (noise(1, 3 * RATE, 8)[0], RATE, "3.0 s long instead of 1.0"),
    ],
)
def test_a_stand_in_is_said_and_another_file_is_not_taken(
    linked: Path, samples: np.ndarray, rate: int, why: str
) -> None:
    (linked.parents[1] / "tracks" / "vox.wav").unlink()
    soundfile.write(linked.parent / "vox.wav", samples, rate, subtype="FLOAT")
    made = import_project(linked, linked.parent / "back")
    told = [str(loss) for loss in made.losses if "vox.wav" in str(loss)]
    if why:
        assert told == [
            "vox: ../tracks/vox.wav: the sound file is not there "
            f"(vox.wav beside the project is another: {why}); its clips are silent"
        ]
        assert "vox" not in {t.id for t in made.session.tracks}
    else:
        assert told == [
            "project: not where the project says: ../tracks/vox.wav (heard: vox.wav); "
            "check that it is the one"
        ]
        assert "vox" in {t.id for t in made.session.tracks}


def test_a_stand_in_that_goes_along_is_said(linked: Path) -> None:
    made = import_project(linked, linked.parent / "back")
    (linked.parents[1] / "tracks" / "vox.wav").unlink()
    soundfile.write(linked.parent / "vox.wav", noise(1, RATE, 8)[0], RATE, subtype="FLOAT")
    (linked.parents[1] / "far" / "away").mkdir(parents=True)
    done = export_session(
        made.session, made.plan, linked.parents[1] / "far" / "away" / "y.dawproject", "dawproject"
    )
    assert any("not where the project says: ../tracks/vox.wav" in str(loss) for loss in done.losses)


def test_a_stranger_in_the_new_folder_is_no_stand_in(linked: Path) -> None:
    """The file is gone; one of its name lies where the project goes, and the DAW would not find that either."""
    made = import_project(linked, linked.parent / "back")
    (linked.parents[1] / "tracks" / "vox.wav").unlink()
    far = linked.parents[1] / "far" / "away"
    far.mkdir(parents=True)
    soundfile.write(far / "vox.wav", noise(1, RATE, 8)[0], RATE, subtype="FLOAT")
    done = export_session(made.session, made.plan, far / "y.dawproject", "dawproject")
    assert any("vox.wav: the file is not there" in str(loss) for loss in done.losses)
