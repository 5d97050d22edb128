"""Where plugins are: the standard VST3 folders of three systems, and what is inside a bundle."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from smartmix.errors import PluginError

SUFFIX = ".vst3"
DEEPEST = 6
"""Folders below a standard one that are searched: vendors sort their plugins one or two deep."""


def standard_folders() -> tuple[Path, ...]:
    """Where the VST3 specification has plugins on this system, the user's own first; also those that do not exist."""
    home = Path.home()
    if sys.platform == "darwin":
        return (home / "Library/Audio/Plug-Ins/VST3", Path("/Library/Audio/Plug-Ins/VST3"))
    if sys.platform == "win32":
        own = Path(os.environ.get("LOCALAPPDATA", home / "AppData/Local")) / "Programs/Common/VST3"
        return (own, Path(os.environ.get("COMMONPROGRAMFILES", "C:/Program Files/Common Files")) / "VST3")
    return (home / ".vst3", Path("/usr/lib/vst3"), Path("/usr/local/lib/vst3"))


def find_files(paths: Iterable[Path] | None = None) -> tuple[Path, ...]:
    """Every plugin in the standard folders, or in the folders and plugins given; sorted, each once.

    Raises PluginError for a path that does not exist.
    """
    if paths is None:
        starts = [p for p in standard_folders() if p.is_dir()]
    else:
        starts = [Path(p).expanduser() for p in paths]
        for start in starts:
            if not start.exists():
                raise PluginError(f"{start}: no such file or folder")
    found: dict[Path, None] = {}
    for start in starts:
        for path in _plugins_in(start, DEEPEST):
            found.setdefault(path.resolve(), None)
    return tuple(sorted(found))


def _plugins_in(path: Path, depth: int) -> Iterator[Path]:
    """A path that is a plugin, or those below it; a bundle is not searched, nor what cannot be read."""
    if path.suffix.lower() == SUFFIX:
        yield path
        return
    if depth == 0 or not path.is_dir():
        return
    try:
        inside = sorted(path.iterdir())
    except OSError:
        return
    for each in inside:
        if not each.name.startswith("."):
            yield from _plugins_in(each, depth - 1)


def architecture() -> str:
    """Name of the folder inside a bundle that holds this machine's library."""
    if sys.platform == "darwin":
        return "MacOS"
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if sys.platform == "win32":
        return f"{machine}-win"
    return f"{machine}-linux"


def library_of(plugin: Path) -> Path:
    """The library to load: the plugin itself where it is a file, else the one for this machine inside the bundle.

    Raises PluginError saying what the bundle lacks.
    """
    if plugin.is_file():
        return plugin
    contents = plugin / "Contents"
    if not contents.is_dir():
        raise PluginError(f"{plugin}: not a VST3 bundle, it has no Contents folder")
    folder = contents / architecture()
    suffix = {"darwin": "", "win32": SUFFIX}.get(sys.platform, ".so")
    library = folder / f"{plugin.stem}{suffix}"
    if library.is_file():
        return library
    others = sorted(p for p in folder.glob(f"*{suffix}") if p.is_file()) if folder.is_dir() else []
    if others:  # renamed bundles keep the name of the library
        return others[0]
    made_for = sorted(p.name for p in contents.iterdir() if "-" in p.name)
    other = f"; it is made for {', '.join(made_for)}" if made_for else ""
    raise PluginError(f"{plugin}: nothing in it for this machine ({architecture()}){other}")
