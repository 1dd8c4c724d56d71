"""RemoteStartTransaction. 1.6 §5.11."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.requests import Answer
from voltherd.domain.charging_station.start_transaction import StartTransaction
from voltherd.ocpp.answers import answer_of
from voltherd.ocpp.v16.payloads import RemoteStartTransactionRequest, RemoteStartTransactionResponse


def to_requests(command: StartTransaction) -> Sequence[RemoteStartTransactionRequest]:
    return [RemoteStartTransactionRequest(id_tag=command.id_token.id_token, connector_id=command.evse_id)]


def to_answer(
    _command: StartTransaction, _request: RemoteStartTransactionRequest, response: RemoteStartTransactionResponse
) -> Answer:
    return answer_of(response.status)
