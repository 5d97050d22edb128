"""Chains named for a mix: whose they are, fitted to moves and sound, kept beside the plan."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from chained import chain_file, session_with_bus
from mixes import RATE, eq_move, move_of, plan_of
from smartmix import rendering
from smartmix.cli.mix import named_chains
from smartmix.errors import PlanError, SmartmixError
from smartmix.plan import load_plan, save_plan
from smartmix.progress import silent
from smartmix.rack.chain_file import read_chain_file
from smartmix.workflow import mix
from smartmix.workflow.after import Rendered
from smartmix.workflow.before import track_before
from smartmix.workflow.chains import (
    chain_path,
    hand_over_chains,
    owned_chains,
    plugin_lines,
    prepare_chains,
)

SQUASH = move_of(
    "squash",
    {
        "vox/compressor/threshold_db": -24.0,
        "vox/compressor/ratio": 4.0,
        "vox/compressor/attack_ms": 10.0,
        "vox/compressor/release_ms": 120.0,
    },
)


@pytest.fixture
def song(tmp_path):
    session = session_with_bus(tmp_path)
    roles = {"vox": "lead_vocal", "gtr": "electric_guitar", "gtr2": "electric_guitar"}
    return replace(session, tracks=tuple(replace(t, role=roles[t.id]) for t in session.tracks))


def gain(folder, name="gain.toml", gain_db=-6.0):
    return chain_file(folder, ("native", "gain", {"gain_db": gain_db}), name=name)


def prepared(session, plan, named, folder):
    return prepare_chains(session, plan, owned_chains(session, named), folder, progress=silent)


def test_names_are_ids_words_buses_and_the_mix(song, tmp_path):
    file = gain(tmp_path)
    named = {"vocal": file, "gtr2": file, "band": file, "mix": file}
    assert owned_chains(song, named) == dict.fromkeys(("vox", "gtr2", "band", "mix"), str(file.absolute()))
    assert owned_chains(song, {"guitars": file}) == {"band": str(file.absolute())}  # the bus of exactly these
    assert owned_chains(replace(song, buses=()), {"guitars": file}).keys() == {"gtr", "gtr2"}
    assert owned_chains(song, {"vox": "none"}) == {"vox": ""}
    with pytest.raises(
        PlanError, match="no track or bus 'tuba' for a chain; there are: band, gtr, gtr2, vox, mix"
    ):
        owned_chains(song, {"tuba": file})


def test_shipped_chains_go_by_their_names():
    assert chain_path("vocal_zam").name == "vocal_zam.toml"
    with pytest.raises(PlanError, match=r"no chain file 'nothing'; shipped chains: .*vocal_zam"):
        chain_path("nothing")


def test_words_of_the_command():
    assert named_chains(["vocal=a.toml", "mix = b=c.toml"]) == {"vocal": "a.toml", "mix": "b=c.toml"}
    for text in ("vocal", "=a.toml", "vocal="):
        with pytest.raises(SmartmixError, match="expected NAME=FILE"):
            named_chains([text])


def test_a_chain_is_kept_beside_the_plan(song, tmp_path):
    made = prepared(song, plan_of(), {"vocal": gain(tmp_path)}, tmp_path / "bench")
    assert made.plan.chains == {"vox": str(tmp_path / "bench" / "vox.toml")}
    plan = hand_over_chains(made.plan, tmp_path / "bench", tmp_path / "out" / "chains")
    saved = save_plan(plan, tmp_path / "out" / "plan.toml")
    assert 'vox = "chains/vox.toml"' in (tmp_path / "out" / "plan.toml").read_text()
    assert load_plan(tmp_path / "out" / "plan.toml").chains == saved.chains
    mixed = rendering.render(song, saved).samples
    assert not np.array_equal(mixed, rendering.render(song, plan_of()).samples)
    without = prepared(song, saved, {"vocal": "none"}, tmp_path / "bench2").plan
    assert np.array_equal(rendering.render(song, without).samples, rendering.render(song, plan_of()).samples)


def test_a_compression_move_is_carried_out_by_the_compressor_of_the_chain(song, tmp_path):
    """The chain holds smartmix's compressor, so that the result is known: the same reduction, not twice of it."""
    file = chain_file(tmp_path, ("native", "compressor", {}), carries=["compression"])
    made = prepared(song, plan_of(SQUASH), {"vocal": file}, tmp_path / "bench")
    entry = read_chain_file(Path(made.plan.chains["vox"])).devices[0]
    assert entry.only_with_moves and entry.values["ratio"] == pytest.approx(4.0, rel=0.02)
    told: list[str] = []
    theirs = _alone(song, made.plan, told)
    own = _alone(song, plan_of(SQUASH))
    assert any("does the compression" in line for line in told)
    assert _rms_db(theirs) == pytest.approx(_rms_db(own), abs=1.0)
    assert _rms_db(own) < _rms_db(_alone(song, plan_of())) - 5.0
    bypassed = _alone(song, replace(plan_of(), chains=made.plan.chains))
    assert np.array_equal(bypassed, _alone(song, plan_of()))


def test_a_compression_that_moves_stays_in_the_strip(song, tmp_path):
    file = chain_file(tmp_path, ("native", "compressor", {}), carries=["compression"])
    part = replace(SQUASH, span_s=(0.2, 0.5))
    made = prepared(song, plan_of(part), {"vocal": file}, tmp_path / "bench")
    assert np.array_equal(_alone(song, made.plan), _alone(song, plan_of(part)))


def test_an_eq_move_is_carried_out_by_the_eq_of_the_chain(song, tmp_path):
    file = chain_file(tmp_path, ("pedalboard", "PeakFilter", {}), carries=["eq"])
    bell = eq_move("bell", "vox", "bell", 800.0, gain_db=-3.0, q=1.0)
    made = prepared(song, plan_of(bell), {"vocal": file}, tmp_path / "bench")
    told: list[str] = []
    theirs, own, bare = _alone(song, made.plan, told), _alone(song, plan_of(bell)), _alone(song, plan_of())
    assert any("carries out 1 EQ band" in line for line in told), told
    assert np.square(theirs - own).mean() < 0.01 * np.square(own - bare).mean()


def test_a_chain_that_cannot_be_used_is_named(song, tmp_path):
    (tmp_path / "bad.toml").write_text("format = 2\n")
    with pytest.raises(PlanError, match=r"chain of vox: .*format = 2: expected 1"):
        prepared(song, plan_of(), {"vocal": tmp_path / "bad.toml"}, tmp_path / "bench")


def _alone(session, plan, told=None):
    solo = replace(session, tracks=tuple(t for t in session.tracks if t.id == "vox"), buses=())
    return np.concatenate(list(rendering.stream(solo, plan, notices=told)), axis=1)


def _rms_db(samples):
    return 10 * np.log10(np.square(samples[:, RATE // 4 :]).mean())


def test_who_runs_through_what_is_told_by_names(song, tmp_path):
    file = chain_file(tmp_path, ("native", "gain", {}), ("pedalboard", "Chorus", {}))
    plan = replace(plan_of(), chains={"band": str(file), "gone": str(file), "mix": ""})
    assert plugin_lines(song, plan, ("band: d0: within 0.1 dB", "mix: x")) == (
        "Band runs through gain → Chorus",
        "Band: d0: within 0.1 dB",
        "The mix: x",
    )


def test_before_is_without_chains(tmp_path):
    """The plain sum that a person compares with, and a track before its move, as the measurements take them."""
    folder = tmp_path / "song"
    folder.mkdir()
    sound = 0.2 * np.random.default_rng(5).standard_normal((2 * RATE, 2))
    for name in ("keys", "lead vocal"):
        soundfile.write(folder / f"{name}.wav", sound, RATE, subtype="FLOAT")
    half = chain_file(tmp_path, ("native", "gain", {"gain_db": -6.0}))
    result = mix(folder, tmp_path / "out", accept="none", chains={"mix": half})
    gains = {clip.name: clip.gain_db for clip in result.clips}
    assert gains["sum"] - gains["mix"] == pytest.approx(-6.0, abs=0.1)
    plan = replace(plan_of(move_of("m", {"keys/fader/gain_db": 1.0})), chains={"keys": str(half)})
    before = track_before(result.session, result.analysis, plan, plan.moves[0], "keys", bands=False)
    assert isinstance(before, Rendered)  # heard through its chain, not taken from the analysis


def test_a_wrong_name_is_said_before_anything_is_heard(tmp_path, monkeypatch):
    folder = tmp_path / "song"
    folder.mkdir()
    soundfile.write(folder / "keys.wav", np.full((RATE, 1), 0.1), RATE)

    def heard(*_, **__):
        raise AssertionError("it listened first")

    monkeypatch.setattr(sys.modules["smartmix.workflow.mix"], "propose", heard)
    with pytest.raises(PlanError, match="no track or bus 'tuba'"):
        mix(folder, tmp_path / "out", chains={"tuba": gain(tmp_path)})
