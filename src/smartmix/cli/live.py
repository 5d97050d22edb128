"""``smartmix live``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartmix.cli import output

if TYPE_CHECKING:
    from smartmix.rack.chain import Chain
    from smartmix.rack.live import LiveMeters, LiveReport
    from smartmix.rack.ports import Port


def live(  # noqa: PLR0913, PLR0917 (one per option)
    chain: Annotated[str, typer.Argument(help="A chain file, or the name of a shipped chain.")],
    source: Annotated[
        str | None, typer.Option("--input", "-i", help="An audio input, or a sound file in its place.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--output", "-o", help="An audio output, or a WAV file to write.")
    ] = None,
    block: Annotated[int, typer.Option(help="Frames per block: 16 to 1024, a power of two.")] = 256,
    rate: Annotated[int, typer.Option(help="Sample rate of the interface, Hz.")] = 48_000,
    channels: Annotated[int, typer.Option(help="1 or 2 channels of the interface.", min=1, max=2)] = 2,
    seconds: Annotated[float | None, typer.Option(help="End after this long.", min=0.0)] = None,
    fast: Annotated[
        bool, typer.Option("--fast", help="A file as fast as it goes, not by the clock.")
    ] = False,
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Run live sound through a chain of effects and plugins; Ctrl-C ends it.

    Shows peaks, loudness, what the plugins' meters say, how busy it is, and counts every block that was late.
    Sound files can stand in for the interface.
    """
    from smartmix.rack.chain_file import load_chain
    from smartmix.workflow.chains import chain_path

    port = _port(source, target, (rate, channels, block), paced=not fast, force=force)
    complete = False
    try:
        made = load_chain(chain_path(chain), port.sample_rate, port.channels)
        for remark in made.remarks:
            output.say(remark, quiet=quiet)
        report = _shown(made, port, block, math.inf if seconds is None else seconds, quiet=quiet or as_json)
        complete = True
    finally:
        port.close(complete=complete)
    if as_json:
        output.print_json({"format": 1, "live": report, "latency_ms": report.latency_ms})
        return
    _print(report, quiet=quiet)


def _port(
    source: str | None, target: str | None, wanted: tuple[int, int, int], *, paced: bool, force: bool
) -> Port:
    from smartmix.errors import SmartmixError
    from smartmix.rack.ports import FilePort, InterfacePort

    if source is not None and Path(source).is_file():
        return FilePort(source, target, paced=paced, force=force)
    if target is not None and Path(target).suffix.lower() == ".wav":
        raise SmartmixError(f"--output {target}: a file is written for a file as --input only")
    rate, channels, block = wanted
    return InterfacePort(source, target, sample_rate=rate, channels=channels, block_frames=block)


def _shown(made: Chain, port: Port, block: int, seconds: float, *, quiet: bool) -> LiveReport:
    """Run with a line of meters on a terminal."""
    from smartmix.rack.live import run_live

    console = output.console(quiet=quiet)
    if quiet or not console.is_terminal:
        return run_live(made, port, block_frames=block, seconds=seconds)
    from rich.live import Live

    with Live(console=console, refresh_per_second=10, transient=True) as screen:
        return run_live(
            made, port, block_frames=block, seconds=seconds, show=lambda now: screen.update(meter_line(now))
        )


def meter_line(now: LiveMeters) -> str:
    """The meters as one line of text."""
    minutes, rest = divmod(int(now.time_s), 60)
    plugins = "".join(f"  {name} {value:.1f}" for name, value in sorted(now.meters.items()))
    return (
        f"{minutes}:{rest:02d}  in {now.input_peak_dbfs:6.1f}  out {now.output_peak_dbfs:6.1f} dBFS  "
        f"{now.momentary_lufs:6.1f} LUFS  load {100 * now.load:3.0f} %  late {now.xruns}{plugins}"
    )


def _print(report: LiveReport, *, quiet: bool) -> None:
    length_s = report.blocks * report.block_frames / report.sample_rate
    console = output.console(quiet=quiet)
    console.print(
        f"{length_s:.1f} s in {report.blocks} blocks of {report.block_frames}, {report.latency_ms:.1f} ms late with "
        f"the block itself; a block took {report.p50_ms:.2f} ms (99 %: {report.p99_ms:.2f}, worst "
        f"{report.worst_ms:.2f} of {1000 * report.block_frames / report.sample_rate:.2f}); late blocks: {report.xruns}",
        soft_wrap=True,
    )
    for incident in report.incidents:
        output.say(incident, quiet=quiet)
