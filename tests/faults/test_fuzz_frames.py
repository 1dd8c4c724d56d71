"""Spoilt frames: a short run of what `python -m tests.fuzz` does for as long as one likes.

VOLTHERD_LONG=1 makes it long: a million frames are read, and a hundred thousand go over links. See
docs/reference/robustness.md.
"""

from __future__ import annotations

import os
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.__main__ import BATCHES, link_mutants, read_mutants
from tests.fuzz.corpus import CORPUS
from tests.fuzz.linking import BATCH, Liar
from tests.fuzz.mutation import Mutator
from tests.fuzz.places import in_memory
from tests.fuzz.reading import Reader
from tests.fuzz.record import Record
from tests.fuzz.referee import Unfair, judge
from voltherd.ocpp.rpc import Version

LONG = "VOLTHERD_LONG" in os.environ
SEED = Random().randrange(2**32)

READERS = {version: Reader(version) for version in CORPUS}


def require_none(records: dict[str, Record]) -> None:
    for record in records.values():
        assert not record.findings, f"seed {SEED}: {record}"


def test_spoilt_frames_are_read_and_get_what_they_are_owed() -> None:
    records = read_mutants(500_000 if LONG else 4_000, SEED)
    require_none(records)
    for version, record in records.items():
        assert record.outcomes["CALLRESULT"], f"{version}: all mutants are refused, and prove little"
        assert len(record.outcomes) > 5


async def test_spoilt_frames_harm_no_link() -> None:
    if LONG:
        require_none(await link_mutants(50_000, SEED, in_memory))
        return
    for version, corpus in CORPUS.items():
        record = Record()
        async with in_memory() as place:
            await Liar(place, version, Mutator(corpus, SEED), record, "LIAR").run(20)
        require_none({version.value: record})
        assert record.frames == 20 * BATCH


@given(
    version=st.sampled_from(list(CORPUS)),
    index=st.integers(0, 30),
    start=st.integers(0, 1000),
    length=st.integers(0, 30),
    put=st.binary(max_size=8) | st.text(max_size=8).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
def test_a_frame_with_a_hole_gets_what_it_is_owed(
    version: Version, index: int, start: int, length: int, put: bytes
) -> None:
    frame = CORPUS[version][index % len(CORPUS[version])].encode()
    start %= len(frame)
    spoilt = frame[:start] + put + frame[start + length :]
    judge(version, spoilt, READERS[version].feed(spoilt))


# --- the referee is awake ---------------------------------------------------------------------------------------

CALL = '[2,"m","Heartbeat",{}]'


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        (CALL, None),
        (CALL, '[3,"other",{"currentTime":"2026-03-01T12:00:00Z"}]'),
        ('[2,1,"Heartbeat",{}]', '[3,"1",{"currentTime":"2026-03-01T12:00:00Z"}]'),
        (CALL, '[3,"m",{}]'),
        (CALL, '[4,"m","InternalError","",{}]'),
        (CALL, '[4,"m","FormatViolation","",{}]'),
        (CALL, '[4,"m","GenericError",""]'),
        (CALL, "nonsense"),
        ('[3,"m",{}]', '[4,"m","GenericError","",{}]'),
        ("[]", '[3,"m",{}]'),
    ],
)
def test_the_referee_sees_what_is_unfair(frame: str, answer: str | None) -> None:
    with pytest.raises(Unfair):
        judge(Version.V16, frame, answer)


def test_the_referee_takes_what_is_fair() -> None:
    assert judge(Version.V16, CALL, '[3,"m",{"currentTime":"2026-03-01T12:00:00Z"}]') == "CALLRESULT"
    assert judge(Version.V16, "[]", None) == "no answer"
    assert judge(Version.V201, "[]", '[4,"-1","RpcFrameworkError","",{}]') == "RpcFrameworkError"


def test_the_same_seed_gives_the_same_mutants() -> None:
    corpus = CORPUS[Version.V16]
    one, other = Mutator(corpus, 7), Mutator(corpus, 7)
    mutants = [one.mutant() for _ in range(BATCHES)]
    assert mutants == [other.mutant() for _ in range(BATCHES)]
    assert len(set(mutants) - set(corpus)) > BATCHES / 2
