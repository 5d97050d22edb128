"""Buses are measured as the sums of their members, as the plain sum has them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from smartmix.analysis import analyze
from smartmix.analysis.buses import drum_group, groups_of
from smartmix.session.buses import default_buses
from smartmix.session.session import Bus
from sources import RATE, facts_of, noise, write_session


@pytest.fixture
def session(tmp_path):
    return write_session(
        tmp_path,
        {
            "kick": ("kick", noise(3.0, seed=1)),
            "snare": ("snare", noise(3.0, seed=2, channels=2)),
            "vox": ("lead_vocal", noise(3.0, seed=3)),
            "clk": ("click", noise(3.0, seed=4)),
            "what": ("unknown", noise(3.0, seed=5)),
        },
    )


def moved(session, **changes):
    tracks = tuple(dataclasses.replace(t, **changes.get(t.id, {})) for t in session.tracks)
    return dataclasses.replace(session, tracks=tracks)


def test_default_buses_come_from_the_roles(session):
    heard = moved(session, clk={"muted": True})
    assert [(b.id, b.name, b.members) for b in default_buses(heard.tracks)] == [
        ("bus-drums", "Drums", ("kick", "snare")),
        ("bus-vocals", "Vocals", ("vox",)),
    ]
    assert drum_group(heard, groups_of(heard)) == "bus-drums"
    no_snare = moved(session, clk={"muted": True}, snare={"muted": True}, kick={"muted": True})
    assert [g.bus for g in groups_of(no_snare)] == ["bus-vocals"] and drum_group(
        no_snare, groups_of(no_snare)
    ) is None


def test_a_bus_is_the_sum_of_its_members_at_session_gains(session):
    placed = moved(session, kick={"gain_db": -6.0, "pan": -1.0}, snare={"gain_db": 3.0})
    analysis = analyze(placed)
    kick, snare = noise(3.0, seed=1)[0] * 10 ** (-6 / 20), noise(3.0, seed=2, channels=2) * 10 ** (3 / 20)
    total = np.stack((np.sqrt(2) * kick, 0 * kick)) + snare
    expected = facts_of(total)
    drums = analysis.buses["bus-drums"]
    assert drums.members == ("kick", "snare") and drums.name == "Drums"
    assert drums.facts.loudness.integrated_lufs == pytest.approx(expected.loudness.integrated_lufs, abs=0.01)
    assert drums.facts.loudness.true_peak_dbtp == pytest.approx(expected.loudness.true_peak_dbtp, abs=0.02)
    assert drums.facts.correlation == pytest.approx(expected.correlation, abs=1e-3)
    np.testing.assert_allclose(drums.facts.spectrum_db, expected.spectrum_db, atol=0.02)
    assert drums.facts.lowest_note_hz is None and drums.facts.fingerprint is None


def test_the_sessions_own_buses_reach_through_other_buses(session):
    buses = (
        Bus("all", "Everything", ("band", "vox")),
        Bus("band", "Band", ("kick", "all", "gone")),
        Bus("empty", "Empty", ("nobody",)),
    )
    groups = groups_of(dataclasses.replace(session, buses=buses))
    assert [(g.bus, g.tracks) for g in groups] == [("all", ("kick", "vox")), ("band", ("kick", "vox"))]


def test_levels_of_a_source_over_time(tmp_path):
    """Short levels, noise floor, crest by band and stereo of a constructed track."""
    t = np.arange(6 * RATE) / RATE
    bursts = 0.5 * np.sin(2 * np.pi * 1000 * t) * (t % 1 < 0.5)
    tails = np.where(t % 1 < 0.75, 10 ** (-60 / 20), 10 ** (-72 / 20))
    hiss = tails * np.random.default_rng(0).standard_normal(t.size)
    facts = facts_of((bursts + hiss)[np.newaxis])
    assert facts.noise_floor_dbfs == pytest.approx(-72.2, abs=0.3)
    assert facts.short_levels_db.peak_at(50) == pytest.approx(-6.02, abs=0.05)
    assert facts.short_levels_db.rms_at(50) == pytest.approx(-9.03, abs=0.05)
    tone = facts_of((0.5 * np.sin(2 * np.pi * 1000 * t) * np.minimum(1, t / 0.1))[np.newaxis])
    assert tone.crest_by_band_db["mid"] == pytest.approx(3.01, abs=0.1)
    assert facts.width_db == -np.inf and facts.mono_loss_db == 0.0
    wide = facts_of(noise(3.0, channels=2))
    assert wide.width_db == pytest.approx(0.0, abs=0.1) and wide.mono_loss_db == pytest.approx(3.01, abs=0.05)
    silent = facts_of(np.zeros((2, RATE)))
    assert silent.short_levels_db.peak_dbfs == () and silent.short_levels_db.peak_at(50) == -np.inf
    assert silent.noise_floor_dbfs == -np.inf and set(silent.crest_by_band_db.values()) == {0.0}
