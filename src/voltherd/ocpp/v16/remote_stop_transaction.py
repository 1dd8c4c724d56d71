"""RemoteStopTransaction, by our number. 1.6 §5.12."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.requests import Answer
from voltherd.domain.charging_station.stop_transaction import StopTransaction
from voltherd.ocpp.answers import answer_of
from voltherd.ocpp.v16.payloads import RemoteStopTransactionRequest, RemoteStopTransactionResponse


def to_requests(command: StopTransaction) -> Sequence[RemoteStopTransactionRequest]:
    if not command.resolved.isdecimal():  # it began under another version
        return []
    return [RemoteStopTransactionRequest(transaction_id=int(command.resolved))]


def to_answer(
    _command: StopTransaction, _request: RemoteStopTransactionRequest, response: RemoteStopTransactionResponse
) -> Answer:
    return answer_of(response.status)
