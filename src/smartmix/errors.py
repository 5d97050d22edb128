"""Errors a user can act on. Each message says what came, what was expected and what to do."""

from __future__ import annotations


class SmartmixError(Exception):
    """Base of every error smartmix raises on purpose; the command line prints it as one line, exit status 2."""


class AudioError(SmartmixError):
    """Audio that cannot be read, or has the wrong shape, rate or content."""


class AudioShapeError(AudioError):
    """An array whose axes are not (channels, frames)."""


class SessionError(SmartmixError):
    """A session folder or session.toml that cannot be used."""


class PlanError(SmartmixError):
    """A plan that cannot be read, or an edit it does not allow."""


class PluginError(SmartmixError):
    """A plugin that cannot be found, loaded, set or kept running."""


class OutputExistsError(SmartmixError):
    """An output is already there and may not be replaced without being told to."""


class InteropError(SmartmixError):
    """A DAW's project file that cannot be read, or something that cannot be handed over."""
