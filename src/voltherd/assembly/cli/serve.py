"""`voltherd serve`: be a server."""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voltherd.assembly.cli.failures import Failed
from voltherd.assembly.cli.running import importing, run_until_stopped, settings_from

if TYPE_CHECKING:
    import asyncio

Data = Annotated[Path | None, typer.Option(help="Where the embedded database lives.", file_okay=False)]
Database = Annotated[str | None, typer.Option(help="Instead of it: sqlite:///… or postgresql://…", metavar="URL")]


def serve(
    host: Annotated[str | None, typer.Option(help="The address that both doors listen on.")] = None,
    api_port: Annotated[int | None, typer.Option(help="The operators' door; 0: any free port.")] = None,
    ocpp_port: Annotated[int | None, typer.Option(help="The stations' door; 0: any free port.")] = None,
    data: Data = None,
    database: Database = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Allow a public address without an API key.")] = False,
) -> None:
    """Serve operators and stations, until Ctrl-C.

    What no option sets, variables named VOLTHERD_… do: see `voltherd config show`.
    """
    settings = settings_from(
        host=host,
        api_port=api_port,
        ocpp_port=ocpp_port,
        data=data,
        database=database,
        insecure=insecure or None,
    )

    with importing():
        from voltherd.assembly.logs import configure_logs
        from voltherd.assembly.node import Node

    configure_logs(settings.logging)
    _allow_many_links()
    node = Node(settings)

    async def be_open(stop: asyncio.Event) -> None:
        await node.open()
        try:
            sys.stderr.write(f"operators: {node.api_url} (docs: {node.api_url}/docs)\nstations: {node.ocpp_url}/ID\n")
            await stop.wait()
        finally:
            await node.close()

    try:
        run_until_stopped(be_open)
    except OSError as error:
        told = error.strerror or str(error)
        raise Failed(f"{error.filename}: {told}" if error.filename else told) from error


def _allow_many_links() -> None:
    """Each link is an open file, and shells allow 1,024: take what the system grants."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
