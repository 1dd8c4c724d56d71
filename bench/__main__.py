"""`python -m bench`: compare Voltherd with a ceiling and a reference, or put load on any CSMS of this machine."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench import load, report, stages
from bench.compare import Contestant, Effort, compare, hold
from bench.machine import describe
from bench.targets import TARGETS, ServerFailedError

_IDLE = ("voltherd", "ceiling")
"""Whose idle links are measured."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    comparing = commands.add_parser("compare", help="servers side by side, then idle links (what is done by default)")
    load.add_plan(comparing)
    comparing.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each server has its turn (3)")
    comparing.add_argument("--targets", default="voltherd,ceiling,reference", help=f"of: {', '.join(TARGETS)}")
    comparing.add_argument("--idle", type=int, default=2000, metavar="N", help="idle links; 0: leave that out (2000)")
    _add_store(comparing)
    comparing.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables there too")

    staging = commands.add_parser("stages", help="where Voltherd's time goes (needs py-spy)")
    load.add_plan(staging)
    _add_store(staging)
    staging.add_argument("--py-spy", default="py-spy", metavar="FILE", help="where py-spy is")
    staging.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there too")

    commands.add_parser("load", help="stations against any CSMS of this machine", add_help=False)
    return parser


def _add_store(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--store",
        action="append",
        metavar="URL",
        help="sqlite, or postgresql://user:password@host/postgres, where a database is made and dropped; "
        "can be given twice (sqlite)",
    )
    parser.add_argument("--directory", type=Path, default=Path(tempfile.gettempdir()), help="for SQLite's files")


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says."""
    if arguments[:1] == ["load"]:
        return load.main(arguments[1:])
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help")):
        arguments = ["compare", *arguments]
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        effort = Effort(
            plan=load.plan_of(chosen, "ws://127.0.0.1/ocpp"),
            seconds=chosen.seconds,
            warm_up=chosen.warm_up,
            rounds=getattr(chosen, "rounds", 1),
            directory=chosen.directory,
        )
    except ValueError as error:
        parser.error(str(error))
    console = Console(width=None if sys.stdout.isatty() else 160)
    try:
        if chosen.command == "stages":
            return _stages(console, chosen, effort)
        return _compare(console, parser, chosen, effort)
    except ServerFailedError as error:
        console.print(str(error), style="red", markup=False)
        return 1


def _compare(console: Console, parser: argparse.ArgumentParser, chosen: argparse.Namespace, effort: Effort) -> int:
    names = chosen.targets.split(",")
    if unknown := [name for name in names if name not in TARGETS]:
        parser.error(f"no such targets: {', '.join(unknown)}")
    contestants = [
        Contestant(target=TARGETS[name], store=store)
        for name in names
        for store in (chosen.store or ["sqlite"] if TARGETS[name].any_store else ["sqlite"])
    ]
    facts = {**describe(effort.directory), **{f"`{name}`": TARGETS[name].what for name in names}}
    with console.status("…") as status:
        rounds = compare(contestants, effort, status.update)
        quiet = [one for one in contestants if one.target.name in _IDLE and one.store == "sqlite"]
        held = hold(quiet, effort, chosen.idle, status.update) if chosen.idle else {}
    sheets = [report.throughput(rounds), report.by_action(rounds)]
    if not {"reference", "ceiling"}.isdisjoint(rounds) and len(rounds) > 1:
        sheets.insert(1, report.ratios(rounds))
    if held:
        sheets.append(report.idle(held))
    report.show(console, facts, sheets)
    for wrong in report.errors(rounds):
        console.print(wrong, style="red", markup=False)
    if chosen.markdown:
        report.write(chosen.markdown, chosen.command, facts, sheets)
    return 0


def _stages(console: Console, chosen: argparse.Namespace, effort: Effort) -> int:
    py_spy = shutil.which(chosen.py_spy)
    if py_spy is None:
        console.print("py-spy is not there: python3 -m venv /tmp/spy && /tmp/spy/bin/pip install py-spy, then --py-spy")
        return 2
    contestant = Contestant(target=TARGETS["voltherd"], store=(chosen.store or ["sqlite"])[0])
    with console.status(f"sampling {contestant.name}"):
        measured, shares = stages.sampled(contestant, effort, py_spy)
    facts, sheets = describe(effort.directory), [report.by_stage(measured, shares)]
    report.show(console, facts, sheets)
    if chosen.markdown:
        report.write(chosen.markdown, chosen.command, facts, sheets)
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))  # so that children are stopped then too
    sys.exit(main(sys.argv[1:]))
