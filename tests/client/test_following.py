import httpx2
import pytest

from voltherd.client import Command, StillOpen
from voltherd.client.following import Reading, Watch


def command(status: str, *, final: bool = False) -> Command:
    return Command(command_id="c", command="Reset", station_id="CS-1", status=status, final=final)


def test_a_watch_tells_each_step_once() -> None:
    watch = Watch("c", until=10.0, steps=True)
    seen = [watch.is_news(command(status)) for status in ("queued", "queued", "sent", "sent", "completed")]
    assert seen == [True, False, True, False, True]


def test_a_watch_looks_less_often_with_time_and_never_beyond_its_end() -> None:
    watch = Watch("c", until=10.0, steps=True)
    pauses = []
    for now in (0.0, 1.0, 2.0, 9.99):
        watch.call(now)
        watch.is_news(command("queued"))
        pauses.append(watch.pause(now))
    assert pauses[0] < pauses[1] < pauses[2]
    assert 9.99 + pauses[3] <= 10.0
    with pytest.raises(StillOpen) as still:
        watch.pause(10.0)
    assert still.value.command.status == "queued"


def test_a_watch_for_the_end_alone_lets_the_server_wait() -> None:
    watch = Watch("c", until=30.0, steps=False)
    assert watch.call(10.0).headers == {"Prefer": "wait=20"}
    watch.is_news(command("queued"))
    assert watch.pause(25.0) == 0.0, "the server has waited, so there is no need to pause"


def test_a_reading_knows_where_to_go_on() -> None:
    reading = Reading(None)
    data = '{"position": 7, "type": "StationBooted", "at": "2026-01-31T12:00:00Z", "stationId": "CS-1"}'
    event = reading.event(httpx2.ServerSentEvent(event="StationBooted", data=data, id="7"))
    assert event is not None
    assert (event.position, event.type, event.station_id) == (7, "StationBooted", "CS-1")
    assert reading.event(httpx2.ServerSentEvent(data="", id="9")) is None, "a heartbeat only moves on"
    assert reading.after == "9"


def test_a_reading_pauses_as_the_server_wishes_and_longer_each_time() -> None:
    reading = Reading(None)
    reading.event(httpx2.ServerSentEvent(retry=2000))
    assert [reading.pause(), reading.pause(), reading.pause(), reading.pause(), reading.pause()] == [2, 4, 8, 15, 15]
    reading.event(httpx2.ServerSentEvent(data="", id="9"))
    assert reading.pause() == 2
