"""Ways to be stopped other than Ctrl-C."""

from __future__ import annotations

import os
import signal
from types import FrameType


def tidy_when_told_to_end() -> None:
    """Make ``kill``, a shutdown and a closed terminal end a command as Ctrl-C does: hidden files and folders go. What
    the caller has chosen to ignore (``nohup``) stays ignored.
    """
    own = os.getpid()

    def stop(number: int, frame: FrameType | None) -> None:
        if os.getpid() != own:  # a copy of this process that does not know its way out
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        elif callable(signal.getsignal(signal.SIGINT)):  # who keeps Ctrl-C waiting keeps this waiting too
            signal.raise_signal(signal.SIGINT)
        else:
            raise KeyboardInterrupt

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, stop)
