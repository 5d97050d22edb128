"""Plugins by name: looked up among those scanned, made in a process of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from smartmix import _core
from smartmix.errors import PluginError
from smartmix.processors.values import Value
from smartmix.rack.engine import Engine, Maker
from smartmix.rack.places import library_of
from smartmix.rack.scanning import Plugin, ScannedFile, scan
from smartmix.rack.vst3 import Vst3Device


def find_plugin(
    name: str | Path, plugin_name: str | None = None, *, files: Sequence[ScannedFile] | None = None
) -> tuple[ScannedFile, Plugin]:
    """A plugin by its name, by the name of its file, or by a path; PluginError saying what is known instead."""
    path = Path(name)
    if files is None:
        files = scan([path]) if path.suffix.lower() == ".vst3" and path.exists() else scan()
    matches: list[tuple[ScannedFile, Plugin]] = []
    for file in files:
        by_file = str(name) in (str(file.path), file.path.name, file.path.stem) or path == file.path
        if by_file and file.verdict != "ok":
            raise PluginError(f"{file.path.name}: {file.verdict}: {file.detail}")
        for plugin in file.plugins:
            wanted = plugin_name or (None if by_file else str(name))
            if (by_file and wanted is None) or wanted in (plugin.name, plugin.class_id):
                matches.append((file, plugin))
    if not matches and path.exists() and len(files) == 1:
        return _only(files[0], plugin_name)
    if not matches:
        known = ", ".join(sorted({p.name for f in files for p in f.plugins})) or "none"
        raise PluginError(f"no plugin {str(plugin_name or name)!r}; there are: {known}")
    return matches[0]


def _only(file: ScannedFile, plugin_name: str | None) -> tuple[ScannedFile, Plugin]:
    if file.verdict != "ok":
        raise PluginError(f"{file.path.name}: {file.verdict}: {file.detail}")
    for plugin in file.plugins:
        if plugin_name in (None, plugin.name, plugin.class_id):
            return file, plugin
    raise PluginError(f"{file.path.name} holds no plugin {plugin_name!r}")


def load_vst3(
    plugin: str | Path,
    plugin_name: str | None = None,
    *,
    isolated: bool = True,
    settings: Mapping[str, Value] | None = None,
) -> Vst3Device:
    """A VST3 effect by its name or path, ready to be set and to process.

    It is looked up in the standard folders (``scan``) and runs ``isolated`` in a process of its own, where it can
    crash or hang without harm; with ``isolated=False`` in this one, which saves a little time. Raises PluginError
    for a plugin that is not there, that crashes or hangs when it is looked at, or that is no effect.
    """
    device = device_of(*find_plugin(plugin, plugin_name), isolated=isolated)
    for name, value in (settings or {}).items():
        device.set(name, value)
    return device


def device_of(file: ScannedFile, found: Plugin, *, isolated: bool = True) -> Vst3Device:
    """A device of a plugin that was found; PluginError for one that cannot be used or is no effect."""
    if found.problem:
        raise PluginError(f"{found.name}: {found.problem}")
    if not found.is_effect:
        raise PluginError(
            f"{found.name} is no effect: it takes {found.channels} channels and gives {found.output_channels}"
        )
    library = library_of(file.path)
    device = Vst3Device(_maker(str(library), found, isolated=isolated))
    device.library = library
    return device


def _maker(library: str, found: Plugin, *, isolated: bool) -> Maker:
    if isolated:
        from smartmix.rack.isolated import IsolatedPlugin

        return lambda: IsolatedPlugin(library, found.class_id)

    def make() -> Engine:
        try:
            return _core.Vst3Plugin(library, found.class_id)
        except RuntimeError as error:
            raise PluginError(f"{found.name}: {error}") from None

    return make
