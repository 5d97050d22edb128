"""Prints: they add up to the mix, start where the recordings say, and the MIDI file puts markers where they belong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from interop.scenes import lossy_plan, plain_plan, residual_db, session
from mixes import eq_move
from smartmix.audio.broadcast import time_reference
from smartmix.audio.riff import riff_chunks
from smartmix.errors import OutputExistsError
from smartmix.interop.midi import midi_file
from smartmix.interop.model import Marker, Tempo
from smartmix.interop.prints import export_prints
from smartmix.interop.stamped import StampedWriter
from smartmix.plan import MixPlan
from smartmix.rendering import render


def sum_of(folder: Path) -> np.ndarray:
    sounds = [soundfile.read(p, always_2d=True)[0].T for p in sorted(folder.glob("*.wav"))]
    total = np.zeros((2, max(s.shape[1] for s in sounds)))
    for sound in sounds:
        total[:, : sound.shape[1]] += sound
    return total


def plan_with_eqs_on_sums() -> MixPlan:
    """A reverb, and EQs on a group and on the mix: linear, so that each print can have its share."""
    plan = lossy_plan()
    eqs = (
        eq_move("group-eq", "drums", "bell", 900.0, gain_db=-3.0, q=1.0),
        eq_move("mix-eq", "mix", "high_shelf", 6_000.0, gain_db=2.5, q=0.7),
    )
    return replace(plan, moves=(*plan.moves, *eqs))


@pytest.mark.parametrize(
    "plan", [plain_plan(), lossy_plan(), plan_with_eqs_on_sums()], ids=["plain", "lossy", "sums"]
)
def test_prints_at_unity_are_the_mix(tmp_path: Path, plan) -> None:
    song = session(tmp_path)
    made = export_prints(song, plan, tmp_path / "prints")
    names = {p.name for p in (tmp_path / "prints").iterdir()}
    assert {"kick.wav", "vox.wav", "Settings.txt", "Tempo and markers.mid"} <= names
    assert "click.wav" not in names
    assert made.tracks == len([n for n in names if n.endswith(".wav")])
    assert residual_db(render(song, plan).samples, sum_of(tmp_path / "prints")) <= -120.0
    (tmp_path / "prints" / "vox.wav").unlink()  # the planted fault: one print missing
    assert residual_db(render(song, plan).samples, sum_of(tmp_path / "prints")) > -40.0


def test_prints_carry_the_time_stamp_of_the_recordings(tmp_path: Path) -> None:
    song = session(tmp_path)
    stamped = tmp_path / "stamped.wav"
    with StampedWriter(stamped, 48_000, 1, start_frame=1_728_000_000) as writer:
        writer.write(np.zeros((1, 480), np.float32))
    assert time_reference(stamped) == 1_728_000_000
    late = replace(song.track("vox"), path=stamped, frames=480)
    song = replace(song, tracks=tuple(late if t.id == "vox" else t for t in song.tracks))
    export_prints(song, plain_plan(), tmp_path / "prints")
    assert time_reference(tmp_path / "prints" / "kick.wav") == 1_728_000_000 - 4_801


@pytest.mark.parametrize("rf64", [False, True])
@pytest.mark.parametrize("bits", ["32f", 24])
def test_a_stamped_file_is_whole(tmp_path: Path, bits, rf64: bool) -> None:
    """Every chunk where the sizes say, the chunk of the standard's length, and the same samples as without."""
    path = tmp_path / "x.wav"
    samples = np.linspace(-0.5, 0.5, 2_002, dtype=np.float32).reshape(2, -1)
    limit = {"rf64_above_bytes": 0} if rf64 else {}
    with StampedWriter(path, 48_000, 2, bits=bits, start_frame=7, description="Vöx", **limit) as writer:
        writer.write(samples)
    got, _ = soundfile.read(path, dtype="float32")
    assert np.abs(got.T - samples).max() <= (0.0 if bits == "32f" else 2.0**-22)
    with path.open("rb") as file:
        assert file.read(4) == (b"RF64" if rf64 else b"RIFF")
        file.seek(12)
        chunks = dict(riff_chunks(file))
    assert chunks[b"bext"] == 602
    if not rf64:
        assert int.from_bytes(path.read_bytes()[4:8], "little") == path.stat().st_size - 8
    assert time_reference(path) == 7


def read_midi(data: bytes) -> list[tuple[float, int, bytes]]:
    """(seconds, kind, data) of the meta events of a one-track file: a reader of its own."""
    assert data[:4] == b"MThd"
    ticks = int.from_bytes(data[12:14], "big")
    body, at, tick, found = data[22:], 0, 0, []
    assert int.from_bytes(data[18:22], "big") == len(body)

    def number() -> int:
        nonlocal at
        value = 0
        while True:
            byte = body[at]
            at += 1
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value

    second, micros, last = 0.0, 500_000, 0
    while at < len(body):
        tick += number()
        assert body[at] == 0xFF
        kind = body[at + 1]
        at += 2
        length = number()
        text = body[at : at + length]
        at += length
        second += (tick - last) * micros / ticks / 1e6
        last = tick
        if kind == 0x51:
            micros = int.from_bytes(text, "big")
        found.append((second, kind, text))
    return found


def test_the_midi_file_has_tempo_bars_and_markers_in_time() -> None:
    tempo = (Tempo(0.0, 112.0), Tempo(61.3, 96.7, 7, 8), Tempo(150.0, 140.0))
    markers = (
        Marker(0.0, "Intro"),
        Marker(33.333, "verse ü"),
        Marker(100.123, "chorus"),
        Marker(240.5, "end"),
    )
    events = read_midi(midi_file("Song", tempo, markers))
    times = {text.decode(): second for second, kind, text in events if kind == 6}
    for marker in markers:
        assert times[marker.name] == pytest.approx(marker.time_s, abs=0.0005)
    assert [second for second, kind, _ in events if kind == 0x51] == pytest.approx(
        [0.0, 61.3, 150.0], abs=0.0005
    )
    assert [tuple(text[:2]) for _, kind, text in events if kind == 0x58] == [(4, 2), (7, 3), (4, 2)]
    assert events[-1][1] == 0x2F


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "prints").mkdir()
    (tmp_path / "prints" / "mine.txt").write_text("mine")
    with pytest.raises(OutputExistsError, match="not empty"):
        export_prints(session(tmp_path), plain_plan(), tmp_path / "prints")
    export_prints(session(tmp_path), plain_plan(), tmp_path / "prints", force=True)
    assert (tmp_path / "prints" / "mine.txt").read_text() == "mine"


def test_the_sheet_says_what_to_set(tmp_path: Path) -> None:
    export_prints(session(tmp_path), plain_plan(), tmp_path / "prints")
    text = (tmp_path / "prints" / "Settings.txt").read_text(encoding="utf-8")
    for words in (
        "vox",
        "EQ bell at 310 Hz −2.5 dB, Q 1.20",
        "Compressor 3.0:1 over −24.0 dB",
        "Trim −3.0 dB",
        "From 0:00.00: 112 bpm",
        "0:00.20 0.0, 0:00.70 +4.0",
        "do not do both",
    ):
        assert words in text
