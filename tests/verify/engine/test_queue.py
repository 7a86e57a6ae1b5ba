"""Grouping, suspects and estimates."""

from itertools import pairwise

import pytest

from verify.engine.jobs import Done, Task
from verify.engine.queue import ATTEMPTS, JOB_SECONDS, LIMIT, Queue, Remaining


def chunks(claim, count):
    return [Task((claim, 0, i), print, {"claim": claim, "chunk": i}) for i in range(count)]


def done(task, seconds):
    return Done(task, None, seconds, seconds, None)


def drained(queue, workers, cost):
    jobs = []
    while queue:
        jobs.append(queue.take(workers))
        queue.learn([done(task, cost[task.tag[0]]) for task in jobs[-1]])
    return jobs


COST = {"cheap": 0.001, "dear": 0.3, "long": 20.0}
TODO = [*chunks("cheap", 3000), *chunks("dear", 40), *chunks("long", 5)]


@pytest.mark.parametrize("workers", [1, 2, 50])
@pytest.mark.parametrize("job_seconds", [0.0, JOB_SECONDS])
def test_every_task_is_given_out_once(workers, job_seconds):
    jobs = drained(Queue(TODO, job_seconds), workers, COST)
    given = [task.tag for job in jobs for task in job]
    assert sorted(given) == sorted(task.tag for task in TODO)
    if job_seconds == 0:
        assert all(len(job) == 1 for job in jobs)


def test_jobs_take_about_a_second_and_less_towards_the_end():
    jobs = drained(Queue(TODO), 2, COST)
    assert [len(job) for job in jobs[:3]] == [1, 1, 1]  # one of each kind first
    seconds = [sum(COST[task.tag[0]] for task in job) for job in jobs[3:]]
    assert max(seconds[4:]) <= 1.5 * JOB_SECONDS  # the long ones went first, each alone
    assert seconds[:4] == [20.0] * 4
    assert seconds[-1] < 0.1 * JOB_SECONDS
    assert len(jobs) < len(TODO) / 20
    kinds = [job[0].kind for job in jobs[3:]]
    assert sum(a != b for a, b in pairwise(kinds)) == 2  # dearest first, no kind mixed


def test_before_anything_is_known_jobs_are_single():
    queue = Queue(chunks("dear", 10))
    assert [len(queue.take(4)) for _ in range(4)] == [1] * 4


def test_only_the_guilty_task_is_given_up():
    queue = Queue(chunks("dear", 20))
    queue.learn([done(queue.take(1)[0], 0.1)])
    job = queue.take(1)
    assert len(job) > 3
    guilty, given_up, ran, deaths = job[2], [], [], 0
    assert queue.died(job) == []
    while queue:
        trial = queue.take(1)
        if guilty in trial:
            deaths += 1
            given_up += queue.died(trial)
        else:
            ran += trial
    assert deaths == ATTEMPTS
    assert [one.task for one in given_up] == [guilty]
    assert f"died {ATTEMPTS} times" in given_up[0].error
    assert len(ran) == 18


def test_a_task_may_be_added_while_others_run():
    queue = Queue(chunks("dear", 3))
    assert len(queue) == 3
    queue.learn([done(task, 1.0) for task in queue.take(1)])
    late = chunks("late", 1)[0]
    queue.add(late)
    queue.add(chunks("dear", 4)[3])
    assert queue.take(1) == (late,)  # what nothing is known of comes first
    left = []
    while queue:
        left += queue.take(1)
    assert len(queue) == 0
    assert left == chunks("dear", 4)[1:]


def test_a_task_that_does_not_end_is_given_up_and_not_run_again():
    queue = Queue(chunks("dear", 20), least_limit=5.0)
    assert queue.limit(queue.take(1)) == 5.0
    queue.learn([done(chunks("dear", 1)[0], 0.1)])
    job = queue.take(1)
    assert queue.limit(job) == pytest.approx(len(job) * LIMIT * 0.1)
    assert queue.out_of_time(job) == []  # any of them may be the one
    [given_up] = queue.out_of_time(queue.take(1))
    assert "its limit" in given_up.error
    ran = []
    while queue:
        ran += queue.take(1)
    assert given_up.task not in ran
    assert len(ran) == 18


def test_a_death_beside_others_is_held_against_nobody():
    queue = Queue(chunks("dear", 1))
    job = queue.take(1)
    for _ in range(10 * ATTEMPTS):
        queue.suspect(job)
        assert queue.suspects
        job = queue.take(1)
    assert queue.died(job) == []


def test_the_estimate_knows_every_kind_and_the_pace():
    now = [0.0]
    todo = [*chunks("a", 10), *chunks("b", 100)]
    remaining = Remaining(todo, clock=lambda: now[0])

    def after(wait, task, seconds):
        now[0] += wait
        remaining.learn(done(task, seconds))
        return remaining.seconds()

    assert after(60.0, todo[0], 5.0) is None  # of starting the workers nothing is said
    assert after(9.0, todo[1], 5.0) is None  # the price of b is not known
    assert after(1.0, todo[10], 15.0) == pytest.approx((8 * 5 + 99 * 15) * 10 / 20)
    for task in [*todo[2:10], *todo[11:-1]]:
        left = after(1.0, task, 1.0)
    assert 0 < left < 5
    assert after(1.0, todo[-1], 1.0) == 0.0


def test_nothing_is_said_of_the_pace_too_early():
    todo = chunks("a", 10)
    remaining = Remaining(todo, clock=lambda: 3.0)
    for task in todo[:5]:
        remaining.learn(done(task, 1.0))
    assert remaining.seconds() is None
