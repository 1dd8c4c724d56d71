import json

from tests.assembly.cli.conftest import Voltherd


def test_has_transactions_and_their_meter_values(at_demo: Voltherd) -> None:
    started = at_demo("station", "start", "DEMO-6", "--evse", "2", "--token", "04C0FFEE000063", "--wait=30")
    assert started.code == 0, started.err
    number = json.loads(started.out)["outcome"]["result"]["transactionId"]
    shown = json.loads(at_demo("tx", "show", number).out)
    assert shown["remoteStartCommandId"] == json.loads(started.out)["commandId"]
    by_token = [json.loads(line) for line in at_demo("tx", "list", "--token", "04C0FFEE000063").out.splitlines()]
    assert [transaction["id"] for transaction in by_token] == [shown["id"]]
    assert at_demo("station", "stop", "DEMO-6", number, "--wait=30").code == 0
    samples = at_demo("tx", "show", shown["id"], "--meter", "--output", "csv").out.splitlines()
    assert samples[0] == "taken,measurand,value,unit,phase,context"
    assert any("Energy.Active.Import.Register" in sample for sample in samples)


def test_has_commands(at_demo: Voltherd) -> None:
    assert at_demo("station", "unlock", "DEMO-5", "2", "--wait").code == 0
    said = at_demo("command", "list", "--station", "DEMO-5", "--command", "UnlockConnector", "--limit", "1")
    assert json.loads(said.out)["payload"]["evseId"] == 2


def test_can_be_watched(at_demo: Voltherd) -> None:
    said = at_demo("tail", "events", "--after", "0", "--count", "2", "--station", "DEMO-1")
    assert [json.loads(line)["type"] for line in said.out.splitlines()] == ["StationRegistered", "StationAccepted"]
    table = at_demo("tail", "events", "--after", "0", "--count", "1", "--output", "table").out
    assert "StationRegistered" in table
    heading, *rows = at_demo("tail", "events", "--after", "0", "--count", "2", "--output", "csv").out.splitlines()
    assert heading == "position,at,about,type,by,data"
    assert len(rows) == 2


def test_knows_who_may_charge(at_demo: Voltherd) -> None:
    added = at_demo("token", "add", "CLI-1", "--type", "KeyCode", "--note", "a test", "--expires", "2099-01-01")
    assert added.code == 0, added.err
    assert at_demo("token", "add", "CLI-1").err.endswith("(id_token_exists)\n")
    assert json.loads(at_demo("token", "block", "cli-1").out)["status"] == "Blocked"
    refused = at_demo("station", "start", "DEMO-2", "--evse", "2", "--token", "CLI-1")
    assert (refused.code, "(id_token_refused)" in refused.err) == (1, True)
    unblocked = json.loads(at_demo("token", "unblock", "CLI-1").out)
    assert (unblocked["status"], unblocked["note"], unblocked["type"]) == ("Accepted", "a test", "KeyCode")
    assert unblocked["expiresAt"] is not None
    assert at_demo("token", "delete", "CLI-1").code == 0
    assert at_demo("token", "list", "--text", "CLI-1").out == ""
    assert at_demo("token", "delete", "CLI-1").code == 1
