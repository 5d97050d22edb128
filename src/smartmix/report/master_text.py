"""A master in words: each stage with its reason and what it came to, and what platforms will do to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartmix.mastering.inforce import BY_HAND, NOT_PLAYED
from smartmix.mastering.platforms import platform_levels
from smartmix.report.data import plain
from smartmix.report.text import master_line
from smartmix.report.words import level

if TYPE_CHECKING:
    from rich.console import Console

    from smartmix.mastering.result import MasterResult
    from smartmix.mastering.stage import MasterStage


def print_master(result: MasterResult, console: Console, *, dry_run: bool = False) -> None:
    """The verdict, the stages, the platforms."""
    stages = [] if result.plan is None else list(result.plan.stages)
    for stage in stages:
        if stage.id != "level" and (stage.played or stage.bypass or stage.settings):
            _line(console, stage_line(stage))
    if dry_run:
        last = next((stage for stage in stages if stage.id == "level"), None)
        if last is not None:
            how_much = f" ({last.amount:g} %)" if last.share not in {0.0, 1.0} else ""
            _line(console, f"level{how_much}: {last.reason}.")
        _notes(result, console)
        return
    if result.target_source == "none":
        loudness = result.loudness
        _line(
            console,
            f"Level left alone: {level(loudness.integrated_lufs, 'LUFS')}, "
            f"{level(loudness.true_peak_dbtp, 'dBTP')}.",
        )
    else:
        _line(console, master_line(result))
    if changes := platform_line(result):
        _line(console, changes)
    _notes(result, console)


def _notes(result: MasterResult, console: Console) -> None:
    for note in result.notes:
        _line(console, f"Note: {note}.")


def stage_line(stage: MasterStage) -> str:
    """One stage in one line: what, because, result."""
    if stage.bypass:
        return f"{stage.id}: bypassed{_because(stage, 'suggested because')}."
    if stage.amount == 0.0:
        return f"{stage.id} (0 %): {stage.title or 'left as it is'}, not played."
    title = stage.title.removeprefix(f"{stage.id.capitalize()}: ")
    if stage.result.startswith(NOT_PLAYED):
        return f"{stage.id}: {title}, {stage.result}."
    how_much = "" if stage.amount == 100.0 else f" ({stage.amount:g} %)"
    result = f". Result: {stage.result}" if stage.result else ""
    return f"{stage.id}{how_much}: {title}{_because(stage)}{result}."


def _because(stage: MasterStage, word: str = "because") -> str:
    """Its reason as the end of a sentence; nothing where none is needed."""
    if not stage.reason or stage.reason.startswith(("asked for", "not asked for")):
        return ""
    return f"; {stage.reason}" if stage.reason.startswith(BY_HAND) else f"; {word} {stage.reason}"


def platform_line(result: MasterResult) -> str:
    """What platforms do, those that do the same together; empty for silence."""
    groups: dict[str, list[str]] = {}
    for each in platform_levels(result.loudness):
        groups.setdefault(each.text, []).append(each.platform)
    return "; ".join(f"{', '.join(names)}: {text}" for text, names in groups.items()) + "." if groups else ""


def master_data(result: MasterResult, *, dry_run: bool = False) -> dict[str, Any]:
    """The figures as data: the result, its stages as they are in master.toml, and the platforms; of a dry run the
    loudness of the mix under "mix", and none of a master.
    """
    data: dict[str, Any] = plain(result)
    if dry_run:
        return data | {"mix": data["loudness"], "loudness": None, "platforms": []}
    return data | {"platforms": [plain(each) for each in platform_levels(result.loudness)]}


def _line(console: Console, text: str) -> None:
    from smartmix.report.printable import printable

    console.print(printable(text), soft_wrap=True)
