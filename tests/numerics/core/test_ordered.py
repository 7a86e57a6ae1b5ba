"""How far threads run ahead of what is taken."""

import pytest

from numerics.core.threads import ordered


@pytest.mark.parametrize("workers", [2, 3, 5])
def test_two_chunks_a_thread_are_begun_before_they_are_asked_for(workers):
    """And one more with each result: what waits does not grow with the chunks."""
    asked = []

    def chunks():
        for i in range(40):
            asked.append(i)
            yield i

    found = ordered(abs, chunks(), workers)
    for taken in range(1, 41):
        assert next(found) == taken - 1
        assert len(asked) == min(40, taken + 2 * workers)
    assert list(found) == []


def test_one_thread_takes_a_chunk_when_it_is_asked_for():
    asked = []
    found = ordered(lambda i: i, (asked.append(i) or i for i in range(5)))
    assert asked == []
    assert next(found) == 0
    assert asked == [0]
