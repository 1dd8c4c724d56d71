"""A station that was just accepted, sentence by sentence."""

from datetime import timedelta

from tests.support.given import Like, given
from tests.support.words import STATION, after, boot, connected, disconnected, register, unknown_station
from voltherd.domain.charging_station.ask_for_boot import AskForBoot
from voltherd.domain.charging_station.requests import Requested
from voltherd.domain.charging_station.trigger_message import TriggerMessage

ASK = AskForBoot(at=after(10), by="voltherd", station=STATION)


def test_is_asked_to_boot_again_if_it_waits_on_the_line() -> None:
    scene = given(unknown_station(), connected(), boot(), register()).when(ASK)
    [event] = scene.events
    assert isinstance(event, Requested)
    assert event.command == Like(TriggerMessage, requested_message="BootNotification")
    assert event.command.expires_at == ASK.at + timedelta(seconds=30)


def test_is_not_asked_if_it_never_booted() -> None:
    given(unknown_station(), connected(), register()).when(ASK).then()


def test_is_not_asked_if_it_is_gone() -> None:
    given(unknown_station(), connected(), boot(), disconnected(), register()).when(ASK).then()


def test_is_not_asked_if_it_has_connected_anew_and_not_booted() -> None:
    given(unknown_station(), connected(), boot(), connected(2), register()).when(ASK).then()


def test_is_not_asked_if_it_was_not_accepted_after_all() -> None:
    given(unknown_station(), connected(), boot()).when(ASK).then()
