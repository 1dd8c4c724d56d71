"""The catalog is complete: what one file declares, every room that must know it knows."""

from pathlib import Path

import pytest

from tests.support.given import catalog
from voltherd.domain.charging_station.requests import StationRequest
from voltherd.kernel.catalog import build
from voltherd.kernel.messages import Event
from voltherd.ocpp.dialects import DIALECTS

# Requests that a version has no action for: there, an operator gets 409 `not_supported_by_protocol`.
FOREIGN: dict[str, set[str]] = {protocol: set() for protocol in DIALECTS}

# Events that change no state: they are told to pictures only.
UNFOLDED: dict[str, set[str]] = {"charging_station": set(), "id_token": set(), "transaction": set()}

# The names of operator-api.md section 2, and of older drafts of it, for the commands that are built.
HISTORIC = {
    "Register": "Register",
    "AcceptChargingStation": "Register",
    "Configure": "Configure",
    "ConfigureChargingStation": "Configure",
    "Suspend": "Suspend",
    "StartTransaction": "StartTransaction",
    "RequestStartTransaction": "StartTransaction",
    "StopTransaction": "StopTransaction",
    "RequestStopTransaction": "StopTransaction",
    "UnlockConnector": "UnlockConnector",
    "UnlockEvse": "UnlockConnector",
    "RequestUnlockEvse": "UnlockConnector",
    "Reset": "Reset",
    "ResetChargingStation": "Reset",
    "RequestResetChargingStation": "Reset",
    "ChangeAvailability": "ChangeAvailability",
    "RequestChangeAvailability": "ChangeAvailability",
    "GetVariables": "GetVariables",
    "GetConfiguration": "GetVariables",
    "RequestGetConfiguration": "GetVariables",
    "RequestConfigurationItems": "GetVariables",
    "SetVariables": "SetVariables",
    "ChangeConfiguration": "SetVariables",
    "RequestChangeConfigurationItem": "SetVariables",
    "TriggerMessage": "TriggerMessage",
    "ClearCache": "ClearCache",
    "RequestClearCache": "ClearCache",
}

REQUESTS = sorted(
    (command for command in catalog().decisions if issubclass(command, StationRequest)), key=lambda c: c.__name__
)


def test_knows_by_which_code_states_evolve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert catalog().source == build(["voltherd.domain"]).source, "what does not evolve states does not count"
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "wells.py").write_text(_WELL)
    before = build(["wells"]).source
    assert before not in (catalog().source, build([]).source)
    (tmp_path / "wells.py").write_text(_WELL.replace("+ 1", "+ 2"))
    assert build(["wells"]).source != before


_WELL = """
from voltherd.kernel.aggregate import Aggregate
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Event

class Filled(Event): ...

well = Aggregate("well", 0, lambda command, states: None, StationKey.from_path)

@well.evolves
def evolve(buckets: int, event: Filled) -> int:
    return buckets + 1
"""


@pytest.mark.parametrize("protocol", DIALECTS)
@pytest.mark.parametrize("command", REQUESTS, ids=lambda command: command.__name__)
def test_knows_every_request_in_every_dialect_or_as_foreign_to_it(command: type[StationRequest], protocol: str) -> None:
    assert DIALECTS[protocol].speaks(command) != (command.__name__ in FOREIGN[protocol])


@pytest.mark.parametrize("protocol", DIALECTS)
def test_knows_the_action_of_everything_that_is_said_and_heard(protocol: str) -> None:
    dialect = DIALECTS[protocol]
    actions = {*dialect.incoming, *(outgoing.action for outgoing in dialect.outgoing.values())}
    assert actions <= dialect.known.keys()


def test_folds_every_event_in_its_aggregate_or_leaves_it_out_on_purpose() -> None:
    folded = {event for table in catalog().evolutions.values() for event in table}
    stored = {getattr(kind, "__origin__", kind) for kind in catalog().events.values()}
    assert {event.__name__ for event in stored - folded} == set().union(*UNFOLDED.values())


def test_folds_every_event_in_one_aggregate_only() -> None:
    tables = catalog().evolutions.values()
    counted: dict[type[Event], int] = {}
    for table in tables:
        for event in table:
            counted[event] = counted.get(event, 0) + 1
    assert {event.__name__ for event, times in counted.items() if times > 1} == set()


@pytest.mark.parametrize(("name", "canonical"), HISTORIC.items())
def test_knows_every_historic_name_of_a_command(name: str, canonical: str) -> None:
    assert catalog().names[name] == canonical


def test_reaches_every_command_by_its_own_name() -> None:
    assert {name for name, canonical in catalog().names.items() if name == canonical} == set(catalog().commands)
