"""Operators who look at lists and send commands, each in a thread of its own, at a fixed modest rate."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bench.targets import ServerFailedError

_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Something that operators do: `path(n)` is the n-th request's, `expects` the status of its answer."""

    name: str
    path: Callable[[int], str]
    method: str = "GET"
    body: bytes | None = None
    expects: int = 200


@dataclass(slots=True)
class Seen:
    """What came of a visit: seconds from when each request was due to its answer, and what was no answer."""

    took: list[float] = field(default_factory=list)
    wrong: dict[str, int] = field(default_factory=dict)


def visits(api: str, station_ids: Sequence[str]) -> Sequence[Visit]:
    """The lists that operators look at, and a command; there must be a transaction.

    Raises:
        ServerFailedError: there is none.
    """
    found = ask(api, "/transactions?limit=1")["elements"]
    if not found:
        raise ServerFailedError("there is no transaction to look at")
    values = f"/transactions/{found[0]['id']}/meter-values"
    return [
        Visit(name="charging-stations", path=lambda _n: "/charging-stations"),
        Visit(name="transactions", path=lambda _n: "/transactions"),
        Visit(name="commands", path=lambda _n: "/commands"),
        Visit(name="meter-values of a transaction", path=lambda _n: values),
        Visit(name="messages", path=lambda _n: "/messages"),
        Visit(
            name="a command",
            method="POST",
            path=lambda n: f"/charging-stations/{station_ids[n % len(station_ids)]}/commands",
            body=b'["TriggerMessage", {"requestedMessage": "Heartbeat"}]',
            expects=202,
        ),
    ]


@contextmanager
def visiting(api: str, some: Sequence[Visit], every_s: float) -> Iterator[Mapping[str, Seen]]:
    """Make each visit every so many seconds until the end; what came of them is complete only then."""
    over = threading.Event()
    seen = {visit.name: Seen() for visit in some}
    threads = [
        threading.Thread(
            target=_visit,
            args=(api, visit, every_s, index * every_s / len(some), seen[visit.name], over),
            name=f"operator:{visit.name}",
        )
        for index, visit in enumerate(some)
    ]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        over.set()
        for thread in threads:
            thread.join()


def ask(api: str, path: str, timeout_s: float = _PATIENCE_S) -> Any:
    """The JSON of a path.

    Raises:
        ServerFailedError: it is not answered with 200.
    """
    connection = _connection(api, timeout_s)
    try:
        status, body = _answer(connection, Visit(name=path, path=lambda _n: path), 0)
    except (OSError, http.client.HTTPException) as error:
        raise ServerFailedError(f"GET {path}: {type(error).__name__} {error}") from error
    finally:
        connection.close()
    if status != 200:
        raise ServerFailedError(f"GET {path} was answered {status}: {body[:500]!r}")
    return json.loads(body)


def _visit(api: str, visit: Visit, every_s: float, offset_s: float, seen: Seen, over: threading.Event) -> None:
    connection = _connection(api, _PATIENCE_S)
    due, number = time.perf_counter() + offset_s, 0
    while not over.wait(max(0.0, due - time.perf_counter())):
        try:
            status, body = _answer(connection, visit, number)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            wrong = f"{type(error).__name__} {error}"
        else:
            seen.took.append(time.perf_counter() - due)
            wrong = "" if status == visit.expects else f"{status} {body[:100].decode(errors='replace')}"
        if wrong:
            seen.wrong[wrong] = seen.wrong.get(wrong, 0) + 1
        due, number = due + every_s, number + 1
    connection.close()


def _answer(connection: http.client.HTTPConnection, visit: Visit, number: int) -> tuple[int, bytes]:
    headers = {"Content-Type": "application/json"} if visit.body is not None else {}
    connection.request(visit.method, visit.path(number), body=visit.body, headers=headers)
    response = connection.getresponse()
    return response.status, response.read()


def _connection(api: str, timeout_s: float) -> http.client.HTTPConnection:
    url = urlsplit(api)
    return http.client.HTTPConnection(url.hostname or "", url.port, timeout=timeout_s)
