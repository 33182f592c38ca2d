import datetime as dt
import json
import random
import re
import sys
from collections import Counter
from itertools import pairwise

import pytest

from mock_copyjobs import InvalidFieldError, InvalidJobsError, mock_copy_jobs
from mock_copyjobs.cli.main import main

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


def test_a_parent_of_children_without_completion_has_none(family, client):
    _, (first, last) = family("COMPLETED", "FAILED")
    first.update(CompletionDate=None)
    last.update(CompletionDate=None)
    assert "CompletionDate" not in parent_as_listed(client)
    first.update(CompletionDate=NOON)
    assert parent_as_listed(client)["CompletionDate"] == NOON


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


# Circles


@pytest.fixture
def line(copy_jobs, client, clock):
    """A is the parent of B, B of C; and a reader of everything that can be seen of the registry."""
    copy_jobs.add(CopyJobId="A")
    copy_jobs.add(CopyJobId="B", ParentJobId="A")
    copy_jobs.add(CopyJobId="C", ParentJobId="B", State="RUNNING")
    return lambda: (client.list_copy_jobs()["CopyJobs"], copy_jobs.dump(), copy_jobs.events())


def circle(parent, *ids):
    return f"ParentJobId: {parent!r} closes a circle: {' -> '.join(ids)}; give a parent that is not below the job"


@pytest.mark.parametrize(
    ("job_id", "parent", "text"),
    [
        ("A", "C", circle("C", "A", "B", "C", "A")),
        ("A", "B", circle("B", "A", "B", "A")),
        ("B", "C", circle("C", "B", "C", "B")),
        ("B", "B", "ParentJobId: 'B' is the job itself"),
    ],
)
def test_an_update_that_closes_a_circle_is_refused_and_changes_nothing(line, copy_jobs, job_id, parent, text):
    before = line()
    for change in (copy_jobs[job_id].update, copy_jobs[job_id].complete):
        with pytest.raises(InvalidFieldError) as refused:
            change(ParentJobId=parent, ResourceName="changed")
        assert str(refused.value) == text
        assert line() == before


@pytest.mark.parametrize("add", ["add", "schedule"])
def test_a_new_job_that_closes_a_circle_is_refused_and_changes_nothing(line, copy_jobs, add):
    copy_jobs["A"].update(ParentJobId="Z")
    before = line()
    with pytest.raises(InvalidFieldError) as refused:
        getattr(copy_jobs, add)(CopyJobId="Z", ParentJobId="C")
    assert str(refused.value) == circle("C", "Z", "A", "B", "C", "Z")
    assert line() == before
    assert copy_jobs.add(CopyJobId="Z").id == "Z"


@pytest.mark.parametrize("add", ["add", "schedule"])
def test_a_new_job_whose_id_is_yet_to_be_drawn_closes_no_circle_either(add):
    with mock_copy_jobs() as registry:
        expected = [registry.add().id, registry.add().id]
    with mock_copy_jobs() as registry:
        registry.add(CopyJobId="A", ParentJobId=expected[0])
        with pytest.raises(InvalidFieldError, match=f"^ParentJobId: 'A' closes a circle: {expected[0]} -> A -> "):
            getattr(registry, add)(ParentJobId="A")
        with pytest.raises(InvalidFieldError, match=f"^ParentJobId: '{expected[0]}' is the job itself$"):
            getattr(registry, add)(ParentJobId=expected[0])
        assert [registry.add().id, getattr(registry, add)().id] == expected


def test_a_scheduled_job_that_closes_a_circle_is_refused_before_it_is_created_too(line, copy_jobs, clock):
    copy_jobs.schedule(CopyJobId="D", ParentJobId="C", CreationDate=NOON + 10 * MINUTE)
    before = line()
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs["A"].update(ParentJobId="D")
    assert str(refused.value) == circle("D", "A", "B", "C", "D", "A")
    assert line() == before
    clock.move_to(NOON + 20 * MINUTE)
    before = line()
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs["D"].update(ParentJobId="D")
    assert str(refused.value) == "ParentJobId: 'D' is the job itself"
    copy_jobs["B"].update(ParentJobId=None)
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs["B"].update(ParentJobId="D")
    assert str(refused.value) == circle("D", "B", "C", "D", "B")


def test_many_jobs_among_which_is_a_circle_are_refused_together(line, copy_jobs):
    before = line()
    parents = ["E", "F", "D"]
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs.add_many(3, CopyJobId=lambda n: "DEF"[n], ParentJobId=parents.__getitem__)
    assert str(refused.value) == circle("D", "F", "E", "D", "F")
    assert line() == before
    parents[2] = "A"
    assert len(copy_jobs.add_many(3, CopyJobId=lambda n: "DEF"[n], ParentJobId=parents.__getitem__)) == 3


def test_a_circle_by_way_of_a_job_that_is_added_while_others_are_is_refused(copy_jobs):
    def parent(number):
        if number:
            copy_jobs.add(CopyJobId="C", ParentJobId="J0")
        return "C" if number else "J1"

    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs.add_many(2, CopyJobId=lambda n: f"J{n}", ParentJobId=parent)
    assert str(refused.value) == circle("C", "J1", "J0", "C", "J1")
    assert [job.id for job in copy_jobs] == ["C"]


CIRCULAR = [
    {"CopyJobId": "D", "ParentJobId": "E"},
    {"CopyJobId": "A"},
    {"CopyJobId": "E", "ParentJobId": "D"},
    {"CopyJobId": "F", "ParentJobId": "E"},
]
RECORD = {"CreationDate": "2026-03-01T12:00:00Z", "State": "COMPLETED"}


@pytest.mark.parametrize("rest", [{}, RECORD], ids=["to-be-completed", "records"])
def test_a_source_with_a_circle_is_refused_with_the_place_that_closes_it(client, copy_jobs, rest):
    copy_jobs.add(CopyJobId="first")
    with pytest.raises(InvalidJobsError) as refused:
        copy_jobs.load([{**document, **rest} for document in CIRCULAR])
    assert str(refused.value) == "jobs[2]: " + circle("D", "E", "D", "E")
    assert ids(client) == ["first"]


def test_a_source_that_closes_a_circle_with_jobs_that_are_there_is_refused(line, copy_jobs):
    copy_jobs["A"].update(ParentJobId="Z")
    before = line()
    with pytest.raises(InvalidJobsError) as refused:
        copy_jobs.load([{"CopyJobId": "Y", "ParentJobId": "C"}, {"CopyJobId": "Z", "ParentJobId": "Y"}])
    assert str(refused.value) == "jobs[1]: " + circle("Y", "Z", "A", "B", "C", "Y", "Z")
    assert line() == before


def test_a_circle_in_a_file_is_refused_with_its_line(tmp_path, capsys):
    path = tmp_path / "jobs.jsonl"
    path.write_text("\n".join(json.dumps(document) for document in CIRCULAR))
    refused = f"^{re.escape(str(path))}, line 3: ParentJobId: 'D' closes a circle: "
    with pytest.raises(InvalidJobsError, match=refused), mock_copy_jobs(jobs=path):
        pass
    assert main(["validate", str(path)]) == 1
    assert capsys.readouterr().out == f"{path}:3: {circle('D', 'E', 'D', 'E')}\n{path}: 4 jobs, 1 error\n"


def test_a_long_circle_is_named_by_its_ends(copy_jobs):
    copy_jobs.add_many(1000, CopyJobId=lambda n: f"J{n}", ParentJobId=lambda n: f"J{n - 1}" if n else None)
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs["J0"].update(ParentJobId="J999")
    ends = ("J0", "J1", "J2", "J3", "J4", "(990 more)", "J995", "J996", "J997", "J998", "J999", "J0")
    assert str(refused.value) == circle("J999", *ends)


def test_scheduled_jobs_may_change_places_as_long_as_they_make_no_circle_at_any_moment(copy_jobs, client, clock):
    copy_jobs.add(CopyJobId="settled")
    copy_jobs.schedule(CopyJobId="A", ParentJobId="settled")
    copy_jobs.schedule(CopyJobId="B", ParentJobId="A")
    clock.move_to(NOON + 10 * MINUTE)
    copy_jobs["B"].update(ParentJobId=None)
    copy_jobs["A"].update(ParentJobId="B")
    for minutes, of_a, of_b in ((10, [], ["A"]), (9, ["B"], []), (11, [], ["A"])):
        clock.move_to(NOON + minutes * MINUTE)
        assert (ids(client, ByParentJobId="A"), ids(client, ByParentJobId="B")) == (of_a, of_b)
    # The parent of a job without a schedule holds at all times, also when A was still below that job.
    with pytest.raises(InvalidFieldError) as refused:
        copy_jobs["settled"].update(ParentJobId="A")
    assert str(refused.value) == circle("A", "settled", "A", "settled")


# Depth and number


def below(registry, job_id):
    """The children of a job that a registry has, by state."""
    return Counter(job["State"] for job in registry if job.get("ParentJobId") == job_id)


@pytest.mark.parametrize("chains", [5, 12, 20])
@pytest.mark.parametrize("order", ["parents first", "children first", "mixed"])
def test_a_grandparent_of_chains_of_different_depth_follows_them_all(client, copy_jobs, chains, order):
    jobs = [{"CopyJobId": "G"}]
    for chain in range(chains):
        names = ["G", *(f"{chain}-{level}" for level in range(chain + 2))]
        jobs += [{"CopyJobId": name, "ParentJobId": parent} for parent, name in pairwise(names)]
        jobs[-1]["State"] = "RUNNING"
    if order == "children first":
        jobs.reverse()
    elif order == "mixed":
        random.Random(chains).shuffle(jobs)
    for job in jobs[:10]:
        copy_jobs.add(**job)
    copy_jobs.load(jobs[10:])
    for chain in range(chains):
        assert client.describe_copy_job(CopyJobId="G")["CopyJob"]["ChildJobsInState"] == below(copy_jobs, "G")
        assert below(copy_jobs, "G")["RUNNING"] == chains - chain
        copy_jobs[f"{chain}-{chain + 1}"].complete()
    assert client.describe_copy_job(CopyJobId="G")["CopyJob"]["State"] == "COMPLETED"


DEEP = 1_500  # above Python's recursion limit


@pytest.mark.parametrize("order", ["parents first", "children first", "mixed"])
def test_a_chain_of_any_depth_is_followed_from_end_to_end(client, copy_jobs, clock, order):
    jobs = [{"CopyJobId": f"J{n}", "ParentJobId": f"J{n - 1}"} for n in range(1, DEEP)]
    if order == "children first":
        jobs.reverse()
    elif order == "mixed":
        random.Random(0).shuffle(jobs)
    copy_jobs.load(jobs[: DEEP // 2])
    for job in jobs[DEEP // 2 :]:
        copy_jobs.add(**job)
    copy_jobs.add(CopyJobId="J0")
    copy_jobs.schedule(CopyJobId="last", ParentJobId=f"J{DEEP - 1}", outcome="FAILED")
    seen = []
    for minutes in (0, 30, 29):
        clock.move_to(NOON + minutes * MINUTE)
        seen.append(client.describe_copy_job(CopyJobId="J0")["CopyJob"]["State"])
        assert ids(client, ByState=seen[-1], MaxResults=3) == ids(client, MaxResults=3)
    assert seen == ["CREATED", "FAILED", "RUNNING"]
    with pytest.raises(InvalidFieldError, match=r"^ParentJobId: 'last' closes a circle: J0 -> J1 -> "):
        copy_jobs["J0"].update(ParentJobId="last")


def test_the_events_of_a_deep_chain_follow_its_end(copy_jobs, clock):
    copy_jobs.load([{"CopyJobId": f"J{n}", "ParentJobId": f"J{n - 1}"} for n in range(DEEP)])
    copy_jobs.schedule(CopyJobId="last", ParentJobId=f"J{DEEP - 1}", outcome="FAILED")
    clock.move_to(NOON + 30 * MINUTE)
    event = copy_jobs["J0"].event()
    assert (event["detail"]["state"], event["time"]) == ("FAILED", "2026-03-01T12:30:00Z")
    states = Counter(event["detail"]["state"] for event in copy_jobs.events())
    assert states == dict.fromkeys(("CREATED", "RUNNING", "FAILED"), DEEP + 1)


def calls_during(work):
    """The number of calls of functions, Python's own included, that a piece of work takes."""
    count = 0

    def counted(_, event, __):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "change",
    [
        lambda registry: registry.add(ParentJobId="P", State="RUNNING"),
        lambda registry: registry.schedule(ParentJobId="P"),
        lambda registry: registry["C0"].update(State="FAILED"),
        lambda registry: registry["C0"].update(CompletionDate=NOON + MINUTE),
        lambda registry: registry["C0"].update(ParentJobId="Q"),
        lambda registry: registry["X"].update(ParentJobId="P"),
        lambda registry: registry.remove("C0"),
    ],
    ids=["add", "schedule", "new-state", "new-date", "move-away", "move-there", "remove"],
)
def test_a_change_of_a_child_takes_no_more_work_among_many_siblings(change, clock):
    calls = []
    for siblings in (10, 1_000):
        with mock_copy_jobs() as registry:
            for job_id in "PQX":
                registry.add(CopyJobId=job_id)
            registry.add_many(siblings, CopyJobId=lambda n: f"C{n}", ParentJobId="P")
            assert registry["P"]["NumberOfChildJobs"] == siblings
            calls.append(calls_during(lambda: (change(registry), registry["P"]["ChildJobsInState"])))
    assert calls[1] < 2 * calls[0]
