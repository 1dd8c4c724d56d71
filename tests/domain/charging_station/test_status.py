"""A status, sentence by sentence."""

from typing import Any

import pytest

from tests.support.given import Like, given
from tests.support.words import after, connected, disconnected, ready, status
from voltherd.domain.charging_station.status import ConnectorStatusChanged


def test_is_recorded_by_both_clocks() -> None:
    scene = given(*ready()).when(status("Occupied", 2, at=after(5), reported_at=after(3), detail="Preparing"))
    scene.then(
        ConnectorStatusChanged(
            evse_id=2,
            connector_id=1,
            status="Occupied",
            reported_at=after(3),
            received_at=after(5),
            detail="Preparing",
        )
    )


def test_is_kept_for_every_connector_of_its_own() -> None:
    scene = given(*ready()).when(status("Occupied", 1), status("Available", 2), status("Faulted", 1, connector_id=2))
    found = {place: one.status for place, one in scene.station.statuses.items()}
    assert found == {(1, 1): "Occupied", (2, 1): "Available", (1, 2): "Faulted"}


def test_of_the_station_itself_names_no_evse() -> None:
    scene = given(*ready("ocpp1.6", 1)).when(status("Available", 0))
    scene.then(ConnectorStatusChanged)
    assert scene.station.known_evses == (1,)


def test_makes_an_evse_known() -> None:
    assert given(*ready("ocpp1.6", 1)).when(status(evse_id=4)).station.known_evses == (1, 4)


def test_is_no_news_when_repeated() -> None:
    given(*ready(), status()).when(status(at=after(60))).then()


@pytest.mark.parametrize(
    "news",
    [
        {"detail": "Finishing"},
        {"error_code": "GroundFailure"},
        {"vendor_error_code": "E-13"},
        {"info": "door open"},
    ],
    ids=lambda news: next(iter(news)),
)
def test_is_news_when_any_word_of_it_is_new(news: dict[str, Any]) -> None:
    before: dict[str, Any] = {
        "detail": "Faulted",
        "error_code": "OtherError",
        "vendor_error_code": "E-12",
        "info": "hot",
    }
    scene = given(*ready("ocpp1.6"), status("Faulted", **before))
    scene.when(status("Faulted", at=after(1), **{**before, **news})).then(Like(ConnectorStatusChanged, **news))
    scene.when(status("Faulted", at=after(2), **{**before, **news})).then()


def test_that_is_older_than_the_known_one_is_no_news() -> None:
    scene = given(*ready(), status("Occupied", at=after(60)))
    scene.when(status("Available", at=after(61), reported_at=after(30))).then()


def test_of_the_same_instant_is_news() -> None:
    # Stations report several statuses within one second.
    scene = given(*ready(), status("Occupied", at=after(60)))
    scene.when(status("Available", at=after(61), reported_at=after(60))).then(ConnectorStatusChanged)


def test_is_no_older_than_one_that_was_ahead_of_time() -> None:
    # A wrong zone until the first time that we told it (Growatt): two hours ahead, then right.
    scene = given(*ready(), status("Available", reported_at=after(7200)))
    scene.when(status("Occupied", at=after(60))).then(Like(ConnectorStatusChanged, status="Occupied"))


def test_is_news_on_a_new_connection_whatever_its_instant() -> None:
    scene = given(*ready(), status("Occupied", at=after(60)), disconnected(), connected(2))
    scene.when(status("Available", at=after(90), reported_at=after(10))).then(ConnectorStatusChanged)


def test_is_told_again_on_a_new_connection() -> None:
    scene = given(*ready(), status(), disconnected(), connected(2))
    scene.when(status(at=after(90))).then(Like(ConnectorStatusChanged, status="Available"))
    scene.when(status(at=after(91))).then()
