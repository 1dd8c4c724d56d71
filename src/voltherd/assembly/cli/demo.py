"""`voltherd demo`: a network to play with, in one command."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voltherd.assembly.cli.running import importing, run_until_stopped, settings_from, stop_after
from voltherd.assembly.cli.session import DEFAULT_URL

if TYPE_CHECKING:
    import asyncio


def demo(
    data: Annotated[Path, typer.Option(help="Where the demo's database lives.", file_okay=False)] = Path(
        "voltherd-demo"
    ),
    api_port: Annotated[int | None, typer.Option(help="The operators' door; 0: any free port.")] = None,
    ocpp_port: Annotated[int | None, typer.Option(help="The stations' door; 0: any free port.")] = None,
    seconds: Annotated[float | None, typer.Option(help="End after so long, not at Ctrl-C.", min=0)] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show what is logged.")] = False,
) -> None:
    """Try it: a server and six stations that charge."""
    settings = settings_from(api_port=api_port, ocpp_port=ocpp_port)

    with importing():
        from voltherd.assembly.demo import Demo, settings_for
        from voltherd.assembly.logs import configure_logs

    level = "INFO" if verbose else "WARNING"
    configure_logs(settings.model_copy(update={"logging": type(settings.logging)(level=level)}).logging)
    chosen, taken = settings_for(data, settings)
    for words in taken:
        sys.stderr.write(f"{words}, so another one is used\n")

    async def work(stop: asyncio.Event) -> None:
        async with Demo(chosen).running() as addresses:
            sys.stdout.write(_announcement(addresses))
            sys.stdout.flush()
            stop_after(seconds, stop)
            await stop.wait()
            sys.stderr.write("\nstopping …\n")

    run_until_stopped(work)
    sys.stderr.write(f"The demo has ended; its history stays in {data}.\n")


def _announcement(addresses: object) -> str:
    from voltherd.assembly.demo import Addresses, command_line, curl

    assert isinstance(addresses, Addresses)
    program = _program()
    return f"""
Voltherd is running, with six charging stations (DEMO-1 to -3 speak OCPP 1.6, DEMO-4 to -6 OCPP 2.0.1).

  API       {addresses.api}
  Docs      {addresses.api}/docs
  Stations  {addresses.ocpp}/ID

Start charging, and see that it has begun:

  {curl(addresses)}

The same at another station, step by step:

  {command_line(addresses, program, DEFAULT_URL)}

Ctrl-C stops everything.
"""


def _program() -> str:
    """How the reader calls this program."""
    if shutil.which("voltherd"):
        return "voltherd"
    here = Path(sys.argv[0])
    return os.path.relpath(here) if here.name == "voltherd" else f"{sys.executable} -m voltherd"
