import datetime as dt
import json

import pytest
from loopback import ask

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
CONTROL = "/mock-copyjobs/"


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("add", b"{", "body: expected JSON: "),
        ("add", b"[" * 100_000, "body: expected JSON: "),
        ("add", b"\xff", "body: expected JSON: "),
        ("add", b"[]", "body: expected a JSON object (the fields of a CopyJob, and region_name), got an array"),
        ("remove", b'"x"', 'body: expected a JSON object (CopyJobId), got "x"'),
        ("add", b'{"Stat": "FAILED"}', "CopyJob has no field 'Stat'. Did you mean State?"),
        ("add", b'{"State": "FAILD"}', "CREATED, RUNNING, COMPLETED, FAILED, PARTIAL"),
        ("jobs", b"7", 'body: expected an array of CopyJob documents, or {"CopyJobs": [...]}, got 7'),
        ("jobs", b"[7]", "expected a CopyJob document (a JSON object), got 7"),
        ("jobs", b'{"CopyJobs": 7}', "CopyJobs: expected an array, got 7"),
        ("schedule", b'{"starts_after": "soon"}', "starts_after: expected a number of seconds, got 'soon'"),
        ("schedule", b'{"completes_after": true}', "completes_after: expected a number of seconds, got True"),
        ("schedule", b'{"outcome": "FINE"}', "FINE"),
        ("remove", b"{}", "CopyJobId: expected the id of a job, got None"),
        ("remove", b'{"CopyJobId": "x"}', "CopyJobId: expected the id of a job, got 'x'"),
        ("faults", b'{"error": "ThrotlingException"}', "ThrottlingException"),
        ("faults", b'{"error": "ThrottlingException", "times": 0}', "times"),
        ("faults", b'{"error": "ThrottlingException", "time": 1}', "time"),
        ("faults", b"{}", "error"),
        ("check", b"{}", "check: expected one of assert_called, "),
        ("check", b'{"check": "asert_called"}', "got 'asert_called'. Did you mean assert_called?"),
        ("check", b'{"check": "reset"}', "got 'reset'."),
        ("check", b'{"check": "assert_called", "operation": "ListCopyJob"}', "Did you mean ListCopyJobs?"),
        ("check", b'{"check": "assert_called"}', "operation"),
        ("explain", b'{"call": 1}', "explain: expected a call out of `calls`, got 1"),
        ("clock", b"{}", 'body: expected {"freeze": TIME}, {"tick": SECONDS} or {"unfreeze": true}, got {}.'),
        ("add", b'{"CreationDate": {"from_now": "1 h"}}', "from_now: expected a number of seconds, got '1 h'"),
        ("clock", b'{"freez": "2026-03-01"}', 'got {"freez": "2026-03-01"}. Did you mean freeze?'),
        ("clock", b'{"freeze": "noon"}', "freeze: expected an ISO 8601 timestamp such as "),
        ("clock", b'{"freeze": null}', ", got None"),
        ("clock", b'{"tick": "1 h"}', "tick: expected a number of seconds, got '1 h'"),
        ("clock", b'{"tick": 1e12}', "tick: expected a number of seconds, got "),
        ("clock", b'{"tick": NaN}', "tick: expected a number of seconds, got nan"),
        ("clock", b'{"tick": 60, "unfreeze": true}', "body: expected {"),
        ("clock", b'{"unfreeze": false}', "body: expected {"),
    ],
)
def test_a_wrong_body_is_refused_with_the_bodies_that_are_allowed(url, name, body, words):
    answer = ask(url, "POST", CONTROL + name, body)
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/json")
    assert words in json.loads(answer.body)["error"]


@pytest.mark.parametrize(("method", "name"), [("GET", "job"), ("DELETE", "jobs"), ("POST", "calls"), ("PUT", "clock")])
def test_an_unknown_call_is_refused_with_all_calls(url, method, name):
    answer = ask(url, method, CONTROL + name)
    assert answer.status == 404
    error = json.loads(answer.body)["error"]
    assert error.startswith(f"expected one of GET {CONTROL}view/jobs, ")
    assert error.endswith(f"POST {CONTROL}clock, got {method} {CONTROL}{name}")


@pytest.mark.parametrize("query", ["from=x", "from=-1", "x=1", "from=" + "9" * 5000])
def test_a_wrong_number_of_a_call_is_refused(url, query):
    answer = ask(url, "GET", f"{CONTROL}calls?{query}")
    assert (answer.status, "expected calls, or calls?from=NUMBER" in str(answer.body)) == (400, True)


def test_calls_come_in_pages(url):
    for _ in range(101):
        ask(url, "GET", "/copy-jobs/")
    first = json.loads(ask(url, "GET", f"{CONTROL}calls").body)
    assert (len(first["calls"]), first["next"]) == (100, 100)
    rest = json.loads(ask(url, "GET", f"{CONTROL}calls?from=100").body)
    assert (len(rest["calls"]), rest["next"]) == (1, None)
    assert json.loads(ask(url, "GET", f"{CONTROL}calls?from=500").body) == {"calls": [], "next": None}


def test_a_wrong_body_changes_nothing(url, registry):
    registry.freeze(NOON)
    ask(url, "POST", CONTROL + "clock", b'{"freeze": "noon"}')
    ask(url, "POST", CONTROL + "add", b'{"State": "BOGUS"}')
    assert (registry.now, registry.dump()) == (NOON, {"CopyJobs": []})


def test_the_clock_does_not_move_past_the_last_year(url, registry):
    registry.freeze(dt.datetime(9999, 12, 31, 12))
    answer = ask(url, "POST", CONTROL + "clock", b'{"tick": 86400}')
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/json")
    assert json.loads(answer.body)["error"] == "expected times in the years 1 to 9999"


def test_a_browser_gets_the_page_which_loads_nothing_from_another_site(url):
    answer = ask(url, "GET", "/", Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"<title>mock-copyjobs</title>" in answer.body
    assert b"https://" not in answer.body
