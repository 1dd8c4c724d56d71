from __future__ import annotations

import pytest

from bench.stages import read, shares

LOOP = "serve (voltherd/assembly/cli/serve.py:40);"
THREAD = "Thread._bootstrap (threading.py:1);Writer._run (voltherd/adapters/sql/writer.py:90);"


def test_lays_a_sample_to_the_innermost_stage_that_has_a_rule() -> None:
    stacks = {
        f"{THREAD}Connection.commit (sqlalchemy/engine/base.py:1)": 3,
        f"{THREAD}Batch.together (voltherd/adapters/sql/batch.py:60)": 1,
    }
    found = shares(stacks, loop_share=0.0)
    assert found == {"append: commit, with the disk": pytest.approx(0.75), "append: batches": pytest.approx(0.25)}


def test_weighs_loop_and_threads_by_the_processor_time_that_the_kernel_measured() -> None:
    stacks = {f"{LOOP}select (selectors.py:1)": 10, f"{THREAD}x (somewhere.py:1)": 1_000}
    found = shares(stacks, loop_share=0.6)
    assert found["event loop and the system"] == pytest.approx(0.6)
    assert found["append: batches"] == pytest.approx(0.4)


def test_takes_no_thread_that_waits_for_work_for_one_that_works() -> None:
    stacks = {
        "Thread._bootstrap (threading.py:1);_worker (concurrent/futures/thread.py:81)": 500,
        f"{THREAD}x (somewhere.py:1)": 1,
    }
    assert shares(stacks, loop_share=0.0) == {"append: batches": pytest.approx(1.0)}


def test_adds_up_the_lines_of_one_stack() -> None:
    assert read(["a (x.py:1);b (y z.py:2) 3", "a (x.py:1);b (y z.py:2) 4", "c (x.py:1) 1"]) == {
        "a (x.py:1);b (y z.py:2)": 7,
        "c (x.py:1)": 1,
    }
