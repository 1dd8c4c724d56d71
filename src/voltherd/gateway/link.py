"""One connected station: its calls are answered in order, its requests go out one at a time, independently."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.gateway.journal import Journal
from voltherd.gateway.limits import Limits
from voltherd.gateway.socket import Socket, SocketClosed
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Refusal, Report
from voltherd.ocpp.dialect import (
    STATION,
    CallRefused,
    Context,
    Dialect,
    OpenRequest,
    abandoned,
    heard,
    next_request,
    report_connected,
    report_disconnected,
    report_unknown,
)
from voltherd.ocpp.rpc import (
    AnswerReceived,
    Call,
    CallReceived,
    CallResult,
    Conversation,
    Ignored,
    LateAnswer,
    Refused,
    Situation,
    encode_call_error,
    encode_call_result,
)
from voltherd.ocpp.rpc.conversation import Answer, Incoming
from voltherd.ports.clock import Clock
from voltherd.ports.history import StoreUnavailableError

log = structlog.get_logger(__name__)

_RETRY_S = 1.0
_LOGGED = 100  # characters of a station's words: they may be as long as a frame


class Link:
    """A station's connection. `epoch` tells it from all other connections of the station, older and newer."""

    def __init__(
        self,
        socket: Socket,
        station: StationKey,
        dialect: Dialect,
        epoch: int,
        *,
        dispatcher: Dispatcher,
        clock: Clock,
        limits: Limits,
        new_number: Callable[[], int],
        node: str,
        remote_address: str | None,
    ) -> None:
        self.station = station
        self.epoch = epoch
        self.last_heard = clock.monotonic()
        self.answers_pings = False
        self._socket = socket
        self._dialect = dialect
        self._dispatcher = dispatcher
        self._clock = clock
        self._limits = limits
        self._new_number = new_number
        self._node = node
        self._remote_address = remote_address
        self._conversation = Conversation(dialect.version, limits.answer_within)
        self._awaited: asyncio.Future[Answer | None] | None = None
        self._unanswered: tuple[str, OpenRequest] | None = None
        self._owed: Report | None = None
        self._sender: asyncio.Task[None] | None = None
        self._look_again = False
        self._settled = False
        self._heard_noted = self.last_heard
        self._pinging: asyncio.Task[None] | None = None
        self._ending = False
        self._journal = Journal(station, dispatcher, clock, limits)
        self._reason = "the connection was lost"

    async def run(self) -> None:
        """Serve the station until its socket is closed. That it is gone is for the caller to report."""
        patience: asyncio.TimerHandle | None = None
        try:
            await self._introduce()
            # A station that has just started boots first, and may not answer what comes before.
            patience = asyncio.get_running_loop().call_later(self._limits.first_word_within, self._has_settled)
            async for text in self._socket.texts():
                await self._receive(text)
        except SocketClosed:
            pass  # an answer found nobody; the station will ask again
        except StoreUnavailableError as error:
            log.warning("link_not_stored", station=self.station.path, reason=str(error))
            self.end("try again later", code=1013)
        except Exception:
            log.exception("link_failed", station=self.station.path)
            self.end("internal error", code=1011)
        finally:
            if patience is not None:
                patience.cancel()
            await self._close_down()

    async def _introduce(self) -> None:
        """Have it taken down that the station is there, and what its earlier connections left open."""
        if self._limits.unknown_stations != "refuse":
            await self._dispatcher.handle(report_unknown(self.station, self._now(), self._limits.unknown_stations))
        protocol = self._dialect.version.value
        await self._dispatcher.handle(
            report_connected(self.station, self._now(), self.epoch, protocol, self._node, self._remote_address)
        )
        await self._settle_abandoned()

    async def _settle_abandoned(self) -> None:
        station = await self._dispatcher.state(STATION, self.station)
        for report in abandoned(station, self.epoch, self._now()):
            await self._dispatcher.handle(report)

    async def _close_down(self) -> None:
        self._ending = True
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_result(None)
        if self._pinging is not None:
            self._pinging.cancel()
        tasks = [task for task in (self._sender, self._pinging) if task is not None]
        if tasks:
            await asyncio.wait(tasks)
        self._journal.flush()
        await self._socket.closed()

    def report_gone(self) -> Report:
        """The report to make when `run` has ended."""
        return report_disconnected(self.station, self._now(), self.epoch, self._reason)

    def end(self, reason: str, code: int = 1001) -> None:
        """Close the link for a reason of ours: what the station says from now on, it will say again elsewhere."""
        if not self._ending:
            self._ending = True
            self._reason = reason
            self._socket.close_soon(code, reason)

    def check(self, now: float) -> None:
        """Ping a station that is silent, give it up when it is so for too long, and see to requests that waited."""
        silent = now - self.last_heard
        patience = self._limits.dead_after
        if not self.answers_pings:
            patience = max(patience, 3.0 * self._limits.heartbeat_interval)
        if silent >= patience:
            self.end(f"nothing was heard for {silent:.0f} s")
        elif self._pinging is None and (silent >= self._limits.ping_after or not self.answers_pings):
            # The first ping comes early: it tells how long the station's silence may last.
            self._pinging = asyncio.get_running_loop().create_task(self._ping(), name=f"ping:{self.station.path}")
        if self._look_again:
            self.wake()

    async def _ping(self) -> None:
        try:
            await (await self._socket.ping())
        except Exception:  # noqa: BLE001 - whatever ended the socket, its reader sees it too
            return
        self._pinging = None
        self.answers_pings = True
        self._note_heard()

    # The station's calls

    async def _receive(self, text: str | bytes) -> None:
        self._note_heard()
        self._journal.add("received", text)
        for incoming in self._conversation.receive(text, self._clock.monotonic()):
            if not isinstance(incoming, CallReceived):
                await self._take_in(incoming)
            elif not self._ending:
                await self._send(await self._answer(incoming.call))
                self._has_settled()

    async def _take_in(self, incoming: Incoming) -> None:
        """Whatever is not a call."""
        match incoming:
            case AnswerReceived(answer=answer):
                if self._awaited is not None and not self._awaited.done():
                    self._awaited.set_result(answer)
            case Refused(reply=reply, reason=reason):
                log.warning("frame_refused", station=self.station.path, reason=reason.value)
                if reply is not None:
                    await self._send(reply)
            case LateAnswer(message_id=message_id, answer=answer):
                log.warning("answer_came_late", station=self.station.path, message_id=message_id)
                await self._take_late(message_id, answer)
            case Ignored(reason=reason):
                log.warning("frame_ignored", station=self.station.path, reason=reason.value)
            case _:  # SEND and CALLRESULTERROR are 2.1's
                log.warning("frame_ignored", station=self.station.path, reason=type(incoming).__name__)

    async def _answer(self, call: Call) -> str:
        """Answer a call: the CALLRESULT once what follows from it is durable, else the CALLERROR that says why not."""
        try:
            await self._take_down_owed()
            context = self._context(call)
            reading = self._dialect.read(call.action, call.payload, context)
            states = await self._dispatcher.handle(reading.report)
            return encode_call_result(call.message_id, reading.answer(states))
        except CallRefused as refused:
            log.warning(
                "call_refused",
                station=self.station.path,
                action=call.action[:_LOGGED],
                code=refused.code,
                detail=refused.description,
            )
            return encode_call_error(call.message_id, refused.code, refused.description)
        except Refusal as refusal:
            # The one "no" that stations get from decisions: they are not accepted (2.0.1 B02.FR.09, 1.6J errata 3.8).
            code = self._dialect.code(Situation.SECURITY)
            return encode_call_error(call.message_id, code, refusal.detail)
        except StoreUnavailableError as error:
            log.warning("call_not_stored", station=self.station.path, action=call.action[:_LOGGED], reason=str(error))
            return encode_call_error(call.message_id, self._dialect.code(Situation.INTERNAL), "try again later")
        except Exception:
            log.exception("call_failed", station=self.station.path, action=call.action[:_LOGGED])
            return encode_call_error(call.message_id, self._dialect.code(Situation.INTERNAL))

    def _context(self, call: Call) -> Context:
        return Context(
            station=self.station,
            at=self._now(),
            message=f"{self.epoch}/{call.message_id}",
            new_number=self._new_number,
            heartbeat_interval=self._limits.heartbeat_interval,
            boot_retry_interval=self._limits.boot_retry_interval,
        )

    # Requests to the station

    def _has_settled(self) -> None:
        """The station's first call is answered, or it has none to make: requests may go out."""
        if not self._settled:
            self._settled = True
            self.wake()

    def wake(self) -> None:
        """Look whether the station has open requests. A task exists only while there are any."""
        if self._ending or not self._settled:
            return
        if self._sender is None or self._sender.done():
            self._sender = asyncio.get_running_loop().create_task(
                self._send_requests(), name=f"requests:{self.station.path}"
            )
        else:
            self._look_again = True

    async def _send_requests(self) -> None:
        withheld: str | None = None
        try:
            while not self._ending:
                self._look_again = False
                station = await self._dispatcher.state(STATION, self.station)
                request = next_request(self._dialect, station, self.epoch, self._now())
                if request is not None and request.command_id != withheld:
                    withheld = None if await self._send_request(request) else request.command_id
                elif not self._look_again:
                    return
                else:
                    withheld = None
        except SocketClosed:
            return
        except StoreUnavailableError as error:
            log.warning("requests_waited", station=self.station.path, reason=str(error))
            self._look_again = True
        except Exception:
            log.exception("request_failed", station=self.station.path)

    async def _send_request(self, request: OpenRequest) -> bool:
        """Send the request and have what came of it taken down; False if the decision was that it does not go out."""
        within = timedelta(seconds=self._limits.answer_within)
        states = await self._dispatcher.handle(request.report_sent(self._now(), within))
        if not request.is_sent(states):
            return False
        message_id = ""
        try:
            while (call := request.next_call()) is not None:
                message_id = str(uuid.uuid4())
                _take(request, await self._call(message_id, *call))
        except TimeoutError:
            self._unanswered = message_id, request
            await self._take_down(request.report_no_answer(self._now(), "the station did not answer in time"))
        except SocketClosed:
            reason = "the connection was lost before the answer came"
            await self._take_down(request.report_no_answer(self._now(), reason))
            raise
        else:
            await self._take_down(request.report_answer(self._now()))
            log.info("request_answered", station=self.station.path, command=request.name, command_id=request.command_id)
        return True

    async def _call(self, message_id: str, action: str, payload: bytes) -> Answer:
        text = self._conversation.start_call(message_id, action, payload, self._clock.monotonic())
        self._awaited = asyncio.get_running_loop().create_future()
        try:
            await self._send(text)
            async with asyncio.timeout(self._limits.answer_within):
                answer = await self._awaited
        finally:
            self._awaited = None
            self._conversation.expire(float("inf"))
        if answer is None:
            raise SocketClosed
        return answer

    async def _take_late(self, message_id: str, answer: Answer) -> None:
        """Take an answer that nobody waits for any longer; better late than unknown."""
        expired, self._unanswered = self._unanswered, None
        if expired is None or expired[0] != message_id:
            return
        request = expired[1]
        _take(request, answer)
        if request.next_call() is None:
            try:
                await self._dispatcher.handle(request.report_answer(self._now()))
            except StoreUnavailableError as error:
                log.warning("answer_not_stored", station=self.station.path, reason=str(error))

    async def _take_down(self, report: Report) -> None:
        """Report until it is stored: the station will not say it again."""
        self._owed = report
        try:
            while self._owed is not None:
                try:
                    await self._take_down_owed()
                except StoreUnavailableError as error:
                    if self._ending:
                        raise
                    log.warning("answer_not_stored", station=self.station.path, reason=str(error))
                    await asyncio.sleep(_RETRY_S)
        finally:
            self._owed = None

    async def _take_down_owed(self) -> None:
        """Store what is not stored yet of what came of a request; what the station says later comes behind it."""
        if (report := self._owed) is not None:
            await self._dispatcher.handle(report)
            if self._owed is report:  # else it was another's turn to store it, and there is a newer one
                self._owed = None

    # Bookkeeping

    def _now(self) -> datetime:
        return self._clock.now()

    async def _send(self, text: str) -> None:
        await self._socket.send(text)
        self._journal.add("sent", text)

    def _note_heard(self) -> None:
        self.last_heard = now = self._clock.monotonic()
        if now - self._heard_noted >= self._limits.heard_every:
            self._heard_noted = now
            self._dispatcher.note(heard(self.station, self._now()))


def _take(request: OpenRequest, answer: Answer) -> None:
    if isinstance(answer, CallResult):
        request.take_result(answer.payload)
    else:
        request.take_error(answer.code, answer.description)
