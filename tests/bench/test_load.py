from __future__ import annotations

import argparse

import pytest

from bench.fleet import source_address
from bench.load import OutOfBoundsError, add_plan, plan_of


def chosen(*flags: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_plan(parser)
    parser.add_argument("--windows", type=int, default=1)
    return parser.parse_args(flags)


@pytest.mark.parametrize("url", ["ws://127.0.0.1:9000/ocpp", "ws://localhost/ocpp", "ws://[::1]:9000/ocpp"])
def test_puts_load_on_this_machine(url: str) -> None:
    assert plan_of(chosen("--stations", "20000"), url).stations == 20_000


@pytest.mark.parametrize("url", ["ws://example.org/ocpp", "ws://10.0.0.1/ocpp", "wss://127.0.0.1/ocpp", "127.0.0.1"])
def test_puts_load_on_no_other(url: str) -> None:
    with pytest.raises(OutOfBoundsError, match="on this machine"):
        plan_of(chosen(), url)


@pytest.mark.parametrize(
    "flags",
    [
        ("--stations", "0"),
        ("--stations", "20001"),
        ("--seconds", "1201"),
        ("--seconds", "1199", "--warm-up", "2"),
        ("--seconds", "20", "--windows", "61"),
    ],
)
def test_has_bounds(flags: tuple[str, ...]) -> None:
    with pytest.raises(OutOfBoundsError, match="stations"):
        plan_of(chosen(*flags), "ws://127.0.0.1/ocpp")


def test_connects_from_further_addresses_when_the_ports_of_one_run_out() -> None:
    sources = {number: source_address(number, 10_000) for number in (0, 7_999, 8_000, 15_999, 16_000)}
    assert sources == {
        0: None,
        7_999: None,
        8_000: ("127.0.0.2", 0),
        15_999: ("127.0.0.2", 0),
        16_000: ("127.0.0.3", 0),
    }
