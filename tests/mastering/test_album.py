"""Albums: the whole at its target, each song in its place, gaps as asked, nothing of anybody's lost."""

from __future__ import annotations

import itertools
from pathlib import Path

import mutagen
import numpy as np
import pyebur128
import pytest
import soundfile
from typer.testing import CliRunner

from smartmix.audio.tags import Tags
from smartmix.cli.main import app
from smartmix.errors import AudioError, OutputExistsError, SmartmixError
from smartmix.mastering.album import AlbumSettings, master_album
from smartmix.mastering.design import MasterSettings
from standards.oracles import ebur128

RATE = 48_000
LEVELS_DB = (-20.0, -26.0, -18.0, -31.0, -22.0, -19.0)


def song(seed: int, level_db: float, rate: int = RATE, tail_s: float = 0.5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((2, 5 * rate)) * 10 ** (0.05 * level_db)
    return np.pad(x, ((0, 0), (rate // 10, round(tail_s * rate)))).astype(np.float32)


@pytest.fixture(scope="module")
def mixes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Six songs, up to 13 dB apart, one at another rate."""
    folder = tmp_path_factory.mktemp("album")
    files = []
    for k, level in enumerate(LEVELS_DB):
        rate = 44_100 if k == 2 else RATE
        files.append(folder / f"Song {'ABCDEF'[k]}.wav")
        soundfile.write(files[-1], song(k, level, rate).T, rate, subtype="FLOAT")
    return files


def oracle(files: list[Path]) -> tuple[list[float], float]:
    """Loudness of each and of all by libebur128."""
    states, single = [], []
    for file in files:
        x, rate = soundfile.read(file, dtype="float32")
        state = pyebur128.R128State(x.shape[1], rate, pyebur128.MeasurementMode.MODE_I)
        state.add_frames(np.ascontiguousarray(x).ravel(), x.shape[0])
        states.append(state)
        single.append(pyebur128.get_loudness_global(state))
    return single, pyebur128.get_loudness_global_multiple(states)


def test_the_album_is_at_its_target_and_every_song_in_its_place(mixes: list[Path], tmp_path: Path) -> None:
    settings = AlbumSettings(MasterSettings(target=-16.0), bits=24, tags=Tags(album="Eins", artist="Me"))
    album = master_album(mixes, tmp_path / "out", settings)
    before, before_all = oracle(mixes)
    after, after_all = oracle([s.file for s in album.songs])
    assert after_all == pytest.approx(-16.0, abs=0.1)
    shifts = np.array(after) - np.array(before)
    assert np.ptp(shifts) < 0.15, "every song keeps its distance"
    assert album.before.integrated_lufs == pytest.approx(before_all, abs=0.01)
    assert max(abs(s.off_lu) for s in album.songs) < 0.1
    assert [s.file.name for s in album.songs][:2] == ["01 Song A.wav", "02 Song B.wav"]
    assert soundfile.info(album.songs[2].file).samplerate == 44_100
    assert [soundfile.info(s.file).frames for s in album.songs] == [soundfile.info(m).frames for m in mixes]


@pytest.mark.parametrize("deviation", [0.25, 0.5, 0.75, 1.0])
def test_the_album_is_at_its_target_however_much_of_the_distances_is_kept(
    tmp_path: Path, deviation: float
) -> None:
    """One loud song and four soft ones, where the gate of the album leaves the soft ones out or lets them in."""
    songs = []
    for k, level in enumerate((0.2, 0.06, 0.05, 0.045, 0.04)):
        samples = level * np.random.default_rng(k).standard_normal((4 * 48_000, 2)).clip(-3.0, 3.0)
        soundfile.write(tmp_path / f"{k}.wav", samples, 48_000, subtype="FLOAT")
        songs.append(tmp_path / f"{k}.wav")
    settings = AlbumSettings(MasterSettings(target=-24.0), deviation=deviation, bits="32f")
    album = master_album(songs, tmp_path / "out", settings)
    whole = np.concatenate([soundfile.read(song.file)[0] for song in album.songs])
    # libebur128 over all of it; blocks that span two songs are the difference
    assert ebur128(whole.T.astype(np.float32), 48_000)[0] == pytest.approx(-24.0, abs=0.15)
    befores, afters = ([getattr(s, n).integrated_lufs for s in album.songs] for n in ("before", "written"))
    assert np.diff(afters) == pytest.approx(deviation * np.diff(befores), abs=0.05)


def test_without_deviation_every_song_is_at_the_target(mixes: list[Path], tmp_path: Path) -> None:
    album = master_album(mixes[:3], tmp_path, AlbumSettings(MasterSettings(target=-18.0), deviation=0.0))
    assert oracle([s.file for s in album.songs])[0] == pytest.approx([-18.0] * 3, abs=0.1)


@pytest.mark.parametrize("gap_s", [0.2, 2.0])
def test_gaps_are_as_asked(mixes: list[Path], tmp_path: Path, gap_s: float) -> None:
    settings = AlbumSettings(
        MasterSettings(target=-18.0), gap_s=gap_s, suffix=".flac", tags=Tags(album="Eins")
    )
    album = master_album(mixes[:3], tmp_path, settings)
    assert [s.gap_s for s in album.songs] == [
        pytest.approx(gap_s, abs=0.01),
        pytest.approx(gap_s, abs=0.01),
        None,
    ]
    ends = []
    for item in album.songs:
        x, rate = soundfile.read(item.file)
        heard = np.flatnonzero(np.abs(x).max(axis=1) > 1e-3)
        ends.append((heard[0] / rate, (len(x) - 1 - heard[-1]) / rate))
    for (_, tail), (head, _) in itertools.pairwise(ends):
        assert tail + head == pytest.approx(gap_s, abs=0.02)
    tags = mutagen.File(album.songs[1].file).tags
    assert (tags["title"], tags["tracknumber"], tags["tracktotal"], tags["album"]) == (
        ["Song B"],
        ["2"],
        ["3"],
        ["Eins"],
    )


def test_what_cannot_be_an_album_is_said_before_anything_is_written(
    mixes: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros((RATE, 2)), RATE)
    cases: list[tuple[list[Path], AlbumSettings, type[Exception], str]] = [
        (mixes[:1], AlbumSettings(), SmartmixError, "two songs or more"),
        ([*mixes[:1], silent], AlbumSettings(), SmartmixError, "silent or shorter"),
        ([*mixes[:1], tmp_path / "none.wav"], AlbumSettings(), AudioError, "no such file"),
        (mixes[:2], AlbumSettings(gap_s=-1.0), SmartmixError, "gap -1.0"),
        (mixes[:2], AlbumSettings(deviation=2.0), SmartmixError, "deviation 2.0"),
    ]
    for files, settings, error, message in cases:
        with pytest.raises(error, match=message):
            master_album(files, out, settings)
        assert not out.exists()
    out.mkdir()
    (out / "01 Song A.wav").write_text("mine")
    with pytest.raises(OutputExistsError):
        master_album(mixes[:2], out)
    assert [p.name for p in out.iterdir()] == ["01 Song A.wav"]


def test_the_command_writes_the_table(mixes: list[Path], tmp_path: Path) -> None:
    words = ["album", *map(str, mixes[:2]), "-o", str(tmp_path / "out"), "--target", "-18", "--gap", "1"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.stderr
    text = (tmp_path / "out" / "album.txt").read_text()
    assert "01 Song A.wav" in text and text.splitlines()[-1].startswith("Album")
    assert CliRunner().invoke(app, words).exit_code == 2
    among = CliRunner().invoke(app, ["album", *map(str, mixes[:2]), "-o", str(mixes[0].parent)])
    assert among.exit_code == 2 and "among the inputs" in among.stderr
