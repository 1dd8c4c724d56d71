"""Where the server's time goes: samples of py-spy, each laid to the stage of a message's path that it fell into.

A sample belongs to the first rule that names any function of its stack: rules of inner functions stand before those of
outer ones. Two clocks join in a figure: the kernel says how much processor time the event loop's thread and all others
used, the samples say what on. A thread that waits for the disk may look busy to py-spy, so "commit" is an upper bound.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from bench.client import loading
from bench.load import add_plan
from bench.proc import cpu_seconds, main_thread_cpu_seconds
from bench.report import Findings, Sheet
from bench.results import Measured
from bench.rounds import Contestant, Effort, Tell, add_stores, effort_of, stores_of, window_flags
from bench.targets import TARGETS, ServerFailedError, running

HELP = "where Voltherd's time goes (needs py-spy)"


class Rule(NamedTuple):
    """A stage, and a function of it: its name (empty: any) and a part of its file's name."""

    stage: str
    function: str
    file: str


_RULES = (
    # The threads.
    Rule("append: insert events", "insert", "adapters/sql/"),
    Rule("read models and journals: SQL", "carry_out", "adapters/sql/changes.py"),
    Rule("append: commit, with the disk", "commit", "sqlalchemy/engine/base.py"),
    Rule("append: batches", "_run", "adapters/sql/writer.py"),
    Rule("append: from process to process", "", "adapters/sql/scribe_process.py"),
    Rule("history read: new streams, policies", "_answer", "adapters/sql/store.py"),
    # The event loop.
    Rule("append: hand back", "data_received", "adapters/sql/scribe.py"),
    Rule("append: from process to process", "send", "adapters/sql/scribe.py"),
    Rule("read models: rows", "rows", "adapters/sql/prepared.py"),
    Rule("policies", "_step", "dispatch/reactions.py"),
    Rule("frames journal: rows", "", "gateway/journal.py"),
    Rule("answer: WebSocket", "_send", "gateway/link.py"),
    Rule("answer: encode", "answer", "ocpp/dialect/tables.py"),
    Rule("answer: encode", "encode_call_result", "ocpp/rpc/frames.py"),
    Rule("frame: OCPP-J", "receive", "ocpp/rpc/conversation.py"),
    Rule("decode: payload", "decode", "ocpp/payload.py"),
    Rule("decode: to command", "read", "ocpp/dialect/tables.py"),
    Rule("encode: events", "rows", "adapters/sql/codec.py"),
    Rule("append: hand over", "append", "adapters/sql/store.py"),
    Rule("read models: project", "changes", "dispatch/dispatcher.py"),
    Rule("decide: load states", "load", "dispatch/states.py"),
    Rule("decide and evolve", "_decide", "dispatch/dispatcher.py"),
    Rule("decide: locks", "handle", "dispatch/dispatcher.py"),
    Rule("link: context, bookkeeping", "_receive", "gateway/link.py"),
    Rule("frame: WebSocket", "", "websockets/"),
    Rule("operators' door", "", "uvicorn/"),
)
_WAITING = (
    Rule("", "_worker", "concurrent/futures/thread.py"),
    Rule("", "_look", "adapters/sql/courtesy.py"),
    Rule("", "_receive", "adapters/sql/scribe_process.py"),
    Rule("", "_take", "adapters/sql/writer.py"),
)
"""Where a thread sleeps, which py-spy may take for work."""

_REST = {True: "event loop and the system", False: "threads: the rest"}

_CONNECTED_S = 2.0
"""How long the stations have to connect before the samples begin."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    add_plan(parser)
    add_stores(parser)
    parser.add_argument("--py-spy", default="py-spy", metavar="FILE", help="where py-spy is")


def run(chosen: argparse.Namespace, tell: Tell) -> Findings:
    """Sample Voltherd under load."""
    py_spy = shutil.which(chosen.py_spy)
    if py_spy is None:
        raise ServerFailedError(
            "py-spy is not there: python3 -m venv /tmp/spy && /tmp/spy/bin/pip install py-spy, then --py-spy"
        )
    contestant = Contestant(target=TARGETS["voltherd"], store=stores_of(chosen)[0])
    tell(f"sampling {contestant.name}")
    return Findings(sheets=[by_stage(*sampled(contestant, effort_of(chosen), py_spy))])


def by_stage(measured: Measured, shares: Mapping[str, float]) -> Sheet:
    """Processor time of a message by stage."""
    rows = [[stage, f"{share:.1%}", f"{share * measured.server_us:.1f}"] for stage, share in shares.items()]
    rows.append(["all", "100%", f"{measured.server_us:.1f}"])
    title = f"Where the time goes: {measured.stations:,} stations, OCPP {measured.version}, {measured.per_second:,.0f} "
    return Sheet(f"{title}messages/s while sampled", ["stage", "share", "CPU µs/message"], rows)


def sampled(contestant: Contestant, effort: Effort, py_spy: str) -> tuple[Measured, Mapping[str, float]]:
    """Put load on a server and sample it the while; what the load found, and the share of each stage.

    Raises:
        ServerFailedError: the server, its load or py-spy failed.
    """
    with (
        running(contestant.target, contestant.store, effort.directory) as server,
        loading(server, effort.plan, window_flags(effort, contestant.store)) as load,
    ):
        time.sleep(_CONNECTED_S + effort.warm_up)
        whole, loop = cpu_seconds([server.pid]), main_thread_cpu_seconds(server.pid)
        stacks = _sample(py_spy, server.pid, max(1, int(effort.seconds - _CONNECTED_S)))
        whole, loop = cpu_seconds([server.pid]) - whole, main_thread_cpu_seconds(server.pid) - loop
        measured = load.next(Measured, effort.seconds)
    return measured, shares(stacks, loop / whole)


def _sample(py_spy: str, pid: int, seconds: int, *, rate: int = 250) -> Mapping[str, int]:
    """Sample the threads that use a processor; the number of samples by collapsed stack."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "stacks"
        command = [
            *(py_spy, "record", "--pid", str(pid), "--duration", str(seconds), "--rate", str(rate)),
            *("--format", "raw", "--full-filenames", "--nonblocking", "--subprocesses", "--output", str(file)),
        ]
        ended = subprocess.run(command, check=False, capture_output=True, text=True)
        if ended.returncode:
            raise ServerFailedError(f"py-spy failed: {ended.stderr[-1000:]}")
        return read(file.read_text().splitlines())


def read(lines: Iterable[str]) -> Mapping[str, int]:
    """Read collapsed stacks: frames with semicolons between them, then the number of samples."""
    stacks: dict[str, int] = {}
    for line in lines:
        stack, _, count = line.rpartition(" ")
        stacks[stack] = stacks.get(stack, 0) + int(count)
    return stacks


def shares(stacks: Mapping[str, int], loop_share: float) -> Mapping[str, float]:
    """The share of each stage, greatest first; `loop_share` is the event loop's of all processor time."""
    samples: dict[bool, dict[str, int]] = {True: {}, False: {}}
    for stack, count in stacks.items():
        frames = [_frame(frame) for frame in stack.split(";") if not frame.startswith("process ")]
        if not frames or any(_fits(rule, frames[-1]) for rule in _WAITING):
            continue
        on_loop = "_bootstrap" not in frames[0][0] and not any("scribe_process" in file for _, file in frames)
        stage = next((rule.stage for rule in _RULES if any(_fits(rule, frame) for frame in frames)), _REST[on_loop])
        samples[on_loop][stage] = samples[on_loop].get(stage, 0) + count
    found: dict[str, float] = {}
    for on_loop, share in ((True, loop_share), (False, 1.0 - loop_share)):
        whole = sum(samples[on_loop].values())
        for stage, count in samples[on_loop].items():
            found[stage] = found.get(stage, 0.0) + share * count / whole
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def _frame(frame: str) -> tuple[str, str]:
    """Function and file of `Class.function (file:line)`."""
    qualified, _, place = frame.partition(" (")
    return qualified.rpartition(".")[2], place


def _fits(rule: Rule, frame: tuple[str, str]) -> bool:
    function, file = frame
    return rule.file in file and rule.function in ("", function)
