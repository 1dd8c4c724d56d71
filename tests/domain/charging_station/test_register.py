"""Register, sentence by sentence."""

from tests.support.given import Like, given
from tests.support.words import (
    STATION,
    configure,
    connected,
    connectors,
    evses,
    register,
    status,
    suspend,
    unknown_station,
    unlock,
)
from voltherd.domain.charging_station.configure import Configuration, SettingsDesired, TopologyConfigured
from voltherd.domain.charging_station.register import StationAccepted, StationRegistered, StationSuspended
from voltherd.domain.charging_station.requests import CommandCompleted


def done(**result: object) -> Like:
    return Like(CommandCompleted, result=result)


def test_creates_and_accepts_an_unknown_station() -> None:
    scene = given().when(register())
    scene.then(StationRegistered(), StationAccepted(), done(created=True, alreadyAccepted=False))
    assert scene.station.known
    assert scene.station.accepted


def test_accepts_a_station_that_came_by_itself() -> None:
    given(unknown_station()).when(register()).then(StationAccepted(), done(created=False, alreadyAccepted=False))


def test_succeeds_for_an_accepted_station_and_says_so() -> None:
    given(register()).when(register(command_id="again")).then(done(created=False, alreadyAccepted=True))


def test_accepts_a_suspended_station_again() -> None:
    scene = given(register(), suspend()).when(register(command_id="again"))
    scene.then(StationAccepted(), done(created=False, alreadyAccepted=False))


def test_applies_a_configuration_as_configure_would() -> None:
    configuration = Configuration(evses=evses(1, 2), settings={"key": "value"})
    scene = given().when(register(configuration))
    scene.then(
        StationRegistered,
        StationAccepted,
        TopologyConfigured(evses=evses(1, 2)),
        SettingsDesired(settings={"key": "value"}),
        CommandCompleted,
    )
    assert list(scene.station.evses) == [1, 2]


def test_takes_the_flat_configuration_too() -> None:
    scene = given().when(register(Configuration(connectors=connectors(1, 2))))
    assert list(scene.station.evses) == [1, 2]


def test_registers_nothing_when_the_configuration_is_refused() -> None:
    scene = given().when(register(Configuration(evses=evses(1), connectors=connectors(1))))
    scene.then_refused("topology_ambiguous", "/configuration/connectors", kind="invalid")
    assert not scene.station.known


def test_refuses_a_configuration_of_nothing() -> None:
    given().when(register(Configuration())).then_refused("nothing_to_configure", "/configuration", kind="invalid")


def test_does_nothing_when_its_command_comes_again() -> None:
    given(register()).when(register()).then()


def test_carries_its_fingerprint_into_history() -> None:
    scene = given().when(register(fingerprint="abc"))
    assert scene.events[-1] == Like(CommandCompleted, fingerprint="abc", command="Register", command_id="register")


# --- Suspend ------------------------------------------------------------------------------------------------


def test_is_taken_back_by_suspend() -> None:
    scene = given(register()).when(suspend())
    scene.then(StationSuspended(), done(alreadySuspended=False))
    assert scene.station.known
    assert not scene.station.accepted


def test_is_taken_back_once() -> None:
    given(unknown_station()).when(suspend()).then(done(alreadySuspended=True))


def test_cannot_be_taken_back_of_an_unknown_station() -> None:
    given().when(suspend()).then_refused("station_unknown", kind="missing")


def test_opens_the_station_to_commands_until_it_is_taken_back() -> None:
    scene = given(register(), configure(evses=evses(1)), connected(), suspend())
    scene.when(unlock(1)).then_refused("station_not_accepted", kind="conflict")
    scene.when(status()).then_refused("station_not_accepted")
    scene.given(register(command_id="again")).when(unlock(1))
    assert scene.status() == "queued"


def test_names_the_station_that_is_missing() -> None:
    scene = given().when(unlock())
    assert STATION.station_id in str(scene.refusal)
