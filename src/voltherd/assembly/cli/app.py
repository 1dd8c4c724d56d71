"""The nouns together, and the options that may stand before them."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from voltherd import __version__
from voltherd.assembly.cli import (
    catalog,
    commands,
    configuration,
    databases,
    demo,
    doctor,
    projections,
    serve,
    simulate,
    stations,
    tail,
    tokens,
    transactions,
)
from voltherd.assembly.cli.failures import EXIT_CODES
from voltherd.assembly.cli.session import ApiKey, Debug, Options, Output_, ShowHttp, Url

# Plain help: the rich one costs more time than everything else together.
app = typer.Typer(
    name="voltherd",
    help="Run a network of charging stations: serve it, watch it, command it, simulate it.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"voltherd {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    url: Url = None,
    api_key: ApiKey = None,
    output: Output_ = None,
    show_http: ShowHttp = False,
    debug: Debug = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")] = False,
) -> None:
    """Options before the noun; those that talk to a server take them behind the verb, too."""
    del version
    context.obj = Options(
        url=url or os.environ.get("VOLTHERD_URL"),
        api_key=api_key or os.environ.get("VOLTHERD_API_KEY"),
        output=output,
        show_http=show_http,
        debug=debug,
    )


app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.add_typer(stations.noun, name="station")
app.add_typer(transactions.noun, name="tx")
app.add_typer(commands.noun, name="command")
app.add_typer(tokens.noun, name="token")
app.add_typer(tail.noun, name="tail")
app.command("simulate")(simulate.simulate)
app.command("catalog")(catalog.catalog)
app.add_typer(configuration.noun, name="config")
app.add_typer(databases.noun, name="db")
app.add_typer(projections.noun, name="projection")
app.command("doctor")(doctor.doctor)
