import datetime as dt

import pytest

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def family(copy_jobs):
    """Adds a parent, P, and a child in each of the given states: C0, C1 ..."""

    def add(*states, **parent):
        copy_jobs.add(CopyJobId="P", ResourceType="CloudFormation", CreationDate=NOON, **parent)
        children = [
            copy_jobs.add(CopyJobId=f"C{n}", ParentJobId="P", State=state, CreationDate=NOON - (n + 1) * MINUTE)
            for n, state in enumerate(states)
        ]
        return copy_jobs["P"], children

    return add


def ids(client, **parameters):
    return [job["CopyJobId"] for job in client.list_copy_jobs(**parameters)["CopyJobs"]]


def parent_as_listed(client):
    return next(job for job in client.list_copy_jobs()["CopyJobs"] if job["CopyJobId"] == "P")


def test_children_are_listed_with_the_rest(family, client):
    family("COMPLETED", "FAILED")
    assert ids(client) == ["P", "C0", "C1"]


def test_children_are_listed_by_their_parent(family, client, copy_jobs):
    family("COMPLETED", "FAILED")
    copy_jobs.add(CopyJobId="X", ParentJobId="Q")
    assert ids(client, ByParentJobId="P") == ["C0", "C1"]
    assert ids(client, ByParentJobId="Q") == ["X"]
    assert ids(client, ByParentJobId="C0") == []


def test_a_parent_counts_its_children(family, client):
    family("COMPLETED", "FAILED", "COMPLETED")
    parent = parent_as_listed(client)
    assert parent["IsParent"] is True
    assert parent["NumberOfChildJobs"] == 3
    assert parent["ChildJobsInState"] == {"COMPLETED": 2, "FAILED": 1}


def test_a_job_without_children_counts_none(copy_jobs, client):
    copy_jobs.add(CopyJobId="P")
    parent = parent_as_listed(client)
    assert parent["IsParent"] is False
    assert {"NumberOfChildJobs", "ChildJobsInState"}.isdisjoint(parent)


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (["CREATED", "CREATED"], "CREATED"),
        (["CREATED", "COMPLETED"], "RUNNING"),
        (["RUNNING", "COMPLETED"], "RUNNING"),
        (["RUNNING", "FAILED"], "RUNNING"),
        (["COMPLETED", "COMPLETED"], "COMPLETED"),
        (["FAILED", "FAILED"], "FAILED"),
        (["COMPLETED", "FAILED"], "PARTIAL"),
        (["COMPLETED", "PARTIAL"], "PARTIAL"),
    ],
    ids="-".join,
)
def test_a_parents_state_follows_from_its_children(family, client, states, state):
    family(*states)
    assert parent_as_listed(client)["State"] == state
    assert "P" in ids(client, ByState=state)
    for other in {"CREATED", "RUNNING", "COMPLETED", "FAILED", "PARTIAL"} - {state}:
        assert "P" not in ids(client, ByState=other)


def test_a_parent_completes_with_the_last_of_its_children(family, client):
    _, (first, last) = family("COMPLETED", "FAILED")
    first.update(CompletionDate=NOON + 10 * MINUTE)
    last.update(CompletionDate=NOON + 20 * MINUTE)
    assert parent_as_listed(client)["CompletionDate"] == NOON + 20 * MINUTE
    assert "P" in ids(client, ByCompleteAfter=NOON + 19 * MINUTE)
    assert "P" not in ids(client, ByCompleteAfter=NOON + 20 * MINUTE)


def test_a_parent_whose_children_run_has_no_outcome(family, client):
    family("COMPLETED", "RUNNING")
    outcome = {"CompletionDate", "StatusMessage", "MessageCategory", "DestinationRecoveryPointArn"}
    assert outcome.isdisjoint(parent_as_listed(client))


def test_a_parent_whose_children_failed_has_no_destination_recovery_point(family, client):
    family("FAILED", "FAILED")
    assert "DestinationRecoveryPointArn" not in parent_as_listed(client)


def test_a_parent_whose_children_completed_has_a_destination_recovery_point(family, client):
    family("COMPLETED")
    assert "DestinationRecoveryPointArn" in parent_as_listed(client)


def test_a_parents_category_follows_its_state(family, client):
    _, children = family("COMPLETED", "COMPLETED")
    assert parent_as_listed(client)["MessageCategory"] == "SUCCESS"
    children[0].update(State="FAILED")
    assert parent_as_listed(client)["MessageCategory"] == "MISCELLANEOUS"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("State", "RUNNING"),
        ("NumberOfChildJobs", 9),
        ("ChildJobsInState", {"COMPLETED": 9}),
        ("IsParent", False),
        ("MessageCategory", "VSS_ERROR"),
        ("CompletionDate", NOON + 99 * MINUTE),
    ],
)
def test_what_was_given_to_a_parent_wins(family, client, field, value):
    family("COMPLETED", "FAILED", **{field: value})
    assert parent_as_listed(client)[field] == value


def test_a_state_given_later_wins_too(family, client):
    parent, children = family("COMPLETED", "FAILED")
    parent.update(State="RUNNING")
    children[0].update(State="FAILED")
    assert parent_as_listed(client)["State"] == "RUNNING"
    assert parent_as_listed(client)["ChildJobsInState"] == {"FAILED": 2}


def test_a_child_added_later_counts(family, client, copy_jobs):
    family("COMPLETED")
    copy_jobs.add(ParentJobId="P", State="FAILED")
    parent = parent_as_listed(client)
    assert (parent["State"], parent["NumberOfChildJobs"]) == ("PARTIAL", 2)


def test_a_child_added_before_its_parent_counts(copy_jobs, client):
    copy_jobs.add(ParentJobId="P", State="RUNNING")
    copy_jobs.add(CopyJobId="P")
    parent = parent_as_listed(client)
    assert (parent["State"], parent["NumberOfChildJobs"]) == ("RUNNING", 1)


def test_an_updated_child_moves_its_parent(family, client):
    _, children = family("RUNNING", "RUNNING")
    children[0].update(State="COMPLETED")
    assert parent_as_listed(client)["State"] == "RUNNING"
    children[1].update(State="FAILED")
    assert parent_as_listed(client)["State"] == "PARTIAL"
    assert parent_as_listed(client)["ChildJobsInState"] == {"COMPLETED": 1, "FAILED": 1}


def test_a_removed_child_counts_no_longer(family, client, copy_jobs):
    family("COMPLETED", "FAILED")
    copy_jobs.remove("C1")
    parent = parent_as_listed(client)
    assert (parent["State"], parent["NumberOfChildJobs"]) == ("COMPLETED", 1)
    assert ids(client, ByParentJobId="P") == ["C0"]


def test_a_parent_whose_last_child_is_removed_is_as_it_was_before(copy_jobs):
    parent = copy_jobs.add()
    before = dict(parent)
    child = copy_jobs.add(ParentJobId=parent.id, State="RUNNING")
    assert dict(parent) != before
    copy_jobs.remove(child.id)
    assert dict(parent) == before


def test_a_child_that_changes_parents_leaves_one_and_joins_the_other(family, client, copy_jobs):
    _, children = family("COMPLETED", "FAILED")
    other = copy_jobs.add(CopyJobId="Q")
    children[1].update(ParentJobId="Q")
    assert parent_as_listed(client)["State"] == "COMPLETED"
    assert (other["State"], other["NumberOfChildJobs"]) == ("FAILED", 1)
    assert ids(client, ByParentJobId="Q") == ["C1"]


def test_a_child_without_its_parent_any_more_is_on_its_own(family, client):
    _, children = family("COMPLETED", "FAILED")
    children[1].update(ParentJobId=None)
    assert ids(client, ByParentJobId="P") == ["C0"]
    assert parent_as_listed(client)["NumberOfChildJobs"] == 1


def test_the_children_of_a_removed_parent_stay(family, client, copy_jobs):
    family("COMPLETED", "FAILED")
    copy_jobs.remove("P")
    assert ids(client) == ["C0", "C1"]
    assert ids(client, ByParentJobId="P") == ["C0", "C1"]


def test_an_updated_parent_keeps_counting(family, client):
    parent, children = family("COMPLETED", "COMPLETED")
    parent.update(ResourceName="stack")
    children[0].update(State="FAILED")
    assert parent_as_listed(client)["ResourceName"] == "stack"
    assert parent_as_listed(client)["State"] == "PARTIAL"


def test_a_grandparent_follows_its_grandchildren(copy_jobs):
    grandparent = copy_jobs.add()
    parent = copy_jobs.add(ParentJobId=grandparent.id)
    child = copy_jobs.add(ParentJobId=parent.id, State="RUNNING")
    assert grandparent["State"] == "RUNNING"
    child.update(State="FAILED")
    assert (grandparent["State"], grandparent["ChildJobsInState"]) == ("FAILED", {"FAILED": 1})


def test_a_grandparent_follows_whatever_the_ids_and_the_order_of_adding(copy_jobs):
    # More than one family: were the order in which relatives are met left to a hash, some would come out wrong.
    for n in range(20):
        copy_jobs.add(CopyJobId=f"child-{n}", ParentJobId=f"parent-{n}", State="RUNNING")
        copy_jobs.add(CopyJobId=f"grandparent-{n}")
        copy_jobs.add(CopyJobId=f"parent-{n}", ParentJobId=f"grandparent-{n}")
    assert [copy_jobs[f"grandparent-{n}"]["State"] for n in range(20)] == ["RUNNING"] * 20


def test_a_grandparent_follows_a_grandchild_that_changes_parents(copy_jobs):
    for n in range(20):
        copy_jobs.add(CopyJobId=f"top-{n}")
        copy_jobs.add(CopyJobId=f"left-{n}", ParentJobId=f"top-{n}")
        copy_jobs.add(CopyJobId=f"right-{n}", ParentJobId=f"top-{n}")
        copy_jobs.add(CopyJobId=f"stays-{n}", ParentJobId=f"left-{n}", State="COMPLETED")
        copy_jobs.add(CopyJobId=f"other-{n}", ParentJobId=f"right-{n}", State="FAILED")
        moves = copy_jobs.add(CopyJobId=f"moves-{n}", ParentJobId=f"left-{n}", State="FAILED")
        assert copy_jobs[f"top-{n}"]["ChildJobsInState"] == {"PARTIAL": 1, "FAILED": 1}
        moves.update(ParentJobId=f"right-{n}")
    assert [copy_jobs[f"top-{n}"]["ChildJobsInState"] for n in range(20)] == [{"COMPLETED": 1, "FAILED": 1}] * 20


def test_jobs_that_are_each_others_parents_end_in_an_answer(copy_jobs, client):
    first = copy_jobs.add(CopyJobId="A", ParentJobId="B", CreationDate=NOON)
    copy_jobs.add(CopyJobId="B", ParentJobId="A", CreationDate=NOON)
    first.update(State="FAILED")
    assert ids(client) == ["B", "A"]
