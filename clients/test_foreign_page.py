"""A page of another site in a browser, against servers bound to loopback and to all addresses."""

import contextlib
import http.server
import socket
import socketserver
import threading
from datetime import timedelta

import pytest
from chromium import needs_chromium, open_chromium
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from mock_copyjobs.remote import RemoteRegistry

pytestmark = needs_chromium
PATHS = (
    *("/", "/mock-copyjobs/", "/mock-copyjobs/jobs", "/mock-copyjobs/calls", "/mock-copyjobs/clock"),
    *("/mock-copyjobs/reset", "/mock-copyjobs/add", "/copy-jobs/", "/copy-jobs", "/audit/copy-job-summaries"),
    *("/moto-api/", "/moto-api/data.json", "/moto-api/reset", "/backup-vaults/", "/latest/meta-data/", "/bucket/key"),
)
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260301/us-east-1/backup/aws4_request, SignedHeaders=host, Signature=0"
)
# Each way in which a page can send a request, or read an answer.
ATTACK = """
const [base, paths, signed, done] = arguments;
const read = [], way = (name, path, text) => read.push(`${name} ${path}: ${text.slice(0, 60)}`);
const fetched = (name, path, options) => fetch(base + path, options)
  .then(answer => answer.text().then(text => answer.ok && text && way(name, path, text))).catch(() => {});
const element = (tag, attribute, path, ready) => new Promise(resolve => {
  const made = document.createElement(tag);
  made.onload = () => { if (ready(made)) way(tag, path, "loaded"); resolve(); };
  made.onerror = resolve;
  made[attribute] = base + path;
  document.body.append(made);
  setTimeout(resolve, 3000);
});
const posted = path => new Promise(resolve => {
  const frame = document.createElement("iframe"), form = document.createElement("form");
  frame.name = "frame" + Math.random();
  frame.onload = resolve;
  Object.assign(form, {method: "POST", action: base + path, target: frame.name});
  document.body.append(frame, form);
  form.submit();
  setTimeout(resolve, 3000);
});
const framed = made => {
  try { return !made.contentDocument.body.innerText.includes("expected"); } catch { return false; }
};
(async () => {
  for (const path of paths) {
    await Promise.all([
      fetched("get", path, {}),
      fetched("signed get", path, {headers: {Authorization: signed}}),
      ...["POST", "PUT", "DELETE", "PATCH"].map(method => fetched(method, path, {method, body: "{}"})),
      fetched("simple post", path, {method: "POST", body: "{}", mode: "no-cors"}),
      fetched("signed post", path, {method: "POST", body: "{}", headers: {Authorization: signed}}),
      fetched("no-cors get", path, {mode: "no-cors", referrerPolicy: "no-referrer", credentials: "include"}),
      navigator.sendBeacon(base + path, "{}"),
      posted(path),
      element("img", "src", path, () => true),
      element("script", "src", path, () => true),
      element("iframe", "src", path, framed),
    ]);
  }
  return read;
})().then(done, error => done([String(error)]));
"""


@pytest.fixture(scope="module")
def site():
    """The port of another site, at any name: an empty page for every path."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>foreign</title><body></body>")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A browser in which two names lead to this machine."""
    browser = open_chromium(
        tmp_path_factory.mktemp("profile"),
        # Without it, Chromium itself would refuse some of the requests, and hide what the server does.
        "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
        "--host-resolver-rules=MAP evil.example 127.0.0.1, MAP mock.test 127.0.0.1",
    )
    browser.set_script_timeout(120)
    yield browser
    browser.quit()


@pytest.fixture(params=["127.0.0.1", "0.0.0.0"])
def server(request, serve) -> int:
    """The port of a server bound to this address."""
    return int(serve("--host", request.param, "--allow-host", "mock.test").rpartition(":")[2])


class Forwarder(socketserver.ThreadingTCPServer):
    """A port that leads to one server first, and then to another, as DNS does for a name."""

    daemon_threads = True

    def __init__(self, target: int) -> None:
        super().__init__(("127.0.0.1", 0), socketserver.BaseRequestHandler)
        self.target = target
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, _) -> None:
        request.recv(1, socket.MSG_PEEK)  # A browser opens connections ahead. The request decides where they lead.
        with socket.create_connection(("127.0.0.1", self.target)) as onward:
            threading.Thread(target=self._pump, args=(request, onward), daemon=True).start()
            self._pump(onward, request)

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)

    def __exit__(self, *_) -> None:
        self.shutdown()
        self.server_close()


def attack(browser, base: str) -> list[str]:
    """Send requests to each path in every way that a page has, and return what it could read."""
    return browser.execute_async_script(ATTACK, base, PATHS, SIGNED)


def state(port: int) -> list:
    """Return what a request can change: the jobs, the calls, the clock, the faults, and the data of moto."""
    registry = RemoteRegistry(f"http://127.0.0.1:{port}")
    return [registry.dump(), registry.calls, registry.now, faults_met(registry), vaults(port)]


def faults_met(registry: RemoteRegistry) -> bool:
    try:
        registry.assert_all_faults_met()
    except AssertionError:
        return False
    return True


def vaults(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        head = f"GET /moto-api/data.json HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).partition(b"\r\n\r\n")[2]


def prepared(port: int) -> list:
    """Give the server something to lose, and return its state."""
    registry = RemoteRegistry(f"http://127.0.0.1:{port}")
    registry.freeze(registry.now)
    registry.add(State="FAILED", StatusMessage="secret")
    registry.fail_next("ThrottlingException")
    body = b"{}"
    head = (
        f"PUT /backup-vaults/secret HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {SIGNED}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head.encode() + body)
        assert b" 200 " in connection.recv(65536)
    return state(port)


@pytest.mark.parametrize(
    ("origin", "hosts"),
    [
        ("evil.example", ("127.0.0.1", "localhost", "0.0.0.0", "mock.test", "evil.example")),
        ("127.0.0.1", ("127.0.0.1", "mock.test")),
    ],
)
def test_a_page_of_another_site_reads_and_changes_nothing(browser, site, server, origin, hosts):
    before = prepared(server)
    browser.get(f"http://{origin}:{site}/")
    assert browser.title == "foreign"
    for host in hosts:
        assert (host, attack(browser, f"http://{host}:{server}")) == (host, [])
        assert state(server) == before


def test_a_page_whose_name_is_led_to_the_server_reads_and_changes_nothing(browser, site, server):
    before = prepared(server)
    with Forwarder(site) as forwarder:
        browser.get(f"http://evil.example:{forwarder.port}/")
        assert browser.title == "foreign"
        forwarder.target = server
        assert attack(browser, "") == []
        browser.refresh()
        assert "Host: expected one of " in browser.page_source
        assert attack(browser, "") == []
    assert state(server) == before


@pytest.mark.parametrize("host", ["127.0.0.1", "mock.test"])
def test_the_page_is_in_no_frame_of_another_site(browser, site, server, host):
    browser.get(f"http://{host}:{server}/")
    assert browser.title == "mock-copyjobs"
    browser.get(f"http://127.0.0.1:{site}/")
    framed = (
        "const [url, done] = arguments, made = document.createElement('iframe'); made.onload = done; made.src = url;"
    )
    browser.execute_async_script(f"{framed} document.body.append(made)", f"http://{host}:{server}/")
    browser.switch_to.frame(0)
    assert "mock-copyjobs" not in browser.page_source


@pytest.mark.parametrize("host", ["127.0.0.1", "mock.test"])
def test_the_server_s_own_page_works(browser, server, host):
    prepared(server)
    browser.get(f"http://{host}:{server}/")
    text = "return document.body.textContent"
    WebDriverWait(browser, 20).until(lambda _: "secret" in browser.execute_script(text))
    registry = RemoteRegistry(f"http://127.0.0.1:{server}")
    registry.freeze(registry.now)
    tomorrow = registry.now + timedelta(days=1)
    browser.find_element(By.XPATH, "//button[normalize-space()='+1 day']").click()
    WebDriverWait(browser, 20).until(lambda _: str(tomorrow.date()) in browser.find_element(By.ID, "now").text)
    assert registry.now == tomorrow
