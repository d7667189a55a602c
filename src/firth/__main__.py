"""`firth` and `python -m firth`: the command line, loaded so that Ctrl-C ends it quietly from the first moment on."""

from __future__ import annotations

import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line: see `firth.cli.main`."""
    try:
        from firth.cli import main as run  # noqa: PLC0415 - what this loads may be interrupted, too

        run()
    except KeyboardInterrupt:
        sys.stderr.write("firth: interrupted\n")
        sys.exit(130)  # as firth.cli.INTERRUPTED, which may not be loaded


if __name__ == "__main__":
    main()
