"""Ask the pictures what has become due, and command what each row asks for: expiry, missing effects, lost links."""

from __future__ import annotations

import asyncio

import structlog

from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.kernel.messages import Refusal
from voltherd.kernel.readmodel import Alarm
from voltherd.ports.clock import Clock
from voltherd.ports.history import StoreUnavailableError
from voltherd.ports.pictures import Pictures

log = structlog.get_logger(__name__)

_PERIOD_S = 1.0


async def ring(alarms: list[Alarm], dispatcher: Dispatcher, pictures: Pictures, clock: Clock) -> None:
    """Carry out, once, what every alarm finds due; a row that cannot be dealt with keeps no other waiting.

    Raises:
        StoreUnavailableError: the rest was not carried out.
    """
    for alarm in alarms:
        now = clock.now()
        for row in await pictures.fetch(alarm.due(now)):
            try:
                await dispatcher.handle(alarm.command(row, now))
            except Refusal as refusal:
                log.warning("alarm_refused", code=refusal.code, detail=refusal.detail)
            except StoreUnavailableError:
                raise
            except Exception:
                log.exception("alarm_failed")


async def keep_ringing(
    alarms: list[Alarm], dispatcher: Dispatcher, pictures: Pictures, clock: Clock, *, period: float = _PERIOD_S
) -> None:
    """Do so once in a `period` (seconds) until cancelled; trouble in the world is waited out."""
    while True:
        await asyncio.sleep(period)
        try:
            await ring(alarms, dispatcher, pictures, clock)
        except StoreUnavailableError as error:
            log.warning("alarms_waited", reason=str(error))
        except Exception:
            log.exception("alarm_failed")
