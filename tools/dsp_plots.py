"""Draws the plots of docs/dsp from what the native code does: the same bytes every time on one machine.

python tools/dsp_plots.py [NAME ...]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from plots import colour, dynamics, filters, levels, live_match, matching, meters, noise, repair, space
from plots.svg import Panel, drawing

DOCS = Path(__file__).resolve().parent.parent / "docs" / "dsp"
PLOTS: dict[str, tuple[str, Callable[[], list[Panel]]]] = {
    "compressor": ("Compressor", dynamics.compressor),
    "de_esser": ("De-esser", dynamics.de_esser),
    "declick": ("Declick", repair.declick),
    "declip": ("Declip", repair.declip),
    "delay": ("Delay", space.delay),
    "dynamic_eq": ("Dynamic EQ", filters.dynamic_eq),
    "gain": ("Gain", levels.gain),
    "gate": ("Gate and expander", dynamics.gate),
    "hum_removal": ("Hum removal", noise.hum_removal),
    "linear_phase_eq": ("Linear-phase EQ", filters.linear_phase_eq),
    "loudness": ("Loudness meter", meters.loudness),
    "masking": ("Masking", meters.masking),
    "match_curve": ("Match curve", matching.match),
    "match_eq": ("Match EQ", live_match.match_eq),
    "multiband_compressor": ("Multiband compressor", dynamics.multiband_compressor),
    "noise_reduction": ("Noise reduction", noise.noise_reduction),
    "pan": ("Pan", levels.pan),
    "parametric_eq": ("Parametric EQ", filters.parametric_eq),
    "plosive_control": ("Plosive control", repair.plosive_control),
    "reverb": ("Reverb", space.reverb),
    "rumble_filter": ("Rumble filter", noise.rumble_filter),
    "saturation": ("Saturation", colour.saturation),
    "stereo_width": ("Stereo width", levels.stereo_width),
    "strip": ("Strip and strip bank", levels.strip),
    "true_peak": ("True peak meter", meters.true_peak),
    "true_peak_limiter": ("True peak limiter", dynamics.true_peak_limiter),
}
"""The title and panels of each page."""


def draw(name: str) -> str:
    """The SVG of one page."""
    title, panels = PLOTS[name]
    return drawing(title, panels())


def main() -> None:
    for name in sys.argv[1:] or sorted(PLOTS):
        (DOCS / f"{name}.svg").write_text(draw(name), encoding="utf-8")
        print(f"docs/dsp/{name}.svg")


if __name__ == "__main__":
    main()
