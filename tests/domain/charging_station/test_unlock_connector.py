"""UnlockConnector, sentence by sentence."""

from tests.support.given import Like, given
from tests.support.words import connected, ready, register, status, unlock
from voltherd.domain.charging_station.requests import Requested


def test_is_for_one_evse() -> None:
    scene = given(*ready()).when(unlock(2))
    scene.then(Requested(command=unlock(2, evse_ids=(2,))))


def test_of_zero_is_one_request_for_every_evse() -> None:
    scene = given(*ready("ocpp1.6", 1, 2, 5)).when(unlock(0))
    scene.then(Requested(command=unlock(0, evse_ids=(1, 2, 5))))


def test_of_zero_takes_in_evses_of_which_only_the_station_spoke() -> None:
    scene = given(*ready("ocpp1.6", 1), status(evse_id=3), status(evse_id=0)).when(unlock(0))
    scene.then(Requested(command=unlock(0, evse_ids=(1, 3))))


def test_is_refused_for_an_evse_that_is_not_there() -> None:
    scene = given(*ready()).when(unlock(3))
    scene.then_refused("evse_unknown", "/evseId", kind="missing")
    assert "it has 1, 2" in str(scene.refusal)


def test_is_refused_while_nothing_is_known_of_any_evse() -> None:
    for evse_id in (0, 1):
        given(register(), connected()).when(unlock(evse_id)).then_refused("station_not_configured", kind="conflict")


def test_can_be_for_an_evse_that_was_never_configured() -> None:
    given(register(), connected(), status(evse_id=1)).when(unlock(1)).then(Like(Requested))
