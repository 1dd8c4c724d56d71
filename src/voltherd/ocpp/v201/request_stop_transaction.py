"""RequestStopTransaction. 2.0.1 F03."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.requests import Answer
from voltherd.domain.charging_station.stop_transaction import StopTransaction
from voltherd.ocpp.answers import answer_of
from voltherd.ocpp.v201.payloads import RequestStopTransactionRequest, RequestStopTransactionResponse
from voltherd.ocpp.v201.status_info import detail_of


def to_requests(command: StopTransaction) -> Sequence[RequestStopTransactionRequest]:
    return [RequestStopTransactionRequest(transaction_id=command.resolved)]


def to_answer(
    _command: StopTransaction, _request: RequestStopTransactionRequest, response: RequestStopTransactionResponse
) -> Answer:
    return answer_of(response.status, detail=detail_of(response.status_info))
