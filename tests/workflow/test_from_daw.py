"""A pass over an imported session does nothing a second time that the engineer has done already."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

import smartmix
from plans import lane, move, plan, setting
from smartmix.plan.merging import FROM_DAW
from smartmix.plan.move import Move
from smartmix.session import Session
from smartmix.workflow.from_daw import rough_is_the_import, without_what_is_there

RATE = 48_000


@pytest.fixture
def session(tmp_path: Path) -> Session:
    for name in ("vox.wav", "rough.wav"):
        soundfile.write(tmp_path / name, 0.1 * np.ones((RATE, 1)), RATE)
    return Session.open(tmp_path)


def engineers(*sets: object) -> Move:
    return replace(
        move("own", *sets),
        track="vox",
        source=FROM_DAW,
        authority="person",
        status="accepted",  # type: ignore[arg-type]
    )


def band(id_: str, shape: str, hz: float, gain_db: float | None = None) -> tuple[object, ...]:
    found = [setting(f"vox/eq/{id_}.shape", shape), setting(f"vox/eq/{id_}.freq_hz", hz)]
    return (*found, setting(f"vox/eq/{id_}.gain_db", gain_db)) if gain_db is not None else tuple(found)


COMPRESSOR = (setting("vox/compressor/threshold_db", -20.0), setting("vox/compressor/ratio", 2.0))
RIDE = (setting("vox/fader/gain_db", lane((0.0, 0.0), (1.0, 2.0))),)


@pytest.mark.parametrize(
    ("done", "suggested", "kept"),
    [
        (COMPRESSOR, COMPRESSOR, False),
        (RIDE, RIDE, False),
        (RIDE, (setting("vox/fader/gain_db", 1.0),), True),
        (COMPRESSOR, RIDE, True),
        (band("a", "high_pass", 100.0), band("b", "high_pass", 60.0), False),
        (band("a", "bell", 300.0, -3.0), band("b", "bell", 350.0, -2.0), False),
        (band("a", "bell", 300.0, -3.0), band("b", "bell", 350.0, 2.0), True),
        (band("a", "bell", 300.0, -3.0), band("b", "bell", 900.0, -2.0), True),
        (band("a", "bell", 300.0, -3.0), COMPRESSOR, True),
    ],
)
def test_what_the_engineer_did_is_not_done_again(
    session: Session, done: tuple[object, ...], suggested: tuple[object, ...], *, kept: bool
) -> None:
    new = replace(move("new", *suggested), track="vox")  # type: ignore[arg-type]
    earlier = plan(engineers(*done))
    assert bool(without_what_is_there(session, plan(new), earlier).moves) is kept
    own_rejected = plan(engineers(*done).with_status("rejected"))
    assert without_what_is_there(session, plan(new), own_rejected).moves == (new,)
    by_hand = plan(replace(engineers(*done), source="person"))
    assert without_what_is_there(session, plan(new), by_hand).moves == (new,)


def test_a_track_that_the_engineer_sends_to_an_effect_gets_no_other(session: Session) -> None:
    space = replace(move("space", setting("vox/send/return-reverb.level_db", -9.0)), track="vox")
    assert without_what_is_there(session, plan(space), None).moves == (space,)
    (session.root / "interop").mkdir()
    for text, kept in (("damaged", 1), ('{"format": 1, "tracks": ["kick"]}', 1), ('{"tracks": ["vox"]}', 0)):
        (session.root / "interop" / "sent.json").write_text(text)
        assert len(without_what_is_there(session, plan(space), None).moves) == kept


def test_an_imports_own_rough_is_not_read_again(session: Session) -> None:
    read = replace(move("balance", setting("vox/fader/gain_db", 3.0)), track="vox", authority="rough")
    assert not rough_is_the_import(session)
    assert without_what_is_there(session, plan(read), None).moves == (read,)
    (session.root / "interop").mkdir()
    assert rough_is_the_import(session)
    assert without_what_is_there(session, plan(read), None).moves == ()


def test_an_imports_own_mix_is_no_loudness_to_master_to(
    session: Session, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path_factory.mktemp("out")
    loud = 0.5 * np.random.default_rng(5).standard_normal((3 * RATE, 2)).clip(-1.9, 1.9)
    for name, level in (("vox.wav", 0.2), ("rough.wav", 1.0)):
        soundfile.write(tmp_path / name, level * loud, RATE)
    told = "rough.wav is taken as the rough mix, by its name"
    clients = smartmix.mix(tmp_path, out / "clients")
    assert clients.master.target_source == "rough"
    assert told in Session.open(tmp_path).notices
    (tmp_path / "interop").mkdir()
    own = smartmix.mix(tmp_path, out / "own")
    assert (own.master.target_source, own.master.target_lufs) == ("default", -14.0)
    assert told not in Session.open(tmp_path).notices
    beside = smartmix.mix(Session.open(tmp_path, rough=out / "clients" / "mix.wav"), out / "beside")
    assert beside.master.target_source == "rough"
