"""Curves: rows of numbers kept with the parameters, written and read while audio runs, saved in presets."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from properties.support import curves_of, noise, prepared, random_curves, run, same_bits
from smartmix import _core
from smartmix.errors import SmartmixError
from smartmix.parameter import CurveInfo
from smartmix.processors import Gain, MatchEQ, create, load_preset, save_preset

WITH_CURVES = [name for name in _core.processor_names() if _core.Processor(name).curves()]
RATE = 48_000


@pytest.mark.parametrize("name", WITH_CURVES)
def test_what_is_declared_is_there(name: str) -> None:
    processor = create(name)
    infos = processor.curves()
    assert len({info.id for info in infos}) == len(infos)
    for info in infos:
        assert isinstance(info, CurveInfo)
        assert info.low <= info.default <= info.high
        row = processor.read_curve(info.id)
        assert row.shape == (info.length,)
        assert row.dtype == np.float32
        assert not info.writable or np.all(row == np.float32(info.default))


@pytest.mark.parametrize("name", WITH_CURVES)
def test_what_was_written_is_read_before_and_after_it_is_taken(name: str) -> None:
    processor = prepared(name)
    curves = random_curves(name, np.random.default_rng(1))
    assert curves
    for curve_id, row in curves.items():
        processor.write_curve(curve_id, row)
        assert np.array_equal(processor.read_curve(curve_id), row)
    run(processor, noise(2, 1000))
    for curve_id, row in curves.items():
        assert np.array_equal(processor.read_curve(curve_id), row)
    processor.reset()
    assert all(np.array_equal(processor.read_curve(key), row) for key, row in curves.items())


@pytest.mark.parametrize("name", WITH_CURVES)
def test_wrong_rows_are_refused_and_change_nothing(name: str) -> None:
    processor = create(name)
    before = curves_of(processor._native)
    info = next(info for info in processor.curves() if info.writable)
    good = np.full(info.length, info.default)
    for wrong, message in [
        (np.append(good, info.low), f"expected {info.length} numbers, got {info.length + 1}"),
        (good[:-1], f"expected {info.length} numbers"),
        (np.full(info.length, info.high * 2 + 1), f"expected {info.low:g} to "),
        (np.full(info.length, np.nan), f"expected {info.low:g} to "),
        (np.zeros((1, info.length)), "expected a row of numbers"),
        (["loud"] * info.length, "expected"),
    ]:
        with pytest.raises(SmartmixError, match=message):
            processor.write_curve(info.id, wrong)
    assert all(np.array_equal(processor.read_curve(key), row) for key, row in before.items())
    for told in (i for i in processor.curves() if not i.writable):
        with pytest.raises(SmartmixError, match="can be read only"):
            processor.write_curve(told.id, np.zeros(told.length))


def test_unknown_curves_are_refused() -> None:
    with pytest.raises(SmartmixError, match="no curve 'tone'; there are: point_hz, source_1_db"):
        MatchEQ().read_curve("tone")
    with pytest.raises(SmartmixError, match="no curve 'tone'; it has none"):
        Gain().write_curve("tone", [1.0])
    assert Gain().curves() == ()


@pytest.mark.parametrize("name", WITH_CURVES)
def test_a_preset_has_the_curves_and_gives_the_same_sound(name: str, tmp_path: Path) -> None:
    processor = create(name)
    for curve_id, row in random_curves(name, np.random.default_rng(2)).items():
        processor.write_curve(curve_id, row)
    number = next(info for info in processor.parameters if info.scale == "linear")
    processor.set(number.id, 0.75 * number.low + 0.25 * number.high)
    path = save_preset(processor, tmp_path / "mine.toml", name='A "name", and ümlauts')
    again = load_preset(path)
    audio = noise(2, 20_000, seed=3)
    assert again.settings() == processor.settings()
    assert all(np.array_equal(again.read_curve(k), v) for k, v in curves_of(processor._native).items())
    assert same_bits(again(audio, RATE), processor(audio, RATE))
    with pytest.raises(SmartmixError, match=r"mine\.toml exists"):
        save_preset(again, path)
    save_preset(again, path, force=True)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.toml"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[curves]\ntone = [1.0]", "no curve 'tone'"),
        ("[curves]\nsource_1_db = [1.0]", r"source_1_db: expected 241 numbers, got 1"),
        ("curves = 3", "expected a table"),
    ],
)
def test_a_preset_with_wrong_curves_is_refused_naming_the_file(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'format = 1\ndevice = "match_eq"\n{text}\n')
    with pytest.raises(SmartmixError, match=rf"mine\.toml: .*{message}"):
        load_preset(path)


def test_presets_without_curves_are_written_too(tmp_path: Path) -> None:
    gain = Gain(-2.5)
    text = save_preset(gain, tmp_path / "gain.toml").read_text()
    assert text == 'format = 1\ndevice = "gain"\ngain_db = -2.5\n'
    assert load_preset(tmp_path / "gain.toml").settings() == {"gain_db": -2.5}


def test_reading_and_writing_while_another_thread_processes() -> None:
    """Whole rows only, whatever the moment: every row written is of one number."""
    processor = prepared("match_eq")
    audio = noise(2, 480_000, level=0.05)
    worker = threading.Thread(target=lambda: [processor.process(audio) for _ in range(3)])
    worker.start()
    rounds = 0
    while worker.is_alive() or rounds < 20:
        row = np.full(241, float(rounds % 60) - 90.0, dtype=np.float32)
        processor.write_curve("reference_a_1_db", row)
        assert np.array_equal(processor.read_curve("reference_a_1_db"), row)
        assert np.unique(processor.read_curve("source_1_db")).size == 1
        rounds += 1
    worker.join()
    assert rounds > 20
