"""The client for programs that wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import wraps
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

import httpx2

from voltherd.client import calls, connection
from voltherd.client.calls import Call, Value
from voltherd.client.documents import Command, D, Event, Page
from voltherd.client.errors import Trouble
from voltherd.client.following import Reading, Watch

P = ParamSpec("P")
T = TypeVar("T")


def _method(make: Callable[P, Call[T]]) -> Callable[Concatenate[SyncVoltherdClient, P], T]:
    @wraps(make)
    def ask(self: SyncVoltherdClient, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.send(make(*args, **kwargs))

    return ask


class SyncVoltherdClient:
    """The operator API, called and waited for. Use it as a context manager, or `close` it.

    >>> with SyncVoltherdClient("http://127.0.0.1:8080") as voltherd:
    ...     for station in voltherd.stations(online=True):
    ...         print(station.id, station.status)

    Methods raise what `voltherd.client.errors` names.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        transport: httpx2.BaseTransport | None = None,
        on_request: Callable[[httpx2.Request], None] | None = None,
    ) -> None:
        """`on_request` is shown every request before it is sent. Raises: ValueError if `base_url` is no address."""
        self.base_url = base_url
        hooks = {"request": [on_request] if on_request else []}
        self._http = httpx2.Client(**connection.options(base_url, api_key), transport=transport, event_hooks=hooks)

    version = _method(calls.version)
    stations = _method(calls.stations)
    station = _method(calls.station)
    command = _method(calls.command)
    commands = _method(calls.commands)
    command_of = _method(calls.command_of)
    cancel = _method(calls.cancel)
    transactions = _method(calls.transactions)
    transaction = _method(calls.transaction)
    meter_values = _method(calls.meter_values)
    id_tokens = _method(calls.id_tokens)
    id_token = _method(calls.id_token)
    create_id_token = _method(calls.create_id_token)
    replace_id_token = _method(calls.replace_id_token)
    delete_id_token = _method(calls.delete_id_token)

    def pages(self, page: Page[D]) -> Iterator[Page[D]]:
        """The page and all that come after it."""
        while True:
            yield page
            call = calls.more(page)
            if call is None:
                return
            page = self.send(call)

    def wait_for(self, command_id: str, timeout: float = 60.0) -> Command:
        """Wait until a command is final.

        Raises:
            StillOpen: it is not, after `timeout` seconds.
        """
        for command in self._watch(command_id, timeout, steps=False):
            if command.final:
                return command
        raise AssertionError("a watch ends with a final command")

    def watch(self, command_id: str, timeout: float = 60.0) -> Iterator[Command]:
        """Show a command now, and whenever it has come further, until it is final.

        Raises:
            StillOpen: it is not, after `timeout` seconds.
        """
        return self._watch(command_id, timeout, steps=True)

    def _watch(self, command_id: str, timeout: float, *, steps: bool) -> Iterator[Command]:
        watch = Watch(command_id, time.monotonic() + timeout, steps)
        while True:
            command = self.send(watch.call(time.monotonic()))
            if watch.is_news(command):
                yield command
            if command.final:
                return
            time.sleep(watch.pause(time.monotonic()))

    def events(self, after: str | int | None = None, **filters: Value) -> Iterator[Event]:
        """What happens, as it happens, after a position or from now on; a broken stream is taken up again.

        Raises:
            Unreachable: the first connection failed.
        """
        reading = Reading(None if after is None else str(after))
        connected = False
        while True:
            try:
                call = calls.events(reading.after, filters)
                with self._http.stream(**connection.request(call, streaming=True)) as response:
                    if not response.is_success:
                        response.read()
                        connection.require_success(response)
                    connected = True
                    for sent in httpx2.EventSource(response):
                        if event := reading.event(sent):
                            yield event
            except httpx2.RequestError as error:
                if not connected:
                    raise connection.unreachable(self.base_url, error) from error
            except Trouble:
                if not connected:
                    raise
            time.sleep(reading.pause())

    def send(self, call: Call[T]) -> T:
        """Send any call and read its answer."""
        try:
            response = self._http.request(**connection.request(call))
        except httpx2.RequestError as error:
            raise connection.unreachable(self.base_url, error) from error
        return connection.read(call, response)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
