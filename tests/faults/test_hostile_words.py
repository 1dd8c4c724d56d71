"""What a station says can be written down in every database, whatever it says."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import msgspec
import pytest
from sqlalchemy import select

from tests.contracts.conftest import durable_place
from tests.contracts.places import Place
from tests.faults.outcomes import NUMBERS
from tests.support.words import STATION, T0, ready, reset, sent
from voltherd.assembly.catalog import build_catalog
from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.ocpp.dialect import Context, OpenRequest, frame_seen
from voltherd.ocpp.dialects import DIALECTS
from voltherd.readmodels.commands import commands_table
from voltherd.readmodels.frames import frames_table

__all__ = ["durable_place"]  # a fixture


def context() -> Context:
    numbers = count(1)
    return Context(
        station=STATION,
        at=T0,
        message="1/m",
        new_number=lambda: next(numbers),
        heartbeat_interval=300,
        boot_retry_interval=30,
    )


async def test_keeps_a_frame_with_a_nul(durable_place: Place) -> None:
    store = await durable_place.open(build_catalog())
    dispatcher = Dispatcher(build_catalog(), store)
    for text in ("[2,\0]", "plain"):
        dispatcher.note(frame_seen(STATION, T0, "received", text))
    await store.close()
    store = await durable_place.open(build_catalog())
    texts = [row["text"] for row in await store.fetch(select(frames_table.c.text).order_by(frames_table.c.id))]
    assert texts == [r"[2,\x00]", "plain"]


async def test_keeps_the_words_of_an_error(durable_place: Place) -> None:
    store = await durable_place.open(build_catalog())
    dispatcher = Dispatcher(build_catalog(), store)
    for command in (*ready("ocpp1.6"), reset(), sent()):
        await dispatcher.handle(command)
    request = OpenRequest(reset(), DIALECTS["ocpp1.6"].outgoing[type(reset())], 1)
    request.take_error("\0" * 1000, "it \0 hurts" * 100_000)
    await dispatcher.handle(request.report_answer(T0 + timedelta(seconds=1)))
    [row] = await store.fetch(select(commands_table).where(commands_table.c.command_id == reset().command_id))
    assert row["status"] == "failed"
    assert len(row["detail"]) <= 255


@pytest.mark.parametrize("multiplier", [-30, 0, 30])
async def test_keeps_every_number_that_it_takes(durable_place: Place, multiplier: int) -> None:
    """In the journal, and in a transaction's register."""
    store = await durable_place.open(build_catalog())
    dispatcher = Dispatcher(build_catalog(), store)
    for command in ready("ocpp2.0.1"):
        await dispatcher.handle(command)
    taken = [number.written for number in NUMBERS if number.quantity == "CALLRESULT"]
    for seq_no, written in enumerate([*taken, "1e14", "99999999999", "1e-99999", "0e-99999"]):
        sample = f'{{"value":{written},"unitOfMeasure":{{"unit":"kWh","multiplier":{multiplier}}}}}'
        payload = (
            f'{{"eventType":"Updated","timestamp":"2026-03-01T12:00:{seq_no:02}Z","triggerReason":"MeterValuePeriodic",'
            f'"seqNo":{seq_no},"transactionInfo":{{"transactionId":"tx-1"}},"evse":{{"id":1}},'
            f'"meterValue":[{{"timestamp":"2026-03-01T12:00:{seq_no:02}Z","sampledValue":[{sample}]}}]}}'
        )
        reading = DIALECTS["ocpp2.0.1"].read("TransactionEvent", msgspec.Raw(payload.encode()), context())
        await dispatcher.handle(reading.report)
