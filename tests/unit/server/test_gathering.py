"""Requests that wait at the same time are answered together, and each gets its own answer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from mlyard.core.errors import InvalidParameter, TemporarilyUnavailable
from mlyard.server.deliveries import Deliveries
from mlyard.server.gathering import Gathering
from tests.conftest import finished


def outcomes(answer: Any, requests: Sequence[Any]) -> list[Any]:
    """What each request gets, if all come at the same time."""

    async def all_at_once() -> list[Any]:
        with ThreadPoolExecutor(4) as threads:
            gathering = Gathering(answer, threads)
            return await asyncio.gather(*(gathering.add(each) for each in requests), return_exceptions=True)

    return finished(all_at_once())


def test_each_request_gets_its_answer_and_many_are_one_call() -> None:
    groups: list[int] = []

    def doubled(requests: Sequence[int]) -> list[int]:
        groups.append(len(requests))
        return [2 * each for each in requests]

    assert outcomes(doubled, range(300)) == [2 * each for each in range(300)]
    assert len(groups) < 10


def test_an_error_in_a_place_is_the_outcome_of_that_request() -> None:
    def refuse_odd(requests: Sequence[int]) -> list[Any]:
        return [InvalidParameter(str(each)) if each % 2 else each for each in requests]

    found = outcomes(refuse_odd, range(4))
    assert (found[0], found[2]) == (0, 2)
    assert [str(each) for each in found[1::2]] == ["1", "3"]


def test_only_the_bad_request_of_a_group_fails() -> None:
    def inverse(requests: Sequence[int]) -> list[float]:
        return [1 / each for each in requests]

    found = outcomes(inverse, [1, 2, 0, 4])
    assert [found[0], found[1], found[3]] == [1, 0.5, 0.25]
    assert isinstance(found[2], ZeroDivisionError)


def test_a_group_is_not_repeated_while_the_store_is_away() -> None:
    calls: list[int] = []

    def away(requests: Sequence[int]) -> list[int]:
        calls.append(len(requests))
        raise TemporarilyUnavailable("away")

    assert all(isinstance(each, TemporarilyUnavailable) for each in outcomes(away, range(50)))
    assert calls == [50]


def test_a_slow_group_does_not_hold_up_those_that_come_later() -> None:
    later = threading.Event()

    def answer(requests: Sequence[str]) -> Sequence[str]:
        if "slow" in requests:
            assert later.wait(30)
        return requests

    async def both() -> str:
        with ThreadPoolExecutor(4) as threads:
            gathering = Gathering(answer, threads)
            slow = gathering.add("slow")
            await asyncio.sleep(0)  # the group with the slow request starts
            assert await gathering.add("quick") == "quick"
            later.set()
            return str(await slow)

    assert finished(both()) == "slow"


def test_results_and_errors_of_threads_arrive_where_they_are_expected() -> None:
    async def arrive() -> list[Any]:
        deliveries = Deliveries()
        submitted: list[Future[int]] = [Future() for _ in range(100)]
        expected = [deliveries.expect(each) for each in submitted]
        expected[5].cancel()

        def work() -> None:
            for number, each in enumerate(submitted):
                if number % 10:
                    each.set_result(number)
                else:
                    each.set_exception(InvalidParameter(str(number)))

        await asyncio.to_thread(work)
        return await asyncio.gather(*expected, return_exceptions=True)

    found = finished(arrive())
    assert isinstance(found[5], asyncio.CancelledError)
    for number, each in enumerate(found):
        if number % 10 == 0:
            assert isinstance(each, InvalidParameter)
            assert str(each) == str(number)
        elif number != 5:
            assert each == number
