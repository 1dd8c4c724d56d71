"""A boot, sentence by sentence."""

import pytest

from tests.support.given import Like, given
from tests.support.words import (
    after,
    boot,
    connected,
    disconnected,
    ready,
    register,
    started,
    status,
    suspend,
    unknown_station,
)
from voltherd.domain.charging_station.boot import StationBooted, StationDiscovered
from voltherd.domain.charging_station.register import StationAccepted
from voltherd.kernel.messages import Command


def test_is_recorded_with_what_the_station_says_of_itself() -> None:
    scene = given(*ready()).when(boot(reason="PowerUp"))
    scene.then(
        StationBooted(
            protocol="ocpp2.0.1",
            attributes={"vendorId": "Acme", "model": "One"},
            reason="PowerUp",
            booted_at=after(0),
        )
    )
    assert scene.station.boot == {"vendorId": "Acme", "model": "One"}
    assert scene.station.booted_at == after(0)


def test_is_heard_before_acceptance() -> None:
    given(unknown_station(), connected()).when(boot()).then(StationBooted)


def test_does_not_accept_a_station() -> None:
    assert not given(unknown_station(), connected()).when(boot()).station.accepted


@pytest.mark.parametrize("report", [status(), started()], ids=["status", "transaction"])
def test_is_all_that_is_heard_before_acceptance(report: Command) -> None:
    given(unknown_station(), connected()).when(report).then_refused("station_not_accepted")


def test_is_no_news_when_repeated_by_a_station_that_waits_for_acceptance() -> None:
    scene = given(unknown_station(), connected(), boot())
    scene.when(boot(at=after(300))).then()
    scene.when(boot(at=after(600))).then()


def test_is_no_news_when_repeated_at_once_by_an_accepted_station() -> None:
    given(*ready(), boot()).when(boot(at=after(9))).then()


def test_is_news_when_an_accepted_station_boots_again_later() -> None:
    given(*ready(), boot()).when(boot(at=after(10))).then(StationBooted)


def test_is_news_on_a_new_connection() -> None:
    given(*ready(), boot(), disconnected(), connected(2)).when(boot(at=after(2))).then(StationBooted)


def test_is_news_when_something_of_it_is_new() -> None:
    scene = given(*ready(), boot()).when(boot(at=after(1), attributes={"vendorId": "Acme", "firmwareVersion": "2"}))
    scene.then(StationBooted)


def test_is_news_after_the_acceptance_that_it_waited_for() -> None:
    scene = given(unknown_station(), connected(), boot(), register())
    scene.when(boot(at=after(300))).then(StationBooted)


def test_is_answered_by_the_acceptance_that_came_between_though_it_is_no_news() -> None:
    scene = given(unknown_station(), connected(), boot(), register()).when(boot(at=after(5)))
    scene.then()
    assert scene.station.accepted


def test_of_a_suspended_station_is_heard() -> None:
    given(*ready(), suspend()).when(boot()).then(StationBooted)


# --- unknown stations ---------------------------------------------------------------------------------------


def test_of_an_unknown_station_waits_where_the_policy_is_to_wait() -> None:
    scene = given().when(unknown_station("pending"))
    scene.then(StationDiscovered())
    assert scene.station.known
    assert not scene.station.accepted


def test_of_an_unknown_station_is_accepted_where_the_policy_is_to_accept() -> None:
    given().when(unknown_station("accept")).then(StationDiscovered(), StationAccepted())


@pytest.mark.parametrize("policy", ["pending", "accept"])
def test_of_a_known_station_follows_no_policy(policy: str) -> None:
    given(unknown_station()).when(unknown_station(policy)).then()


def test_tells_history_which_version_the_station_speaks() -> None:
    scene = given(*ready(), boot(), connected(2, "ocpp1.6")).when(boot("ocpp1.6", at=after(5)))
    scene.then(Like(StationBooted, protocol="ocpp1.6"))
    assert scene.station.protocol == "ocpp1.6"
