"""What the lists ask of the database: always along an index, in its order, so that no page costs more as history grows.

The questions are the door's own, of every list that the catalog has, sorted in every way, with every filter and every
two of them; SQLite tells how it would answer them.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from sqlalchemy.sql import visitors

from tests.api.world import CATALOG, World
from voltherd.adapters.sql.store import SqlStore
from voltherd.api.settings import ApiSettings
from voltherd.kernel.readmodel import Alarm, Resource

AT = datetime(2026, 1, 1, tzinfo=UTC)
REACH = 2
ROWS = 5
RESOURCES = [resource for model in CATALOG.readmodels.values() for resource in model.resources]
TABLES = {resource.table.name for resource in RESOURCES}
PATHS = [
    pytest.param(resource, path, id=path.strip("/"))
    for resource in RESOURCES
    for path in (resource.path, resource.station_path)
    if path is not None
]
# It changes with every message of a station: an index would cost more than it saves. The fleet is read, not history.
SORTED_BY_HAND = {("/charging-stations", "lastHeardAt")}


class Watched:
    """A store that remembers what was asked of its pictures."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self.asked: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def fetch(self, query: Any) -> Sequence[Mapping[str, Any]]:
        self.asked.append(query)
        return await self._store.fetch(query)


class Planner:
    """Tells how SQLite would answer a question."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url)
        self._sent: list[tuple[str, Any]] = []
        sa.event.listen(self._engine, "before_cursor_execute", self._remember)

    def _remember(self, _c: Any, _u: Any, statement: str, values: Any, _x: Any, _m: Any) -> None:
        self._sent.append((statement, values))

    def steps(self, query: Any) -> list[str]:
        """The steps of the plan."""
        with self._engine.connect() as connection:
            connection.execute(query)
            statement, values = self._sent[-1]
            return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]

    def close(self) -> None:
        self._engine.dispose()


class Lists:
    """The door over a database with some rows of everything, and what is asked of it there."""

    def __init__(self, planner: Planner, world: World) -> None:
        self._world = world
        self._planner = planner
        self._known: dict[str, list[str]] = {}

    async def walked(self, path: str) -> list[list[list[str]]]:
        """Walk through a list, there and back: the steps of every question of each page."""
        pages = [await self.looked_at(path)]
        for way in ("next", "last", "previous"):
            link = self._shown[way]
            pages += [await self.looked_at(link["href"])] if link else []
        return pages

    async def looked_at(self, path: str) -> list[list[str]]:
        """The steps of every question."""
        self._world.store.asked.clear()
        response = await self._world.client.get(path)
        assert response.status_code == 200, response.text
        self._shown: Any = response.json()
        return [steps for query in self._world.store.asked if (steps := self._steps(query))]

    def _steps(self, query: Any) -> list[str]:
        tables = {table.name for table in visitors.iterate(query) if isinstance(table, sa.Table)}
        if not tables & TABLES:
            return []  # parts of documents: as many rows as the page's items have
        statement = str(query)
        if statement not in self._known:
            self._known[statement] = self._planner.steps(query)
        return self._known[statement]


def _costly(questions: list[list[str]]) -> list[str]:
    return [step for steps in questions for step in steps if _is_costly(step)]


def _way(steps: list[str]) -> tuple[str, int] | None:
    """The index that a question goes along, and how many of its columns must be equal to something."""
    found = re.search(r"USING (?:COVERING )?INDEX (\w+)(.*)", " ".join(steps))
    return found and (found[1], found[2].partition(")")[0].count("=?"))


def _is_costly(step: str) -> bool:
    if step.startswith("SCAN frames USING INDEX frames_by_age"):
        return False  # from its one end, and only so far
    sorts = re.search("TEMP B-TREE FOR .*ORDER BY", step)
    return sorts is not None or (step.startswith("SCAN") and step.split()[1] in TABLES)


def some_rows(table: sa.Table) -> list[dict[str, Any]]:
    """Rows that are there for each other: of one station, of one transaction."""
    return [
        {column.name: _value(column, number) for column in table.columns if not column.computed}
        for number in range(ROWS)
    ]


def _value(column: Any, number: int) -> Any:
    kind = getattr(column.type, "impl", column.type).python_type
    last = list(column.table.primary_key.columns)[-1]
    if column.name == "operator":
        return "default"
    if kind is datetime:
        return AT + timedelta(seconds=number)
    if kind is str:
        if column.name in ("station_id", "transaction_id") and column is not last:
            return "0"
        return str(number) if column is last or column.unique else _filtered(column) or "[]"
    return {bool: False, dict: {}}.get(kind, number)


def _filtered(column: Any) -> str | None:
    """One of the texts by which a column's rows can be filtered."""
    for resource in RESOURCES:
        wanted = resource.filters.get(column.name)
        if resource.table is column.table and wanted is not None and wanted.among:
            return wanted.among[0]
    return None


def queries(resource: Resource) -> Iterator[str]:
    """Every sorting, every filter, every two filters."""
    for name in resource.sorts:
        if (resource.path, name) in SORTED_BY_HAND:
            continue
        for sort in (name, f"-{name}"):
            yield f"sort={sort}"
            yield f"sort={sort}&offset=1"
            for one in resource.filters:
                yield f"sort={sort}&{_filter(resource, one)}"
    for one, other in combinations(resource.filters, 2):
        yield f"{_filter(resource, one)}&{_filter(resource, other)}"


def _filter(resource: Resource, name: str) -> str:
    wanted = resource.filters[name]
    column = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    row = some_rows(resource.table)[0]
    value = wanted.among[0] if wanted.among else str(row.get(column, 0))
    if wanted.kind is bool:
        value = "false"
    if wanted.kind is datetime:
        value = (AT if name == "from" else AT + timedelta(days=1)).isoformat()
    return f"{name}={quote(value)}"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(_url(tmp_path), CATALOG)
    yield opened
    await opened.close()


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'voltherd.db'}"


@pytest.fixture
def planner(tmp_path: Path, store: SqlStore) -> Iterator[Planner]:
    made = Planner(_url(tmp_path))
    yield made
    made.close()


@pytest.fixture
async def lists(tmp_path: Path, store: SqlStore, planner: Planner) -> Lists:
    engine = sa.create_engine(_url(tmp_path))
    with engine.begin() as connection:
        for table in {resource.table.name: resource.table for resource in RESOURCES}.values():
            connection.execute(sa.insert(table), some_rows(table))
    engine.dispose()
    return Lists(planner, World(settings=ApiSettings(reach=REACH), store=Watched(store)))


@pytest.mark.parametrize(("resource", "path"), PATHS)
async def test_shows_and_counts_a_list_along_an_index(lists: Lists, resource: Resource, path: str) -> None:
    real = re.sub(r"\{\w+\}", "0", path)
    for query in queries(resource):
        for page in await lists.walked(f"{real}?limit=1&{query}"):
            assert _costly(page) == [], query
            (counted,) = (steps for steps in page if steps[0].startswith("CO-ROUTINE"))
            assert _way(counted) in {_way(steps) for steps in page if steps is not counted}, query


@pytest.mark.parametrize("resource", [one for one in RESOURCES if one.item], ids=lambda one: one.path.strip("/"))
async def test_finds_an_item_by_an_index(lists: Lists, resource: Resource) -> None:
    assert _costly(await lists.looked_at(f"{resource.path}/0")) == []


@pytest.mark.parametrize(
    "alarm",
    [
        pytest.param(alarm, id=f"{model.name}-{number}")
        for model in CATALOG.readmodels.values()
        for number, alarm in enumerate(model.alarms)
        if not alarm.at_start  # once, and over the fleet
    ],
)
async def test_finds_what_is_due_by_an_index(planner: Planner, alarm: Alarm) -> None:
    assert [step for step in planner.steps(alarm.due(AT)) if not step.startswith("SEARCH")] == []
