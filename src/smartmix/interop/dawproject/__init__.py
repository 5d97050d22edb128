"""DAWproject 1.0 (Bitwig, MIT): a ZIP of project.xml, metadata.xml, sound files and plugin states."""

from smartmix.interop.dawproject.kept import keep
from smartmix.interop.dawproject.read import read
from smartmix.interop.dawproject.write import write

__all__ = ["keep", "read", "write"]
