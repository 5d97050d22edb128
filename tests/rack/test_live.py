"""Live: what comes out is what a whole call gives, as late as it is said; what is late is counted."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from chained import chain_file
from smartmix.cli.main import app
from smartmix.errors import PluginError
from smartmix.processors import Compressor, Gain, TruePeakLimiter
from smartmix.rack import (
    Chain,
    FilePort,
    InterfacePort,
    MidSide,
    PedalboardDevice,
    load_vst3,
    ports,
    run_live,
)

RATE = 48_000
FRAMES = 20_480


def noise(channels=2, frames=FRAMES):
    return (0.1 * np.random.default_rng(0).standard_normal((channels, frames))).astype(np.float32)


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "in.wav"
    soundfile.write(path, noise().T, RATE, subtype="FLOAT")
    return path


def chain_of(known):
    plugin = load_vst3(known, isolated=False)
    plugin.delay, plugin.gain_db = 150.0, -3.0
    inside = Chain(PedalboardDevice("Compressor", threshold_db=-30.0), Gain(gain_db=1.0))
    effects = (TruePeakLimiter(), plugin, MidSide(side=inside), PedalboardDevice("Gain", gain_db=2.0))
    return Chain(*effects, ids=["limit", "vst", "wide", "up"])


def played(chain, song, folder, block):
    port = FilePort(song, folder / "out.wav", paced=False)
    report = run_live(chain, port, block_frames=block)
    port.close()
    return report, soundfile.read(folder / "out.wav", dtype="float32", always_2d=True)[0].T


@pytest.mark.parametrize("block", [64, 256, 1024])
def test_a_live_stream_is_the_whole_call_late_by_what_is_said(known, song, tmp_path, block):
    whole = chain_of(known).process(noise(), RATE)
    report, out = played(chain_of(known), song, tmp_path, block)
    late = report.latency_frames
    assert report.blocks == FRAMES // block and out.shape == (2, FRAMES)
    assert np.abs(out[:, :late]).max() == 0.0
    assert np.abs(out[:, late:] - whole[:, : FRAMES - late]).max() < 2e-7


def test_small_blocks_are_less_late(known):
    live = chain_of(known)
    stream = live.stream_latency_frames
    live.go_live(RATE, 2, 64)
    assert live.live_latency_frames < stream - 2 * (1024 - 64)
    own = Chain(Gain(), Compressor())
    own.go_live(RATE, 2, 64)
    assert own.live_latency_frames == own.latency_frames


def test_a_block_that_comes_late_is_counted(song):
    class Slow(Gain):
        native_name = "gain"

    port = FilePort(song)
    chain = Chain(Slow(), ids=["slow"])
    stream, held = chain.go_live(RATE, 2, 256), []
    for count in range(20):
        assert port.read(256) is not None
        held.append(stream.process(np.zeros((2, 256), np.float32)))
        if count == 10:
            time.sleep(0.05)
    assert port.xruns == 1


def test_a_paced_file_keeps_to_the_clock(song):
    began = time.perf_counter()
    report = run_live(Chain(Gain()), FilePort(song), block_frames=256, seconds=0.25)
    assert time.perf_counter() - began >= 0.24
    assert report.blocks == pytest.approx(0.25 * RATE / 256, abs=1)


def test_the_meters_show_what_is_played(known, song):
    shown = []
    plugin = load_vst3(known, isolated=False)
    chain = Chain(plugin, Gain(gain_db=-20.0), ids=["vst", "down"])
    run_live(chain, FilePort(song, paced=False), block_frames=256, show=shown.append)
    last = shown[-1]
    assert last.input_peak_dbfs - last.output_peak_dbfs == pytest.approx(20.0, abs=1e-3)
    mean = 2 * np.square(noise() * 0.1).mean()
    assert last.momentary_lufs == pytest.approx(10 * np.log10(mean), abs=4.0)
    assert "vst.level" in last.meters and last.load > 0.0


def test_the_loudness_shown_is_that_of_bs_1770(tmp_path):
    import pyebur128

    tone = np.sin(2 * np.pi * 997.0 * np.arange(RATE) / RATE).astype(np.float32) * 0.1
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.stack([tone, tone]).T, RATE, subtype="FLOAT")
    shown = []
    run_live(Chain(Gain()), FilePort(path, paced=False), show=shown.append)
    state = pyebur128.R128State(2, RATE, pyebur128.MeasurementMode.MODE_M)
    state.add_frames(np.stack([tone, tone], axis=1).ravel(), RATE)
    assert shown[-1].momentary_lufs == pytest.approx(pyebur128.get_loudness_momentary(state), abs=0.02)


def test_ctrl_c_ends_it_and_the_file_is_whole(song, tmp_path):
    def interrupt(_):
        raise KeyboardInterrupt

    port = FilePort(song, tmp_path / "out.wav", paced=False)
    report = run_live(Chain(Gain()), port, block_frames=256, show=interrupt)
    port.close()
    assert report.blocks >= 1
    assert soundfile.info(tmp_path / "out.wav").frames == report.blocks * 256


class StandIn:
    """An audio interface that plays what it records."""

    input_device_names = ("Line In",)
    output_device_names = ("Phones",)
    default_input_device_name = "Line In"
    default_output_device_name = "Phones"

    def __init__(self, **options):
        if options["input_device_name"] != "Line In":
            raise RuntimeError("no such device")
        self.options, self.sample_rate, self.played = options, options["sample_rate"], []
        self.dropped_input_frame_count = 0
        self.opened = False

    def __enter__(self):
        self.opened = True
        return self

    def __exit__(self, *_):
        self.opened = False

    def read(self, frames):
        self.dropped_input_frame_count = 5 if len(self.played) == 3 else 0
        return noise(self.options["num_input_channels"], frames)

    def write(self, samples, sample_rate):
        assert sample_rate == self.sample_rate
        self.played.append(samples)


def test_an_interface_is_read_and_played_and_let_go(monkeypatch):
    monkeypatch.setattr(ports, "_audio_stream", lambda: StandIn)
    port = InterfacePort(sample_rate=44_100, block_frames=128)
    report = run_live(Chain(Gain(gain_db=-6.0)), port, block_frames=128, seconds=0.02)
    assert (report.blocks, report.xruns, report.sample_rate) == (7, 1, 44_100)
    assert np.allclose(port._stream.played[0], noise(2, 128) * 10 ** (-6 / 20), atol=1e-7)
    port.close()
    assert not port._stream.opened
    with pytest.raises(PluginError, match="inputs: Line In; outputs: Phones"):
        InterfacePort("Mic 7")


def test_without_an_interface_it_is_said(monkeypatch):
    class Nothing(StandIn):
        input_device_names = output_device_names = ()
        default_input_device_name = default_output_device_name = None

    monkeypatch.setattr(ports, "_audio_stream", lambda: Nothing)
    with pytest.raises(PluginError, match="names no audio device"):
        InterfacePort()


def test_the_command_plays_a_file_through_a_chain(song, tmp_path):
    file = chain_file(tmp_path, ("native", "gain", {"gain_db": -6.0}))
    out = tmp_path / "played.wav"
    words = ["live", str(file), "-i", str(song), "-o", str(out), "--fast", "--block", "128", "--json"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["live"]["blocks"] == FRAMES // 128 and told["live"]["xruns"] == 0
    samples = soundfile.read(out, dtype="float32")[0].T
    assert np.allclose(samples, noise() * 10 ** (-6 / 20), atol=1e-7)
    again = CliRunner().invoke(app, words)
    assert again.exit_code == 2 and "force" in again.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--block", "100"], "expected a power of two"),
        (["--block", "8"], "expected a power of two"),
    ],
)
def test_wrong_words_are_told_and_nothing_is_written(song, tmp_path, words, message):
    file = chain_file(tmp_path, ("native", "gain", {}))
    out = tmp_path / "played.wav"
    result = CliRunner().invoke(app, ["live", str(file), "-i", str(song), "-o", str(out), *words])
    assert result.exit_code == 2 and message in result.stderr
    assert not out.exists()
