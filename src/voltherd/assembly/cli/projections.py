"""`voltherd projection`: the read models, made of history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from voltherd.assembly.cli.databases import chosen, counting
from voltherd.assembly.cli.output import column
from voltherd.assembly.cli.serve import Data, Database
from voltherd.assembly.cli.session import Session, asking

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from voltherd.kernel.catalog import Catalog
    from voltherd.kernel.readmodel import ReadModel

noun = typer.Typer(help="Look after the read models.", no_args_is_help=True)

_COLUMNS = (column("name"), column("kind"), column("state"), column("rows"), column("tables"))


@noun.command("status")
@asking
def status(session: Session, data: Data = None, database: Database = None) -> None:
    """List the read models, and whether their tables are as this version needs them."""
    with chosen(data, database) as (url, catalog):
        rows = _rows(url, catalog)
    session.output.rows(rows, _COLUMNS)


def _rows(url: str, catalog: Catalog) -> list[dict[str, object]]:
    from voltherd.adapters.sql.database import database_at
    from voltherd.adapters.sql.pictures import stale
    from voltherd.adapters.sql.trouble import trouble_named

    database = database_at(url)
    engine = database.reader(1)
    try:
        with trouble_named(database), engine.connect() as connection:
            outdated = stale(connection, catalog)
            return [_row(connection, model, model in outdated) for model in catalog.readmodels.values()]
    finally:
        engine.dispose()


def _row(connection: Connection, model: ReadModel, outdated: bool) -> dict[str, object]:
    from sqlalchemy import func, select

    counted = select(func.count()).select_from(model.tables[0])
    return {
        "name": model.name,
        "kind": "journal" if model.journal else "picture",
        "state": "outdated" if outdated else "current",
        "rows": None if outdated else connection.execute(counted).scalar_one(),
        "tables": " ".join(table.name for table in model.tables),
    }


@noun.command("rebuild")
def rebuild(
    name: Annotated[str, typer.Argument(help="Which one (voltherd projection status).")],
    data: Data = None,
    database: Database = None,
) -> None:
    """Make a read model anew from history; writers wait meanwhile."""
    with chosen(data, database) as (url, catalog), counting() as progress:
        from voltherd.adapters.sql import upkeep

        upkeep.rebuild(url, catalog, name, progress)
    typer.echo(f"{name} is made anew")
