"""What is being mixed: sessions, tracks, roles, and the session.toml a person edits."""

from smartmix.session.session import Bus, Section, Session, TempoPoint, Track
from smartmix.session.storage import open_session, save_session

__all__ = ["Bus", "Section", "Session", "TempoPoint", "Track", "open_session", "save_session"]
