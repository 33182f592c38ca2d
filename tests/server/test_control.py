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
        ("clock", b"{}", 'body: expected {"freeze": TIME}, {"tick": SECONDS} or {"unfreeze": true}, got {}.'),
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


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Origin": "http://evil.example"}, "Origin: expected {url}, got 'http://evil.example'"),
        ({"Origin": "null"}, "Origin: expected {url}, got 'null'"),
        ({"Host": "evil.example"}, "Host: expected one of 127.0.0.1, ::1, localhost, got 'evil.example'"),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, "Host: expected one of "),
    ],
)
def test_another_site_s_page_may_not_use_the_control_api(url, registry, method, headers, words):
    registry.add()
    answer = ask(url, method, CONTROL + ("jobs" if method == "GET" else "reset"), b"{}", **headers)
    assert answer.status == 403
    assert words.replace("{url}", url) in json.loads(answer.body)["error"]
    assert len(registry.dump()["CopyJobs"]) == 1


def test_no_other_origin_is_let_in_by_a_header(url):
    answer = ask(url, "GET", CONTROL + "jobs")
    assert answer.headers["Access-Control-Allow-Origin"] is None


def test_the_page_s_own_origin_may_use_the_control_api(url):
    answer = ask(url, "POST", CONTROL + "reset", b"{}", Origin=url)
    assert (answer.status, json.loads(answer.body)) == (200, {"jobs": 0})


def test_a_browser_gets_the_page_which_loads_nothing_from_another_site(url):
    answer = ask(url, "GET", "/")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"<title>mock-copyjobs</title>" in answer.body
    assert b"https://" not in answer.body
