"""What happens to a vehicle at a simulated station, in both versions."""

from datetime import datetime

import pytest

from tests.simulator.desk import CARD, OTHER_CARD, Desk, Json, Members
from voltherd.ocpp.rpc import Version
from voltherd.simulator.vehicle import AC_22_KW, MODELS


def at(members: Json, *path: str | int) -> Json:
    for step in path:
        members = members[step]
    return members


def events(desk: Desk) -> list[Members]:
    """What was told of transactions, in order, in either version."""
    actions = ("StartTransaction", "MeterValues", "StopTransaction", "TransactionEvent")
    return [payload for action, payload in desk.calls if action in actions]


def registers(desk: Desk) -> list[float]:
    """The energy registers that were told, in order."""
    found: list[float] = []
    for event in events(desk):
        found += [float(event[name]) for name in ("meterStart", "meterStop") if name in event]
        found += [
            float(sampled["value"])
            for value in event.get("meterValue", [])
            for sampled in value["sampledValue"]
            if sampled["measurand"] == "Energy.Active.Import.Register"
        ]
    return found


def test_charges_when_a_card_is_presented_after_the_cable(desk: Desk) -> None:
    desk.charge()
    if desk.v16:
        assert desk.actions() == [
            *("StatusNotification", "Authorize"),
            *("StartTransaction", "StatusNotification"),
        ]
        assert desk.statuses() == ["Preparing", "Charging"]
        assert at(desk.told("StartTransaction"), 0, "idTag") == CARD.value
    else:
        assert desk.actions() == ["StatusNotification", "Authorize", "TransactionEvent"]
        assert desk.statuses() == ["Occupied"]
        (started,) = desk.told("TransactionEvent")
        assert (started["eventType"], started["triggerReason"], started["seqNo"]) == ("Started", "Authorized", 0)
        assert at(started, "idToken", "idToken") == CARD.value
        assert at(started, "transactionInfo", "chargingState") == "Charging"
        assert started["evse"] == {"id": 1, "connectorId": 1}


def test_charges_when_the_cable_comes_after_the_card(desk: Desk) -> None:
    desk.present()
    assert desk.statuses() == (["Preparing"] if desk.v16 else [])
    desk.plug_in()
    assert desk.station.evse_state(1, desk.now).charging
    if not desk.v16:
        assert events(desk)[0]["triggerReason"] == "CablePluggedIn"


def test_does_not_charge_when_the_cable_comes_too_late(desk: Desk) -> None:
    desk.present()
    desk.pass_time(61)
    desk.plug_in()
    assert not desk.station.evse_state(1, desk.now).in_transaction
    assert desk.statuses()[-1] == ("Preparing" if desk.v16 else "Occupied")


def test_does_not_charge_when_the_card_is_refused(desk: Desk) -> None:
    desk.replies["Authorize"] = {"idTagInfo" if desk.v16 else "idTokenInfo": {"status": "Blocked"}}
    desk.plug_in()
    desk.present()
    assert events(desk) == []


def test_stops_charging_when_the_card_is_refused_at_the_start(desk: Desk) -> None:
    if desk.v16:
        desk.replies["StartTransaction"] = {"idTagInfo": {"status": "Invalid"}, "transactionId": 5}
    else:
        desk.replies["TransactionEvent"] = {"idTokenInfo": {"status": "Invalid"}}
    desk.plug_in()
    desk.present()
    end = events(desk)[-1]
    if desk.v16:
        assert (end["transactionId"], end["reason"]) == (5, "DeAuthorized")
    else:
        assert end["triggerReason"] == "Deauthorized"
        assert at(end, "transactionInfo", "stoppedReason") == "DeAuthorized"


def test_goes_on_charging_then_where_the_setting_says_so(version: Version) -> None:
    desk = Desk(version, settings={"StopTransactionOnInvalidId": "false"}).switch_on()
    desk.replies["StartTransaction"] = {"idTagInfo": {"status": "Invalid"}, "transactionId": 5}
    desk.replies["TransactionEvent"] = {"idTokenInfo": {"status": "Invalid"}}
    desk.plug_in()
    desk.present()
    assert desk.station.evse_state(1, desk.now).charging


def test_tells_its_meter_values_at_the_interval(version: Version) -> None:
    desk = Desk(version, settings={"MeterValueSampleInterval": "10"}).switch_on()
    transaction_id = desk.charge()
    desk.pass_time(35)
    samples = events(desk)[1:]
    assert len(samples) == 3
    if desk.v16:
        assert {str(sample["transactionId"]) for sample in samples} == {transaction_id}
    else:
        assert [sample["seqNo"] for sample in samples] == [1, 2, 3]
        assert {sample["triggerReason"] for sample in samples} == {"MeterValuePeriodic"}
    told = {str(sampled["measurand"]) for sampled in at(samples, 0, "meterValue", 0, "sampledValue")}
    assert told == {"Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage", "SoC"}


def test_tells_only_the_measurands_that_are_wanted(version: Version) -> None:
    settings = {"MeterValuesSampledData": "Power.Active.Import", "MeterValueSampleInterval": "10"}
    desk = Desk(version, settings=settings).switch_on()
    desk.charge()
    desk.pass_time(10)
    sampled = at(events(desk), -1, "meterValue", 0, "sampledValue")
    assert [one["measurand"] for one in sampled] == ["Energy.Active.Import.Register", "Power.Active.Import"]


def test_takes_energy_faster_than_time_passes_on_the_wire(desk: Desk) -> None:
    """A minute a second: an hour of 11 kW at least in one real minute."""
    desk.station.plug_in(1, desk.now, MODELS[2])
    desk.settle()
    desk.present()
    desk.pass_time(60)
    desk.unplug()
    told = registers(desk)
    assert told == sorted(told)
    assert told[-1] - told[0] == pytest.approx(11_000, abs=2)
    began, ended = (datetime.fromisoformat(str(events(desk)[place]["timestamp"])) for place in (0, -1))
    assert (ended - began).total_seconds() == 60


def test_never_turns_the_register_back_from_one_to_the_next(desk: Desk) -> None:
    for _ in range(4):
        desk.charge()
        desk.pass_time(100)
        desk.unplug()
    told = registers(desk)
    assert told == sorted(told)
    assert told[0] < told[-1]


def test_stops_with_the_same_card(desk: Desk) -> None:
    transaction_id = desk.charge()
    desk.present(CARD)
    end = events(desk)[-1]
    if desk.v16:
        assert end["transactionId"] == int(transaction_id)
        assert (end["reason"], end["idTag"]) == ("Local", CARD.value)
        assert desk.statuses()[-1] == "Finishing"
    else:
        assert (end["eventType"], end["triggerReason"]) == ("Ended", "StopAuthorized")
        assert at(end, "idToken", "idToken") == CARD.value
        assert end["transactionInfo"] == {
            "transactionId": transaction_id,
            "chargingState": "EVConnected",
            "stoppedReason": "Local",
        }


def test_does_not_stop_with_another_card(desk: Desk) -> None:
    desk.charge()
    desk.present(OTHER_CARD)
    assert desk.station.evse_state(1, desk.now).charging


def test_stops_when_it_is_unplugged(desk: Desk) -> None:
    desk.charge()
    desk.unplug()
    end = events(desk)[-1]
    assert desk.statuses()[-1] == "Available"
    if desk.v16:
        assert end["reason"] == "EVDisconnected"
        assert desk.actions()[-2:] == ["StopTransaction", "StatusNotification"]
    else:
        assert end["triggerReason"] == "EVCommunicationLost"
        assert at(end, "transactionInfo", "chargingState") == "Idle"


def test_stops_when_it_is_full(version: Version) -> None:
    desk = Desk(version, speed=3600.0, outlets=(AC_22_KW,)).switch_on()
    desk.charge()
    desk.pass_time(60)
    end = events(desk)[-1]
    state = desk.station.evse_state(1, desk.now)
    assert (state.soc_percent, state.charging, state.in_transaction) == (100, False, False)
    if desk.v16:
        assert desk.statuses()[-3:] == ["Charging", "SuspendedEV", "Finishing"]
        assert end["reason"] == "Other"
    else:
        assert at(events(desk)[-2], "transactionInfo", "chargingState") == "SuspendedEV"
        assert events(desk)[-2]["triggerReason"] == "ChargingStateChanged"
        assert at(end, "transactionInfo", "stoppedReason") == "SOCLimitReached"


def test_charges_without_a_link_and_all_of_it_is_told_later(version: Version) -> None:
    desk = Desk(version, settings={"MeterValueSampleInterval": "10"}).switch_on()
    desk.lose_link()
    desk.forget()
    desk.plug_in()
    desk.present()
    desk.pass_time(25)
    desk.unplug()
    assert desk.calls == []
    desk.find_link()
    told = events(desk)
    if desk.v16:
        assert desk.actions() == ["StartTransaction", "MeterValues", "MeterValues", "StopTransaction"]
        ids = {event["transactionId"] for event in told[1:]}
        assert ids == {1001}
    else:
        assert [event["seqNo"] for event in told] == [0, 1, 2, 3]
        assert [event["eventType"] for event in told] == ["Started", "Updated", "Updated", "Ended"]
        assert all(event["offline"] is True for event in told)
    assert [str(event.get("timestamp") or at(event, "meterValue", 0, "timestamp")) for event in told] == sorted(
        str(event.get("timestamp") or at(event, "meterValue", 0, "timestamp")) for event in told
    )


def test_does_not_charge_without_a_link_where_that_is_not_allowed(version: Version) -> None:
    desk = Desk(version, settings={"AllowOfflineTxForUnknownId": "false"}).switch_on()
    desk.lose_link()
    desk.plug_in()
    desk.present()
    assert not desk.station.evse_state(1, desk.now).in_transaction


def test_is_told_of_again_when_the_link_is_lost_before_the_answer(desk: Desk) -> None:
    desk.replies["StartTransaction"] = desk.replies["TransactionEvent"] = None
    desk.plug_in()
    desk.present()
    desk.lose_link()
    desk.replies.clear()
    desk.find_link()
    first, second = events(desk)
    if desk.v16:
        assert first == second
    else:
        assert {**first, "offline": True} == second
        desk.unplug()
        assert "offline" not in events(desk)[-1]


def test_is_told_of_three_times_before_the_station_gives_up(desk: Desk) -> None:
    desk.replies["StartTransaction"] = desk.replies["TransactionEvent"] = "InternalError"
    desk.plug_in()
    desk.present()
    assert len(events(desk)) == 1
    desk.pass_time(9)
    assert len(events(desk)) == 1
    desk.pass_time(300)
    assert events(desk)[:3] == [events(desk)[0]] * 3
    desk.replies.clear()
    desk.pass_time(60)
    desk.unplug()
    end = events(desk)[-1]
    assert end.get("transactionId") == (-1 if desk.v16 else None)


def test_waits_for_no_answer_longer_than_the_time_out(desk: Desk) -> None:
    desk.replies["Authorize"] = None
    desk.plug_in()
    desk.present()
    desk.pass_time(31)
    desk.replies.clear()
    desk.present()
    assert desk.station.evse_state(1, desk.now).charging
