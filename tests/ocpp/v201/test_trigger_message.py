"""TriggerMessage of 2.0.1, sentence by sentence."""

import pytest

from tests.support.wire import Wire
from tests.support.words import trigger

WIRE = Wire("ocpp2.0.1")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("BootNotification", "BootNotification"),
        ("Heartbeat", "Heartbeat"),
        ("MeterValues", "MeterValues"),
        ("StatusNotification", "StatusNotification"),
        ("TransactionEvent", "TransactionEvent"),
        ("FirmwareStatusNotification", "FirmwareStatusNotification"),
        ("LogStatusNotification", "LogStatusNotification"),
        ("DiagnosticsStatusNotification", "LogStatusNotification"),
    ],
)
def test_names_the_message_in_2_0_1_s_words(ours: str, theirs: str) -> None:
    assert WIRE.call(trigger(ours)) == ("TriggerMessage", {"requestedMessage": theirs})


def test_names_the_evse_if_there_is_one() -> None:
    assert WIRE.call(trigger("MeterValues", evse_id=2))[1]["evse"] == {"id": 2}


def test_names_the_connector_of_a_status() -> None:
    assert WIRE.call(trigger("StatusNotification", evse_id=2))[1]["evse"] == {"id": 2, "connectorId": 1}
    assert WIRE.call(trigger("StatusNotification", evse_id=2, connector_id=3))[1]["evse"]["connectorId"] == 3


@pytest.mark.parametrize(
    ("word", "status"), [("Accepted", "accepted"), ("Rejected", "rejected"), ("NotImplemented", "unsupported")]
)
def test_is_answered_in_the_station_s_word(word: str, status: str) -> None:
    assert WIRE.answer(trigger(), {"status": word}).status == status
