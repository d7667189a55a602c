"""`firth` and `python -m firth`: the command line, loaded so that Ctrl-C ends it quietly from the first moment on."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line: see `firth.cli.main`."""
    _end_as_by_ctrl_c()
    try:
        from firth.cli import main as run  # noqa: PLC0415 - what this loads may be interrupted, too

        run()
    except KeyboardInterrupt:
        sys.stderr.write("firth: interrupted\n")
        sys.exit(130)  # as firth.cli.INTERRUPTED, which may not be loaded


def _end_as_by_ctrl_c() -> None:
    """Let SIGTERM, by which batch systems and containers end a program, do what Ctrl-C does: a training is kept."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else Ctrl-C does nothing, as behind a shell's &
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))


if __name__ == "__main__":
    main()
