import csv
import io
import json

import pytest

from tests.assembly.cli.conftest import Voltherd


def test_are_listed_as_json_lines_where_nobody_looks(at_demo: Voltherd) -> None:
    said = at_demo("station", "list", "--text", "DEMO-")
    documents = [json.loads(line) for line in said.out.splitlines()]
    assert [document["id"] for document in documents] == [f"DEMO-{number}" for number in range(1, 7)]
    assert {"evses", "lastHeardAt", "settings"} <= set(documents[0])
    assert said.err == ""


@pytest.mark.parametrize("where", ["before", "behind"])
def test_are_listed_in_the_form_that_is_asked_for(at_demo: Voltherd, where: str) -> None:
    def listed(form: str) -> str:
        option = ("--output", form)
        verb = ("station", "list", "--protocol", "ocpp1.6", "--text", "DEMO-")
        return at_demo(*((*option, *verb) if where == "before" else (*verb, *option))).out

    assert [station["protocol"] for station in json.loads(listed("json"))] == ["ocpp1.6"] * 3
    rows = list(csv.DictReader(io.StringIO(listed("csv"))))
    assert [row["station"] for row in rows] == ["DEMO-1", "DEMO-2", "DEMO-3"]
    heading, *lines = listed("table").splitlines()
    assert heading.split()[:3] == ["station", "online", "accepted"]
    assert [line.split()[:3] for line in lines] == [[f"DEMO-{number}", "yes", "yes"] for number in (1, 2, 3)]


def test_are_shown_with_their_connectors(at_demo: Voltherd) -> None:
    said = at_demo("station", "show", "DEMO-5", "--output", "table").out
    assert "protocol      ocpp2.0.1" in said
    assert "sType2" in said
    assert at_demo("station", "show", "NOBODY").err == (
        "voltherd: there is no charging station NOBODY (charging_station_unknown)\n"
    )


def test_obey_and_every_step_is_shown(at_demo: Voltherd) -> None:
    said = at_demo("station", "unlock", "DEMO-2", "2", "--wait")
    assert said.code == 0, said.err
    assert [line.split()[2] for line in said.err.splitlines()] == ["queued", "sent", "accepted", "completed"]
    assert json.loads(said.out)["status"] == "completed"


def test_start_and_stop_charging(at_demo: Voltherd) -> None:
    started = at_demo("station", "start", "DEMO-3", "--evse", "2", "--token", "04C0FFEE000064", "--wait=30")
    assert started.code == 0, started.err
    again = at_demo("station", "start", "DEMO-3", "--evse", "2", "--token", "04C0FFEE000064", "--wait=30")
    assert (again.code, json.loads(again.out)["status"]) == (1, "rejected")
    stopped = at_demo("station", "stop", "DEMO-3", "--evse", "2", "--wait=30", "--output", "table")
    assert stopped.code == 0, stopped.err
    assert "completed   transactionId" in stopped.err
    nothing = at_demo("station", "stop", "DEMO-3", "--evse", "2")
    assert (nothing.code, nothing.err) == (1, "voltherd: no transaction runs on EVSE 2 of DEMO-3\n")


def test_change_their_settings(at_demo: Voltherd) -> None:
    changed = at_demo("station", "set", "DEMO-6", "HeartbeatInterval=77", "--wait")
    assert changed.code == 0, changed.err
    read = at_demo("station", "get", "DEMO-6", "HeartbeatInterval", "--wait")
    assert json.loads(read.out)["outcome"]["result"]["variables"][0]["value"] == "77"


def test_fail_with_an_exit_code_of_their_own(at_demo: Voltherd) -> None:
    said = at_demo("station", "trigger", "DEMO-1", "FirmwareStatusNotification", "--evse", "7", "--wait")
    assert said.code == 1
    rejected = at_demo("station", "stop", "DEMO-1", "no-such-transaction")
    assert (rejected.code, "transaction_unknown" in rejected.err) == (1, True)


def test_may_be_away(at_demo: Voltherd) -> None:
    assert at_demo("station", "register", "AWAY-1", "--evses", "2").code == 0
    said = at_demo("station", "reset", "AWAY-1", "--wait=0", "--expires-in", "600")
    assert said.code == 4
    assert "the station is not connected" in said.err
    assert "is still queued; it goes on: voltherd command show" in said.err
    command_id = said.err.split()[-2]
    cancelled = at_demo("command", "cancel", command_id)
    assert json.loads(cancelled.out)["status"] == "cancelled"
    followed = at_demo("command", "show", command_id, "--wait")
    assert (followed.code, "ended as cancelled" in followed.err) == (1, True)


def test_take_any_command(at_demo: Voltherd) -> None:
    said = at_demo("station", "command", "DEMO-4", "TriggerMessage", '{"requestedMessage": "Heartbeat"}', "--wait")
    assert said.code == 0, said.err


def test_are_asked_as_curl_would(at_demo: Voltherd) -> None:
    said = at_demo("station", "unlock", "DEMO-4", "2", "--show-http", "--api-key", "secret")
    assert said.err.startswith("curl -sS -X POST http://127.0.0.1:")
    assert """-d '{"command":"UnlockConnector","payload":{"connectorId":2}}'""" in said.err
    assert "secret" not in said.err
