"""Which plugins are there and what they are, each asked in a process of its own."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from smartmix.audio.files import write_text
from smartmix.audio.user_cache import user_cache
from smartmix.errors import OutputExistsError, PluginError
from smartmix.progress import Progress
from smartmix.rack.child import Log, ending, kill, start
from smartmix.rack.places import find_files, library_of

Verdict = Literal["ok", "crashes", "hangs", "no plugin"]
TIMEOUT_S = 20.0
AT_ONCE = 2
CACHE_FORMAT = 1
LAST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Plugin:
    """One effect or instrument inside a plugin file.

    ``channels`` are those of its main input as it comes; ``side_chain_channels`` of its first further input, 0 without.
    ``parameters`` are as the plugin tells (id, name, unit, low, high, default, steps, texts, flags). ``repeatable``:
    two renders are the same; ``resets``: it forgets the audio when told to; ``any_blocks``: the result does not depend
    on how the audio is cut. ``problem``: why it cannot be used, or "".
    """

    name: str
    class_id: str
    vendor: str
    version: str
    categories: str
    channels: int
    side_chain_channels: int
    output_channels: int
    latency_frames: int
    tail_frames: int
    parameters: tuple[dict[str, Any], ...]
    repeatable: bool = True
    resets: bool = True
    any_blocks: bool = True
    problem: str = ""

    @property
    def is_effect(self) -> bool:
        """Whether it takes audio and gives as many channels."""
        return self.channels > 0 and self.channels == self.output_channels


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A plugin file and what came of asking it. ``detail`` says why when the verdict is not "ok"."""

    path: Path
    verdict: Verdict
    detail: str
    plugins: tuple[Plugin, ...] = ()
    seconds: float = 0.0
    stamp: tuple[int, int] = field(default=(0, 0))
    """Time of change (ns) and size of the library."""


def scan(
    paths: Iterable[str | Path] | None = None,
    *,
    again: bool = False,
    timeout_s: float = TIMEOUT_S,
    progress: Progress | None = None,
) -> tuple[ScannedFile, ...]:
    """Every VST3 plugin of this machine's standard folders, or of the folders and files given, with a verdict each.

    A file is asked in a process of its own with ``timeout_s`` seconds to answer; one that crashes or hangs is named
    and costs nothing else. Verdicts are kept, and asked anew when the file has changed, or with ``again``.
    """
    known = {} if again else _read_cache()
    files = find_files(None if paths is None else [Path(p) for p in paths])
    results: dict[Path, ScannedFile] = {}
    for file in files:
        kept = known.get(str(file))
        if kept is not None and kept.stamp == _stamp(file) and kept.verdict != "hangs":
            results[file] = kept
    waiting = [file for file in files if file not in results]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done, scanned in enumerate(
            pool.map(lambda file: scan_file(file, timeout_s=timeout_s), waiting), 1
        ):
            results[scanned.path] = scanned
            if progress is not None:
                progress(scanned.path.stem, done / len(waiting))
    if waiting:
        _write_cache((_read_cache() if not again else known) | {str(p): s for p, s in results.items()})
    return tuple(results[file] for file in files)


def scan_file(file: Path, *, timeout_s: float = TIMEOUT_S) -> ScannedFile:
    """Ask one plugin file, in a process of its own."""
    began = time.monotonic()
    stamp = _stamp(file)
    try:
        library = library_of(file)
    except PluginError as error:
        return ScannedFile(file, "no plugin", str(error).removeprefix(f"{file}: "), stamp=stamp)
    with tempfile.TemporaryDirectory(prefix="smartmix-scan-") as folder:
        answer = Path(folder) / "answer.json"
        process = start("smartmix.rack.check", [str(library), str(answer)])
        assert process.stdout is not None
        log = Log(process.stdout)
        try:
            code = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            kill(process)
            seconds = time.monotonic() - began
            return ScannedFile(
                file, "hangs", f"no answer within {timeout_s:g} s", seconds=seconds, stamp=stamp
            )
        except BaseException:
            kill(process)
            raise
        verdict, detail, plugins = _read_answer(answer, code, log)
    return ScannedFile(file, verdict, detail, plugins, time.monotonic() - began, stamp)


def _read_answer(answer: Path, code: int, log: Log) -> tuple[Verdict, str, tuple[Plugin, ...]]:
    """An answer counts even when the plugin crashed on its way out."""
    try:
        data = json.loads(answer.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        said = " ".join(log.text(wait_s=0.5).split())[-LAST_WORDS:]
        return "crashes", ending(code) + (f"; it said: {said}" if said else ""), ()
    if "error" in data:
        return "no plugin", str(data["error"]), ()
    plugins = tuple(_plugin(row) for row in data["plugins"])
    if not plugins:
        return "no plugin", "a VST3 library without an audio plugin", ()
    return "ok", "", plugins


def _plugin(row: dict[str, Any]) -> Plugin:
    ways = row["behaviour"]
    main_in = [b["channels"] for b in row["inputs"] if b["main"]]
    main_out = [b["channels"] for b in row["outputs"] if b["main"]]
    other_in = [b["channels"] for b in row["inputs"] if not b["main"]]
    problem = row["problem"] or ways.get("problem", "")
    if ways.get("finite") is False:
        problem = problem or "it gives numbers that are none (NaN) for plain noise"
    return Plugin(
        name=row["name"],
        class_id=row["class_id"],
        vendor=row["vendor"],
        version=row["version"],
        categories=row["categories"],
        channels=main_in[0] if main_in else 0,
        side_chain_channels=other_in[0] if other_in else 0,
        output_channels=main_out[0] if main_out else 0,
        latency_frames=row["latency_frames"],
        tail_frames=row["tail_frames"],
        parameters=tuple(row["parameters"]),
        repeatable=ways.get("repeatable", True),
        resets=ways.get("resets", True),
        any_blocks=ways.get("any_blocks", True),
        problem=problem,
    )


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = library_of(file).stat()
    except (OSError, PluginError):
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)


def _cache_file() -> Path:
    return user_cache() / "plugins.json"


def _read_cache() -> dict[str, ScannedFile]:
    """Kept verdicts; none when there are none, or when they cannot be read."""
    try:
        data = json.loads(_cache_file().read_text(encoding="utf-8"))
        if data["format"] != CACHE_FORMAT:
            return {}
        return {path: _from_plain(Path(path), row) for path, row in data["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _from_plain(path: Path, row: dict[str, Any]) -> ScannedFile:
    plugins = tuple(Plugin(**(p | {"parameters": tuple(p["parameters"])})) for p in row["plugins"])
    stamp = (int(row["stamp"][0]), int(row["stamp"][1]))
    return ScannedFile(path, row["verdict"], row["detail"], plugins, row["seconds"], stamp)


def _write_cache(found: dict[str, ScannedFile]) -> None:
    rows = {path: asdict(each) | {"path": path} for path, each in sorted(found.items())}
    try:
        _cache_file().parent.mkdir(parents=True, exist_ok=True)
        write_text(_cache_file(), json.dumps({"format": CACHE_FORMAT, "files": rows}), force=True)
    except (OSError, OutputExistsError):
        return  # a scan without a memory is still a scan
