"""TriggerMessage, sentence by sentence."""

from tests.support.given import given
from tests.support.words import answered, ready, sent, trigger
from voltherd.domain.charging_station.requests import RequestAnswered, RequestCompleted, Requested


def test_is_about_the_whole_station_by_default() -> None:
    given(*ready()).when(trigger("Heartbeat")).then(Requested(command=trigger("Heartbeat", evse_id=0)))


def test_is_refused_for_an_evse_that_is_not_there() -> None:
    given(*ready()).when(trigger(evse_id=9)).then_refused("evse_unknown", "/evseId", kind="missing")


def test_is_completed_when_the_station_agrees() -> None:
    given(*ready(), trigger(), sent()).when(answered()).then(RequestAnswered, RequestCompleted)
