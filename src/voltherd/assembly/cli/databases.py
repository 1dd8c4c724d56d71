"""`voltherd db`: the database that history is kept in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from voltherd.assembly.cli.failures import USAGE, Failed
from voltherd.assembly.cli.running import settings_from
from voltherd.assembly.cli.serve import Data, Database

if TYPE_CHECKING:
    from voltherd.kernel.catalog import Catalog

noun = typer.Typer(help="Look after the database.", no_args_is_help=True)


@noun.command("upgrade")
def upgrade(data: Data = None, database: Database = None) -> None:
    """Bring the database into the shape that this version needs; `serve` does the same when it starts."""
    with chosen(data, database, new=True) as (url, catalog), counting() as progress:
        from voltherd.adapters.sql import upkeep

        made = upkeep.upgrade(url, catalog, progress)
    typer.echo(f"made or rebuilt: {', '.join(made)}" if made else "nothing to do")


@noun.command("check")
def check(data: Data = None, database: Database = None) -> None:
    """Say what is not as it should be, and change nothing."""
    with chosen(data, database) as (url, catalog):
        from voltherd.adapters.sql import upkeep

        findings = upkeep.check(url, catalog)
    for finding in findings:
        typer.echo(finding)
    if findings:
        raise Failed(f"{len(findings)} findings" if len(findings) > 1 else "1 finding")
    sys.stderr.write("all is well\n")


@contextmanager
def chosen(data: Path | None, database: str | None, *, new: bool = False) -> Iterator[tuple[str, Catalog]]:
    """The address of the database that is meant, and the catalog; only a `new` one may be missing.

    Raises:
        Failed: there is no such database, or it is no address of one.
    """
    settings = settings_from(data=data, database=database)

    from sqlalchemy.exc import ArgumentError

    from voltherd.adapters.sql.codec import HistoryUnreadableError
    from voltherd.adapters.sql.pictures import JournalChangedError
    from voltherd.assembly.catalog import build_catalog

    if settings.database is None and not new and not (settings.data / "voltherd.db").exists():
        # Looking would make it.
        raise Failed(f"there is no database in {settings.data} (--data or --database says where)")
    if settings.database is None:
        settings.data.mkdir(parents=True, exist_ok=True)
    try:
        yield settings.database_url, build_catalog()
    except (ArgumentError, LookupError, ValueError) as error:
        raise Failed(str(error.args[0]), USAGE) from error
    except (HistoryUnreadableError, JournalChangedError) as error:
        raise Failed(str(error)) from error


@contextmanager
def counting() -> Iterator[Callable[[int], None] | None]:
    """Show how far history has been replayed, to a person."""
    if not sys.stderr.isatty():
        yield None
        return
    shown: list[int] = []

    def show(position: int) -> None:
        shown.append(position)
        sys.stderr.write(f"\rreplayed up to {position}")
        sys.stderr.flush()

    yield show
    if shown:
        sys.stderr.write("\n")
