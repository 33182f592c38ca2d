import datetime as dt

import pytest

pytestmark = pytest.mark.usefixtures("clock")
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
MILLISECOND = dt.timedelta(milliseconds=1)
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
STATES = ("CREATED", "RUNNING", "COMPLETED", "FAILED", "PARTIAL")


def child(copy_jobs, job_id, starts, completes, outcome="COMPLETED", **fields):
    """A child of P that starts and completes so many minutes after noon."""
    return copy_jobs.schedule(
        CopyJobId=job_id,
        ParentJobId="P",
        starts_after=starts * MINUTE,
        completes_after=completes * MINUTE,
        outcome=outcome,
        **fields,
    )


@pytest.fixture
def family(copy_jobs):
    """A parent that says nothing of itself; children that run from 1 and 5 on, complete at 10, fail at 20."""
    copy_jobs.add(CopyJobId="P", ResourceType="CloudFormation")
    child(copy_jobs, "A", 1, 10)
    child(copy_jobs, "B", 5, 20, outcome="FAILED")


def described(client, job_id="P"):
    return client.describe_copy_job(CopyJobId=job_id)["CopyJob"]


def ids(client, **parameters):
    return [job["CopyJobId"] for job in client.list_copy_jobs(**parameters)["CopyJobs"]]


LIFE = [
    pytest.param(0 * MINUTE, "CREATED", {"CREATED": 2}, id="created"),
    pytest.param(MINUTE - MILLISECOND, "CREATED", {"CREATED": 2}, id="created-to-the-last-millisecond"),
    pytest.param(MINUTE, "RUNNING", {"CREATED": 1, "RUNNING": 1}, id="the-first-child-runs"),
    pytest.param(5 * MINUTE, "RUNNING", {"RUNNING": 2}, id="both-run"),
    pytest.param(10 * MINUTE, "RUNNING", {"COMPLETED": 1, "RUNNING": 1}, id="the-first-is-complete"),
    pytest.param(20 * MINUTE - MILLISECOND, "RUNNING", {"COMPLETED": 1, "RUNNING": 1}, id="just-before-the-last"),
    pytest.param(20 * MINUTE, "PARTIAL", {"COMPLETED": 1, "FAILED": 1}, id="the-last-has-failed"),
    pytest.param(DAY, "PARTIAL", {"COMPLETED": 1, "FAILED": 1}, id="for-good"),
]


@pytest.mark.parametrize(("after", "state", "children"), LIFE)
def test_a_parents_state_follows_its_children_by_the_clock(family, client, clock, after, state, children):
    clock.move_to(NOON + after)
    assert (described(client)["State"], described(client)["ChildJobsInState"]) == (state, children)


@pytest.mark.parametrize(("after", "state", "children"), LIFE)
def test_a_parent_is_found_by_its_state_of_the_moment_and_by_no_other(family, client, clock, after, state, children):
    clock.move_to(NOON + after)
    assert {wanted for wanted in STATES if "P" in ids(client, ByState=wanted)} == {state}


def test_a_parent_is_where_its_children_are_after_each_jump_of_the_clock(family, client, clock):
    seen = []
    for after in (0, 20, 5, 20, 0, 7):
        clock.move_to(NOON + after * MINUTE)
        seen.append(described(client)["State"])
    assert seen == ["CREATED", "PARTIAL", "RUNNING", "PARTIAL", "CREATED", "RUNNING"]


def test_a_parent_completes_when_the_last_of_its_children_does(family, client, clock):
    clock.move_to(NOON + DAY)
    assert described(client)["CompletionDate"] == NOON + 20 * MINUTE
    assert "P" in ids(client, ByCompleteAfter=NOON + 20 * MINUTE - MILLISECOND)
    assert "P" not in ids(client, ByCompleteAfter=NOON + 20 * MINUTE)


def test_a_parent_shows_no_completion_before_and_none_again_after_a_rewind(family, client, clock):
    for after in (0, 19, 20, 19):
        clock.move_to(NOON + after * MINUTE)
        assert ("CompletionDate" in described(client)) == (after == 20)


def test_a_parent_whose_children_all_complete_completes(copy_jobs, client, clock):
    copy_jobs.add(CopyJobId="P", ResourceType="CloudFormation")
    child(copy_jobs, "A", 1, 10)
    child(copy_jobs, "B", 1, 20)
    clock.move_to(NOON + 20 * MINUTE)
    parent = described(client)
    assert (parent["State"], parent["MessageCategory"]) == ("COMPLETED", "SUCCESS")


def test_a_parent_does_not_count_a_child_that_is_not_created_yet(copy_jobs, client, clock):
    copy_jobs.add(CopyJobId="P", ResourceType="CloudFormation")
    child(copy_jobs, "A", 1, 2)
    child(copy_jobs, "B", 1, 2, CreationDate=NOON + 10 * MINUTE)
    clock.move_to(NOON + 5 * MINUTE)
    assert (described(client)["NumberOfChildJobs"], described(client)["State"]) == (1, "COMPLETED")
    clock.move_to(NOON + 10 * MINUTE)
    assert (described(client)["NumberOfChildJobs"], described(client)["State"]) == (2, "RUNNING")


def test_a_parent_follows_a_child_that_the_test_ends(family, copy_jobs, client, clock):
    clock.move_to(NOON + 15 * MINUTE)
    copy_jobs["B"].complete()
    assert (described(client)["State"], described(client)["CompletionDate"]) == ("COMPLETED", NOON + 15 * MINUTE)
    clock.move_to(NOON + 15 * MINUTE - MILLISECOND)
    assert described(client)["State"] == "RUNNING"


def test_a_parent_follows_the_children_that_are_left(family, copy_jobs, client, clock):
    clock.move_to(NOON + 15 * MINUTE)
    copy_jobs.remove("B")
    assert (described(client)["State"], described(client)["ChildJobsInState"]) == ("COMPLETED", {"COMPLETED": 1})


def test_a_parent_follows_the_children_that_stay_when_one_goes_to_another(family, copy_jobs, client, clock):
    clock.move_to(NOON + 15 * MINUTE)
    copy_jobs["B"].update(ParentJobId=None)
    assert (described(client)["State"], described(client)["ChildJobsInState"]) == ("COMPLETED", {"COMPLETED": 1})


def test_a_grandparent_follows_by_the_clock(copy_jobs, client, clock):
    copy_jobs.add(CopyJobId="G", ResourceType="CloudFormation")
    copy_jobs.add(CopyJobId="P", ResourceType="CloudFormation", ParentJobId="G")
    child(copy_jobs, "A", 1, 10, outcome="FAILED")
    seen = []
    for after in (0, 1, 10, 1):
        clock.move_to(NOON + after * MINUTE)
        seen.append((described(client, "P")["State"], described(client, "G")["State"]))
    assert seen == [(state, state) for state in ("CREATED", "RUNNING", "FAILED", "RUNNING")]


class TestAScheduledParent:
    @pytest.fixture
    def parent(self, copy_jobs):
        """It runs from 3 on and completes at 30; its children run from 1 and 5 on, complete at 10, fail at 20."""
        parent = copy_jobs.schedule(
            CopyJobId="P",
            ResourceType="CloudFormation",
            starts_after=3 * MINUTE,
            completes_after=30 * MINUTE,
            outcome="PARTIAL",
        )
        child(copy_jobs, "A", 1, 10)
        child(copy_jobs, "B", 5, 20, outcome="FAILED")
        return parent

    @pytest.mark.parametrize(
        ("after", "states"),
        [
            (0, ("CREATED", "CREATED", "CREATED")),
            (1, ("CREATED", "RUNNING", "CREATED")),
            (3, ("RUNNING", "RUNNING", "CREATED")),
            (5, ("RUNNING", "RUNNING", "RUNNING")),
            (10, ("RUNNING", "COMPLETED", "RUNNING")),
            (20, ("RUNNING", "COMPLETED", "FAILED")),
            (30, ("PARTIAL", "COMPLETED", "FAILED")),
        ],
    )
    def test_and_its_children_move_on_their_own(self, parent, client, clock, after, states):
        clock.move_to(NOON + after * MINUTE)
        assert tuple(described(client, job_id)["State"] for job_id in "PAB") == states

    def test_counts_its_children_by_the_clock(self, parent, client, clock):
        seen = []
        for after in (0, 5, 10, 20, 30, 5):
            clock.move_to(NOON + after * MINUTE)
            job = described(client)
            assert (job["IsParent"], job["NumberOfChildJobs"]) == (True, 2)
            seen.append(job["ChildJobsInState"])
        assert seen == [
            {"CREATED": 2},
            {"RUNNING": 2},
            {"COMPLETED": 1, "RUNNING": 1},
            {"COMPLETED": 1, "FAILED": 1},
            {"COMPLETED": 1, "FAILED": 1},
            {"RUNNING": 2},
        ]

    def test_completes_when_its_own_schedule_says(self, parent, client, clock):
        clock.move_to(NOON + DAY)
        assert described(client)["CompletionDate"] == NOON + 30 * MINUTE

    def test_leaves_its_children_alone_when_it_fails(self, parent, client, clock):
        clock.move_to(NOON + 7 * MINUTE)
        parent.fail("no")
        assert [described(client, job_id)["State"] for job_id in "PAB"] == ["FAILED", "RUNNING", "RUNNING"]
        clock.move_to(NOON + 20 * MINUTE)
        assert [described(client, job_id)["State"] for job_id in "PAB"] == ["FAILED", "COMPLETED", "FAILED"]

    def test_lists_its_children_by_their_state(self, parent, client, clock):
        clock.move_to(NOON + 10 * MINUTE)
        assert ids(client, ByParentJobId="P", ByState="RUNNING") == ["B"]
        assert ids(client, ByParentJobId="P", ByState="COMPLETED") == ["A"]


def transitions(events):
    """The parent's own events: state and moment. A created one names no job."""
    return [(event["detail"]["state"], event["time"]) for event in events if event["detail"].get("copyJobId") == "P"]


def test_the_events_of_a_parent_follow_its_children(family, copy_jobs, clock):
    clock.move_to(NOON + DAY)
    assert transitions(copy_jobs.events()) == [
        ("RUNNING", "2026-03-01T12:01:00Z"),
        ("PARTIAL", "2026-03-01T12:20:00Z"),
    ]


def test_a_handler_fed_minute_by_minute_sees_each_state_of_a_parent(family, copy_jobs, clock):
    seen = []
    for minute in range(1, 31):
        clock.move_to(NOON + minute * MINUTE)
        seen += transitions(copy_jobs.events(since=NOON + (minute - 1) * MINUTE))
    assert [state for state, _ in seen] == ["RUNNING", "PARTIAL"]
