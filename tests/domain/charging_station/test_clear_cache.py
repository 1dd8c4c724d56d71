"""ClearCache, sentence by sentence."""

from tests.support.given import given
from tests.support.words import answered, clear_cache, ready, sent
from voltherd.domain.charging_station.requests import RequestAnswered, RequestCompleted, Requested


def test_is_completed_when_the_station_agrees() -> None:
    scene = given(*ready()).when(clear_cache())
    scene.then(Requested(command=clear_cache()))
    scene.given(sent()).when(answered()).then(RequestAnswered, RequestCompleted)
