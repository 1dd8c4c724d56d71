"""Ask the pictures what has become due, and command what each row asks for: expiry, missing effects, lost links."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog

from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.kernel.messages import Refusal
from voltherd.kernel.readmodel import Alarm
from voltherd.ports.clock import Clock
from voltherd.ports.history import StoreUnavailableError
from voltherd.ports.pictures import Pictures

log = structlog.get_logger(__name__)

_PERIOD_S = 1.0
_AT_ONCE = 100


async def ring(alarms: list[Alarm], dispatcher: Dispatcher, pictures: Pictures, clock: Clock) -> None:
    """Carry out, once, what every alarm finds due; a row that cannot be dealt with keeps no other waiting.

    Raises:
        StoreUnavailableError: the rest was not carried out.
    """
    for alarm in alarms:
        now = clock.now()
        rows = await pictures.fetch(alarm.due(now))
        # Together they share commits: after a crash there is a lost link for each station.
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            for trouble in await asyncio.gather(*(_obey(alarm, row, now, dispatcher) for row in some)):
                if trouble is not None:
                    raise trouble


async def _obey(
    alarm: Alarm, row: Mapping[str, Any], now: datetime, dispatcher: Dispatcher
) -> StoreUnavailableError | None:
    """Command what one row asks for; trouble is returned, so that whoever goes on beside it comes to an end."""
    try:
        await dispatcher.handle(alarm.command(row, now))
    except Refusal as refusal:
        log.warning("alarm_refused", code=refusal.code, detail=refusal.detail)
    except StoreUnavailableError as trouble:
        return trouble
    except Exception:
        log.exception("alarm_failed")
    return None


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
