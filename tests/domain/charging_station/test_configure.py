"""Configure, sentence by sentence."""

from typing import Any

import pytest

from tests.support.given import Like, given
from tests.support.words import (
    configure,
    connected,
    connectors,
    ended,
    evses,
    ready,
    register,
    started,
    status,
    unknown_station,
    unlock,
)
from voltherd.domain.charging_station.configure import (
    Configure,
    SettingsDesired,
    TopologyConfigured,
    adapt_configuration,
)
from voltherd.domain.charging_station.requests import CommandCompleted
from voltherd.domain.charging_station.state import Setting
from voltherd.domain.connector import CONNECTOR_TYPE_ALIASES, Connector, Evse


def test_is_refused_for_an_unknown_station() -> None:
    given().when(configure(evses=evses(1))).then_refused("station_unknown", kind="missing")


def test_is_allowed_before_the_station_is_accepted() -> None:
    scene = given(unknown_station()).when(configure(evses=evses(1)))
    scene.then(TopologyConfigured(evses=evses(1)), Like(CommandCompleted, command="Configure"))


def test_wants_something_to_configure() -> None:
    given(register()).when(configure()).then_refused("nothing_to_configure", kind="invalid")


def test_does_nothing_when_its_command_comes_again() -> None:
    given(register(), configure(evses=evses(1))).when(configure(evses=evses(2))).then()


# --- topology -----------------------------------------------------------------------------------------------


def test_takes_the_flat_shape_as_one_evse_for_each_connector() -> None:
    scene = given(register()).when(configure(connectors=connectors(2, 1)))
    connector = Connector(connector_id=1, connector_type="sType2", max_amp=16)
    scene.then(
        TopologyConfigured(evses=tuple(Evse(evse_id=number, connectors=(connector,)) for number in (1, 2))),
        CommandCompleted,
    )


def test_refuses_both_shapes_at_once() -> None:
    scene = given(register()).when(configure(connectors=connectors(1), evses=evses(1)))
    scene.then_refused("topology_ambiguous", "/connectors", kind="invalid")


@pytest.mark.parametrize(
    ("topology", "pointer"),
    [({"evses": evses(1, 1)}, "/evses"), ({"connectors": connectors(1, 2, 1)}, "/connectors")],
    ids=["nested", "flat"],
)
def test_refuses_an_id_that_is_given_twice(topology: dict[str, Any], pointer: str) -> None:
    given(register()).when(configure(**topology)).then_refused("topology_ambiguous", pointer, kind="invalid")


def test_numbers_connectors_that_have_no_number() -> None:
    evse = Evse(evse_id=1, connectors=(Connector(connector_type="cCCS2"), Connector(connector_type="cG105")))
    scene = given(register()).when(configure(evses=(evse,)))
    assert [connector.connector_id for connector in scene.station.evses[1].connectors] == [1, 2]


def test_refuses_a_connector_that_is_numbered_twice() -> None:
    evse = Evse(evse_id=1, connectors=(Connector(connector_id=1), Connector(connector_id=1)))
    scene = given(register()).when(configure(evses=(evse,)))
    scene.then_refused("topology_ambiguous", "/evses", kind="invalid")


def test_replaces_the_topology() -> None:
    scene = given(register(), configure(evses=evses(1, 2))).when(configure(evses=evses(3), command_id="c-2"))
    assert list(scene.station.evses) == [3]


def test_leaves_the_topology_when_only_settings_come() -> None:
    scene = given(register(), configure(evses=evses(1))).when(configure(settings={"a": "b"}, command_id="c-2"))
    scene.then(SettingsDesired, CommandCompleted)
    assert list(scene.station.evses) == [1]


def test_refuses_to_remove_an_evse_with_a_running_transaction() -> None:
    scene = given(*ready(), started(evse_id=2)).when(configure(evses=evses(1)))
    scene.then_refused("evse_in_use", "/evses", kind="conflict")


def test_may_keep_an_evse_with_a_running_transaction() -> None:
    given(*ready(), started(evse_id=2)).when(configure(evses=evses(2))).then(TopologyConfigured, CommandCompleted)


def test_may_remove_the_evse_when_the_transaction_has_ended() -> None:
    scene = given(*ready(), started(evse_id=2), ended(evse_id=2)).when(configure(evses=evses(1)))
    scene.then(TopologyConfigured, CommandCompleted)


def test_does_not_hide_an_evse_of_which_the_station_itself_speaks() -> None:
    scene = given(*ready(), status(evse_id=3), configure(evses=evses(1)))
    assert scene.station.known_evses == (1, 3)
    scene.when(unlock(3))
    assert scene.status() == "queued"


# --- settings -----------------------------------------------------------------------------------------------


def test_merges_settings_by_default() -> None:
    scene = given(register(), configure(settings={"a": "1", "b": "1"})).when(
        configure(settings={"b": "2"}, command_id="c-2")
    )
    assert scene.station.settings == {"a": Setting(desired="1"), "b": Setting(desired="2")}


def test_forgets_other_settings_when_told_to_replace() -> None:
    scene = given(register(), configure(settings={"a": "1"})).when(
        configure(settings={"b": "2"}, settings_mode="replace", command_id="c-2")
    )
    assert scene.station.settings == {"b": Setting(desired="2")}


def test_keeps_settings_to_itself_when_told_not_to_push() -> None:
    scene = given(register(), connected()).when(configure(settings={"a": "1"}, push=False))
    assert scene.station.settings == {"a": Setting(desired="1", outcome="unpushed")}


def test_makes_a_setting_pending_again_when_it_is_wished_anew() -> None:
    scene = given(register(), configure(settings={"a": "1"}, push=False)).when(
        configure(settings={"a": "1"}, command_id="c-2")
    )
    assert scene.station.settings == {"a": Setting(desired="1", outcome="pending")}


# --- what is read into it ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "canonical"), CONNECTOR_TYPE_ALIASES.items())
def test_reads_older_names_of_connector_types(name: str, canonical: str) -> None:
    flat = Configure.adapt({"connectors": [{"connectorId": 1, "connectorType": name}]})
    assert flat == {"connectors": [{"connectorId": 1, "connectorType": canonical}]}
    nested = Configure.adapt({"evses": [{"evseId": 1, "connectors": [{"connectorType": name}]}]})
    assert nested == {"evses": [{"evseId": 1, "connectors": [{"connectorType": canonical}]}]}


def test_leaves_unknown_connector_types_to_the_door() -> None:
    payload = {"connectors": [{"connectorId": 1, "connectorType": "Banana"}]}
    assert Configure.adapt(payload) == payload


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (False, "false"), (3, "3"), (1.5, "1.5"), ("x", "x"), ("", "")]
)
def test_keeps_scalars_as_text(value: object, text: str) -> None:
    assert adapt_configuration({"settings": {"key": value}}) == {"settings": {"key": text}}


def test_takes_null_for_absence() -> None:
    assert adapt_configuration({"evses": None, "connectors": None, "settings": None}) == {}


@pytest.mark.parametrize("payload", [{"evses": "x"}, {"evses": [1]}, {"connectors": 1}, {"settings": [1]}])
def test_hands_nonsense_on_for_the_door_to_refuse(payload: dict[str, object]) -> None:
    assert adapt_configuration(payload)
