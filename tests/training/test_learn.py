"""Learning: a set has no order, a stop changes nothing, a file that is not the one that was written is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from made_up import made_up_bank
from smartmix.cli.main import app
from smartmix.errors import OutputExistsError, SmartmixError
from smartmix.progress import silent
from smartmix.suggesters.models.heads import SetHeads, hear, hear_stretches
from smartmix.suggesters.models.track_vector import SIZE
from smartmix.training import bank as bank_module
from smartmix.training import learn as learn_module
from smartmix.training import train as train_module
from smartmix.training import trained as trained_module
from smartmix.training.assemble import as_batch, draw_session, other_tone
from smartmix.training.bank import ROLES
from smartmix.training.learn import learn, level_loss
from smartmix.training.train import TrainOptions, train
from smartmix.training.trained import load_trained

torch.set_num_threads(1)


@pytest.fixture
def network() -> SetHeads:
    torch.manual_seed(1)
    return SetHeads(SIZE, len(ROLES)).eval()


def test_tracks_have_no_order(network: SetHeads) -> None:
    rng = np.random.default_rng(0)
    figures = rng.standard_normal((7, SIZE)).astype(np.float32)
    order = rng.permutation(7)
    one, other = hear(network, figures), hear(network, figures[order])
    np.testing.assert_allclose(one.chances[order], other.chances, atol=1e-6)
    np.testing.assert_allclose(one.level_lu[order], other.level_lu, atol=1e-4)
    alone = hear(network, figures[:1])
    assert np.abs(alone.chances - one.chances[:1]).max() > 1e-4  # but they do see each other


def test_what_stands_in_empty_places_changes_nothing(network: SetHeads) -> None:
    figures = torch.randn(1, 5, SIZE)
    there = torch.tensor([[True, True, True, False, False]])
    with torch.inference_mode():
        first = network(figures, there)
        figures[:, 3:] = 1e3
        second = network(figures, there)
    for a, b in zip(first, second, strict=True):
        assert torch.equal(a[:, :3], b[:, :3])


def test_stretches_take_turns(network: SetHeads) -> None:
    rows = np.random.default_rng(2).standard_normal((3, SIZE)).astype(np.float32)
    said = hear_stretches(network, [rows[:2], rows[2:]])
    turns = [hear(network, rows[[0, 2]]), hear(network, rows[[1, 2]])]
    np.testing.assert_allclose(said.chances, (turns[0].chances + turns[1].chances) / 2)


def test_how_loud_the_whole_session_is_does_not_matter() -> None:
    said, level = torch.randn(2, 4), torch.randn(2, 4)
    there = torch.tensor([[True] * 4, [True, True, True, False]])
    loss = level_loss(said, torch.zeros(2, 4), level, there)
    torch.testing.assert_close(level_loss(said + 7.0, torch.zeros(2, 4), level, there), loss)
    level[1, 3] = 1e4
    torch.testing.assert_close(level_loss(said, torch.zeros(2, 4), level, there), loss)


def test_another_tone_keeps_the_spectrums_whole_power() -> None:
    bank = made_up_bank()
    changed = other_tone(bank.vectors[0], np.random.default_rng(0))
    assert np.abs(changed - bank.vectors[0]).max() > 0.1
    assert 10 ** changed[:40].astype(float) @ np.ones(40) == pytest.approx(1.0, abs=0.3)


def test_it_learns(tmp_path: Path) -> None:
    bank = made_up_bank()
    learned = learn(bank, 30, seed=0)
    assert learned.curve[-1][1] < 0.5 * learned.curve[0][1]
    drawn = draw_session(bank, np.random.default_rng(9), changed=False)
    assert (hear(learned.network, drawn.vectors).chances.argmax(axis=1) == drawn.role).mean() > 0.9


def test_a_stop_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bank, place = made_up_bank(2), tmp_path / "c.safetensors"
    monkeypatch.setattr(learn_module, "SAVE_EVERY", 3)
    whole = learn(bank, 8, seed=5)
    plain = learn_module._step

    def interrupted(*args: Any) -> tuple[float, float]:
        done.append(1)
        if len(done) == 6:
            raise KeyboardInterrupt
        return plain(*args)

    done: list[int] = []
    monkeypatch.setattr(learn_module, "_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        learn(bank, 8, seed=5, checkpoint=place)
    monkeypatch.setattr(learn_module, "_step", plain)
    resumed = learn(bank, 8, seed=5, checkpoint=place)
    assert resumed.curve == whole.curve
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[name]), name


def test_the_bank_is_the_same_in_whatever_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, int]] = []

    def quick(role: str, family: str, seed: int, number: int) -> np.ndarray:
        made.append((role, number))
        seeded = np.random.default_rng([seed, len(role), len(family), number])
        return seeded.standard_normal(SIZE).astype(np.float32)

    monkeypatch.setattr(bank_module, "one_track", quick)
    whole = bank_module.build_bank(tmp_path / "a", 10, 0)
    count = len(made)
    assert whole.vectors.shape == (10 * 4 * len(ROLES), SIZE)
    sorted((tmp_path / "a").iterdir())[0].unlink()
    again = bank_module.build_bank(tmp_path / "a", 10, 0)
    assert len(made) == count + bank_module.CHUNK  # only what was missing
    np.testing.assert_array_equal(whole.vectors, again.vectors)
    np.testing.assert_array_equal(
        bank_module.build_bank(tmp_path / "b", 3, 0).vectors.shape[0], 3 * 4 * len(ROLES)
    )


def test_the_bank_is_the_same_by_several_processes(tmp_path: Path) -> None:
    cells = [(0, 0, 0), (7, 2, 0)]
    bank_module._play(tmp_path, cells, 3, 2, silent)
    alone = bank_module.one_track(bank_module.ROLES[7], bank_module.FAMILIES[2], 3, 5)
    together = [np.load(bank_module._path(tmp_path, cell, 3)) for cell in cells]
    assert [len(chunk) for chunk in together] == [bank_module.CHUNK] * 2
    np.testing.assert_array_equal(together[1][5], alone)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.fixture(scope="module", autouse=True)
def soundless() -> Iterator[None]:
    """Training in this file learns from the bank without sound, in small steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trained_module, "build_bank", lambda *_, **__: made_up_bank())
        patch.setattr(train_module, "build_bank", lambda *_, **__: made_up_bank())
        patch.setattr(learn_module, "SESSIONS_A_STEP", 8)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``train`` writes; read only, the tests of this file share it."""
    out = tmp_path_factory.mktemp("trained") / "heads"
    train(TrainOptions(tracks=4, steps=25, device="cpu"), out)
    return out


def test_train_writes_weights_card_and_curves(folder: Path) -> None:
    card = json.loads((folder / "heads.json").read_text())
    assert card["format"] == 1
    assert sorted(card["sha256"]) == [
        "all",
        "without-analogue",
        "without-fm",
        "without-modal",
        "without-physical",
    ]
    assert (
        (folder / "curves.csv").read_text().startswith("run,step,role_loss,level_loss\nwithout-analogue,0,")
    )
    assert (folder / "all.safetensors").stat().st_size < 2_000_000
    with pytest.raises(OutputExistsError, match="--resume"):
        train(TrainOptions(tracks=4, steps=25), folder)
    with pytest.raises(SmartmixError, match="other options"):
        train(TrainOptions(tracks=4, steps=31), folder, resume=True)


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    options = TrainOptions(tracks=4, steps=2, device="cpu")
    hashes = [train(options, tmp_path, force=True).data["sha256"] for _ in range(2)]
    assert hashes[0] == hashes[1]
    other = train(replace(options, seed=1), tmp_path, force=True).data["sha256"]
    assert not set(other.values()) & set(hashes[0].values())


def test_the_suites_judge_what_was_trained(folder: Path) -> None:
    told = CliRunner().invoke(
        app, ["evaluate", "--suite", "role", "--model", str(folder), "--quick", "--json"]
    )
    data = json.loads(told.stdout)
    rows = {row[0]: row for row in data["result"]["tables"][0]["rows"]}
    assert rows["do nothing"][1:3] == [rows["head"][1], 0.0]
    assert rows["head"][2] > 80.0
    assert rows["planted fault"][2] < 40.0
    assert rows["head, silent when not sure"][3] >= 85.0
    assert told.exit_code == (0 if data["passed"] else 1)
    levels = CliRunner().invoke(app, ["evaluate", "--suite", "balance", "--model", str(folder), "--quick"])
    assert "fitted rule, known roles" in levels.stdout
    assert levels.exit_code in (0, 1)


def test_a_changed_or_missing_file_is_refused(folder: Path, tmp_path: Path) -> None:
    folder = copytree(folder, tmp_path / "copy")
    weights = folder / "without-fm.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(bytes(data))
    with pytest.raises(SmartmixError, match="its hash differs"):
        load_trained(folder)
    weights.unlink()
    with pytest.raises(SmartmixError, match="no such file"):
        load_trained(folder)
    (folder / "heads.json").write_text("[]")
    with pytest.raises(SmartmixError, match="is not a card"):
        load_trained(folder)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("evaluate", "--suite", "taste"), "expected one of"),
        (("evaluate", "--suite", "role"), "no heads are shipped"),
        (("evaluate", "--suite", "role", "--model", "nowhere"), "no such folder"),
        (("train", "-o", "x", "--device", "abacus"), "expected auto, cpu or cuda"),
    ],
)
def test_mistakes_are_one_line(words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(app, list(words))
    assert told.exit_code == 2
    assert said in " ".join(told.output.split())
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["train", "-o", str(tmp_path / "x"), "--dry-run"])
    assert (told.exit_code, "1664 tracks" in told.output) == (0, True)
    assert list(tmp_path.iterdir()) == []


def test_a_batch_is_its_sessions() -> None:
    bank = made_up_bank()
    rng = np.random.default_rng(1)
    sessions = [draw_session(bank, rng) for _ in range(3)]
    vectors, there, role, level = as_batch(sessions)
    for row, session in enumerate(sessions):
        np.testing.assert_array_equal(vectors[row, there[row]], session.vectors)
        np.testing.assert_array_equal(role[row, there[row]], session.role)
        np.testing.assert_allclose(level[row, there[row]], session.level, atol=1e-6)
    assert train_module.plan_of_training(TrainOptions(), Path("nowhere"), resume=False, force=False)
