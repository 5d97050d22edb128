"""Each planted fault, found again by a measurement that knows nothing of how it was made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from smartmix.synth import recording
from smartmix.synth.demo import DemoSong
from smartmix.synth.drums import overheads, play_kit
from smartmix.synth.song import BEAT_S, MELODY, drum_hits, section

RATE = 48_000


def band(samples: NDArray[np.float32], low_hz: float, high_hz: float) -> NDArray[np.float64]:
    sos = signal.butter(4, (low_hz, high_hz), "bandpass", fs=RATE, output="sos")
    return signal.sosfiltfilt(sos, samples.astype(np.float64), axis=-1)


def rms_db(samples: NDArray[np.floating]) -> float:
    return float(10.0 * np.log10(np.mean(np.square(samples, dtype=np.float64))))


def correlation(pair: NDArray[np.float64]) -> float:
    return float(np.sum(pair[0] * pair[1]) / np.sqrt(np.sum(pair[0] ** 2) * np.sum(pair[1] ** 2)))


def test_overheads_are_out_of_phase_left_against_right(demo: DemoSong) -> None:
    pair = band(demo.tracks[demo.truth.inverted.track].samples, 80.0, 4000.0)
    assert correlation(pair) < -0.7


def test_turning_the_named_channel_round_is_what_heals_the_overheads(demo: DemoSong) -> None:
    fault = demo.truth.inverted
    healed = demo.tracks[fault.track].samples.copy()
    healed[fault.channel] *= -1.0
    assert correlation(band(healed, 80.0, 4000.0)) > 0.7
    # and the healed side agrees with the close snare mic, which was never touched
    snare = band(demo.tracks[recording.SNARE].samples[0], 150.0, 400.0)
    lag = round(0.0028 * RATE)
    for channel in band(healed, 150.0, 400.0):
        assert np.sum(channel[lag:] * snare[:-lag]) > 0.0


def test_healthy_overheads_hear_the_whole_kit_late_and_wide() -> None:
    frames = 20 * RATE
    kit = play_kit(drum_hits(), frames)
    pair = overheads(kit).astype(np.float64)
    assert 0.6 < correlation(pair) < 0.98
    for drum in ("kick", "snare"):
        close = kit[drum].astype(np.float64)
        lags = signal.correlate(pair[0], close, mode="full", method="fft")[frames - 1 : frames + 480]
        assert 0.002 <= int(np.argmax(lags)) / RATE <= 0.0041


def test_amp_comes_after_its_di_by_the_truth(demo: DemoSong) -> None:
    fault = demo.truth.late
    amp, di = (demo.tracks[name].samples[0].astype(np.float64) for name in (fault.track, fault.reference))
    size = 1 << 22
    cross = np.fft.rfft(amp, size) * np.conj(np.fft.rfft(di, size))
    frequency_hz = np.fft.rfftfreq(size, 1.0 / RATE)
    heard = (frequency_hz > 80.0) & (frequency_hz < 8000.0)
    phat = np.where(heard, cross / np.maximum(np.abs(cross), 1e-12) ** 0.8, 0.0)
    lags = np.fft.irfft(phat)
    best = int(np.argmax(np.abs(lags)))
    assert abs(best - fault.late_frames) <= 1
    assert lags[best] > 0.0
    assert fault.late_ms == 1000.0 * fault.late_frames / RATE


def hum_level_db(rest: NDArray[np.float32], hz: int) -> float:
    seconds = rest.size // RATE
    spectrum = np.abs(np.fft.rfft(rest[: seconds * RATE].astype(np.float64))) / (
        seconds * RATE / np.sqrt(2.0)
    )
    return float(20.0 * np.log10(spectrum[hz * seconds]))


def test_hum_stands_in_the_guitars_rests_at_its_level(demo: DemoSong) -> None:
    fault = demo.truth.hum
    start_s, end_s = fault.rests[0]
    rest = demo.tracks[fault.track].samples[0, round(start_s * RATE) : round(end_s * RATE)]
    lines_db = np.array([hum_level_db(rest, fault.mains_hz * k) for k in range(1, 9)])
    assert abs(10.0 * np.log10(np.sum(10.0 ** (lines_db / 10.0))) - fault.level_dbfs) < 0.2
    between = hum_level_db(rest, 75)
    assert lines_db[0] - between > 40.0
    # the other take of the same part was recorded through a quiet amplifier
    quiet = demo.tracks[recording.GUITAR_RIGHT].samples[0, : rest.size]
    assert hum_level_db(quiet, 50) < -90.0


def test_clipped_track_is_flat_below_full_scale_and_nothing_else_is(demo: DemoSong) -> None:
    fault = demo.truth.clipped
    for name, audio in demo.tracks.items():
        size = np.abs(audio.samples)
        flat = size >= size.max() * (1.0 - 1e-6)
        in_runs = sum(run for run in run_lengths(flat.ravel()) if run >= 3)
        if name == fault.track:
            assert int(flat.sum()) == fault.flat_frames
            assert in_runs > 0.4 * fault.flat_frames > 1000
            assert abs(20.0 * np.log10(size.max()) - fault.ceiling_dbfs) < 1e-3
        else:
            assert in_runs == 0, name


def run_lengths(flags: NDArray[np.bool_]) -> list[int]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [int(n) for n in edges[1::2] - edges[::2]]


def sung(demo: DemoSong, name: str) -> NDArray[np.float64]:
    """The vocal above the rumble, where the score has a note in this section."""
    voice = band(demo.tracks[recording.LEAD_VOCAL].samples[0], 150.0, 8000.0)
    start_s = section(name).start_s
    parts = [
        voice[round((start_s + note.beat * BEAT_S) * RATE) :][: round(note.beats * BEAT_S * RATE)]
        for phrase in MELODY[name]
        for note in phrase
    ]
    return np.concatenate(parts)


def test_vocal_drops_in_its_section_by_the_truth(demo: DemoSong) -> None:
    fault = demo.truth.buried
    assert fault.track == recording.LEAD_VOCAL
    # verse 1 has the same melody: only the drop and the singer's own unevenness are between them
    drop_db = rms_db(sung(demo, "verse 1")) - rms_db(sung(demo, fault.section))
    assert abs(drop_db - fault.drop_db) < 0.7
    assert rms_db(sung(demo, "chorus 1")) - rms_db(sung(demo, "chorus 2")) < 1.5


def test_rough_mix_leaves_the_vocal_buried(demo: DemoSong) -> None:
    def share_db(name: str) -> float:
        part = section(name)
        span = slice(round(part.start_s * RATE), round(part.end_s * RATE))
        voice = band(demo.tracks[recording.LEAD_VOCAL].samples[0, span], 200.0, 5000.0)
        return rms_db(voice) - rms_db(band(demo.rough.samples[:, span], 200.0, 5000.0))

    assert share_db("verse 1") - share_db(demo.truth.buried.section) > 2.5


def test_rumble_fills_its_band_and_no_more(demo: DemoSong) -> None:
    fault = demo.truth.rumble
    voice = demo.tracks[fault.track].samples[0]
    assert abs(rms_db(band(voice, 20.0, 60.0)) - fault.level_dbfs) < 1.0
    frequency_hz, power = signal.welch(voice[: 4 * RATE].astype(np.float64), RATE, nperseg=RATE)
    density_db = 10.0 * np.log10(power)
    inside = density_db[(frequency_hz >= fault.low_hz) & (frequency_hz <= fault.high_hz)].mean()
    above = density_db[(frequency_hz >= 100.0) & (frequency_hz <= 150.0)].mean()
    assert inside - above > 40.0
