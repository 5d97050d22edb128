"""MatchEQ: against the offline recipe in Python (another implementation), and what comes out of it, measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy import signal

from properties.support import Samples, same_bits
from smartmix.errors import SmartmixError
from smartmix.matching.curve import match_curve
from smartmix.matching.tone import Tone, measure_tone
from smartmix.processors import MatchEQ, load_preset

RATE = 48_000
FRAME = 8192
HALF = FRAME // 2
Floats = NDArray[np.float64]


def whole_frames(audio: Samples) -> Samples:
    """As many frames as the recipe takes whole: offline and live hear the same then."""
    return np.ascontiguousarray(audio[:, : (audio.shape[1] - FRAME) // HALF * HALF + FRAME])


def listen(eq: MatchEQ, audio: Samples, rate: float = RATE, *, side_chain: Samples | None = None) -> None:
    """One call in which it hears this and nothing else, with time at the end to read the last frame."""
    more = 6 * 8192 * (2 if rate > 50_000 else 1)
    heard = None if side_chain is None else np.pad(side_chain, ((0, 0), (0, more)))
    over = [(0.0, False), (audio.shape[1] / rate, True)]
    eq(np.pad(audio, ((0, 0), (0, more))), rate, automation={"hold": over}, side_chain=heard)
    eq.hold = False


def taught(source: Samples, reference: Samples, rate: float = RATE, **settings: float | str) -> MatchEQ:
    eq = MatchEQ(learn_reference=True, **settings)
    listen(eq, reference, rate)
    eq.learn_reference, eq.learn_source = False, True
    listen(eq, source, rate)
    eq.learn_source = False
    eq(np.zeros((source.shape[0], 10), dtype=np.float32), rate)
    return eq


def coloured(seed: int, zeros: list[float], poles: list[float], seconds: float = 5.0) -> Samples:
    """Noise behind a filter, the level of which comes and goes by 30 dB."""
    white = np.random.default_rng(seed).standard_normal((2, round(seconds * RATE)))
    level = 0.05 * 10.0 ** (-1.5 * (np.sin(np.arange(white.shape[1]) * 2.0 * np.pi / RATE / 1.7) > 0.3))
    return whole_frames((level * signal.lfilter(zeros, poles, white)).astype(np.float32))


DARK = coloured(1, [0.3], [1.0, -0.7])
BRIGHT = coloured(2, [1.0, -0.6], [1.0])
PEAKY = coloured(3, *(x.tolist() for x in signal.iirpeak(900.0, 1.5, fs=RATE)))


def response_db(eq: MatchEQ, hz: Floats, frames: int = 20_000, channel: int = 0) -> Floats:
    """Of an impulse in the middle, through the effect as it is after a reset."""
    impulse = np.zeros((2, frames), dtype=np.float32)
    impulse[channel, frames // 2] = 1.0
    out = eq(impulse, RATE)[channel].astype(np.float64)
    return 20.0 * np.log10(np.abs(np.exp(-2j * np.pi * hz[:, np.newaxis] / RATE * np.arange(frames)) @ out))


@pytest.mark.parametrize(("source", "reference"), [(DARK, BRIGHT), (BRIGHT, PEAKY), (PEAKY, DARK)])
@pytest.mark.parametrize("limit_db", [6.0, 12.0])
def test_the_curve_is_that_of_the_recipe(source: Samples, reference: Samples, limit_db: float) -> None:
    eq = taught(source, reference, limit_db=limit_db)
    tones = measure_tone(source, RATE), measure_tone(reference, RATE)
    assert eq.heard_s() == pytest.approx(tones[0].heard_s)
    assert eq.heard_s("reference_a") == pytest.approx(tones[1].heard_s)
    assert float(eq.read_curve("source_1_lufs")[0]) == pytest.approx(tones[0].loudness_lufs, abs=0.001)
    np.testing.assert_allclose(eq.learned_db(), 10.0 * np.log10(tones[0].band_power), atol=0.002)
    wanted = match_curve(*tones, limit_db=limit_db).db
    assert np.ptp(wanted) > 4.0
    np.testing.assert_allclose(eq.correction_db(), wanted, atol=0.01)


def ten_seconds(path: Path) -> tuple[Samples, int]:
    with soundfile.SoundFile(path) as file:
        file.seek(file.frames // 3)
        audio = file.read(10 * file.samplerate, dtype="float32", always_2d=True)
        return whole_frames(np.ascontiguousarray(audio.T)), file.samplerate


@pytest.mark.parametrize(
    ("source", "reference"),
    [
        ("lmms_finalstep/_mix.flac", "lmms_mauiwowi/_mix.flac"),
        ("eif_caesium/bgvox_main.flac", "eif_caesium/kick.flac"),
    ],
)
def test_real_tracks_give_the_curve_of_the_recipe(dev_songs: Path, source: str, reference: str) -> None:
    """0.2 dB is what the two implementations may differ by; it is less than 0.02."""
    (a, rate), (b, other_rate) = ten_seconds(dev_songs / source), ten_seconds(dev_songs / reference)
    assert rate == other_rate
    channels = min(a.shape[0], b.shape[0])
    a, b = a[:channels], b[:channels]
    wanted = match_curve(measure_tone(a, rate), measure_tone(b, rate)).db
    assert np.ptp(wanted) > 2.0
    np.testing.assert_allclose(taught(a, b, rate).correction_db(), wanted, atol=0.02)


@pytest.mark.parametrize("phase", ["minimum", "linear"])
@pytest.mark.parametrize("amount", [50.0, 100.0, 150.0])
def test_the_filter_has_the_curve(phase: str, amount: float) -> None:
    eq = taught(DARK, BRIGHT, phase=phase)
    eq.amount_percent = amount
    points = eq.point_hz.astype(np.float64)
    hz = np.geomspace(21.0, 19_900.0, 300)
    wanted = 0.01 * amount * np.interp(np.log2(hz), np.log2(points), eq.correction_db())
    measured = response_db(eq, hz)
    np.testing.assert_allclose(measured, wanted, atol=0.05)
    assert np.abs(measured - wanted).mean() < 0.005
    np.testing.assert_allclose(eq.response_db(hz), measured, atol=0.002)


def test_minimum_phase_against_numpys() -> None:
    """The taps are those of the folded cepstrum in double on eight times as many frequencies: as early as can be."""
    eq = taught(DARK, PEAKY)
    impulse = np.zeros((1, FRAME), dtype=np.float32)
    impulse[0, 0] = 1.0
    single = MatchEQ()
    for which in ("source", "reference_a"):
        for part in ("db", "heard_s", "lufs"):
            single.write_curve(f"{which}_1_{part}", eq.read_curve(f"{which}_1_{part}"))
    ours = single(impulse, RATE)[0].astype(np.float64)
    grid = 16 * FRAME
    hz = np.arange(grid // 2 + 1) * RATE / grid
    points = np.log2(eq.point_hz.astype(np.float64))
    db = np.interp(np.log2(np.maximum(hz, 1e-3)), points, eq.correction_db(), left=0.0, right=0.0)
    cepstrum = np.fft.irfft(db * np.log(10.0) / 20.0, grid)
    cepstrum[1 : grid // 2] *= 2.0
    cepstrum[grid // 2 + 1 :] = 0.0
    theirs = np.fft.irfft(np.exp(np.fft.rfft(cepstrum)), grid)[: FRAME * 3 // 4]
    assert np.abs(ours[: theirs.size] - theirs).max() < 2e-4
    early = np.cumsum(np.square(ours))
    assert early[300] > 0.99 * early[-1]


def test_linear_phase_is_late_by_its_latency_and_nothing_else() -> None:
    eq = taught(DARK, BRIGHT, phase="linear")
    assert eq.latency_frames == 8192 + 512
    impulse = np.zeros((2, 30_000), dtype=np.float32)
    impulse[:, 12_000] = 1.0
    out = eq(impulse, RATE)[0]
    assert np.allclose(out[12_000 - 8000 : 12_000], out[12_001 : 12_000 + 8001][::-1], atol=1e-6)


def test_it_morphs_in_decibels() -> None:
    """On the way every frequency has gone the same share of its way in dB; two filters mixed would be off by 0.5 dB."""
    eq = taught(DARK, BRIGHT, limit_db=12.0)
    goal = eq.correction_db().astype(np.float64)
    eq.write_tone("reference_b", [20.0, 20_000.0], [0.0, 0.0])
    eq.write_curve("reference_b_1_db", eq.learned_db())  # the source's own tone: nothing to do
    eq.target, eq.morph_s = "b", 1.0
    quiet = np.zeros((2, RATE), dtype=np.float32)
    eq(quiet[:, :100], RATE, reset=True)
    assert np.abs(eq.correction_db()).max() < 0.01
    eq.target = "a"
    eq(quiet[:, :24_000], RATE, reset=False)
    on_its_way = eq.correction_db().astype(np.float64)
    moving = np.abs(goal) > 1.0
    shares = on_its_way[moving] / goal[moving]
    assert np.ptp(shares) < 1e-3
    assert shares.mean() == pytest.approx(1.0 - np.exp(-0.5), abs=0.1)
    eq.morph_s = 10.0  # all but still, for as long as it takes to measure it
    eq(quiet[:, : 48 * 512], RATE, reset=False)
    on_its_way = eq.correction_db().astype(np.float64)
    impulse = np.zeros((2, 8192 + 1024), dtype=np.float32)
    impulse[:, 0] = 1.0
    out = eq(impulse, RATE, reset=False)[0].astype(np.float64)
    hz = eq.point_hz[moving].astype(np.float64)
    measured = np.exp(-2j * np.pi * hz[:, np.newaxis] / RATE * np.arange(out.size)) @ out
    np.testing.assert_allclose(20.0 * np.log10(np.abs(measured)), on_its_way[moving], atol=0.15)


@pytest.mark.parametrize("channels", ["together", "left_right", "mid_side"])
def test_any_cut_gives_the_same_bits_over_many_rounds(channels: str) -> None:
    """Learning both, morphing, a curve written and switches thrown in the middle: blocks have no part in it."""
    audio, heard = DARK[:, :100_000], BRIGHT[:, :100_000]

    def played(cuts: list[int]) -> Samples:
        eq = MatchEQ(learn_source=True, learn_reference=True, channels=channels, morph_s=0.2)._native
        eq.prepare(RATE, 2, 2)
        pieces = []
        for first, end in zip([0, *cuts], [*cuts, audio.shape[1]], strict=True):
            if first == 60_000:
                eq.write_curve("source_1_db", np.linspace(-60.0, -40.0, 241, dtype=np.float32))
            events = [
                (frame - first, eq.parameter_index(name), value, 0)
                for frame, name, value in [
                    (20_001, "hold", 1.0),
                    (30_011, "hold", 0.0),
                    (70_000, "learn_source", 0.0),
                    (80_123, "target", 1.0),
                    (80_500, "amount_percent", 30.0),
                ]
                if first <= frame < end
            ]
            blocks = (np.ascontiguousarray(x[:, first:end]) for x in (audio, heard))
            columns = [list(column) for column in zip(*events, strict=True)]
            pieces.append(eq.process(next(blocks), *columns, side_chain=next(blocks)))
        return np.concatenate(pieces, axis=1)

    whole = played([60_000])
    assert np.abs(whole[:, 256:] - audio[:, :-256]).max() > 1e-3
    for cuts in (
        [60_000, *range(60_100, 100_000, 511)],
        list(range(250, 100_000, 250)),
        [1, 30_000, 60_000, 60_001],
    ):
        assert same_bits(played(cuts), whole)


def test_hold_and_relearn() -> None:
    eq = MatchEQ(learn_source=True)
    listen(eq, DARK)
    dark, heard_s = eq.learned_db(), eq.heard_s()
    eq.hold = True
    eq(BRIGHT, RATE)
    assert np.array_equal(eq.learned_db(), dark)
    eq.hold = False  # each one-shot call begins anew: the old tone is in force until as much has been heard
    eq(BRIGHT[:, :40_000], RATE)
    assert np.array_equal(eq.learned_db(), dark)
    listen(eq, BRIGHT)
    assert np.abs(eq.learned_db() - dark).max() > 6.0
    assert eq.heard_s() == pytest.approx(measure_tone(BRIGHT, RATE).heard_s)
    assert heard_s > 1.0
    eq.forget("source")
    assert eq.heard_s() == 3.0
    assert np.all(eq.learned_db() == -200.0)


def test_level_does_not_count() -> None:
    plain = taught(DARK, BRIGHT).correction_db()
    for louder, quieter in ((4.0, 1.0), (1.0, 0.1)):
        assert np.abs(taught(louder * DARK, quieter * BRIGHT).correction_db() - plain).max() < 0.01


def test_nothing_is_lifted_where_there_is_nothing() -> None:
    low_passed = signal.sosfilt(signal.butter(10, 5000.0, output="sos", fs=RATE), DARK).astype(np.float32)
    eq = taught(low_passed, BRIGHT, limit_db=12.0)
    points = eq.point_hz
    assert np.abs(eq.correction_db()[points > 11_000.0]).max() < 0.5
    assert eq.correction_db()[np.abs(points - 4000.0).argmin()] > 2.0
    silent = taught(np.zeros_like(DARK), BRIGHT)
    assert not np.any(silent.correction_db())
    assert same_bits(silent(DARK, RATE), DARK)


def test_middle_and_side_go_apart() -> None:
    """A side that is too dark: the middle is left alone, and the filter acts on the side only."""
    middle, side = BRIGHT[0], BRIGHT[1]
    dull = signal.lfilter([0.4], [1.0, -0.6], side)
    source = np.stack([middle + dull, middle - dull]).astype(np.float32)
    reference = np.stack([middle + side, middle - side]).astype(np.float32)
    eq = taught(source, reference, channels="mid_side")
    assert np.abs(eq.correction_db(1)).max() < 0.01
    assert np.ptp(eq.correction_db(2)) > 4.0
    out = eq(source, RATE).astype(np.float64)
    np.testing.assert_allclose(out.sum(axis=0), source.astype(np.float64).sum(axis=0), atol=2e-6)
    alone = MatchEQ()
    for tone in ("source", "reference_a"):
        for curve in ("db", "heard_s", "lufs"):
            alone.write_curve(f"{tone}_1_{curve}", eq.read_curve(f"{tone}_2_{curve}"))
    wanted = alone((0.5 * (source[:1] - source[1:])).astype(np.float32), RATE)
    np.testing.assert_allclose(0.5 * (out[:1] - out[1:]), wanted, atol=2e-6)


def test_left_and_right_go_apart() -> None:
    source, reference = np.stack([DARK[0], BRIGHT[1]]), np.stack([BRIGHT[0], BRIGHT[1]])
    eq = taught(source, reference, channels="left_right")
    left = match_curve(measure_tone(source[:1], RATE), measure_tone(reference[:1], RATE)).db
    np.testing.assert_allclose(eq.correction_db(1), left, atol=0.02)
    assert np.abs(eq.correction_db(2)).max() < 0.01
    hz = np.array([200.0, 1000.0, 5000.0])
    assert np.ptp(response_db(eq, hz, channel=0)) > 4.0
    assert np.abs(response_db(eq, hz, channel=1)).max() < 0.02


def test_a_written_tone_and_the_side_chain() -> None:
    """A side chain is heard instead of what comes in; a tone can be given by hand."""
    eq = MatchEQ(learn_source=True, learn_reference=True, morph_s=0.05)
    listen(eq, DARK, side_chain=BRIGHT)
    wanted = match_curve(measure_tone(DARK, RATE), measure_tone(BRIGHT, RATE)).db
    np.testing.assert_allclose(eq.correction_db(), wanted, atol=0.01)
    eq = MatchEQ()
    eq.write_tone("source", [20.0, 1000.0, 20_000.0], [0.0, 0.0, 0.0])
    eq.write_tone("reference_a", [20.0, 1000.0, 20_000.0], [3.0, 0.0, -3.0])
    eq(DARK[:, :100], RATE)
    points = eq.point_hz
    slope = (
        eq.correction_db()[np.abs(points - 4000.0).argmin()]
        - eq.correction_db()[np.abs(points - 250.0).argmin()]
    )
    assert slope == pytest.approx(-3.0 * 2.0 / np.log2(20.0) - 3.0 * 2.0 / np.log2(50.0), abs=0.05)
    for hz, level, message in [
        ([100.0], [0.0], "2 at least"),
        ([200.0, 100.0], [0.0, 0.0], "that rise"),
        ([100.0, 200.0], [0.0, 900.0], "expected -200 to 200 dB"),
    ]:
        with pytest.raises(SmartmixError, match=message):
            eq.write_tone("source", hz, level)
    with pytest.raises(SmartmixError, match="part 3: expected 1"):
        eq.correction_db(3)


def test_amount_nothing_is_a_delay_and_back_without_a_click() -> None:
    eq = taught(DARK, BRIGHT, morph_s=0.05)
    eq.amount_percent = 0.0
    assert same_bits(eq(DARK, RATE), DARK)
    tone = (0.5 * np.sin(2.0 * np.pi * 100.0 * np.arange(2 * RATE) / RATE))[np.newaxis].repeat(2, axis=0)
    eq.amount_percent = 0.0
    out = eq(tone.astype(np.float32), RATE, automation={"amount_percent": [(0.5, 0.0), (1.0, 150.0)]})
    clicks = signal.sosfilt(signal.butter(8, 3000.0, "highpass", output="sos", fs=RATE), out[0])[2000:]
    assert np.abs(out[0, -RATE // 4 :]).max() < 0.35  # what is dark in the bass was taken away
    assert np.abs(clicks).max() < 0.5 * 10.0 ** (-70 / 20.0)


def test_a_tone_from_another_rate_is_taken_as_it_is() -> None:
    """A reference learned at 44.1 kHz, the song at 96 kHz: the curve is that of the recipe for both."""
    rate = 44_100
    reference = BRIGHT[:, :200_000]
    eq = MatchEQ(learn_reference=True)
    listen(eq, reference, rate)
    eq.learn_reference, eq.learn_source = False, True
    source = np.repeat(DARK[:, :150_000], 2, axis=1)
    source = np.ascontiguousarray(source[:, : (source.shape[1] - 16_384) // 8192 * 8192 + 16_384])
    listen(eq, source, 96_000)
    eq.learn_source = False
    eq(source[:, :10], 96_000)
    kept = eq.learned_db("reference_a").astype(np.float64)
    tone = Tone(
        10.0 ** (kept / 10.0), eq.heard_s("reference_a"), float(eq.read_curve("reference_a_1_lufs")[0]), rate
    )
    wanted = match_curve(measure_tone(source, 96_000), tone).db
    off = np.abs(eq.correction_db() - wanted)
    assert off[eq.point_hz < 15_000.0].max() < 0.02
    assert off.max() < 0.4  # at the very top the recipe knows 44.1 kHz, the curve alone does not


def test_channels_it_does_not_take() -> None:
    with pytest.raises(SmartmixError, match="3 channels: expected 1 or 2"):
        MatchEQ()(np.zeros((3, 100), dtype=np.float32), RATE)


def test_the_shipped_preset_leans_towards_the_side_chain(repo_root: Path) -> None:
    eq = load_preset(repo_root / "presets" / "tone" / "follow_reference.toml")
    out = eq(DARK, RATE, side_chain=BRIGHT)
    assert np.abs(out - DARK).max() > 0.003
    assert 0.5 < np.abs(eq.read_curve("correction_1_db")).max() <= 3.0
