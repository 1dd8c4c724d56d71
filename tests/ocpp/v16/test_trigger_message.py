"""TriggerMessage of 1.6, sentence by sentence."""

import pytest

from tests.support.wire import Wire
from tests.support.words import trigger

WIRE = Wire("ocpp1.6")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("BootNotification", "BootNotification"),
        ("Heartbeat", "Heartbeat"),
        ("MeterValues", "MeterValues"),
        ("StatusNotification", "StatusNotification"),
        ("TransactionEvent", "MeterValues"),
        ("FirmwareStatusNotification", "FirmwareStatusNotification"),
        ("LogStatusNotification", "DiagnosticsStatusNotification"),
        ("DiagnosticsStatusNotification", "DiagnosticsStatusNotification"),
    ],
)
def test_names_the_message_in_1_6_s_words(ours: str, theirs: str) -> None:
    assert WIRE.call(trigger(ours)) == ("TriggerMessage", {"requestedMessage": theirs})


def test_names_the_connector_if_there_is_one() -> None:
    assert WIRE.call(trigger(evse_id=2))[1]["connectorId"] == 2


@pytest.mark.parametrize(
    ("word", "status"), [("Accepted", "accepted"), ("Rejected", "rejected"), ("NotImplemented", "unsupported")]
)
def test_is_answered_in_the_station_s_word(word: str, status: str) -> None:
    assert WIRE.answer(trigger(), {"status": word}).status == status
