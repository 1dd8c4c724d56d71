from __future__ import annotations

import pytest

from bench.recording import Recording, record
from bench.stories import setup
from voltherd.adapters.memory import MemoryStore
from voltherd.assembly.catalog import build_catalog
from voltherd.ports.history import Append

UPDATES, MESSAGES = 2, 12


def appends(recording: Recording) -> list[Append]:
    messages = (*recording.beginning, *recording.messages)
    return [one for writes in messages for one in writes if isinstance(one, Append)]


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_another_store_takes_what_was_recorded(version: str) -> None:
    recordings = await record(range(3), version, UPDATES, MESSAGES)
    store = MemoryStore(build_catalog())
    for recording in recordings:
        for append in appends(recording):
            await store.append(append)
    expected = sum(len(write.events) for one in recordings for append in appends(one) for write in append.writes)
    assert await store.last_position() == expected
    await store.close()


async def test_tells_connecting_and_the_first_messages_from_the_others() -> None:
    numbers = (0, 4)
    for number, recording in zip(numbers, await record(numbers, "2.0.1", UPDATES, MESSAGES), strict=True):
        assert len(recording.beginning) == 1 + setup(number, UPDATES)
        assert len(recording.messages) == MESSAGES


async def test_a_message_brings_both_of_its_frames_and_an_append_if_it_says_something() -> None:
    (recording,) = await record([0], "2.0.1", UPDATES, MESSAGES)
    heartbeat, meter_values, *_ = recording.messages
    assert [isinstance(one, Append) for one in heartbeat] == [False, False]
    assert [isinstance(one, Append) for one in meter_values] == [False, True, False]
