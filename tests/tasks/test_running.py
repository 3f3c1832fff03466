"""Working on shards in turn and over threads."""

import threading
import time
from collections.abc import Iterator

import pytest

from schemas.records import Run
from tasks import running
from tasks.running import at_once, serial, side_by_side, threaded

RUNS = pytest.mark.parametrize("run", [serial, threaded(1), threaded(2), threaded(5)])


@RUNS
@pytest.mark.parametrize("count", [0, 1, 40])
def test_results_come_in_the_order_of_the_shards(run: Run, count: int) -> None:
    """Every shard gives one result, in its place, also when there is none."""
    assert list(run(lambda shard: shard * shard, range(count), label="squares")) == [k * k for k in range(count)]


@RUNS
def test_shards_are_taken_as_results_are_asked_for(run: Run) -> None:
    """Of an endless list no more shards are taken than may be under way beside the results."""
    taken: list[int] = []

    def shards() -> Iterator[int]:
        while True:
            taken.append(len(taken))
            yield taken[-1]

    results = run(lambda shard: shard, shards())
    assert taken == []
    assert [next(results) for _ in range(10)] == list(range(10))
    assert len(taken) <= 10 + 2 * 5
    close = getattr(results, "close", lambda: None)
    close()


@RUNS
def test_an_error_surfaces_in_its_place_and_ends_the_work(run: Run) -> None:
    """Results in front of it come, none after it, and what waits is not begun."""
    begun: list[int] = []

    def work(shard: int) -> int:
        begun.append(shard)
        if shard == 3:
            raise ValueError("broken shard")
        return shard

    results = run(work, range(1_000))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="broken shard"):
        next(results)
    assert next(results, None) in {None, 4}  # `map` goes on, where threads have ended
    assert len(begun) <= 5 + 2 * 5


@pytest.mark.parametrize("cores", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 9])
def test_few_things_at_once_have_their_results_in_order(
    cores: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On one core they are done in turn."""
    monkeypatch.setattr(running, "usable_cores", lambda: cores)
    assert at_once(lambda item: item * item, range(count)) == [k * k for k in range(count)]


def test_the_last_of_few_things_does_not_wait_for_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long one is under way while all others are done."""
    monkeypatch.setattr(running, "usable_cores", lambda: 2)
    last = threading.Event()

    def work(item: int) -> bool:
        if item == 8:
            last.set()
        return item != 0 or last.wait(10)

    assert all(at_once(work, range(9)))


def test_an_error_of_one_of_few_things_surfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once what is under way is over."""
    monkeypatch.setattr(running, "usable_cores", lambda: 2)
    with pytest.raises(ZeroDivisionError):
        at_once(lambda item: 1 // item, [1, 0, 2])


def test_an_error_of_the_shards_themselves_surfaces() -> None:
    """What raises while it makes shards is not mistaken for their end."""

    def shards() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        list(threaded(2)(lambda shard: shard, shards()))


def test_two_threads_work_at_once() -> None:
    """Each of two shards waits until the other has begun."""
    both = threading.Barrier(2, timeout=20)
    assert len(list(threaded(2)(lambda _: both.wait(), range(2)))) == 2


def test_leaving_early_drops_what_waits() -> None:
    """Closing the results cancels the shards that have not begun."""
    begun: list[int] = []
    results = threaded(2)(begun.append, range(1_000))
    next(results)
    assert isinstance(results, Iterator)
    results.close()  # type: ignore[attr-defined]
    count = len(begun)
    assert count <= 1 + 4
    assert len(begun) == count


@pytest.mark.parametrize(("threads", "own"), [(4, 2), (1, 1)])
def test_things_done_side_by_side_share_the_threads(threads: int, own: int) -> None:
    """Of four threads each of two gets two; of one thread each still has its own; results come in order."""
    begun = [threading.Barrier(own, timeout=20) for _ in range(2)]

    def work(item: int, _: threading.Event) -> tuple[int, int]:
        def name(_: int) -> str:
            begun[item].wait()
            return threading.current_thread().name

        return item, len(set(threaded(threads)(name, range(2))))

    assert side_by_side(work, [0, 1]) == [(0, own), (1, own)]
    assert side_by_side(work, []) == []


def _until_alone() -> None:
    """Wait until all that is done beside the thread's own is over."""
    deadline = time.monotonic() + 20
    while running._OF_THREAD.sides.under_way > 1 and time.monotonic() < deadline:
        time.sleep(0.001)


def test_the_last_shard_has_the_threads_of_the_others() -> None:
    """What it does over threads is done in turn while another shard is under way, and at once when none is."""
    alone = threading.Event()

    def names(shard: int) -> tuple[set[str], set[str]]:
        if shard == 0:
            assert alone.wait(timeout=20)
            return set(), set()
        in_turn = set(threaded(2)(lambda _: threading.current_thread().name, range(4)))
        alone.set()
        _until_alone()
        both = threading.Barrier(2, timeout=20)

        def meet(_: int) -> str:
            both.wait()
            return threading.current_thread().name

        return in_turn, set(threaded(2)(meet, range(2)))

    _, (in_turn, at_last) = threaded(2)(names, range(2))
    assert len(in_turn) == 1
    assert len(at_last) == 2


def test_the_last_side_has_all_threads() -> None:
    """It goes on with them, in order, once the other one is over: nobody else needs them."""
    begun = threading.Event()

    def until_alone() -> Iterator[int]:
        yield from range(3)
        begun.set()
        _until_alone()
        yield from range(3, 9)

    def work(item: int, _: threading.Event) -> list[tuple[int, str]]:
        if item == 0:
            assert begun.wait(timeout=20)
            return []
        return list(threaded(2)(lambda shard: (shard, threading.current_thread().name), until_alone(), label="on"))

    nothing, found = side_by_side(work, [0, 1])
    assert nothing == []
    assert [shard for shard, _ in found] == list(range(9))
    assert [name.startswith("on") for _, name in found] == [False] * 4 + [True] * 5


def test_an_error_tells_the_other_side_to_stop() -> None:
    """Who waits for the event ends when another fails, whose error surfaces."""

    def work(item: int, stop: threading.Event) -> None:
        if item == 1:
            raise ValueError("broken side")
        assert stop.wait(timeout=20)

    with pytest.raises(ValueError, match="broken side"):
        side_by_side(work, [0, 1])
