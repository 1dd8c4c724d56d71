"""Servers side by side under the same load, then the memory of their idle links."""

from __future__ import annotations

import argparse

from bench import tables
from bench.load import OutOfBoundsError, add_plan
from bench.report import Findings
from bench.rounds import Tell, add_stores, compare, contestants, effort_of, hold, stores_of
from bench.targets import SQLITE, TARGETS

HELP = "servers side by side, then idle links (what is done by default)"

_IDLE = ("voltherd", "ceiling")
"""Whose idle links are measured."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    add_plan(parser)
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each server has its turn (3)")
    parser.add_argument("--targets", default="voltherd,ceiling,reference", help=f"of: {', '.join(TARGETS)}")
    parser.add_argument("--idle", type=int, default=2000, metavar="N", help="idle links; 0: leave that out (2000)")
    add_stores(parser)


def run(chosen: argparse.Namespace, tell: Tell) -> Findings:
    """Measure them in turn."""
    names = chosen.targets.split(",")
    if unknown := [name for name in names if name not in TARGETS]:
        raise OutOfBoundsError(f"no such targets: {', '.join(unknown)}")
    effort, some = effort_of(chosen), contestants(names, stores_of(chosen))
    rounds = compare(some, effort, tell)
    sheets = [tables.throughput(rounds), tables.by_action(rounds)]
    if not {"reference", "ceiling"}.isdisjoint(rounds) and len(rounds) > 1:
        sheets.insert(1, tables.ratios(rounds))
    if chosen.idle:
        quiet = [one for one in some if one.target.name in _IDLE and one.store == SQLITE]
        sheets.append(tables.idle(hold(quiet, effort, chosen.idle, tell)))
    facts = {f"`{name}`": TARGETS[name].what for name in names}
    return Findings(sheets=sheets, facts=facts, wrong=tables.errors(rounds))
