"""What is being mixed: sessions, tracks, roles, and the session.toml a person edits."""

from smartmix.session.findings import Finding
from smartmix.session.session import Bus, Section, Session, TempoPoint, Track
from smartmix.session.storage import open_session, save_session

__all__ = ["Bus", "Finding", "Section", "Session", "TempoPoint", "Track", "open_session", "save_session"]
