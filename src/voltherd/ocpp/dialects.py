"""The dialects that Voltherd speaks today, by subprotocol."""

from __future__ import annotations

from collections.abc import Mapping

from voltherd.ocpp import v16, v201
from voltherd.ocpp.dialect.tables import Dialect, collect
from voltherd.ocpp.rpc.version import Version
from voltherd.ocpp.v16.payloads import REQUESTS as V16_REQUESTS
from voltherd.ocpp.v201.payloads import REQUESTS as V201_REQUESTS

DIALECTS: Mapping[str, Dialect] = {
    Version.V16.value: collect(v16.__name__, Version.V16, V16_REQUESTS),
    Version.V201.value: collect(v201.__name__, Version.V201, V201_REQUESTS),
}
