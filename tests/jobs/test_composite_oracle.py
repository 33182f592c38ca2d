"""Random forests of jobs under random changes, against an oracle that derives each parent anew and shares no code."""

import datetime as dt
from collections import Counter

import boto3
import pytest
from depth import cases
from freezegun import freeze_time
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from mock_copyjobs import InvalidFieldError, mock_copy_jobs

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
MINUTE = dt.timedelta(minutes=1)
ALWAYS = dt.datetime.min.replace(tzinfo=dt.timezone.utc)
TERMINAL = {"COMPLETED", "FAILED", "PARTIAL"}
STATES = ("CREATED", "RUNNING", *sorted(TERMINAL))
NAMES = tuple("ABCDEFGHIJ")

names = st.sampled_from(NAMES)
parents = st.none() | names
states = st.sampled_from(STATES)
minutes = st.integers(0, 6)
changes = st.one_of(
    st.tuples(st.just("add"), names, parents, st.none() | states),
    st.tuples(st.just("add_many"), st.permutations(NAMES), st.lists(parents, min_size=2, max_size=5)),
    st.tuples(st.just("schedule"), names, parents, st.sampled_from(sorted(TERMINAL)), minutes, minutes),
    st.tuples(st.just("move"), names, parents),
    st.tuples(st.just("move"), names, parents),
    st.tuples(st.just("enter"), names, states),
    st.tuples(st.just("rename"), names),
    st.tuples(st.just("remove"), names),
    st.tuples(st.just("clock"), st.integers(-8, 8)),
)


class Version:
    """What a job shows from a moment on: its own state and completion, its parent, whether its state was given."""

    def __init__(self, start, state, completed, parent, given):
        self.start, self.state, self.completed, self.parent, self.given = start, state, completed, parent, given

    def under(self, parent, start=None):
        return Version(start or self.start, self.state, self.completed, parent, self.given)


class Oracle:
    """Jobs as lists of versions; a job that was added and not scheduled has one, which holds at all times."""

    def __init__(self):
        self.now = NOON
        self.jobs = {}

    def at(self, moment):
        """The version of each job that is there at a moment."""
        there = {}
        for name, versions in self.jobs.items():
            for version in versions:
                if version.start <= moment:
                    there[name] = version
        return there

    def circular(self):
        for moment in {version.start for versions in self.jobs.values() for version in versions}:
            there = self.at(moment)
            for name in there:
                above = name
                for _ in range(len(there) + 1):
                    above = there[above].parent if above in there else None
                if above is not None:
                    return True
        return False

    def shown(self, name, there):
        """State, completion and counts of a job, from those of its children."""
        job = there[name]
        children = [self.shown(child, there) for child in there if there[child].parent == name]
        counts = Counter(state for state, _, _ in children)
        if not children or job.given:
            return job.state, job.completed, counts
        if set(counts) == {"CREATED"}:
            return "CREATED", None, counts
        if not set(counts) <= TERMINAL:
            return "RUNNING", None, counts
        return (*counts, "PARTIAL")[0 if len(counts) == 1 else -1], max(done for _, done, _ in children), counts

    def changed(self, name, change):
        """The versions of a job with a change as of now: of a scheduled one, the past stays."""
        versions = self.jobs[name]
        if versions[0].start == ALWAYS:
            return [change(versions[0], ALWAYS)]
        past = [version for version in versions if version.start < self.now]
        rest = [change(version, version.start) for version in versions if version.start > self.now]
        return [*past, change(self.at(self.now)[name], self.now), *rest]


class Pair:
    """A registry and its oracle, which get the same changes."""

    def __init__(self, clock):
        self.clock = clock
        self.clock.move_to(NOON)
        self.oracle = Oracle()

    def refused(self, work, versions):
        """Does a piece of work; it has to be refused where the jobs would come to have a circle, and only there."""
        before = dict(self.oracle.jobs)
        self.oracle.jobs.update(versions)
        if not self.oracle.circular():
            work()
            return
        self.oracle.jobs = before
        event("refused")
        with pytest.raises(InvalidFieldError, match=r"^ParentJobId: .* (closes a circle: .* -> |is the job itself)"):
            work()

    def added(self, name, parent, state):
        now = self.oracle.now
        shown = state or "COMPLETED"
        return {name: [Version(ALWAYS, shown, now if shown in TERMINAL else None, parent, state is not None)]}

    def apply(self, registry, kind, *values):
        oracle = self.oracle
        if kind == "clock":
            oracle.now += values[0] * MINUTE
            self.clock.move_to(oracle.now)
        elif kind == "add_many":
            free = [name for name in values[0] if name not in oracle.jobs][: len(values[1])]
            versions = {}
            for name, parent in zip(free, values[1], strict=False):
                versions.update(self.added(name, parent, None))
            self.refused(
                lambda: registry.add_many(len(free), CopyJobId=free.__getitem__, ParentJobId=values[1].__getitem__),
                versions,
            )
        elif values[0] not in oracle.jobs if kind in ("add", "schedule") else values[0] in oracle.at(oracle.now):
            getattr(self, kind)(registry, *values)

    def add(self, registry, name, parent, state):
        fields = {} if state is None else {"State": state}
        self.refused(
            lambda: registry.add(CopyJobId=name, ParentJobId=parent, **fields), self.added(name, parent, state)
        )

    def schedule(self, registry, name, parent, outcome, ahead, run):
        created = self.oracle.now + (ahead - 3) * MINUTE
        done = created + (1 + run) * MINUTE
        versions = [
            Version(created, "CREATED", None, parent, True),
            Version(created + MINUTE, "RUNNING", None, parent, True),
            Version(done, outcome, done, parent, True),
        ]
        work = lambda: registry.schedule(  # noqa: E731
            CopyJobId=name, ParentJobId=parent, CreationDate=created, completes_after=done - created, outcome=outcome
        )
        self.refused(work, {name: versions})

    def move(self, registry, name, parent):
        versions = self.oracle.changed(name, lambda version, start: version.under(parent, start))
        self.refused(lambda: registry[name].update(ParentJobId=parent), {name: versions})

    def enter(self, registry, name, state):
        now = self.oracle.now
        done = now if state in TERMINAL else None
        versions = self.oracle.changed(name, lambda version, start: Version(start, state, done, version.parent, True))
        registry[name].update(State=state)
        self.oracle.jobs[name] = [version for version in versions if version.start <= now]

    def rename(self, registry, name):
        self.oracle.jobs[name] = self.oracle.changed(name, lambda version, start: version.under(version.parent, start))
        registry[name].update(ResourceName="renamed")

    def remove(self, registry, name):
        registry.remove(name)
        del self.oracle.jobs[name]

    def agree(self, client):
        there = self.oracle.at(self.oracle.now)
        expected = {name: self.oracle.shown(name, there) for name in there}
        listed = client.list_copy_jobs()["CopyJobs"]
        assert {
            job["CopyJobId"]: (job["State"], job.get("CompletionDate"), job.get("ChildJobsInState", {}))
            for job in listed
        } == expected
        assert {job["CopyJobId"]: job.get("NumberOfChildJobs", 0) for job in listed} == {
            name: counts.total() for name, (_, _, counts) in expected.items()
        }
        for state in STATES:
            found = client.list_copy_jobs(ByState=state)["CopyJobs"]
            assert {job["CopyJobId"] for job in found} == {name for name in expected if expected[name][0] == state}


@settings(
    derandomize=True, deadline=None, database=None, max_examples=cases(40), suppress_health_check=list(HealthCheck)
)
@given(st.lists(st.tuples(changes, st.booleans()), max_size=40))
def test_parents_agree_with_a_derivation_from_scratch(steps):
    # Hypothesis times its own steps, which shall not go backward.
    with freeze_time(NOON, ignore=["hypothesis"]) as clock, mock_copy_jobs() as registry:
        pair = Pair(clock)
        client = boto3.client("backup")
        for change, read in [*steps, (("clock", 0), True)]:
            pair.apply(registry, *change)
            if read:
                pair.agree(client)
        client.close()
