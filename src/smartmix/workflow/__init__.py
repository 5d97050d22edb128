"""The assisted pass: intake, analysis, suggestions, plan, render, master, and what was measured afterwards."""

from smartmix.workflow.mix import mix
from smartmix.workflow.result import Clip, MixResult, MoveOutcome, Programme

__all__ = ["Clip", "MixResult", "MoveOutcome", "Programme", "mix"]
