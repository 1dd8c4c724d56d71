import inspect
from collections.abc import AsyncIterator, Callable, Iterator

import httpx2
import pytest

from voltherd.client import Conflict, Event, StillOpen, SyncVoltherdClient, Unreachable, VoltherdClient, VoltherdError

Handler = Callable[[httpx2.Request], httpx2.Response]

BASE = "http://voltherd.example"


def command(status: str, *, final: bool = False) -> dict[str, object]:
    return {"commandId": "c", "command": "Reset", "stationId": "CS-1", "status": status, "final": final}


def event(position: int) -> bytes:
    data = f'{{"position": {position}, "type": "StationBooted", "at": "2026-01-31T12:00:00Z"}}'
    return f"id: {position}\nevent: StationBooted\ndata: {data}\n\n".encode()


class Broken(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """An event stream that breaks after its last part."""

    def __init__(self, *parts: bytes) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        yield from self._parts
        raise httpx2.ReadError("the connection was reset")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part
        raise httpx2.ReadError("the connection was reset")


def in_turn(*answers: httpx2.Response, seen: list[httpx2.Request] | None = None) -> httpx2.MockTransport:
    waiting = iter(answers)

    def handle(request: httpx2.Request) -> httpx2.Response:
        if seen is not None:
            seen.append(request)
        return next(waiting)

    return httpx2.MockTransport(handle)


def test_can_do_the_same() -> None:
    def methods(client: type) -> dict[str, list[str]]:
        return {
            name: list(inspect.signature(member).parameters)
            for name, member in vars(client).items()
            if callable(member) and not name.startswith("__")
        }

    assert methods(VoltherdClient) == methods(SyncVoltherdClient)


def test_say_who_asks() -> None:
    seen: list[httpx2.Request] = []
    shown: list[httpx2.Request] = []
    transport = in_turn(httpx2.Response(200, json={"name": "voltherd"}), seen=seen)
    with SyncVoltherdClient(BASE, "secret", transport=transport, on_request=shown.append) as client:
        assert client.version() == {"name": "voltherd"}
    assert seen[0].headers["Authorization"] == "Bearer secret"
    assert shown == seen


async def test_turn_a_no_into_an_error() -> None:
    refusal = {"code": "evse_in_use", "detail": "transaction 7 runs on EVSE 1", "status": 409}
    async with VoltherdClient(BASE, transport=in_turn(httpx2.Response(409, json=refusal))) as client:
        with pytest.raises(Conflict, match=r"transaction 7 runs on EVSE 1 \(evse_in_use\)"):
            await client.command("CS-1", "StartTransaction", {"idToken": "A"})


def test_say_so_when_nobody_answers() -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("Connection refused")

    with SyncVoltherdClient(BASE, transport=httpx2.MockTransport(refuse)) as client:
        with pytest.raises(Unreachable, match=r"voltherd\.example does not answer"):
            client.stations()
        with pytest.raises(Unreachable):
            next(client.events())


def test_say_so_when_somebody_else_answers() -> None:
    with (
        SyncVoltherdClient(BASE, transport=in_turn(httpx2.Response(200, json=[1]))) as client,
        pytest.raises(VoltherdError, match="not as Voltherd does"),
    ):
        client.stations()


def test_watch_a_command_to_its_end() -> None:
    answers = [("queued", False), ("sent", False), ("sent", False), ("accepted", False), ("completed", True)]
    transport = in_turn(*(httpx2.Response(200, json=command(status, final=final)) for status, final in answers))
    with SyncVoltherdClient(BASE, transport=transport) as client:
        assert [one.status for one in client.watch("c")] == ["queued", "sent", "accepted", "completed"]


async def test_wait_for_a_command_as_long_as_asked() -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json=command("queued")))
    async with VoltherdClient(BASE, transport=transport) as client:
        with pytest.raises(StillOpen, match="command c is still queued"):
            await client.wait_for("c", timeout=0)


def test_take_a_broken_stream_up_again() -> None:
    seen: list[httpx2.Request] = []
    stream = {"Content-Type": "text/event-stream"}
    transport = in_turn(
        httpx2.Response(200, headers=stream, stream=Broken(b"retry: 1\n\n", event(4), b"id: 5\n\n")),
        httpx2.Response(503, json={"code": "store_unavailable"}),
        httpx2.Response(200, headers=stream, stream=Broken(event(6))),
        seen=seen,
    )
    with SyncVoltherdClient(BASE, transport=transport) as client:
        events = client.events(station_id="CS-1", after=3)
        assert [next(events).position, next(events).position] == [4, 6]
    assert [request.headers.get("Last-Event-ID") for request in seen] == ["3", "5", "5"]
    assert {str(request.url) for request in seen} == {f"{BASE}/events?stationId=CS-1"}


async def test_take_a_broken_stream_up_again_while_others_go_on() -> None:
    stream = {"Content-Type": "text/event-stream"}
    transport = in_turn(
        httpx2.Response(200, headers=stream, stream=Broken(b"retry: 1\n\n", event(4))),
        httpx2.Response(200, headers=stream, stream=Broken(event(5))),
    )
    found: list[Event] = []
    async with VoltherdClient(BASE, transport=transport) as client:
        async for one in client.events():
            found.append(one)
            if len(found) == 2:
                break
    assert [one.position for one in found] == [4, 5]


def test_end_a_stream_that_the_server_refuses() -> None:
    refusal = httpx2.Response(422, json={"code": "parameter_invalid", "detail": "there is no event Nope"})
    with (
        SyncVoltherdClient(BASE, transport=in_turn(refusal)) as client,
        pytest.raises(VoltherdError, match="there is no event Nope"),
    ):
        next(client.events(type="Nope"))


def test_turn_the_pages_of_a_list() -> None:
    def page(following: str | None, *names: str) -> httpx2.Response:
        tokens = [{"idToken": name, "type": "ISO14443", "status": "Accepted"} for name in names]
        link = {"href": following} if following else None
        return httpx2.Response(200, json={"elements": tokens, "total": None, "totalAtLeast": 2, "next": link})

    seen: list[httpx2.Request] = []
    empty = page("/id-tokens?cursor=y&limit=1")
    transport = in_turn(page("/id-tokens?cursor=x&limit=1", "T1"), empty, page(None, "T2"), seen=seen)
    with SyncVoltherdClient(BASE, transport=transport) as client:
        tokens = [token.id_token for part in client.pages(client.id_tokens(limit=1)) for token in part]
    assert tokens == ["T1", "T2"]
    assert [str(one.url) for one in seen[1:]] == [f"{BASE}/id-tokens?cursor={place}&limit=1" for place in "xy"]
