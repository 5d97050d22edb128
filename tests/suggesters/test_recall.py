"""From the rough sample by sample: what comes back, what is left alone, and what is not believed."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from small_band import band, mix
from smartmix.analysis import analyze
from smartmix.analysis.cross_spectra import CrossMeter
from smartmix.analysis.rough_align import sample_lag
from smartmix.plan import load_plan, save_plan
from smartmix.suggesters import suggest
from smartmix.suggesters.recall_moves import few_points
from smartmix.workflow.propose import propose
from smartmix.workflow.recalling import recalled
from sources import RATE, write_session

pytest.importorskip("torch")

from smartmix.training.suites.rough_figures import apart, played
from smartmix.training.suites.rough_scene import make_scene
from smartmix.training.suites.rough_traps import crossed, shuffled

GAINS = {"kick": 0.0, "snare": -4.0, "hats": 3.0, "bass": 0.0, "keys": -5.0, "vox": 4.0}
PANS = {"hats": 0.4, "keys": -0.5}


@pytest.fixture(scope="module")
def scene():
    stems = band()
    return make_scene(tuple(stems), [samples.astype(np.float32) for _, samples in stems.values()], RATE, 3)


@pytest.fixture(scope="module")
def proposal(tmp_path_factory):
    rough = np.tanh(0.7 * mix(band(), GAINS, PANS))
    return propose(write_session(tmp_path_factory.mktemp("song"), band(), rough), accept="all")


def settings(plan, device):
    return {
        s.ref.track: s.suggested
        for m in plan.moves
        if m.source == "rough-balance"
        for s in m.sets
        if s.ref.device == device
    }


def test_faders_and_pans_come_back(proposal):
    faders, pans = settings(proposal.plan, "fader"), settings(proposal.plan, "pan")
    apart_db = np.array([faders.get(name, 0.0) - gain for name, gain in GAINS.items()])
    assert np.abs(apart_db - np.median(apart_db)).max() < 0.35
    assert pans == {name: pytest.approx(pan, abs=0.03) for name, pan in PANS.items()}


def test_a_clipped_rough_is_not_taken_for_rides_or_tone(proposal):
    for move in proposal.plan.moves:
        if move.source in ("rough-rides", "rough-tone"):
            assert (
                max(abs(p.value) for s in move.sets if isinstance(s.suggested, tuple) for p in s.suggested)
                < 1.5
            )


def test_the_same_song_gives_the_same_plan(proposal):
    facts = proposal.analysis
    plans = [suggest(proposal.session, facts, recalled=recalled(proposal.session, facts)) for _ in range(2)]
    assert plans[0] == plans[1]
    assert [m.sets for m in plans[0].moves] == [m.sets for m in proposal.plan.moves]


def test_through_strip_and_bus_contributions_come_back(scene):
    from smartmix.suggesters.balance import RoughBalance
    from smartmix.suggesters.models.recall import recall_from
    from smartmix.suggesters.recall_moves import RoughRides, RoughTone
    from smartmix.suggesters.suggester import Context
    from smartmix.training.suites.rough import crossed as cross
    from smartmix.training.suites.rough_songs import scene_context

    context = scene_context(scene)
    told = Context(context.session, context.analysis, None, recall_from(cross(scene)))
    moves = [m for s in (RoughBalance(), RoughRides(), RoughTone()) for m in s.suggest(told)]
    found = apart(scene, played(scene, moves))
    # The gate for the worst track is 1.0 dB: this scene has 1.06, the worst of the dev songs 1.5 (docs/recall.md).
    assert found.level_db.mean() <= 0.5 and found.level_db.max() <= 1.1
    assert found.pan.mean() <= 0.05
    nothing = apart(scene, played(scene, []))
    assert nothing.level_db.mean() > 3.0  # what the test would say of a recall that does nothing


def test_a_shuffled_rough_and_noise_are_not_believed(scene):
    assert crossed(scene, shuffled(scene)) is None
    noise = np.random.default_rng(1).normal(0.0, 0.1, scene.rough.shape).astype(np.float32)
    assert crossed(scene, noise) is None
    assert crossed(scene, scene.rough) is not None


def test_silent_and_absent_tracks_are_not_heard(tmp_path):
    without = {name: source for name, source in band().items() if name != "keys"}
    session = write_session(
        tmp_path, band() | {"empty": ("unknown", np.zeros((1, RATE * 4)))}, mix(without, GAINS)
    )
    found = recalled(session, analyze(session))
    assert found is not None
    heard = dict(zip(found.fit.tracks, found.fit.heard, strict=True))
    assert not heard["keys"] and not heard["empty"] and heard["vox"]


def test_a_late_rough_is_lined_up_to_the_sample():
    rng = np.random.default_rng(2)
    song = rng.normal(0.0, 0.1, 4 * RATE).astype(np.float32)
    for lag in (0, 1, 7, 1234, 14_187):
        rough = np.pad(0.5 * song, (lag, 0)) + rng.normal(0.0, 0.02, song.size + lag).astype(np.float32)
        assert sample_lag(song, rough.astype(np.float32), RATE) == lag
    assert sample_lag(song, song[3000:], RATE) == -3000


def test_a_track_printed_anew_takes_what_its_levels_say(tmp_path):
    other = band()
    rng = np.random.default_rng(9)
    role, keys = other["keys"]
    spectrum = np.fft.rfft(keys)
    anew = np.fft.irfft(spectrum * np.exp(2j * np.pi * rng.random(spectrum.shape[1])), keys.shape[1])
    other["keys"] = (role, anew)
    session = write_session(tmp_path, band(), mix(other, {"vox": 4.0}))
    found = recalled(session, analyze(session))
    if found is not None:  # or the levels are believed altogether
        keys = found.fit.tracks.index("keys")
        vox = found.fit.tracks.index("vox")
        assert found.fit.gain_db[keys] > found.fit.gain_db[vox] - 9.0


def test_cross_spectra_are_those_of_one_piece_for_any_blocks():
    noise = np.random.default_rng(0).normal(0, 0.1, (3, 2, 2 * RATE)).astype(np.float32)
    spectra = []
    for size in (7_001, 65_536):
        meter = CrossMeter(RATE, ("a", "b"), noise.shape[2])
        for start in range(0, noise.shape[2], size):
            meter.push(noise[:, :, start : start + size])
        spectra.append(meter.finish())
    assert np.array_equal(spectra[0].matrix, spectra[1].matrix)
    whole = spectra[0].matrix
    # Single precision, which processors do in an order of their own.
    rounding = 1e-6 * float(np.abs(whole).max())
    assert np.allclose(whole, np.conj(np.swapaxes(whole, -1, -2)), atol=rounding)


def test_few_points_stay_near_the_curve():
    times = np.arange(200.0)
    values = np.sin(times / 20.0)
    kept = few_points(times, values, 0.05)
    assert len(kept) < 60
    assert np.abs(np.interp(times, times[kept], values[kept]) - values).max() <= 0.05


def test_without_torch_the_levels_are_fitted(proposal, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert recalled(proposal.session, proposal.analysis) is None
    monkeypatch.undo()
    assert recalled(proposal.session, proposal.analysis) is not None


def test_models_are_left_out_when_asked(proposal, monkeypatch):
    module = sys.modules["smartmix.workflow.suggesting"]
    monkeypatch.setattr(module, "recall", lambda *_, **__: pytest.fail("models were asked"))
    plan = propose(proposal.session, accept="all", models=False).plan
    assert settings(plan, "fader")


def test_a_plan_made_with_models_renders_without_torch(proposal, tmp_path):
    save_plan(proposal.plan, tmp_path / "plan.toml")
    assert load_plan(tmp_path / "plan.toml").in_force
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from smartmix import Session, render\nfrom smartmix.plan import load_plan\n"
        f"audio = render(Session.open({str(proposal.session.root)!r}), load_plan({str(tmp_path / 'plan.toml')!r}))\n"
        "print(float(abs(audio.samples).max()) > 0.01)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "True", done.stderr


def test_a_rough_that_comes_late_or_early_is_read_as_if_in_time(tmp_path):
    """One sample beside it, and the highs of the tracks no longer explain it."""
    rough = np.atleast_2d(mix(band(), GAINS, PANS))
    roughs = {"in_time": rough, "late": np.pad(rough, ((0, 0), (301, 0))), "early": rough[:, 301:]}
    found = {}
    for name, samples in roughs.items():
        session = write_session(tmp_path / name, band(), samples)
        found[name] = recalled(session, analyze(session))
    for name, lag in {"in_time": 0, "late": 301, "early": -301}.items():
        assert found[name] is not None
        assert found[name].lag_s * RATE == pytest.approx(lag, abs=1e-6)
        # A rough that is nothing but the tracks is explained whole; one sample beside it, 3 parts in 10 000 are missed.
        assert found[name].fit.explained == pytest.approx(1.0, abs=1e-4)
        assert found[name].fit.gain_db == pytest.approx(found["in_time"].fit.gain_db, abs=0.15)


def test_no_fader_is_surer_than_the_consoles_differ(proposal):
    from smartmix.suggesters.models.recall import MODEL_ERROR_DB

    found = recalled(proposal.session, proposal.analysis)
    assert found is not None
    assert (found.fit.error_db >= MODEL_ERROR_DB).all()


def test_bands_raise_what_they_say_they_raise():
    from smartmix.suggesters.recall_moves import response_db

    heard = response_db([("bell", 1000.0, 6.0, 1.0)], np.array([1000.0, 60.0]), RATE)
    assert heard == pytest.approx([6.0, 0.0], abs=0.1)
