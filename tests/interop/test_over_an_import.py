"""An import into a folder that holds something: only an earlier import gives way, and nothing a person put there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from interop.scenes import plain_plan, session
from mixes import RATE, plan_of
from smartmix.errors import OutputExistsError
from smartmix.interop.export import export_session
from smartmix.interop.to_session import import_project
from smartmix.session.saving import save_session


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("to", ["rpp", "dawproject"])
@pytest.mark.parametrize("listed", [True, False])
def test_the_songs_own_recordings_are_not_written_over(tmp_path: Path, to: str, *, listed: bool) -> None:
    """The project plays copies of them, so nothing in it says that they are recordings."""
    song = tmp_path / "song"
    song.mkdir()
    made = session(song)
    if listed:
        save_session(made, song)
    export_session(made, plain_plan(), tmp_path / f"x.{to}", to)
    before = bytes_of(song)
    with pytest.raises(OutputExistsError, match=r"choose a new folder$"):
        import_project(tmp_path / f"x.{to}", song)
    with pytest.raises(OutputExistsError, match="was not made by an import; choose a new folder"):
        import_project(tmp_path / f"x.{to}", song, force=True)
    assert bytes_of(song) == before


@pytest.mark.parametrize("to", ["rpp", "dawproject"])
def test_an_earlier_import_gives_way_as_a_whole(tmp_path: Path, to: str) -> None:
    (tmp_path / "song").mkdir()
    song = session(tmp_path / "song")
    export_session(song, plain_plan(), tmp_path / f"x.{to}", to)
    less = replace(song, tracks=song.tracks[:3], buses=song.buses[:1])
    export_session(less, plan_of(), tmp_path / f"y.{to}", to)
    back = tmp_path / "back"
    import_project(tmp_path / f"x.{to}", back)
    with pytest.raises(OutputExistsError, match="--force to replace the import in it"):
        import_project(tmp_path / f"y.{to}", back)
    import_project(tmp_path / f"y.{to}", back, force=True)
    import_project(tmp_path / f"y.{to}", tmp_path / "fresh")
    assert bytes_of(back).keys() == bytes_of(tmp_path / "fresh").keys()
    assert "pad.wav" not in bytes_of(back)


@pytest.mark.parametrize("name", ["vox.wav", "rough.wav", "session.toml", "plan.toml"])
def test_what_was_changed_since_stays(tmp_path: Path, name: str) -> None:
    (tmp_path / "song").mkdir()
    export_session(session(tmp_path / "song"), plain_plan(), tmp_path / "x.rpp", "rpp")
    back = tmp_path / "back"
    import_project(tmp_path / "x.rpp", back)
    if name.endswith(".toml"):
        (back / name).write_text((back / name).read_text() + "# mine\n")
    else:
        soundfile.write(back / name, np.full(RATE, 0.25), RATE, subtype="FLOAT")
    (back / "mine.wav").write_bytes((back / "kick.wav").read_bytes())
    before = bytes_of(back)
    with pytest.raises(OutputExistsError, match=f"{name}: was changed since it was imported"):
        import_project(tmp_path / "x.rpp", back, force=True)
    assert bytes_of(back) == before
