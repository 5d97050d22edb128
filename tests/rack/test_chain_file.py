"""Chain files: what is written is what plays, what is wrong is named, what is missing is bypassed and kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from smartmix.errors import OutputExistsError, PluginError
from smartmix.rack import load_chain, read_chain_file, save_chain
from smartmix.rack.intents import CeilingIntent, CompressionIntent, EQBand, EQIntent

RATE = 48_000
PRESETS = Path(__file__).resolve().parents[2] / "presets" / "chains"

TEXT = """\
format = 1
name = "Three kinds"

[[device]]
id = "low_cut"
kind = "native"
name = "parametric_eq"
values.band1 = { shape = "high_pass", freq_hz = 80.0 }

# The plugin stays at half.
[[device]]
id = "amp"
kind = "vst3"
name = "Known Answer"
dry_wet = 0.5
carries = ["compression"]
values = { gain_db = -6.0 }
intent = [{ kind = "ceiling", dbtp = -1.0 }]

[[device]]
kind = "pedalboard"
name = "Gain"
bypassed = true
values = { gain_db = 20.0 }
"""


def noise(frames=4_000):
    return (0.1 * np.random.default_rng(0).standard_normal((2, frames))).astype(np.float32)


def written(folder, text=TEXT):
    path = folder / "chain.toml"
    path.write_text(text)
    return path


def test_a_chain_plays_as_its_file_says(known, tmp_path):
    chain = load_chain(written(tmp_path), RATE, 2, search=[known])
    assert chain.ids == ("low_cut", "amp", "gain")
    assert chain["low_cut"].get("band1.freq_hz") == 80.0
    assert chain.get("amp.dry_wet") == 0.5 and chain.get("gain.bypassed") is True
    assert chain.carriers("compression") == ("amp",) and chain.carriers("eq") == ()
    assert chain.entry("amp").intents == (CeilingIntent(-1.0),)
    low_cut = chain["low_cut"].process(noise(), RATE)
    expected = low_cut * (0.5 + 0.5 * 10 ** (-6 / 20))
    assert np.abs(chain(noise(), RATE) - expected).max() < 1e-6


def test_what_is_saved_plays_the_same_bits_and_keeps_comments(known, tmp_path):
    path = written(tmp_path)
    chain = load_chain(path, RATE, 2, search=[known])
    chain["amp"].set("gain_db", -3.25)
    chain.set("amp.dry_wet", 0.25)
    with pytest.raises(OutputExistsError):
        save_chain(chain, path)
    save_chain(chain, path, force=True)
    again = load_chain(path, RATE, 2, search=[known])
    assert np.array_equal(again(noise(), RATE), chain(noise(), RATE))
    assert "# The plugin stays at half." in path.read_text()
    assert again.file.devices[1].intents == chain.file.devices[1].intents


def test_a_plugin_is_found_by_class_id_whatever_it_is_called(known, tmp_path):
    chain = load_chain(written(tmp_path), RATE, 2, search=[known])
    by_id = TEXT.replace('name = "Known Answer"', f'name = "Renamed"\nclass_id = "{chain["amp"].class_id}"')
    assert load_chain(written(tmp_path, by_id), RATE, 2, search=[known])["amp"].name == "Known Answer"
    by_path = TEXT.replace('name = "Known Answer"', f'path = "{known}"')
    assert load_chain(written(tmp_path, by_path), RATE, 2, search=[tmp_path])["amp"].name == "Known Answer"


def test_a_missing_plugin_is_bypassed_named_and_kept(known, tmp_path):
    path = written(tmp_path, TEXT.replace("Known Answer", "Nowhere"))
    chain = load_chain(path, RATE, 2, search=[known])
    assert chain.missing == ("amp",) and chain.carriers("compression") == ()
    assert any("Nowhere" in remark and "bypassed" in remark for remark in chain.remarks)
    assert np.array_equal(chain(noise(), RATE), chain["low_cut"].process(noise(), RATE))
    copy = save_chain(chain, tmp_path / "copy.toml")
    kept = read_chain_file(copy).devices[1]
    assert (kept.name, kept.values, kept.dry_wet) == ("Nowhere", {"gain_db": -6.0}, 0.5)


def test_a_state_changed_since_is_told(known, tmp_path):
    chain = load_chain(written(tmp_path), RATE, 2, search=[known])
    chain["amp"].set("gain_db", -9.0)
    chain["amp"].save_preset(tmp_path / "amp.vstpreset")
    held = chain["amp"].state.hash
    line = 'name = "Known Answer"\nstate = "amp.vstpreset"\nstate_hash = '
    stated = TEXT.replace('name = "Known Answer"', f'{line}"{held}"').replace(
        "values = { gain_db = -6.0 }\n", ""
    )
    same = load_chain(written(tmp_path, stated), RATE, 2, search=[known])
    assert same["amp"].gain_db == pytest.approx(-9.0, abs=1e-4)
    assert not any("changed" in remark for remark in same.remarks)
    other = load_chain(written(tmp_path, stated.replace(held, "0" * 16)), RATE, 2, search=[known])
    assert any("amp.vstpreset was changed since" in remark for remark in other.remarks)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("format = 1", "format = 2", "format = 2: expected 1"),
        ("dry_wet = 0.5", "dry_wet = 1.5", "device 2 ('amp'), dry_wet = 1.5: expected 0 to 1"),
        ("dry_wet = 0.5", "wet = 0.5", "device 2 ('amp'), unknown key 'wet'; known: "),
        (
            'kind = "pedalboard"',
            'kind = "au"',
            'kind = "au": expected "native", "pedalboard", "vst3", "mid_side", ',
        ),
        ('id = "amp"', 'id = "low_cut"', "two devices have the id 'low_cut'"),
        ("gain_db = 20.0", "gain_db = 200.0", "device 'gain': Gain.gain_db = 200: expected -60 to 24 dB"),
        ("gain_db = -6.0", "volume_db = -6.0", "device 'amp': Known Answer: no parameter 'volume_db'"),
        ('name = "parametric_eq"', 'name = "eq9"', "device 'low_cut': no processor 'eq9'"),
        ("dbtp = -1.0", "reduction_db = 3.0", "for kind 'ceiling' only dbtp, drive_db"),
        ('kind = "ceiling", dbtp = -1.0', 'kind = "eq"', "for kind 'eq' also band"),
    ],
)
def test_what_is_wrong_is_named(known, tmp_path, old, new, said):
    path = written(tmp_path, TEXT.replace(old, new))
    with pytest.raises(PluginError) as caught:
        load_chain(path, RATE, 2, search=[known])
    assert said in str(caught.value) and str(path) in str(caught.value)


def test_intents_are_read_and_written(tmp_path):
    text = TEXT.replace(
        'intent = [{ kind = "ceiling", dbtp = -1.0 }]',
        'intent = [{ kind = "eq", during = "self", band = [{ from_hz = 2000, to_hz = 3000, gain_db = -2.5 }] },'
        ' { kind = "compression", reduction_db = 3, to_hz = 200.0, level_matched = false }]',
    )
    eq, held = read_chain_file(written(tmp_path, text)).devices[1].intents
    assert isinstance(eq, EQIntent) and eq.during == "self"
    assert eq.bands == (EQBand.between(2000, 3000, -2.5),)
    edges = eq.curve_db([2000.0, np.sqrt(6e6), 3000.0], RATE)
    assert edges == pytest.approx([-1.25, -2.5, -1.25], abs=0.03)
    assert held == CompressionIntent(3.0, to_hz=200.0, level_matched=False)


@pytest.mark.parametrize("path", sorted(PRESETS.glob("*.toml")), ids=lambda p: p.stem)
def test_the_shipped_chains_load_and_save_the_same(path, tmp_path):
    chain = load_chain(path, RATE, 2)
    first = save_chain(chain, tmp_path / "first.toml")
    second = save_chain(load_chain(first, RATE, 2), tmp_path / "second.toml")
    assert first.read_text() == second.read_text()
    assert read_chain_file(path).devices[0].intents == read_chain_file(second).devices[0].intents


SPLITS = """\
format = 1
name = "Splits"

[[device]]
id = "wide"
kind = "mid_side"

[[device.branch]]
part = "side"
level_db = -1.5

[[device.branch.device]]
kind = "vst3"
name = "Known Answer"
values = { gain_db = -6.0, delay = 100.0 }

[[device.branch.device]]
kind = "native"
name = "gain"
values = { gain_db = 2.0 }

[[device]]
id = "bands"
kind = "bands"
crossovers_hz = [200.0, 2000.0]
branch = [{ part = "low", device = [{ kind = "native", name = "compressor" }] }]

[[device]]
id = "both"
kind = "parallel"
dry_db = -120.0
branch = [{ part = "crushed", device = [{ kind = "pedalboard", name = "Clipping" }] }]
"""


def test_splits_are_read_play_and_are_written(known, tmp_path):
    chain = load_chain(written(tmp_path, SPLITS), RATE, 2, search=[known])
    assert chain.ids == ("wide", "bands", "both")
    assert chain.get("wide.side.level_db") == -1.5 and chain.get("wide.side.known_answer.delay") == 100.0
    before = chain(noise(), RATE)
    chain.set("wide.side.gain.gain_db", -3.0)
    assert not np.array_equal(chain(noise(), RATE), before)
    saved = save_chain(chain, tmp_path / "saved.toml")
    again = load_chain(saved, RATE, 2, search=[known])
    assert np.array_equal(again(noise(), RATE), chain(noise(), RATE))
    assert read_chain_file(saved).devices[1].crossovers_hz == (200.0, 2000.0)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('part = "side"', 'part = "middle"', "no part 'middle'; there are: mid, side"),
        ("crossovers_hz = [200.0, 2000.0]\n", "", "crossovers_hz for kind 'bands'"),
        ("dry_db = -120.0", "crossovers_hz = [100.0]", "no crossovers_hz for kind 'parallel'"),
        ('{ part = "low"', '{ part = "mid_high"', "no band 'mid_high'"),
    ],
)
def test_a_split_that_is_wrong_is_named(known, tmp_path, old, new, message):
    path = written(tmp_path, SPLITS.replace(old, new))
    with pytest.raises(PluginError, match=message) as told:
        load_chain(path, RATE, 2, search=[known])
    assert str(path) in str(told.value)


def test_lanes_of_a_file_move_in_it(tmp_path):
    text = """format = 1
name = "Moves"
[[device]]
id = "up"
kind = "native"
name = "gain"
lanes = { gain_db = [[0.0, 0.0], [0.05, 6.0]] }
"""
    chain = load_chain(written(tmp_path, text), RATE, 2)
    assert chain.lanes == {"up.gain_db": ((0.0, 0.0), (0.05, 6.0))}
    saved = save_chain(chain, tmp_path / "saved.toml")
    assert load_chain(saved, RATE, 2).lanes == chain.lanes
    with pytest.raises(PluginError, match="points"):
        load_chain(written(tmp_path, text.replace("[0.05, 6.0]", "[-1.0, 6.0]")), RATE, 2)
