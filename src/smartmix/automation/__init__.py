"""Accepted moves become lanes in frames, and lanes become events: one for each straight line."""

from smartmix.automation.compile import CompiledMix, EventStream, StripSettings, compile_plan

__all__ = ["CompiledMix", "EventStream", "StripSettings", "compile_plan"]
