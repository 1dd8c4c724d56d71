"""`voltherd doctor`: is everything there that is needed, and does it answer?"""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator

from voltherd.assembly.cli.failures import Failed
from voltherd.assembly.cli.output import column
from voltherd.assembly.cli.session import DEFAULT_URL, Session, asking

_COLUMNS = (column("what"), column("well"), column("detail"))


@asking
def doctor(session: Session) -> None:
    """Check the installation and the server."""
    found = list(_findings(session))
    session.output.rows(found, _COLUMNS)
    if unwell := [str(finding["what"]) for finding in found if not finding["well"]]:
        raise Failed(f"not well: {', '.join(unwell)}")


def _findings(session: Session) -> Iterator[dict[str, object]]:
    from voltherd import __version__
    from voltherd.client import VoltherdError

    yield _finding("voltherd", True, f"{__version__} on Python {platform.python_version()}")
    newest = sqlite3.sqlite_version_info >= (3, 35)
    yield _finding("sqlite", newest, sqlite3.sqlite_version + ("" if newest else ": 3.35 or newer is needed"))
    yield _settings()
    url = session.options.url or DEFAULT_URL
    try:
        told = session.client.version()
        yield _finding("server", True, f"{url} is {told.get('name')} {told.get('version')}")
        page = session.client.stations(limit=1)
        yield _finding("access", True, f"{page.total_at_least} stations" + (" or more" if page.total is None else ""))
    except VoltherdError as error:
        yield _finding("server", False, str(error))


def _settings() -> dict[str, object]:
    from voltherd.assembly.cli.running import settings_from

    try:
        return _finding("settings", True, f"history in {settings_from().shown_database}")
    except Failed as error:
        return _finding("settings", False, str(error))


def _finding(what: str, well: bool, detail: str) -> dict[str, object]:
    return {"what": what, "well": well, "detail": detail}
