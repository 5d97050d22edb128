"""Whether the pass asks the models for what the rough says, and what they answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smartmix.analysis import Analysis
    from smartmix.progress import Progress
    from smartmix.session import Session
    from smartmix.suggesters.recalled import Recalled


def recalled(session: Session, analysis: Analysis, *, progress: Progress | None = None) -> Recalled | None:
    """The client's console read sample by sample; None without torch, without a rough of these tracks, for prints (they
    are mixed already), and where the fit of levels does better.
    """
    if analysis.rough is None or analysis.material != "multitrack":
        return None
    try:
        from smartmix.suggesters.models.recall import recall

        return recall(session, analysis, progress=progress)
    except ImportError:  # no torch, or one that does not load here
        return None
