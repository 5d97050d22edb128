"""REAPER projects there and back: export, import, render; and an import written back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from interop.scenes import plain_plan, residual_db, session
from mixes import lane, move_of, plan_of
from smartmix.interop.export import export_session
from smartmix.interop.to_session import Imported, import_project
from smartmix.plan.mixplan import MixPlan
from smartmix.rendering import render


def plan() -> MixPlan:
    return plan_of(
        move_of("ride", {"vox/fader/gain_db": lane((0.2, 0.0), (0.7, 4.0), (1.1, -6.0))}),
        move_of("group", {"drums/fader/gain_db": lane((0.0, 0.0), (1.0, -3.0))}),
        move_of("place", {"pad/pan/pan": 0.4}),
        move_of("trim", {"kick/trim/gain_db": -3.0}),
    )


def there_and_back(folder: Path) -> Imported:
    export_session(session(folder), plan(), folder / "song.rpp", "rpp")
    return import_project(folder / "song.rpp", folder / "back")


def test_a_mix_of_faders_and_pans_comes_back_to_the_sample(tmp_path: Path) -> None:
    made = there_and_back(tmp_path)
    ours = render(session(tmp_path), plan()).samples
    assert residual_db(ours, render(made.session, made.plan).samples) <= -100.0
    less = replace(made.plan, moves=made.plan.moves[1:])
    assert residual_db(ours, render(made.session, less).samples) > -60.0  # a lost ride would be heard


def test_nothing_of_reapers_own_is_invented(tmp_path: Path) -> None:
    done = export_session(session(tmp_path), plain_plan(), tmp_path / "song.rpp", "rpp")
    data = (tmp_path / "song.rpp").read_bytes()
    assert b"ReaEQ" not in data
    assert b"ReaComp" not in data
    assert done.losses


def test_an_untouched_import_is_written_back_byte_for_byte(tmp_path: Path) -> None:
    made = there_and_back(tmp_path)
    export_session(made.session, made.plan, tmp_path / "again.rpp", "rpp")
    assert (tmp_path / "again.rpp").read_bytes() == (tmp_path / "song.rpp").read_bytes()


def test_one_fader_moved_changes_one_line_and_a_note_of_anothers_file(tmp_path: Path) -> None:
    export_session(session(tmp_path), plan(), tmp_path / "song.rpp", "rpp")
    strange = (
        (tmp_path / "song.rpp").read_bytes().replace(b"    NCHAN 2\n", b"    NCHAN   2 'x' \n    ODD `1\n")
    )
    strange = strange.replace(b"\n", b"\r\n")
    (tmp_path / "song.rpp").write_bytes(strange)
    made = import_project(tmp_path / "song.rpp", tmp_path / "back")
    later = made.plan.add(move_of("more", {"snare/fader/gain_db": 3.0}))
    export_session(made.session, later, tmp_path / "again.rpp", "rpp")
    after = _without_new_note((tmp_path / "again.rpp").read_bytes(), len(strange.split(b"\n")))
    rows = zip(strange.split(b"\n"), after, strict=True)
    changed = [(a.split(), b.split()) for a, b in rows if a != b]
    assert len(changed) == 1
    ((old, new),) = changed
    assert (old[0], old[2:]) == (new[0], new[2:])
    assert abs(float(new[1]) / float(old[1]) - 10 ** (3 / 20)) < 1e-3


def _without_new_note(data: bytes, lines: int) -> list[bytes]:
    """The lines without the note that the new move brought to the snare."""
    rows = data.split(b"\n")
    snare = next(k for k, row in enumerate(rows) if row.strip() == b"NAME snare")
    at = next(k for k in range(snare, len(rows)) if rows[k].strip() == b"<NOTES")
    assert rows[at + 1].strip().startswith(b"|")
    assert rows[at + 2].strip() == b">"
    assert len(rows) == lines + 3
    return rows[:at] + rows[at + 3 :]
