"""RequestStopTransaction. 2.0.1 F03."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.requests import Answer
from voltherd.domain.charging_station.stop_transaction import StopTransaction
from voltherd.ocpp.v201.payloads import RequestStopTransactionRequest, RequestStopTransactionResponse
from voltherd.ocpp.v201.status_info import detail_of


def to_requests(command: StopTransaction) -> Sequence[RequestStopTransactionRequest]:
    return [RequestStopTransactionRequest(transaction_id=command.resolved)]


def to_answer(
    _command: StopTransaction, _request: RequestStopTransactionRequest, response: RequestStopTransactionResponse
) -> Answer:
    detail = detail_of(response.status_info)
    if response.status == "Accepted":
        return Answer(status="accepted", detail=detail)
    return Answer(status="rejected", code=response.status, detail=detail)
