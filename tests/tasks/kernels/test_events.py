"""The order of events, and counts of unmatched detections, against plain loops."""

import numpy as np
import pytest

from tasks.kernels.events import Events, Shard, SortedEvents, add_counts, count_unmatched, sort_events

N_CATEGORIES, N_RANGES = 4, 3
LIMITS = np.array([1, 5, 20], np.int32)


def shard(seed: int, n: int = 600) -> Shard:
    """Detections with many equal scores, each unit, class and rank once; some matched, class 3 never."""
    rng = np.random.default_rng(seed)
    place = rng.permutation(n)
    category = (place % N_CATEGORIES).astype(np.int32)
    return Shard(
        category,
        rng.integers(0, 20, n) / 20,
        place // N_CATEGORIES // 25 + 1000 * seed,
        (place // N_CATEGORIES % 25).astype(np.int32),
        rng.integers(0, 2**N_RANGES, n).astype(np.uint64),
        (rng.random(n) < 0.2) & (category < 3),
    )


def events_of(*shards: Shard) -> Events:
    """The matched detections of all shards; their outcomes carry the place, to be recognised by."""
    columns = [np.concatenate([s[i][s.matched] for s in shards]) for i in range(4)]
    bits = np.arange(len(columns[0]))[:, None] >> np.arange(12) & 1
    outcomes = bits.astype(bool).reshape(-1, 3, 4)
    return Events(columns[0], columns[1], columns[2], columns[3], outcomes, ~outcomes)


def key(row: Events | Shard, i: int) -> tuple[float, int, int]:
    """Where a detection stands on its class's curve."""
    return (-float(row.score[i]), int(row.unit_order[i]), int(row.rank[i]))


def counted_by_hand(sorted_events: SortedEvents, shards: list[Shard]) -> tuple[np.ndarray, np.ndarray]:
    """The same counts by looking at every event for every detection."""
    indptr, events = sorted_events.indptr, sorted_events.events
    before = np.zeros((len(events.rank), len(LIMITS), N_RANGES), int)
    top = np.full((N_CATEGORIES, len(LIMITS)), -np.inf)
    for part in shards:
        for i, k in enumerate(part.category):
            m = np.flatnonzero(part.rank[i] < LIMITS)
            top[k, m] = np.maximum(top[k, m], part.score[i])
            after = [e for e in range(indptr[k], indptr[k + 1]) if key(events, e) > key(part, i)]
            if len(m) and after and not part.matched[i]:
                before[after[0], m[0]] += [int(part.outside[i]) >> a & 1 == 0 for a in range(N_RANGES)]
    return before, top


def test_events_stand_by_class_score_unit_and_rank() -> None:
    """Sorted events ascend by (category, -score, unit order, rank), and their outcomes go with them."""
    events = events_of(shard(1), shard(2))
    indptr, ordered, _ = sort_events(events, N_CATEGORIES)
    order = np.lexsort((events.rank, events.unit_order, -events.score, events.category))
    assert all(np.array_equal(a[order], b) for a, b in zip(events, ordered, strict=True))
    assert np.array_equal(indptr, np.searchsorted(ordered.category, np.arange(N_CATEGORIES + 1)))


def test_scores_of_any_sign_descend() -> None:
    """To infinity on both sides; zeros of either sign are alike, and fall by unit."""
    score = np.array([0.0, -0.0, -np.inf, np.inf, -1.5, 0.5, -0.0, 1e-310, -1e-310, -1.5])
    n = len(score)
    events = Events(
        np.zeros(n, np.int32), score, np.arange(n)[::-1].copy(), np.zeros(n, np.int32), *(np.ones((2, n, 1, 1), bool))
    )
    _, ordered, _ = sort_events(events, 1)
    order = np.lexsort((events.unit_order, -(score + 0.0)))
    assert np.array_equal(ordered.unit_order, events.unit_order[order])


def test_order_of_shards_does_not_matter() -> None:
    """Events that come in another order are sorted the same."""
    one, two = (
        sort_events(events_of(shard(1), shard(2)), 4).events,
        sort_events(events_of(shard(2), shard(1)), 4).events,
    )
    assert all(np.array_equal(a, b) for a, b in zip(one[:4], two[:4], strict=True))


def test_unmatched_detections_are_counted_before_the_next_event() -> None:
    """Counts and best scores are those of a plain loop, ties in score decided by unit and rank."""
    shards = [shard(1), shard(2)]
    sorted_events = sort_events(events_of(*shards), N_CATEGORIES)
    before, top = counted_by_hand(sorted_events, shards)
    counts = count_unmatched(sorted_events, shards, LIMITS, N_RANGES)
    assert before.sum() > 500
    assert np.array_equal(counts.before, before)
    assert np.array_equal(counts.top_score, top)


def test_parts_add_up_to_the_whole() -> None:
    """Counting shard by shard and adding equals counting all at once; the first part takes the others in."""
    shards = [shard(1), shard(2), shard(3, 40)]
    sorted_events = sort_events(events_of(*shards), N_CATEGORIES)
    parts = [count_unmatched(sorted_events, [part], LIMITS, N_RANGES) for part in shards]
    whole = count_unmatched(sorted_events, shards, LIMITS, N_RANGES)
    together = add_counts(parts)
    assert all(np.array_equal(a, b) for a, b in zip(together, whole, strict=True))
    assert together.before is parts[0].before


def test_parts_that_cannot_be_written_to_add_up_too() -> None:
    """What comes from another process may be memory that is only read."""
    shards = [shard(1), shard(2)]
    sorted_events = sort_events(events_of(*shards), N_CATEGORIES)
    parts = [count_unmatched(sorted_events, [part], LIMITS, N_RANGES) for part in shards]
    for array in (array for part in parts for array in part):
        array.flags.writeable = False
    whole = count_unmatched(sorted_events, shards, LIMITS, N_RANGES)
    assert all(np.array_equal(a, b) for a, b in zip(add_counts(parts), whole, strict=True))


def test_shards_are_added_to_counts_that_are_handed_over() -> None:
    """One after another into the same arrays comes to what all at once do."""
    shards = [shard(1), shard(2), shard(3, 40)]
    sorted_events = sort_events(events_of(*shards), N_CATEGORIES)
    counts = count_unmatched(sorted_events, shards[:1], LIMITS, N_RANGES)
    before = counts.before
    for part in shards[1:]:
        counts = count_unmatched(sorted_events, [part], LIMITS, N_RANGES, counts)
    whole = count_unmatched(sorted_events, shards, LIMITS, N_RANGES)
    assert counts.before is before
    assert all(np.array_equal(a, b) for a, b in zip(counts, whole, strict=True))


@pytest.mark.parametrize("n_shards", [0, 1])
def test_nothing_counts_nothing(n_shards: int) -> None:
    """Without shards, or with an empty one, there are no events, no counts and no best score."""
    shards = [shard(1, 0)] * n_shards
    sorted_events = sort_events(events_of(shard(1, 0)), N_CATEGORIES)
    counts = count_unmatched(sorted_events, shards, LIMITS, N_RANGES)
    assert sorted_events.indptr.tolist() == [0] * 5
    assert counts.before.shape == (0, 3, 3)
    assert np.all(counts.top_score == -np.inf)
