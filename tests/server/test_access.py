import json

import pytest
from loopback import ask, serving

from mock_copyjobs.cli.main import main

pytestmark = pytest.mark.usefixtures("loopback")
SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260301/us-east-1/backup/aws4_request, Signature=0"
}
PATHS = (
    *("/", "/mock-copyjobs/", "/mock-copyjobs/jobs", "/mock-copyjobs/reset", "/mock-copyjobs/clock"),
    *("/copy-jobs/", "/copy-jobs", "/copy-jobs/id", "/audit/copy-job-summaries", "/backup-vaults/"),
    *("/moto-api/", "/moto-api/data.json", "/moto-api/reset", "/latest/meta-data/", "/favicon.ico", "/bucket/key"),
)
FOREIGN = {
    "another host": {"Host": "evil.example"},
    "another host and its origin": {"Host": "evil.example:80", "Origin": "http://evil.example:80"},
    "two hosts": {"Host": "127.0.0.1,evil.example"},
    "a user in the host": {"Host": "127.0.0.1@evil.example"},
    "a malformed host": {"Host": "[::1"},
    "another origin": {"Origin": "http://evil.example"},
    "a malformed origin": {"Origin": "http://[evil"},
    "no origin to name": {"Origin": "null"},
    "another port of this machine": {"Origin": "http://127.0.0.1:1"},
    "an image of another site": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    "an image of another port": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
}
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0"


def refused(answer) -> str:
    """Check that an answer is a refusal that no page may read, and return its message."""
    assert answer.status == 403, answer.body
    assert answer.headers["Access-Control-Allow-Origin"] is None
    document = json.loads(answer.body) if answer.body else {"error": ""}
    return document.get("error", document.get("Message"))


@pytest.mark.parametrize("signature", [{}, SIGNED], ids=["unsigned", "signed"])
@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_a_page_of_another_site_is_refused_for_every_path(url, headers, signature):
    named = {name.replace("-", "_"): value for name, value in {**headers, **signature}.items()}
    for path in PATHS:
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
            refused(ask(url, method, path, b"{}" if method in ("POST", "PUT") else None, **named))


def test_a_refusal_names_the_header_and_what_is_allowed(url):
    assert refused(ask(url, "GET", "/copy-jobs/", Host="evil.example")) == (
        "Host: expected one of 127.0.0.1, ::1, localhost, got 'evil.example'. Allow it with serve --allow-host"
    )
    assert refused(ask(url, "GET", "/copy-jobs/", Origin="null")) == f"Origin: expected {url}, got 'null'"
    assert refused(ask(url, "GET", "/copy-jobs/", Sec_Fetch_Site="cross-site")) == (
        "Sec-Fetch-Site: expected same-origin or none, got 'cross-site'"
    )


def test_a_refused_request_changes_nothing(url, registry, listed):
    job_id = registry.add()
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
        for path in ("/mock-copyjobs/reset", "/moto-api/reset", "/copy-jobs/"):
            refused(ask(url, "POST", path, b"{}", **headers))
    assert registry.calls == []
    assert listed() == [job_id]


@pytest.mark.parametrize("path", ["/mock-copyjobs/jobs", "/copy-jobs/", "/moto-api/"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost:5000"},
        {"Host": "LOCALHOST"},
        {"Host": "[::1]:5000"},
        {"Host": "mock.localhost:5000"},
        {"User_Agent": BROWSER},
        {"User_Agent": BROWSER, "Sec_Fetch_Site": "none"},
        {"User_Agent": BROWSER, "Sec_Fetch_Site": "same-origin"},
    ],
)
def test_programs_and_the_server_s_own_page_are_answered(url, path, headers):
    assert ask(url, "GET", path, **headers).status == 200


@pytest.mark.parametrize("path", ["/mock-copyjobs/reset", "/moto-api/reset"])
def test_the_server_s_own_page_may_change_things(url, path):
    assert ask(url, "POST", path, b"{}", Origin=url, Sec_Fetch_Site="same-origin").status == 200


@pytest.mark.parametrize("path", ["/", "/mock-copyjobs/"])
def test_the_page_is_shown_in_no_frame(url, path):
    answer = ask(url, "GET", path, Accept="text/html")
    assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'none'"


# A server for other machines


@pytest.fixture(scope="module")
def open_server():
    """The URL on loopback of a server bound to all addresses."""
    with serving("--host", "0.0.0.0", "--allow-host", "mock.test", "--allow-host", ".below.test:3000") as (_, url):
        yield url.replace("0.0.0.0", "127.0.0.1")


@pytest.mark.parametrize("host", ["evil.example", "evil.mock.test", "below.test", "10.1.2.3"])
def test_a_server_bound_to_all_addresses_refuses_other_hosts(open_server, host):
    for path in PATHS:
        refused(ask(open_server, "GET", path, Host=host))
        refused(ask(open_server, "POST", path, b"{}", Host=host, Origin=f"http://{host}"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "mock.test", "Mock.Test:5000", "a.below.test"])
def test_a_server_bound_to_all_addresses_answers_to_loopback_and_allowed_names(open_server, host):
    for path in ("/mock-copyjobs/jobs", "/copy-jobs/", "/moto-api/"):
        assert ask(open_server, "GET", path, Host=host).status == 200


def test_the_address_that_a_request_arrived_at_is_allowed(open_server):
    other = open_server.replace("127.0.0.1", "127.0.0.2")
    assert ask(other, "GET", "/copy-jobs/").status == 200
    refused(ask(open_server, "GET", "/copy-jobs/", Host="127.0.0.2"))


def test_by_a_name_a_browser_must_tell_its_page(open_server):
    # To such a name, browsers send no Sec-Fetch-Site.
    for path in PATHS:
        for named in ({}, {"Referer": "http://evil.example/"}, {"Referer": "http://mock.test.evil/"}):
            refused(ask(open_server, "GET", path, Host="mock.test", User_Agent=BROWSER, **named))


def test_by_a_name_the_server_s_own_page_works(open_server):
    seen = {"Host": "mock.test", "User_Agent": BROWSER}
    assert ask(open_server, "GET", "/", Accept="text/html", **seen).status == 200
    assert ask(open_server, "GET", "/mock-copyjobs/jobs", Referer="http://mock.test/", **seen).status == 200


def test_a_web_page_that_is_allowed_may_call(open_server):
    refused(ask(open_server, "GET", "/copy-jobs/", Origin="http://mock.test:3000"))
    with serving("--allow-host", "app.test:3000") as (_, url):
        page = {"Origin": "http://app.test:3000", "Sec_Fetch_Site": "cross-site"}
        assert ask(url, "GET", "/copy-jobs/", **page).status == 200
        assert ask(url, "GET", "/copy-jobs/", Host="app.test:5000").status == 200
        refused(ask(url, "GET", "/copy-jobs/", Origin="http://app.test"))


@pytest.mark.parametrize("name", ["http://mock.test", "*", "a b", "", "mock.test:x", "a,b"])
def test_a_name_that_is_none_is_one_line_with_status_2(capsys, name):
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--port", "0", "--allow-host", name])
    output, error = capsys.readouterr()
    assert (ended.value.code, output, error.count("\n")) == (2, "", 1)
    assert error.endswith(f"expected a host name, such as mock.test or mock.test:3000, got {name!r}\n")
