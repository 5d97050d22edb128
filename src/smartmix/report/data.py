"""The outcome of a pass, a plan and a measurement as plain data for machines: JSON that any parser takes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartmix.parameter import ParamRef
from smartmix.report.words import confidence_word

if TYPE_CHECKING:
    from smartmix.analysis.analysis import Analysis
    from smartmix.plan.mixplan import MixPlan
    from smartmix.plan.move import Move
    from smartmix.workflow.result import MixResult, MoveOutcome

FORMAT = 1


def to_json(data: object) -> str:
    """JSON with two spaces, ASCII only; what is not finite (silence, not a number) is null."""
    return json.dumps(plain(data), indent=2, allow_nan=False)


def plain(value: object) -> Any:
    """Only dicts, lists, strings, numbers, booleans and None, whatever came."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (ParamRef, Path)):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    raise TypeError(f"cannot be written as JSON: {type(value).__name__}")


def result_data(result: MixResult) -> dict[str, Any]:
    """What one pass produced, without audio and curves."""
    programmes = {
        p.name: asdict(p.loudness) | {"correlation": p.correlation, "mono_loss_db": p.mono_loss_db}
        for p in result.programmes
    }
    return {
        "format": FORMAT,
        "session": result.session.name,
        "files": result.files,
        "notices": result.notices,
        "plugins": result.plugins,
        "programmes": programmes,
        "master": result.master,
        "limiter": result.limiter,
        "moves": [outcome_data(outcome) for outcome in result.outcomes],
        "track_level_change_db": result.track_level_change_db,
        "problems": result.analysis.problems,
    }


def outcome_data(outcome: MoveOutcome) -> dict[str, Any]:
    """A move with what became of it."""
    return move_data(outcome.move) | {
        "sentence": outcome.sentence,
        "verdict": outcome.verdict,
        "verdict_reason": outcome.verdict_reason,
        "measured": outcome.measured,
    }


def move_data(move: Move) -> dict[str, Any]:
    """A move as in plan.toml, with its confidence in words."""
    data: dict[str, Any] = plain(move)
    return data | {"confidence_word": confidence_word(move.confidence), "in_force": move.in_force}


def plan_data(plan: MixPlan) -> dict[str, Any]:
    """A whole plan."""
    return {
        "format": FORMAT,
        "session": plan.session,
        "seed": plan.seed,
        "versions": plan.versions,
        "input_hashes": plan.input_hashes,
        "moves": [move_data(move) for move in plan.moves],
        "history": plan.history,
    }


def analysis_data(analysis: Analysis) -> dict[str, Any]:
    """The facts a person reads first: one entry per track, the sum, the rough mix, the problems."""
    columns = {"sum": analysis.sum} | ({"rough": analysis.rough} if analysis.rough else {})
    facts = {
        name: {
            key: getattr(item, key)
            for key in (
                "loudness",
                "active_lufs",
                "active_share",
                "crest_db",
                "correlation",
                "lowest_note_hz",
            )
        }
        for name, item in (analysis.tracks | columns).items()
    }
    return {
        "format": FORMAT,
        "session": analysis.session,
        "material": analysis.material,
        "material_reason": analysis.material_reason,
        "facts": facts,
        "covered": () if analysis.masking is None else analysis.masking.events,
        "problems": analysis.problems,
    }
