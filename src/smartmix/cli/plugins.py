"""``smartmix plugins``: which VST3 plugins are there, and what they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smartmix.cli import output

if TYPE_CHECKING:
    from smartmix.processors.values import Value
    from smartmix.rack.scanning import Plugin, ScannedFile

app = typer.Typer(no_args_is_help=True, help="Third-party VST3 plugins: scan, list, show.")

Paths = Annotated[
    list[Path] | None,
    typer.Option("--path", help="A folder or plugin to look in instead of the standard folders; repeatable."),
]


@app.command("scan")
def scan(
    path: Paths = None,
    again: Annotated[bool, typer.Option("--again", help="Ask every plugin anew.")] = False,
    timeout_s: Annotated[float, typer.Option("--timeout", help="Seconds a plugin has to answer.")] = 20.0,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Look at every plugin, each in a process of its own, and say which can be used.

    A plugin that crashes or hangs is named and costs nothing else; exit code 3 when there was one.
    """
    from smartmix.rack import scan as scan_files

    with output.progress_bar(quiet=quiet) as progress:
        files = scan_files(path, again=again, timeout_s=timeout_s, progress=progress)
    if as_json:
        output.print_json({"format": 1, "files": [_file_data(file) for file in files]})
    else:
        _print_files(files, quiet=quiet)
    output.end_for(tuple(file.path.name for file in files if file.verdict != "ok"))


@app.command("list")
def list_plugins(path: Paths = None, as_json: output.Json = False, quiet: output.Quiet = False) -> None:
    """The plugins that can be used, by name."""
    from smartmix.rack import scan as scan_files

    with output.progress_bar(quiet=quiet) as progress:
        files = scan_files(path, progress=progress)
    found = sorted((p.name, p) for file in files for p in file.plugins if not p.problem)
    if as_json:
        output.print_json({"format": 1, "plugins": [_plugin_data(plugin) for _, plugin in found]})
        return
    console = output.console(quiet=quiet)
    if not found:
        console.print("No VST3 plugins found.")
    for name, plugin in found:
        console.print(f"{name:24} {_channels(plugin):18} {plugin.vendor}  {plugin.categories}")


@app.command("show")
def show(  # noqa: PLR0917 (one per option)
    plugin: Annotated[str, typer.Argument(help="Name of a plugin, or its file.")],
    editor: Annotated[
        bool, typer.Option("--editor", help="Open its own window, and save what was set there.")
    ] = False,
    preset: Annotated[
        Path | None, typer.Option("--preset", help="With --editor: a .vstpreset to begin with.")
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", help="With --editor: where to save; else NAME.vstpreset in this folder."),
    ] = None,
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """One plugin: its channels, latency, quirks, and every parameter with its range; or its own window.

    The window opens with --editor where there is an X11 display (Linux). Closing it, or Ctrl-C, saves what was set as
    a .vstpreset and prints what was changed.
    """
    from smartmix.errors import SmartmixError
    from smartmix.rack.loading import find_plugin, load_vst3

    if not editor and (preset is not None or save is not None or force):
        raise SmartmixError("--preset, --save and --force go with --editor")
    file, found = find_plugin(plugin)
    if editor:
        _edit((file, found), preset, (save, force), as_json=as_json, quiet=quiet)
        return
    device = load_vst3(plugin)
    if as_json:
        rows = [
            {
                "id": i.id,
                "name": i.name,
                "unit": i.unit,
                "low": i.low,
                "high": i.high,
                "default": i.default,
                "scale": i.scale,
                "choices": list(i.choices),
                "automatable": i.id in device.automatable,
            }
            for i in device.parameters
        ]
        output.print_json({"format": 1} | _plugin_data(found) | {"path": str(file.path), "parameters": rows})
        return
    console = output.console(quiet=quiet)
    console.print(f"{found.name} {found.version}  {found.vendor}  {found.categories}")
    console.print(f"{file.path}")
    console.print(f"{_channels(found)}, {found.latency_frames} frames late at 48 kHz")
    for quirk in _quirks(found):
        console.print(f"Note: {quirk}.")
    console.print()
    for info in device.parameters:
        unit = f" {info.unit}" if info.unit else ""
        span = " | ".join(info.choices) if info.choices else f"{info.low:g} … {info.high:g}{unit}"
        default = device.text(info.id) if info.choices else f"{info.default:.6g}"
        fixed = "" if info.id in device.automatable else "  (not automatable)"
        console.print(f"  {info.id:28} {span:32} default {default}{fixed}")
    if device.meters:
        console.print(f"\nReports: {', '.join(sorted(device.meters))}")


def _edit(
    which: tuple[ScannedFile, Plugin],
    preset: Path | None,
    save: tuple[Path | None, bool],
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Open the window, save what was set, print what was changed."""
    from dataclasses import asdict

    from smartmix.rack.editor import edit_in_window, preset_place
    from smartmix.rack.preset_file import write_preset

    wanted, force = save
    place = preset_place(which[1], wanted, force=force)
    edited = edit_in_window(*which, preset=preset, say=lambda line: output.say(line, quiet=quiet))
    saved = edited.changed or wanted is not None
    if saved:
        write_preset(place, edited.state, force=force)
    if as_json:
        rows = [asdict(change) for change in edited.changes]
        output.print_json({"format": 1, "saved": str(place) if saved else None, "changes": rows})
        return
    console = output.console(quiet=quiet)
    for change in edited.changes:
        before, after = _shown(change.before_text, change.before), _shown(change.after_text, change.after)
        console.print(f"  {change.parameter:28} {before:>12} → {after}")
    if not edited.changed:
        console.print("Nothing was changed.")
    elif not edited.changes:
        console.print("Something was changed that is no parameter.")
    if saved:
        console.print(f"Saved: {place}")


def _shown(text: str, value: Value) -> str:
    """A value as the plugin shows it, without the digits that mean nothing ("-15.700001")."""
    from smartmix.rack.values import read_number

    number = read_number(text)
    if number is None:
        return text or f"{value}"
    return f"{number[0]:.6g} {number[1]}".strip()


def _print_files(files: tuple[ScannedFile, ...], *, quiet: bool) -> None:
    console = output.console(quiet=quiet)
    for file in files:
        if file.verdict != "ok":
            console.print(f"{file.verdict:10} {file.path.name}: {file.detail}")
            continue
        for plugin in file.plugins:
            said = [_channels(plugin), *([plugin.problem] if plugin.problem else _quirks(plugin))]
            console.print(f"{'problem' if plugin.problem else 'ok':10} {plugin.name}: {'; '.join(said)}")
    good = sum(not p.problem for file in files for p in file.plugins)
    bad = len([file for file in files if file.verdict != "ok"])
    where = "" if files else " in the standard folders (--path FOLDER looks elsewhere)"
    console.print(f"{good} plugins{where}" + (f", {bad} files that cannot be used" if bad else ""))


def _channels(plugin: Plugin) -> str:
    names = {1: "mono", 2: "stereo"}
    if not plugin.is_effect:
        return f"no effect ({plugin.channels} in, {plugin.output_channels} out)"
    side_chain = ", side chain" if plugin.side_chain_channels else ""
    return names.get(plugin.channels, f"{plugin.channels} channels") + side_chain


def _quirks(plugin: Plugin) -> list[str]:
    told = (
        (plugin.repeatable, "two renders of it differ"),
        (plugin.resets, "it does not forget its sound when reset"),
        (plugin.any_blocks, "its sound depends on the block size: renders use one fixed grid"),
    )
    return [text for good, text in told if not good]


def _plugin_data(plugin: Plugin) -> dict[str, Any]:
    from dataclasses import asdict

    return {k: v for k, v in asdict(plugin).items() if k != "parameters"}


def _file_data(file: ScannedFile) -> dict[str, Any]:
    return {
        "path": str(file.path),
        "verdict": file.verdict,
        "detail": file.detail,
        "plugins": [_plugin_data(plugin) for plugin in file.plugins],
        "seconds": round(file.seconds, 2),
    }
