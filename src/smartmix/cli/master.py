"""``smartmix master``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartmix.cli import output
from smartmix.cli.prints import Dither
from smartmix.cli.render import Bits
from smartmix.cli.tags import parse_tags
from smartmix.errors import SmartmixError

if TYPE_CHECKING:
    from smartmix.mastering.masterplan import MasterPlan


class Detail(StrEnum):
    """How closely a reference's tone is followed."""

    TONE = "tone"
    SPECTRUM = "spectrum"


Target = Annotated[
    str | None,
    typer.Option(
        "--target",
        help="Loudness in LUFS, the name of a delivery target, or match: the reference's.",
        metavar="LUFS|NAME|match",
    ),
]
Ceiling = Annotated[
    float | None,
    typer.Option(
        "--ceiling", help="True-peak ceiling, dBTP; -1, or the named target's own.", min=-20.0, max=0.0
    ),
]


def master(  # noqa: PLR0913, PLR0917 (one per option)
    file: Annotated[Path, typer.Argument(help="The mix to master.")],
    more: Annotated[list[str] | None, typer.Argument(help="More references, behind --reference.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="File (wav, flac, mp3, ogg, opus, m4a), or a folder: master and plan.",
        ),
    ] = None,
    reference: Annotated[
        list[str] | None,
        typer.Option(
            "--reference", help="Recording to sound like, with a weight: b.wav:0.5.", metavar="FILE[:W]"
        ),
    ] = None,
    target: Target = None,
    ceiling: Ceiling = None,
    amount: Annotated[
        str, typer.Option(help="How much, %: 35, or eq=35,width=0,dynamics=40. 0 changes no bit.")
    ] = "100",
    detail: Annotated[
        Detail, typer.Option(help="tone: less where it follows the notes; spectrum: all its third octaves.")
    ] = Detail.TONE,
    repair: Annotated[
        str, typer.Option(help="What to mend first: clips, clicks, rumble.", metavar="KINDS")
    ] = "",
    saturation: Annotated[float, typer.Option(help="Drive of tape saturation, dB.", min=0.0, max=12.0)] = 0.0,
    chain: Annotated[
        list[str] | None,
        typer.Option(help="Chain file (plugins) that plays instead of a stage.", metavar="STAGE=FILE"),
    ] = None,
    plan: Annotated[Path | None, typer.Option(help="Play this master.toml as it stands.")] = None,
    save_plan: Annotated[
        Path | None, typer.Option(help="Write the plan here, with what was measured.")
    ] = None,
    bits: Annotated[
        Bits | None, typer.Option(help="16 or 24 bit (dithered), or 32f; the named target's, else 24.")
    ] = None,
    rate: Annotated[
        int | None,
        typer.Option(help="Sample rate of the master, Hz; the mix's own without it.", metavar="HZ"),
    ] = None,
    dither: Annotated[Dither, typer.Option(help="Of 16 and 24 bit files.")] = Dither.TPDF,
    tag: Annotated[
        list[str] | None, typer.Option(help="title=…, artist=…, album=…, track=3/12, isrc=…; repeat it.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan; write nothing.")] = False,
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Bring a mix to a loudness under a true-peak ceiling, and to the sound of references.

    Stages: repair, eq, dynamics, width, saturation, level; each says why, can be bypassed in the plan, and is measured.
    Without --target: the reference's loudness, else -14 LUFS, with at most 3 dB of limiting. When a target is out of
    reach the command says what the most is, and writes that.
    """
    from smartmix.cli.target import goal
    from smartmix.mastering import MasterSettings, master_song
    from smartmix.mastering.amounts import parse_amounts
    from smartmix.mastering.references import parse_reference
    from smartmix.report.master_text import master_data, print_master

    if more and not reference:
        raise SmartmixError(f"{more[0]!r}: one mix at a time; more files are references, behind --reference")
    named = [parse_reference(text) for text in (*(reference or ()), *(more or ()))]
    if plan is not None and (
        target
        or ceiling is not None
        or chain
        or repair
        or saturation
        or amount != "100"
        or detail != Detail.TONE
    ):
        raise SmartmixError("--plan has its own settings: change them in the file, and leave the options out")
    match = (target or "").strip() == "match"
    aim = goal(None if match else target, ceiling)
    settings = MasterSettings(
        "match" if match else aim.named or aim.target_lufs,
        aim.ceiling_dbtp,
        parse_amounts(amount),
        tuple(kind.strip() for kind in repair.split(",") if kind.strip()),
        saturation,
        _chains(chain or []),
        detail.value,
    )
    written, plan_file = (None, save_plan) if dry_run else _outputs(file, out, save_plan, force=force)
    with output.progress_bar(quiet=quiet) as progress:
        result = master_song(
            file,
            written,
            settings,
            reference=named or None,
            plan=_read(plan),
            bits=None
            if bits is None
            else "32f"
            if bits is Bits.FLOAT
            else 16
            if bits is Bits.SIXTEEN
            else 24,
            dither=dither.value,
            tags=parse_tags(tag),
            sample_rate=rate,
            force=force,
            progress=progress,
        )
    if plan_file is not None and not dry_run and result.plan is not None:
        from smartmix.mastering.plan_file import save_master_plan

        save_master_plan(result.plan, plan_file, force=force)
    files = [each for each in (written, plan_file) if each is not None and not dry_run]
    if as_json:
        output.print_json(
            {"format": 1, "file": written, "files": files, "master": master_data(result, dry_run=dry_run)}
        )
        return
    console = output.console(quiet=quiet)
    print_master(result, console, dry_run=dry_run)
    for each in files:
        console.print(f"wrote {each}", soft_wrap=True)


def _read(plan: Path | None) -> MasterPlan | None:
    if plan is None:
        return None
    from smartmix.mastering.plan_file import load_master_plan

    return load_master_plan(plan)


def _outputs(file: Path, out: Path | None, plan: Path | None, *, force: bool) -> tuple[Path, Path | None]:
    """Where the master and its plan go: into a folder both, named after the mix."""
    from smartmix.audio.delivery import kind_of
    from smartmix.audio.files import check_target

    if out is None:
        raise SmartmixError("expected --output FILE.wav or a folder, or --dry-run to only look")
    if out.is_dir() or not out.suffix.lstrip(".").strip("0123456789"):  # masters, masters_v1.5
        out.mkdir(exist_ok=True)
        plan = plan or out / f"{file.stem}_master.toml"
        out = out / f"{file.stem}_master.wav"
    if out.exists() and file.exists() and out.samefile(file):
        raise SmartmixError(f"{out}: is the input; inputs are never touched, choose another name")
    kind_of(out)
    check_target(out, force=force)
    if plan is not None:
        _check_plan_target(plan, force=force)
    return out, plan


def _check_plan_target(plan: Path, *, force: bool) -> None:
    """Before the work is done: only a plan of a master is ever replaced by one."""
    from smartmix.audio.files import check_target
    from smartmix.mastering.plan_file import load_master_plan

    if plan.suffix.lower() != ".toml":
        raise SmartmixError(f"--save-plan {plan}: choose a name that ends in .toml")
    check_target(plan, force=force)
    if plan.exists():
        load_master_plan(plan)


def _chains(given: list[str]) -> dict[str, Path]:
    chains: dict[str, Path] = {}
    for text in given:
        stage, is_there, name = text.partition("=")
        if not is_there:
            raise SmartmixError(f"--chain {text!r}: expected STAGE=FILE, such as saturation=tape.toml")
        chains[stage.strip()] = Path(name.strip())
    return chains
