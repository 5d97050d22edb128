"""The files of a match: the preset of its bands, the drawing, the impulse response."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from smartmix.audio.buffer import Audio
from smartmix.audio.files import check_target, write_text
from smartmix.audio.wav import write_wav
from smartmix.errors import SmartmixError
from smartmix.matching.preset import write_match_preset
from smartmix.report.match_chart import match_chart
from smartmix.report.match_text import closing
from smartmix.report.printable import printable

if TYPE_CHECKING:
    from smartmix.matching.match import EQMatch

WAV_SUFFIXES = (".wav", ".wave")


@dataclass(frozen=True, slots=True)
class MatchOutputs:
    """Where to write what; ``plot`` and ``fir`` only where they were asked for."""

    source: Path
    reference: Path
    preset: Path
    plot: Path | None
    fir: Path | None
    phase: Literal["minimum", "linear"]

    @classmethod
    def of(
        cls,
        source: Path,
        reference: Path,
        *,
        preset: Path | None = None,
        plot: Path | None = None,
        fir: Path | None = None,
        phase: Literal["minimum", "linear"] = "minimum",
    ) -> Self:
        """Without a name the preset is "SOURCE to REFERENCE.toml" in the current folder."""
        named = Path(f"{source.stem} to {reference.stem}.toml") if preset is None else preset
        return cls(source, reference, named, plot, fir, phase)

    def check(self, *, force: bool) -> None:
        """Refuse, before anything is measured, names that cannot be written or are inputs."""
        for file, suffixes in ((self.preset, (".toml",)), (self.plot, (".svg",)), (self.fir, WAV_SUFFIXES)):
            if file is None:
                continue
            if file.suffix.lower() not in suffixes:
                raise SmartmixError(f"{file}: expected a name that ends in {suffixes[0]}")
            if any(
                file.exists() and given.exists() and file.samefile(given)
                for given in (self.source, self.reference)
            ):
                raise SmartmixError(f"{file}: is an input; inputs are never touched, choose another name")
            check_target(file, force=force)

    def write(self, match: EQMatch, *, force: bool) -> list[Path]:
        """Write them all, each complete or not at all."""
        names = (self.source.name, self.reference.name)
        said = printable(f"From {names[0]} to {names[1]}, amount {100.0 * match.amount:.0f} %.")
        comment = f"{said}\n{printable(closing(match))}"
        name = printable(f"{self.source.stem} to {self.reference.stem}")
        written = [write_match_preset(self.preset, match, name, comment, force=force)]
        if self.plot is not None:
            written.append(write_text(self.plot, match_chart(match, names), force=force))
        if self.fir is not None:
            taps = Audio(match.fir(self.phase)[None, :], int(match.sample_rate))
            written.append(write_wav(self.fir, taps, bits="32f", force=force))
        return written
