"""The outcome of a pass, for a person: one self-contained page (html) and the terminal (text)."""

from smartmix.report.html import render_html, write_report
from smartmix.report.text import print_result

__all__ = ["print_result", "render_html", "write_report"]
