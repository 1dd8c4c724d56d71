"""What a simulated station does when it is commanded, in both versions."""

from typing import Final

import pytest

from tests.simulator.desk import CARD, Desk, Json, Members
from tests.simulator.test_booting import remote_start
from tests.simulator.test_charging import at, events
from voltherd.ocpp.rpc import Version

ACCEPTED: Final = {"status": "Accepted"}
REJECTED: Final = {"status": "Rejected"}


def remote_stop(desk: Desk, transaction_id: str) -> Json:
    if desk.v16:
        return desk.command("RemoteStopTransaction", {"transactionId": int(transaction_id)})
    return desk.command("RequestStopTransaction", {"transactionId": transaction_id})


def reset(desk: Desk, hard: bool) -> Json:
    kinds = ("Soft", "Hard") if desk.v16 else ("OnIdle", "Immediate")
    return desk.command("Reset", {"type": kinds[hard]})


def change_availability(desk: Desk, evse_id: int | None, kind: str) -> Json:
    if desk.v16:
        return desk.command("ChangeAvailability", {"connectorId": evse_id or 0, "type": kind})
    payload: Members = {"operationalStatus": kind}
    return desk.command("ChangeAvailability", payload if evse_id is None else {**payload, "evse": {"id": evse_id}})


def unlock(desk: Desk, evse_id: int) -> Json:
    if desk.v16:
        return desk.command("UnlockConnector", {"connectorId": evse_id})
    return desk.command("UnlockConnector", {"evseId": evse_id, "connectorId": 1})


# Starting and stopping.


def test_starts_at_once_and_brings_the_vehicle_along(desk: Desk) -> None:
    assert desk.command(*remote_start(desk)) == ACCEPTED
    assert desk.station.evse_state(1, desk.now).charging
    (started,) = events(desk)
    if desk.v16:
        assert desk.statuses() == ["Preparing", "Charging"]
        assert started["idTag"] == CARD.value
    else:
        assert started["triggerReason"] == "RemoteStart"
        assert at(started, "transactionInfo", "remoteStartId") == 7
        assert started["idToken"] == {"idToken": CARD.value, "type": "ISO14443"}


def test_starts_with_the_vehicle_that_is_waiting(desk: Desk) -> None:
    desk.plug_in(2)
    action, payload = remote_start(desk)
    del payload["connectorId" if desk.v16 else "evseId"]
    assert desk.command(action, payload) == ACCEPTED
    assert desk.station.evse_state(2, desk.now).charging
    assert not desk.station.evse_state(1, desk.now).plugged_in


def test_starts_again_with_a_vehicle_that_has_been_stopped(desk: Desk) -> None:
    remote_stop(desk, desk.charge())
    assert desk.command(*remote_start(desk)) == ACCEPTED
    assert desk.station.evse_state(1, desk.now).charging


def test_asks_about_the_id_token_first_where_the_setting_says_so(version: Version) -> None:
    desk = Desk(version, settings={"AuthorizeRemoteTxRequests": "true"}).switch_on()
    desk.forget()
    assert desk.command(*remote_start(desk)) == ACCEPTED
    told = desk.actions()
    assert told.index("Authorize") < told.index("StartTransaction" if desk.v16 else "TransactionEvent")
    if not desk.v16:
        assert at(events(desk), 0, "transactionInfo", "remoteStartId") == 7


def test_starts_nothing_where_something_goes_on_already(desk: Desk) -> None:
    desk.charge()
    assert desk.command(*remote_start(desk)) == REJECTED


def test_starts_nothing_where_there_is_no_evse(desk: Desk) -> None:
    action, payload = remote_start(desk)
    assert desk.command(action, {**payload, "connectorId" if desk.v16 else "evseId": 9}) == REJECTED


def test_stops_what_goes_on(desk: Desk) -> None:
    assert remote_stop(desk, desk.charge()) == ACCEPTED
    end = events(desk)[-1]
    if desk.v16:
        assert end["reason"] == "Remote"
        assert desk.statuses()[-1] == "Finishing"
    else:
        assert end["triggerReason"] == "RemoteStop"
        assert at(end, "transactionInfo", "stoppedReason") == "Remote"


def test_stops_nothing_that_it_does_not_know(desk: Desk) -> None:
    desk.charge()
    assert remote_stop(desk, "77") == REJECTED


# Unlocking.


def test_unlocks_a_connector(desk: Desk) -> None:
    assert unlock(desk, 1) == {"status": "Unlocked"}


def test_ends_the_transaction_first_or_says_that_there_is_one(desk: Desk) -> None:
    desk.charge()
    answer = unlock(desk, 1)
    if desk.v16:
        assert answer == {"status": "Unlocked"}
        assert events(desk)[-1]["reason"] == "UnlockCommand"
        stopped = next(place for place, text in enumerate(desk.texts) if "StopTransaction" in text)
        answered = next(place for place, text in enumerate(desk.texts) if "Unlocked" in text)
        assert stopped < answered
    else:
        assert answer == {"status": "OngoingAuthorizedTransaction"}
        assert desk.station.evse_state(1, desk.now).charging


def test_unlocks_no_connector_that_is_not_there(desk: Desk) -> None:
    assert unlock(desk, 3) == {"status": "NotSupported" if desk.v16 else "UnknownConnector"}


# Resetting.


def test_ends_all_and_boots_again_after_a_hard_reset(desk: Desk) -> None:
    desk.charge(1)
    desk.charge(2)
    desk.forget()
    assert reset(desk, hard=True) == ACCEPTED
    assert not desk.linked()
    ends = events(desk)
    if desk.v16:
        assert [end["reason"] for end in ends] == ["HardReset", "HardReset"]
    else:
        assert [at(end, "transactionInfo", "stoppedReason") for end in ends] == ["ImmediateReset"] * 2
        assert {end["triggerReason"] for end in ends} == {"ResetCommand"}
    desk.pass_time(3)
    (boot,) = desk.told("BootNotification")
    assert boot.get("reason") == (None if desk.v16 else "RemoteReset")
    assert desk.statuses()[-1] == ("Finishing" if desk.v16 else "Occupied")


def test_ends_or_waits_at_a_soft_reset(desk: Desk) -> None:
    desk.charge()
    desk.forget()
    answer = reset(desk, hard=False)
    if desk.v16:
        assert answer == ACCEPTED
        assert events(desk)[0]["reason"] == "SoftReset"
        desk.pass_time(3)
        assert desk.told("BootNotification")
        return
    assert answer == {"status": "Scheduled"}
    desk.pass_time(20)
    assert desk.station.evse_state(1, desk.now).charging
    assert desk.command(*remote_start(desk)) == REJECTED
    desk.unplug()
    desk.pass_time(3)
    (boot,) = desk.told("BootNotification")
    assert boot["reason"] == "ScheduledReset"
    assert desk.command(*remote_start(desk)) == ACCEPTED


def test_resets_at_once_when_idle(desk: Desk) -> None:
    assert reset(desk, hard=False) == ACCEPTED
    desk.pass_time(3)
    assert desk.actions()[0] == "BootNotification"


def test_keeps_what_is_not_through_over_a_reset(desk: Desk) -> None:
    desk.charge()
    desk.replies["StopTransaction"] = desk.replies["TransactionEvent"] = None
    reset(desk, hard=True)
    assert desk.linked()
    desk.pass_time(3.5)
    assert not desk.linked()
    desk.replies.clear()
    desk.forget()
    desk.pass_time(3)
    assert desk.actions()[0] == "BootNotification"
    assert len(events(desk)) == 1


def test_does_not_reset_single_evses(desk: Desk) -> None:
    if not desk.v16:
        assert desk.command("Reset", {"type": "Immediate", "evseId": 1}) == REJECTED


# Availability.


def test_takes_an_evse_out_of_service_and_back(desk: Desk) -> None:
    assert change_availability(desk, 1, "Inoperative") == ACCEPTED
    assert desk.command(*remote_start(desk)) == REJECTED
    assert change_availability(desk, 1, "Operative") == ACCEPTED
    assert desk.statuses(1) == ["Unavailable", "Available"]
    assert desk.statuses(2) == []


def test_takes_itself_out_of_service(desk: Desk) -> None:
    assert change_availability(desk, None, "Inoperative") == ACCEPTED
    assert desk.statuses(1) == desk.statuses(2) == ["Unavailable"]
    assert desk.statuses(0) == (["Unavailable"] if desk.v16 else [])
    desk.plug_in()
    desk.present()
    assert "Authorize" not in desk.actions()


def test_waits_for_the_end_of_a_transaction(desk: Desk) -> None:
    desk.charge()
    assert change_availability(desk, 1, "Inoperative") == {"status": "Scheduled"}
    assert desk.station.evse_state(1, desk.now).charging
    desk.present()
    assert desk.statuses()[-1] == "Unavailable"


def test_is_still_out_of_service_after_a_reset(desk: Desk) -> None:
    change_availability(desk, 1, "Inoperative")
    reset(desk, hard=True)
    desk.pass_time(3)
    assert desk.statuses(1)[-1] == "Unavailable"


def test_knows_its_own_evses(desk: Desk) -> None:
    assert change_availability(desk, 8, "Inoperative") == REJECTED


# Triggers.


def trigger(desk: Desk, what: str, evse_id: int | None = None) -> Json:
    if evse_id is None:
        return desk.command("TriggerMessage", {"requestedMessage": what})
    if desk.v16:
        return desk.command("TriggerMessage", {"requestedMessage": what, "connectorId": evse_id})
    return desk.command("TriggerMessage", {"requestedMessage": what, "evse": {"id": evse_id, "connectorId": 1}})


@pytest.mark.parametrize("what", ["Heartbeat", "FirmwareStatusNotification"])
def test_says_what_it_is_asked_to_say(desk: Desk, what: str) -> None:
    assert trigger(desk, what) == ACCEPTED
    assert desk.actions() == [what]


def test_says_the_status_of_a_connector_though_it_has_not_changed(desk: Desk) -> None:
    assert trigger(desk, "StatusNotification", 2) == ACCEPTED
    assert desk.statuses(2) == ["Available"]


def test_says_all_statuses_where_the_version_lets_it_be_asked(desk: Desk) -> None:
    assert trigger(desk, "StatusNotification") == (ACCEPTED if desk.v16 else REJECTED)
    assert len(desk.told("StatusNotification")) == (3 if desk.v16 else 0)


def test_boots_when_asked_to_where_the_version_allows_it(desk: Desk) -> None:
    assert trigger(desk, "BootNotification") == (ACCEPTED if desk.v16 else REJECTED)
    assert desk.actions() == (["BootNotification"] if desk.v16 else [])


def test_says_what_its_meters_show(desk: Desk) -> None:
    desk.charge(2)
    desk.forget()
    assert trigger(desk, "MeterValues") == ACCEPTED
    assert desk.actions() == ["MeterValues", "MeterValues"]
    assert trigger(desk, "MeterValues", 2) == ACCEPTED
    told = desk.told("MeterValues")[-1]
    assert at(told, "meterValue", 0, "sampledValue", 0, "context") == "Trigger"
    assert told["connectorId" if desk.v16 else "evseId"] == 2


def test_says_how_transactions_go(desk: Desk) -> None:
    desk.charge(2)
    desk.forget()
    if not desk.v16:
        assert trigger(desk, "TransactionEvent") == ACCEPTED
        assert [event["triggerReason"] for event in events(desk)] == ["Trigger"]


def test_says_no_more_than_it_can(desk: Desk) -> None:
    if not desk.v16:
        assert trigger(desk, "SignV2GCertificate") == {"status": "NotImplemented"}
    assert trigger(desk, "MeterValues", 5) == REJECTED


def test_answers_before_it_says_what_it_was_asked_for(desk: Desk) -> None:
    trigger(desk, "Heartbeat")
    assert desk.texts[0].startswith("[3,")
    assert "Heartbeat" in desk.texts[1]


# Everything else.


def test_clears_its_cache(desk: Desk) -> None:
    assert desk.command("ClearCache", {}) == ACCEPTED


def test_knows_no_vendors(desk: Desk) -> None:
    assert desk.command("DataTransfer", {"vendorId": "com.example"}) == {"status": "UnknownVendorId"}


def test_says_what_it_cannot_do(desk: Desk) -> None:
    assert desk.command("GetLocalListVersion", {}) == "NotSupported"
    assert desk.command("Levitate", {}) == "NotImplemented"


def test_says_what_is_wrong_with_a_payload(desk: Desk) -> None:
    assert desk.command("UnlockConnector", {}) == ("ProtocolError" if desk.v16 else "OccurrenceConstraintViolation")
    assert desk.command("ClearCache", {"all": True}) == ("FormationViolation" if desk.v16 else "FormatViolation")


def test_survives_what_is_no_frame(desk: Desk) -> None:
    for text in ("", "[]", "{", '[2,"x"]', '[3,"unasked",{}]', "[4]", '[9,"x",{}]'):
        desk.receive(text)
    assert desk.command("ClearCache", {}) == ACCEPTED


# Settings.


def read_16(desk: Desk, *keys: str) -> Json:
    return desk.command("GetConfiguration", {"key": list(keys)} if keys else {})


def change_16(desk: Desk, key: str, value: str) -> Json:
    return desk.command("ChangeConfiguration", {"key": key, "value": value})


def read_201(desk: Desk, component: Members, variable: Members, attribute: str | None = None) -> Json:
    asked: Members = {"component": component, "variable": variable}
    if attribute is not None:
        asked["attributeType"] = attribute
    answer = desk.command("GetVariables", {"getVariableData": [asked]})
    return at(answer, "getVariableResult", 0)


def change_201(desk: Desk, component: str, variable: str, value: str, **more: Json) -> Json:
    wanted: Members = {
        "component": {"name": component},
        "variable": {"name": variable},
        "attributeValue": value,
        **more,
    }
    answer = desk.command("SetVariables", {"setVariableData": [wanted]})
    return at(answer, "setVariableResult", 0, "attributeStatus")


@pytest.fixture
def old() -> Desk:
    return Desk(Version.V16).switch_on()


@pytest.fixture
def new() -> Desk:
    return Desk(Version.V201).switch_on()


def test_reads_configuration_keys_whatever_their_case(old: Desk) -> None:
    answer = read_16(old, "heartbeatinterval", "NumberOfConnectors", "Nonsense")
    assert answer["configurationKey"] == [
        {"key": "heartbeatinterval", "readonly": False, "value": "300"},
        {"key": "NumberOfConnectors", "readonly": True, "value": "2"},
    ]
    assert answer["unknownKey"] == ["Nonsense"]


def test_reads_all_configuration_keys_but_no_password(old: Desk) -> None:
    answer = read_16(old)
    found = {str(key["key"]): key.get("value") for key in answer["configurationKey"]}
    assert found["MeterValueSampleInterval"] == "30"
    assert found["AuthorizationKey"] is None
    assert "unknownKey" not in answer


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("MeterValueSampleInterval", "7", "Accepted"),
        ("MeterValueSampleInterval", "soon", "Rejected"),
        ("MeterValueSampleInterval", "-1", "Rejected"),
        ("NumberOfConnectors", "9", "Rejected"),
        ("WebSocketPingInterval", "60", "RebootRequired"),
        ("Nonsense", "1", "NotSupported"),
    ],
)
def test_changes_configuration_keys(old: Desk, key: str, value: str, status: str) -> None:
    assert change_16(old, key, value) == {"status": status}
    if status in ("Accepted", "RebootRequired"):
        assert at(read_16(old, key), "configurationKey", 0, "value") == value


def test_beats_as_the_new_interval_says(old: Desk) -> None:
    change_16(old, "HeartbeatInterval", "15")
    old.forget()
    old.pass_time(31)
    assert old.actions() == ["Heartbeat", "Heartbeat"]


def test_samples_as_the_new_interval_says_at_once(desk: Desk) -> None:
    desk.charge()
    desk.forget()
    for interval_s in ("5", "0"):
        if desk.v16:
            change_16(desk, "MeterValueSampleInterval", interval_s)
        else:
            change_201(desk, "SampledDataCtrlr", "TxUpdatedInterval", interval_s)
        desk.pass_time(16)
        assert len(events(desk)) == 3


def test_reads_variables(new: Desk) -> None:
    assert read_201(new, {"name": "OCPPCommCtrlr"}, {"name": "HeartbeatInterval"}) == {
        "attributeStatus": "Accepted",
        "attributeValue": "300",
        "component": {"name": "OCPPCommCtrlr"},
        "variable": {"name": "HeartbeatInterval"},
    }


@pytest.mark.parametrize(
    ("component", "variable", "attribute", "status"),
    [
        ({"name": "EVSE", "evse": {"id": 2}}, {"name": "SupplyPhases"}, None, "Accepted"),
        ({"name": "EVSE", "evse": {"id": 3}}, {"name": "SupplyPhases"}, None, "UnknownComponent"),
        ({"name": "Connector", "evse": {"id": 1, "connectorId": 1}}, {"name": "ConnectorType"}, None, "Accepted"),
        (
            {"name": "OCPPCommCtrlr"},
            {"name": "MessageAttempts", "instance": "TransactionEvent"},
            "Actual",
            "Accepted",
        ),
        ({"name": "OCPPCommCtrlr"}, {"name": "Nonsense"}, None, "UnknownVariable"),
        ({"name": "Nonsense"}, {"name": "HeartbeatInterval"}, None, "UnknownComponent"),
        ({"name": "OCPPCommCtrlr", "instance": "x"}, {"name": "HeartbeatInterval"}, None, "UnknownComponent"),
        ({"name": "OCPPCommCtrlr"}, {"name": "HeartbeatInterval"}, "MaxSet", "NotSupportedAttributeType"),
        ({"name": "SecurityCtrlr"}, {"name": "BasicAuthPassword"}, None, "Rejected"),
    ],
)
def test_knows_components_and_variables(
    new: Desk, component: Members, variable: Members, attribute: str | None, status: str
) -> None:
    assert read_201(new, component, variable, attribute)["attributeStatus"] == status


@pytest.mark.parametrize(
    ("component", "variable", "value", "status"),
    [
        ("SampledDataCtrlr", "TxUpdatedInterval", "7", "Accepted"),
        ("sampleddatactrlr", "txupdatedinterval", "7", "Accepted"),
        ("SampledDataCtrlr", "TxUpdatedInterval", "soon", "Rejected"),
        ("TxCtrlr", "TxStartPoint", "Authorized", "Rejected"),
        ("OCPPCommCtrlr", "WebSocketPingInterval", "60", "RebootRequired"),
        ("TxCtrlr", "Nonsense", "1", "UnknownVariable"),
        ("Nonsense", "TxUpdatedInterval", "1", "UnknownComponent"),
    ],
)
def test_sets_variables(new: Desk, component: str, variable: str, value: str, status: str) -> None:
    assert change_201(new, component, variable, value) == status


def test_sets_actual_values_only(new: Desk) -> None:
    status = change_201(new, "OCPPCommCtrlr", "HeartbeatInterval", "9", attributeType="Target")
    assert status == "NotSupportedAttributeType"
    assert read_201(new, {"name": "OCPPCommCtrlr"}, {"name": "HeartbeatInterval"})["attributeValue"] == "300"


def test_comes_back_with_the_password_that_it_was_given(desk: Desk) -> None:
    if desk.v16:
        assert change_16(desk, "AuthorizationKey", "00112233445566778899aabbccddeeff") == ACCEPTED
        assert desk.station.password() == bytes.fromhex("00112233445566778899aabbccddeeff")
    else:
        assert change_201(desk, "SecurityCtrlr", "BasicAuthPassword", "correct horse battery") == "Accepted"
        assert desk.station.password() == b"correct horse battery"
    assert not desk.linked()
    desk.pass_time(1)
    assert desk.linked()
    assert "BootNotification" not in desk.actions()
