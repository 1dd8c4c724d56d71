"""`python -m bench`: measure Voltherd beside other servers, in trials of its own, or put load on any CSMS here."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from rich.console import Console

from bench import compare, history, load, matrix, operators, paced, replay, report, soak, stages, store, storm
from bench.load import OutOfBoundsError
from bench.machine import describe
from bench.proc import allow_many_files
from bench.report import Findings
from bench.rounds import Tell
from bench.targets import ServerFailedError


class Trial(Protocol):
    """A module that measures something."""

    HELP: str

    def add_flags(self, parser: argparse.ArgumentParser) -> None:
        """What can be chosen; `--directory`, where databases lie, among it."""
        ...

    def run(self, chosen: argparse.Namespace, tell: Tell) -> Findings:
        """Measure.

        Raises:
            OutOfBoundsError: what was chosen is too much, or makes no sense.
            ServerFailedError: a server or its load failed.
        """
        ...


TRIALS: Mapping[str, Trial] = {
    "compare": compare,
    "matrix": matrix,
    "store": store,
    "paced": paced,
    "storm": storm,
    "replay": replay,
    "operators": operators,
    "history": history,
    "soak": soak,
    "stages": stages,
}
_DEFAULT = "compare"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, trial in TRIALS.items():
        one = commands.add_parser(name, help=trial.HELP, description=trial.HELP)
        trial.add_flags(one)
        one.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables there too")
    commands.add_parser("load", help="stations against any CSMS of this machine", add_help=False)
    return parser


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says."""
    if arguments[:1] == ["load"]:
        return load.main(arguments[1:])
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help")):
        arguments = [_DEFAULT, *arguments]
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.markdown and not report.has_place(chosen.markdown, chosen.command):
        parser.error(f"{chosen.markdown} has no place for the figures of {chosen.command}")
    console = Console(width=None if sys.stdout.isatty() else 160)
    allow_many_files()  # for the servers, which inherit it
    facts = describe(chosen.directory)
    try:
        with console.status("…") as status:
            findings = TRIALS[chosen.command].run(chosen, status.update)
    except OutOfBoundsError as error:
        parser.error(str(error))
    except ServerFailedError as error:
        console.print(str(error), style="red", markup=False)
        return 1
    facts = {**facts, **findings.facts}
    report.show(console, facts, findings.sheets)
    for wrong in findings.wrong:
        console.print(wrong, style="red", markup=False)
    if chosen.markdown:
        report.write(chosen.markdown, chosen.command, facts, findings.sheets)
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))  # so that children are stopped then too
    sys.exit(main(sys.argv[1:]))
