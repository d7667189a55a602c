"""`python -m firth` is the command line."""

from __future__ import annotations

from firth.cli import main

if __name__ == "__main__":
    main()
