"""ChangeAvailability, sentence by sentence."""

from datetime import timedelta

import pytest

from tests.support.given import Like, given
from tests.support.words import after, answered, lapse, make, ready, sent, status, unanswered
from voltherd.domain.charging_station.change_availability import ChangeAvailability
from voltherd.domain.charging_station.requests import RequestAnswered, RequestCompleted, Requested, RequestLapsed
from voltherd.domain.charging_station.status import ConnectorStatusChanged


def test_is_for_the_whole_station_by_default() -> None:
    given(*ready()).when(make("inoperative")).then(Requested(command=make("inoperative", 0)))


def test_is_refused_for_an_evse_that_is_not_there() -> None:
    given(*ready()).when(make("inoperative", 9)).then_refused("evse_unknown", "/evseId", kind="missing")


def test_is_completed_when_the_evse_says_so() -> None:
    scene = given(*ready(), status(evse_id=1), status(evse_id=2), make("inoperative", 2), sent(), answered())
    assert scene.status() == "accepted"
    scene.when(status("Unavailable", 2, at=after(5))).then(
        ConnectorStatusChanged,
        Like(RequestCompleted, result={"statuses": [{"evseId": 2, "connectorId": 1, "status": "Unavailable"}]}),
    )


def test_of_the_station_is_completed_when_every_evse_says_so() -> None:
    scene = given(*ready(), status(evse_id=1), status(evse_id=2), make("inoperative"), sent(), answered())
    scene.when(status("Unavailable", 1, at=after(5)))
    assert scene.status() == "accepted"
    scene.when(status("Unavailable", 2, at=after(6)))
    assert scene.request() is None


def test_of_the_station_does_not_ask_what_the_station_says_of_itself() -> None:
    scene = given(*ready("ocpp1.6"), status("Available", 0), status("Unavailable", 1), make("inoperative"), sent())
    scene.when(answered()).then(RequestAnswered, RequestCompleted)


def test_of_a_connector_asks_for_no_other() -> None:
    scene = given(*ready(), status(evse_id=1), status(evse_id=1, connector_id=2))
    scene.given(make("inoperative", 1, connector_id=2), sent(), answered())
    scene.when(status("Unavailable", 1, connector_id=2, at=after(5)))
    assert scene.request() is None


@pytest.mark.parametrize("found", ["Available", "Occupied", "Reserved", "Faulted"])
def test_takes_every_other_status_for_operative(found: str) -> None:
    scene = given(*ready(), status("Unavailable"), make("operative", 1), sent(), answered())
    scene.when(status(found, at=after(5)))  # type: ignore[arg-type]
    assert scene.request() is None


def test_is_completed_at_once_where_it_was_so_before() -> None:
    given(*ready(), status(), make("operative", 1), sent()).when(answered()).then(RequestAnswered, RequestCompleted)


def test_that_is_scheduled_waits_for_the_transaction_to_end() -> None:
    scene = given(*ready(), status("Occupied"), make("inoperative", 1), sent(), answered("scheduled", at=after(1)))
    scene.when(lapse(at=after(3600))).then()
    assert scene.status() == "scheduled"
    scene.when(status("Unavailable", at=after(3601)))
    assert scene.request() is None


def test_that_is_scheduled_is_ineffective_after_a_day() -> None:
    scene = given(*ready(), status("Occupied"), make("inoperative", 1), sent(), answered("scheduled", at=after(1)))
    scene.when(lapse(at=after(1) + timedelta(days=1))).then(Like(RequestLapsed, status="ineffective"))


def test_is_ineffective_when_no_status_changed() -> None:
    scene = given(*ready(), status(), make("inoperative", 1), sent(), answered(at=after(1)))
    scene.when(lapse(at=after(61))).then(Like(RequestLapsed, status="ineffective"))


def test_that_nobody_answered_is_completed_when_the_evse_says_so() -> None:
    scene = given(*ready(), status(), make("inoperative", 1), sent(), unanswered(at=after(30)))
    scene.when(status("Unavailable", at=after(31)))
    assert scene.request() is None


@pytest.mark.parametrize(
    ("payload", "read"),
    [
        ({"availability": "Inoperative"}, {"availability": "inoperative"}),
        ({"connectorId": 2, "availability": "OPERATIVE"}, {"evseId": 2, "availability": "operative"}),
        (
            {"evseId": 2, "connectorId": 1, "availability": "operative"},
            {"evseId": 2, "connectorId": 1, "availability": "operative"},
        ),
        ({"availability": 1}, {"availability": 1}),
    ],
    ids=str,
)
def test_reads_the_historic_shapes(payload: dict[str, object], read: dict[str, object]) -> None:
    assert ChangeAvailability.adapt(payload) == read


def later(availability: str, evse_id: int = 0) -> ChangeAvailability:
    return make(availability, evse_id, command_id="c-2")


def test_ends_what_was_agreed_of_the_same_place_before() -> None:
    scene = given(*ready(), status(evse_id=1), status(evse_id=2), make("inoperative"), sent(), answered("scheduled"))
    scene.given(later("operative", 1), sent("c-2")).when(answered(request_id="c-2"))
    scene.then(
        RequestAnswered,
        RequestLapsed(command_id="c-1", status="ineffective", reason="another ChangeAvailability took its place"),
        Like(RequestCompleted, command_id="c-2"),
    )


def test_leaves_alone_what_was_agreed_of_another_place() -> None:
    scene = given(*ready(), status(evse_id=1), status(evse_id=2), make("inoperative", 2), sent(), answered("scheduled"))
    scene.given(later("operative", 1), sent("c-2"), answered(request_id="c-2"))
    assert scene.status() == "scheduled"


def test_that_is_refused_takes_no_place() -> None:
    scene = given(*ready(), status(evse_id=1), make("inoperative"), sent(), answered("scheduled"))
    scene.given(later("operative"), sent("c-2"), answered("rejected", "c-2"))
    assert scene.status() == "scheduled"
