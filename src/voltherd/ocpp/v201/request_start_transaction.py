"""RequestStartTransaction. 2.0.1 F01, F02."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.requests import Answer
from voltherd.domain.charging_station.start_transaction import StartTransaction
from voltherd.domain.identification import IdTokenType
from voltherd.ocpp.answers import answer_of
from voltherd.ocpp.v201.payloads import (
    IdToken,
    IdTokenEnum,
    RequestStartTransactionRequest,
    RequestStartTransactionResponse,
)
from voltherd.ocpp.v201.status_info import detail_of

_TYPES: dict[IdTokenType, IdTokenEnum] = {
    "Central": "Central",
    "eMAID": "eMAID",
    "ISO14443": "ISO14443",
    "ISO15693": "ISO15693",
    "KeyCode": "KeyCode",
    "Local": "Local",
    "MacAddress": "MacAddress",
    "NoAuthorization": "NoAuthorization",
    "Unspecified": "Central",
}


def to_requests(command: StartTransaction) -> Sequence[RequestStartTransactionRequest]:
    token = command.id_token
    return [
        RequestStartTransactionRequest(
            id_token=IdToken(id_token=token.id_token, type=_TYPES[token.type]),
            remote_start_id=command.remote_start_id,
            evse_id=command.evse_id,
        )
    ]


def to_answer(
    _command: StartTransaction, _request: RequestStartTransactionRequest, response: RequestStartTransactionResponse
) -> Answer:
    # Where the cable came first, the station names the transaction that is there already (F02.FR.01).
    result = None if response.transaction_id is None else {"transactionId": response.transaction_id}
    return answer_of(response.status, detail=detail_of(response.status_info), result=result)
