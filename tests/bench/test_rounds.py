from __future__ import annotations

import math
from collections.abc import Callable

from bench.results import Measured, latency
from bench.rounds import in_turn, median, ratio


def measured(messages: int = 100, seconds: float = 1.0, server_cpu: float = 0.5) -> Measured:
    return Measured(
        stations=1,
        version="2.0.1",
        pace_s=0.0,
        deflate=False,
        seconds=seconds,
        began_at=0.0,
        setup_s=0.0,
        opened=latency([]),
        ready=latency([]),
        messages=messages,
        overall=latency([]),
        actions={},
        late=latency([]),
        errors={},
        client_cpu=0.0,
        server_cpu=server_cpu,
        server_bytes=0,
        server_threads=1,
        database_cpu=0.0,
    )


def rate(one: Measured) -> float:
    return one.per_second


def test_a_message_costs_the_processor_time_of_the_window_shared_by_all() -> None:
    assert measured(messages=1_000, seconds=2.0, server_cpu=0.5).server_us == 1_000.0


def test_relates_each_round_to_its_own_before_it_takes_the_median() -> None:
    some = [measured(100), measured(400), measured(90)]
    others = [measured(50), measured(100), measured(30)]
    assert ratio(some, others, rate) == 3.0
    assert median(some, rate) / median(others, rate) == 2.0


def test_leaves_rounds_without_an_answer_out_of_a_ratio() -> None:
    assert ratio([measured(100), measured(100)], [measured(0), measured(50)], rate) == 2.0
    assert math.isnan(ratio([measured(100)], [measured(0)], rate))


def turns(order: list[str]) -> dict[str, Callable[[], Measured]]:
    def turn(name: str) -> Callable[[], Measured]:
        def take() -> Measured:
            order.append(name)
            return measured()

        return take

    return {name: turn(name) for name in ("a", "b")}


def test_gives_each_its_turn_in_every_round() -> None:
    order: list[str] = []
    found = in_turn(turns(order), 2, lambda _said: None)
    assert order == ["a", "b", "a", "b"]
    assert {name: len(some) for name, some in found.items()} == {"a": 2, "b": 2}


def test_begins_no_round_for_which_there_is_no_time() -> None:
    order: list[str] = []
    in_turn(turns(order), 5, lambda _said: None, within_s=0.0)
    assert order == ["a", "b"]
