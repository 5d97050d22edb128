"""The native effects with a Python face after pedalboard's: plain units, (channels, frames) float32.

>>> eq = ParametricEQ()
>>> eq.band1.shape = "bell"
>>> eq.band1.gain_db = -2.5
>>> quieter = eq(audio, 48_000)  # doctest: +SKIP
"""

from smartmix.processors.base import Processor
from smartmix.processors.colour import Saturation
from smartmix.processors.dynamics import (
    Compressor,
    DeEsser,
    DynamicEQ,
    Gate,
    MultibandCompressor,
    TruePeakLimiter,
)
from smartmix.processors.levels import Gain, LinearPhaseEQ, Pan, ParametricEQ, StereoWidth
from smartmix.processors.matching import MatchEQ
from smartmix.processors.noise import HumRemoval, NoiseReduction, RumbleFilter
from smartmix.processors.presets import FACES, create, load_preset, save_preset
from smartmix.processors.repair import Declick, Declip, PlosiveControl
from smartmix.processors.space import Delay, Reverb, note_ms

__all__ = [
    "FACES",
    "Compressor",
    "DeEsser",
    "Declick",
    "Declip",
    "Delay",
    "DynamicEQ",
    "Gain",
    "Gate",
    "HumRemoval",
    "LinearPhaseEQ",
    "MatchEQ",
    "MultibandCompressor",
    "NoiseReduction",
    "Pan",
    "ParametricEQ",
    "PlosiveControl",
    "Processor",
    "Reverb",
    "RumbleFilter",
    "Saturation",
    "StereoWidth",
    "TruePeakLimiter",
    "create",
    "load_preset",
    "note_ms",
    "save_preset",
]
