"""The transactions' picture."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.support.words import after, ended, ended16, ready, register_at, started, started16, updated
from voltherd.adapters.memory import MemoryStore
from voltherd.assembly.catalog import build_catalog
from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.domain.identification import IdToken
from voltherd.kernel.messages import Command
from voltherd.readmodels.transactions import TransactionDocument, transactions

BEGIN, END = "Transaction.Begin", "Transaction.End"


async def shown(*commands: Command, protocol: str = "ocpp2.0.1") -> TransactionDocument:
    """The one transaction's document after all that."""
    catalog = build_catalog()
    store = MemoryStore(catalog)
    dispatcher = Dispatcher(catalog, store)
    for command in (*ready(protocol), *commands):
        await dispatcher.handle(command)
    (resource,) = transactions.resources
    (row,) = await store.fetch(select(resource.table, *resource.columns))
    document: TransactionDocument = resource.document(row)
    await store.close()
    return document


async def test_shows_energy_from_the_registers_at_both_ends() -> None:
    document = await shown(
        started(meter_values=(register_at(1000, BEGIN),)),
        ended(seq_no=1, meter_values=(register_at(3500, END),)),
    )
    assert (document.energy_wh, document.incomplete, document.status) == (2500, False, "ended")


async def test_shows_the_newest_sample_while_it_runs_whatever_came_last() -> None:
    document = await shown(
        started(meter_values=(register_at(1000, BEGIN),)),
        updated(seq_no=2, meter_values=(register_at(3000, at=after(120)),)),
        updated(seq_no=1, meter_values=(register_at(2000, at=after(60)),)),
    )
    assert (document.energy_wh, document.status) == (2000, "active")


async def test_says_that_it_is_incomplete_when_the_end_gave_no_register() -> None:
    document = await shown(
        started(meter_values=(register_at(1000, BEGIN),)),
        updated(seq_no=1, meter_values=(register_at(2000, at=after(60)),)),
        ended(seq_no=2),
    )
    assert (document.energy_wh, document.incomplete) == (1000, True)


@pytest.mark.parametrize("late", [False, True])
async def test_says_that_it_is_incomplete_until_every_message_has_come(late: bool) -> None:
    document = await shown(
        started(seq_no=5, meter_values=(register_at(0, BEGIN),)),
        ended(seq_no=7, meter_values=(register_at(500, END),)),
        *([updated(seq_no=6)] if late else []),
    )
    assert document.incomplete is not late


async def test_says_that_it_is_incomplete_when_its_start_was_never_told() -> None:
    document = await shown(ended(seq_no=3, meter_values=(register_at(500, END),)))
    assert (document.started_at, document.energy_wh, document.incomplete) == (None, None, True)


async def test_keeps_what_it_knew_when_a_late_start_says_less() -> None:
    document = await shown(
        updated(seq_no=1, evse_id=1, connector_id=2),
        started(seq_no=0, evse_id=None, connector_id=None),
    )
    assert (document.evse_id, document.connector_id) == (1, 2)
    assert document.started_at is not None


async def test_names_the_driver_not_whoever_ended_it() -> None:
    document = await shown(
        started16(id_token="DRIVER"), ended16(id_token=IdToken(id_token="COLLEAGUE")), protocol="ocpp1.6"
    )
    assert document.id_token == "DRIVER"


async def test_takes_registers_beyond_32_bits() -> None:
    document: Any = await shown(
        started16(meter_start_wh=3_000_000_000), ended16(meter_stop_wh=3_000_012_345), protocol="ocpp1.6"
    )
    assert document.energy_wh == 12_345
