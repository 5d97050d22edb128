"""What is hitting the limiter: the reduction read from the files, and whose energy is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from smartmix.analysis import analyze
from smartmix.analysis.bands import erb_bands
from smartmix.analysis.features import extract
from smartmix.parameter import ParamRef
from smartmix.plan import MixPlan
from smartmix.plan.move import Move, MoveSet
from smartmix.session import Session
from smartmix.workflow.limiter_bands import band_shares
from smartmix.workflow.limiter_share import limiter_work, reduction_db

RATE = 48_000


def test_the_reduction_is_what_was_taken(tmp_path: Path) -> None:
    """Oracle: a master made here with a known gain, 3 dB down in one second only."""
    rng = np.random.default_rng(1)
    mix = rng.uniform(-0.5, 0.5, (3 * RATE, 2)).astype(np.float32)
    gain_db = 4.0
    taken = np.zeros(3 * RATE)
    taken[RATE : 2 * RATE] = 3.0
    master = mix * (10 ** ((gain_db - taken) / 20.0))[:, None]
    soundfile.write(tmp_path / "mix.wav", mix, RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "master.wav", master, RATE, subtype="PCM_24")
    got = reduction_db(tmp_path / "mix.wav", tmp_path / "master.wav", gain_db)
    assert got.size == 30
    np.testing.assert_allclose(got[10:20], 3.0, atol=0.01)
    np.testing.assert_allclose(np.delete(got, np.s_[10:20]), 0.0, atol=0.01)


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A kick in the first second, a hat in the second one, as loud as each other."""
    folder = tmp_path_factory.mktemp("limited")
    time = np.arange(2 * RATE) / RATE
    kick = np.where(time < 1.0, 0.5 * np.sin(2 * np.pi * 60 * time), 0.0)
    hat = np.where(time >= 1.0, 0.5 * np.sin(2 * np.pi * 8000 * time), 0.0)
    for name, audio in (("Kick", kick), ("Hihat", hat)):
        soundfile.write(folder / f"{name}.wav", audio.astype(np.float32), RATE, subtype="FLOAT")
    return Session.open(folder)


def test_energy_counts_where_the_limiter_works(song: Session) -> None:
    analysis = analyze(song)
    taken = np.zeros(20)
    taken[2:8] = 4.0
    work = limiter_work(song, analysis, MixPlan("song"), taken)
    assert work is not None
    assert (work.shares[0].track, work.shares[0].band) == ("kick", "low")
    assert work.shares[0].share > 0.95
    assert work.working_s == pytest.approx(0.6)
    assert work.hardest_db == 4.0
    both = np.full(20, 1.0)
    shares = {s.track: s.share for s in limiter_work(song, analysis, MixPlan("song"), both).shares}  # type: ignore[union-attr]
    assert shares["kick"] == pytest.approx(shares["hihat"], abs=0.05)


def test_a_fader_changes_the_share(song: Session) -> None:
    analysis = analyze(song)
    down = Move(
        "m",
        "kick",
        "down",
        "person",
        1.0,
        "",
        (MoveSet(ParamRef("kick", "fader", "gain_db"), "dB", 0.0, -10.0),),
    )
    plan = MixPlan("song").add(down)
    shares = {s.track: s.share for s in limiter_work(song, analysis, plan, np.full(20, 1.0)).shares}  # type: ignore[union-attr]
    assert shares["kick"] / shares["hihat"] == pytest.approx(0.1, rel=0.1)


def test_bands_are_weighed_by_what_is_taken_while_they_sound(tmp_path: Path) -> None:
    """60 Hz in the first second and 8 kHz as strong in the next: 3 dB taken there, 1 dB here; energies by the meter."""
    time = np.arange(2 * RATE) / RATE
    hz = np.where(time < 1.0, 60.0, 8000.0)
    mix = (0.5 * np.sin(2 * np.pi * hz * time)).astype(np.float32)
    facts = extract([np.stack([mix, mix])], RATE, 2, "mix", low_end=False)
    weight = np.repeat([3.0, 1.0], 10)
    weight[8:12] = 0.0  # the windows of 200 ms that hear both
    bands = band_shares(facts.features.band_power, erb_bands(RATE)[1], weight)
    assert [(b.low_hz, b.high_hz) for b in bands[::6]] == [(0.0, 90.0), (6000.0, None)]
    assert bands[0].share == pytest.approx(0.75, abs=0.03)
    assert bands[-1].share == pytest.approx(0.25, abs=0.03)
    assert sum(b.share for b in bands) == pytest.approx(1.0, abs=1e-6)
    assert band_shares(facts.features.band_power, erb_bands(RATE)[1], np.zeros(20)) == ()


def test_a_band_that_straddles_an_edge_is_divided() -> None:
    """One measured band of 80 to 100 Hz: half of it lies under 90 Hz."""
    shares = band_shares(np.ones((1, 1)), np.array([80.0, 100.0]), np.ones(1))
    assert [b.share for b in shares[:2]] == [0.5, 0.5]


def test_the_pass_hands_on_the_bands(song: Session) -> None:
    analysis = analyze(song)
    taken = np.full(20, 1.0)
    work = limiter_work(song, analysis, MixPlan("song"), taken, analysis.sum.features.band_power)
    assert work is not None
    assert work.bands[0].share == pytest.approx(0.5, abs=0.05)
    assert work.bands[-1].share == pytest.approx(0.5, abs=0.05)


def test_a_limiter_at_rest_is_nobodys(song: Session) -> None:
    assert limiter_work(song, analyze(song), MixPlan("song"), np.full(20, 0.4)) is None
