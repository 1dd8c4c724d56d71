"""A dialect on the wire, without the wire: payloads as JSON text in and out, each shown to its version's schema.

wire = Wire("ocpp1.6")
wire.report("Heartbeat", "{}")                    the report that a call is read as
wire.exchange("Heartbeat", "{}")                  the answer, after the report was decided upon
wire.calls(unlock(1, evse_ids=(1,)))              the calls that a command takes
wire.answer(command, {"status": "Unlocked"})      what the station's answers to them mean
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import msgspec

from tests.support.given import Scene, given
from tests.support.schemas import require_valid
from tests.support.words import STATION, T0, ready
from voltherd.domain.charging_station.request_life import ReportAnswer
from voltherd.domain.charging_station.requests import Answer, StationRequest
from voltherd.kernel.messages import Command, Report
from voltherd.ocpp.dialect import CallRefused, Context, OpenRequest, Reading
from voltherd.ocpp.dialects import DIALECTS

PACKAGES = {"ocpp1.6": "v16", "ocpp2.0.1": "v201", "ocpp2.1": "v21"}


@dataclass(frozen=True)
class Failure:
    """A CALLERROR from the station."""

    code: str
    description: str = ""


Said = dict[str, Any] | str | Failure
"""What a station answers: a payload, a text that shall be one, or an error."""


class Wire:
    """One station that speaks one version; accepted, online, with EVSEs 1 and 2 unless other things are given."""

    def __init__(self, protocol: str, *past: Command) -> None:
        self.protocol = protocol
        self.dialect = DIALECTS[protocol]
        self.scene: Scene = given(*(past or ready(protocol)))
        self._numbers = count(17)
        self._messages = count(1)

    # --- the station calls --------------------------------------------------------------------------------

    def read(self, action: str, payload: str, message: str | None = None) -> Reading:
        context = Context(
            station=STATION,
            at=T0,
            message=message or f"m-{next(self._messages)}",
            new_number=lambda: next(self._numbers),
            heartbeat_interval=300,
            boot_retry_interval=60,
        )
        return self.dialect.read(action, msgspec.Raw(payload.encode()), context)

    def report(self, action: str, payload: str) -> Report:
        return self.read(action, payload).report

    def exchange(self, action: str, payload: str, message: str | None = None) -> Any:
        """The payload of the CALLRESULT."""
        reading = self.read(action, payload, message)
        self.scene.when(reading.report)
        assert self.scene.refusal is None, self.scene.refusal
        answer = json.loads(reading.answer(self.scene.touched))
        require_valid(PACKAGES[self.protocol], f"{action}Response", answer)
        return answer

    def refused(self, action: str, payload: str) -> tuple[str, str]:
        """The code and description of the CALLERROR."""
        try:
            self.read(action, payload)
        except CallRefused as refused:
            return refused.code, refused.description
        raise AssertionError("it was read")

    # --- we call ------------------------------------------------------------------------------------------

    def open(self, command: StationRequest) -> OpenRequest:
        return OpenRequest(command, self.dialect.outgoing.get(type(command)), 1)

    def calls(self, command: StationRequest) -> list[tuple[str, Any]]:
        """Every call, as if each were answered with an error."""
        request = self.open(command)
        calls = []
        while (call := request.next_call()) is not None:
            calls.append(self._shown(call))
            request.take_error("GenericError", "")
        return calls

    def call(self, command: StationRequest) -> tuple[str, Any]:
        """The only call that the command takes."""
        [call] = self.calls(command)
        return call

    def _shown(self, call: tuple[str, bytes]) -> tuple[str, Any]:
        action, payload = call[0], json.loads(call[1])
        require_valid(PACKAGES[self.protocol], f"{action}Request", payload)
        return action, payload

    def answer(self, command: StationRequest, *said: Said) -> Answer:
        """What comes of the request when its calls are answered like this."""
        request = self.open(command)
        for one in said:
            call = request.next_call()
            assert call is not None, "there are fewer calls than answers"
            action, _ = self._shown(call)
            if isinstance(one, Failure):
                request.take_error(one.code, one.description)
                continue
            if isinstance(one, dict):
                require_valid(PACKAGES[self.protocol], f"{action}Response", one)
                one = json.dumps(one)
            request.take_result(msgspec.Raw(one.encode()))
        assert request.next_call() is None, "there are more calls than answers"
        report = request.report_answer(T0)
        assert isinstance(report, ReportAnswer)
        return report.answer


def statuses(found: Answer) -> Sequence[str]:
    """The outcomes of the single calls of an answer."""
    return [one["outcome"] for one in (found.result or {}).get("results", ())]
