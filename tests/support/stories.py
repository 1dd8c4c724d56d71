"""Stories by chance: what operators, links and stations may say, in any order, about one station."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.support import words
from tests.support.words import after
from voltherd.domain.charging_station.configure import Configuration
from voltherd.domain.connector import Connector, Evse
from voltherd.domain.meter import MeterValue
from voltherd.kernel.messages import Command, OperatorCommand, Report

Strategy = st.SearchStrategy[Any]

_ids = st.sampled_from(["c-1", "c-2", "c-3", "c-4"])
_tokens = st.sampled_from(["A", "a", "B"])
_maybe_tokens = st.none() | _tokens
_evses = st.none() | st.integers(1, 2)
_epochs = st.integers(1, 3)
_seconds = st.integers(0, 400)
_transactions = st.sampled_from(["tx-1", "tx-2", "17"])
_statuses = st.sampled_from(["Available", "Occupied", "Reserved", "Unavailable", "Faulted"])
_keys = st.sampled_from(["HeartbeatInterval", "A.B", "key"])
_settings = st.dictionaries(_keys, st.sampled_from(["1", "2"]), min_size=1)
_topologies = st.sampled_from(
    [
        words.evses(1),
        words.evses(1, 2),
        (Evse(evse_id=1, connectors=(Connector(connector_type="cCCS2", max_amp=32), Connector())),),
    ]
)


def _registers(contexts: tuple[str, ...]) -> st.SearchStrategy[tuple[MeterValue, ...]]:
    return st.lists(
        st.builds(words.register_at, st.integers(0, 9000), st.sampled_from(contexts)), max_size=2
    ).map(tuple)  # fmt: skip


_samples = _registers(("Transaction.Begin", "Sample.Periodic", "Transaction.End"))


def _said(builder: Callable[..., Command], **members: Strategy) -> Strategy:
    """What the builder makes of any members, at any instant."""

    def make(second: int, chosen: Mapping[str, Any]) -> Command:
        return builder(at=after(second), **chosen)

    return st.builds(make, _seconds, st.fixed_dictionaries(dict(members)))


_told = {
    "evse_id": _evses,
    "id_token": _maybe_tokens,
    "meter_values": _samples,
    "occurred_at": _seconds.map(after),
}
_told_2 = {
    **_told,
    "transaction_id": _transactions,
    "seq_no": st.integers(0, 5),
    "charging_state": st.sampled_from([None, "Charging", "EVConnected"]),
    "remote_start_id": st.none() | st.integers(1, 3),
}

station_reports: Strategy = st.one_of(
    _said(words.boot, attributes=st.sampled_from([{"vendorId": "A"}, {"vendorId": "A", "model": "B"}])),
    _said(
        words.status,
        status=_statuses,
        evse_id=st.integers(0, 2),
        reported_at=_seconds.map(after),
        error_code=st.sampled_from([None, "GroundFailure"]),
    ),
    _said(words.authorization, id_token=_tokens, asked_id=st.sampled_from(["m-1", "m-2", "m-3"])),
    _said(words.started, **_told_2),
    _said(words.updated, **_told_2),
    _said(words.ended, **_told_2),
    _said(words.started16, number=st.integers(17, 30), evse_id=st.integers(1, 2), id_token=_tokens),
    _said(
        words.ended16,
        transaction_id=st.sampled_from([None, "17", "18", "99"]),
        id_token=_maybe_tokens,
        occurred_at=_seconds.map(after),
    ),
    _said(words.metered16, transaction_id=st.sampled_from([None, "17", "18"]), evse_id=st.integers(0, 2)),
)

link_reports: Strategy = st.one_of(
    _said(words.unknown_station, policy=st.sampled_from(["pending", "accept"])),
    _said(words.connected, epoch=_epochs, protocol=st.sampled_from(["ocpp1.6", "ocpp2.0.1"])),
    _said(words.disconnected, epoch=_epochs),
    _said(words.sent, request_id=_ids, epoch=_epochs),
    _said(
        words.answered,
        status=st.sampled_from(["accepted", "scheduled", "rejected", "unsupported", "failed"]),
        request_id=_ids,
        result=st.sampled_from([None, {"variables": [{"name": "key", "outcome": "accepted"}]}]),
    ),
    _said(words.unanswered, request_id=_ids),
    _said(words.lapse, request_id=_ids),
    _said(words.push_settings),
)

operator_commands: Strategy = st.one_of(
    _said(
        words.register,
        command_id=_ids,
        configuration=st.none() | st.builds(Configuration, evses=_topologies, settings=st.none() | _settings),
    ),
    _said(words.suspend, command_id=_ids),
    _said(words.configure, command_id=_ids, evses=st.none() | _topologies, settings=_settings, push=st.booleans()),
    _said(words.unlock, command_id=_ids, evse_id=st.integers(0, 2)),
    _said(words.start, command_id=_ids, id_token=_tokens, evse_id=_evses),
    _said(words.stop, command_id=_ids, transaction_id=_transactions),
    _said(words.reset, command_id=_ids, evse_id=st.integers(0, 2)),
    _said(words.make, command_id=_ids, availability=st.sampled_from(["operative", "inoperative"])),
    _said(words.get_variables, command_id=_ids),
    st.builds(lambda command, variables: replace(command, variables=variables),
              _said(words.set_variables, variables=st.just({"key": "1"}), command_id=_ids), _settings),
    _said(words.trigger, command_id=_ids),
    _said(words.cancel, command_id=st.just("x-1"), request_id=_ids),
    st.builds(words.create_token, _tokens, status=st.sampled_from(["Accepted", "Blocked"])),
    st.builds(words.replace_token, _tokens, expires_at=st.none() | _seconds.map(after)),
    st.builds(words.delete_token, _tokens),
)  # fmt: skip

reports: st.SearchStrategy[Report] = station_reports | link_reports
commands: st.SearchStrategy[OperatorCommand | Report] = reports | operator_commands

_requests: Strategy = st.one_of(
    _said(words.unlock, evse_id=st.integers(0, 2)),
    _said(words.start, id_token=_tokens, evse_id=_evses),
    _said(words.stop, transaction_id=_transactions),
    _said(words.reset, evse_id=st.integers(0, 2)),
    _said(words.make, availability=st.sampled_from(["operative", "inoperative"])),
    _said(words.set_variables, variables=_settings),
    _said(words.trigger),
)
_answers: Strategy = st.sampled_from(
    [
        (),
        (words.unanswered(at=after(10)),),
        (words.lapse(at=after(400)),),
        (words.answered(at=after(10)),),
        (words.answered("scheduled", at=after(10)),),
        (words.answered("rejected", at=after(10)),),
        (words.answered(at=after(10), result={"variables": [{"name": "key", "outcome": "accepted"}]}),),
        (words.unanswered(at=after(10)), words.answered(at=after(20))),
    ]
)


def _life(request: OperatorCommand, answers: tuple[Report, ...], number: int) -> list[Command]:
    """A request as it usually goes: asked, sent, answered; under an id of its own."""
    name = f"r-{number}"
    asked = replace(request, command_id=name, at=after(0), expires_at=after(60))  # type: ignore[call-arg]
    told = [replace(answer, request_id=name) for answer in (words.sent(at=after(1)), *answers)]  # type: ignore[call-arg]
    return [asked, *told]


_lives = st.builds(_life, _requests, _answers, st.integers(1, 3))

stories: st.SearchStrategy[list[Command]] = st.lists(commands.map(lambda command: [command]) | _lives, max_size=12).map(
    lambda chapters: [command for chapter in chapters for command in chapter]
)
