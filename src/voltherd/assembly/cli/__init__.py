"""The `voltherd` command line: `voltherd <noun> <verb>`, a file per noun, and what is common to all of them.

It starts fast: a noun's file imports what its commands need when one of them runs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import pairwise

DEFAULT_WAIT_S = 60


def main() -> None:
    """Be the program."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line and return its exit code; every error is told in one line."""
    from voltherd.assembly.cli import failures

    try:
        return _carry_out(arguments)
    except Exception as error:
        if "--debug" in arguments:
            raise
        line, code = failures.told(error)
        sys.stderr.write(f"{line}\n" if "\n" in line else f"voltherd: {line}\n")
        return code


def _carry_out(arguments: Sequence[str]) -> int:
    from typer.main import get_command

    from voltherd.assembly.cli.app import app

    code = get_command(app).main(args=_with_seconds(arguments), prog_name="voltherd", standalone_mode=False)
    return code if isinstance(code, int) else 0


def _with_seconds(arguments: Sequence[str]) -> list[str]:
    """Say the seconds of a bare `--wait`: an option whose value may be left out is not something that typer knows."""
    from voltherd.assembly.cli.failures import USAGE, Failed

    for option, behind in pairwise(arguments):
        if option == "--wait" and behind.isdigit():
            raise Failed(f"write --wait={behind}: with a space between, {behind} would be something else", USAGE)
    return [f"--wait={DEFAULT_WAIT_S}" if argument == "--wait" else argument for argument in arguments]
