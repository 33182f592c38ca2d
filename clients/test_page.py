import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

import pytest
from chromium import needs_chromium, open_chromium
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from mock_copyjobs.remote import RemoteRegistry

pytestmark = needs_chromium
NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    browser = open_chromium(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.quit()


@pytest.fixture
def browser(opened):
    """A browser that shows nothing, and nothing after the test."""
    opened.get("about:blank")
    opened.get_log("browser")
    yield opened
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    opened.get("about:blank")


@contextlib.contextmanager
def server(port: int = 0) -> Iterator[tuple[str, subprocess.Popen]]:
    """Run a server in a process of its own. Yields its URL and the process."""
    command = [sys.executable, "-W", "error", "-m", "mock_copyjobs", "serve", "--port", str(port)]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The URL of one server for all tests."""
    with server() as (url, _):
        yield url


@pytest.fixture
def registry(url) -> RemoteRegistry:
    """The registry of the server, empty, with the clock frozen at noon."""
    registry = RemoteRegistry(url)
    registry.reset()
    registry.freeze(NOON)
    return registry


class Page:
    """The page in a browser."""

    def __init__(self, browser, url: str) -> None:
        self._browser = browser
        browser.get(url)

    def until(self, condition, message: str) -> None:
        """Wait until a condition holds."""
        WebDriverWait(self._browser, 20, poll_frequency=0.05).until(lambda _: condition(), message)

    def shows(self, words: str) -> None:
        """Wait until the page shows the words."""
        self.until(lambda: words in self.text, f"the page never showed {words!r}")

    @property
    def text(self) -> str:
        return self._browser.find_element(By.TAG_NAME, "body").text

    @property
    def rows(self) -> list[list[str]]:
        """Return the first line of each cell of each job."""
        return self.first_lines("jobs")

    def first_lines(self, table: str) -> list[list[str]]:
        return [[cell.split("\n")[0] for cell in row] for row in self.cells(table)]

    def cells(self, table: str) -> list[list[str]]:
        script = "return [...arguments[0].rows].map((row) => [...row.cells].map((cell) => cell.innerText))"
        return self._browser.execute_script(script, self.find(table))

    @property
    def ids(self) -> list[str]:
        return [row[0] for row in self.rows]

    @property
    def counts(self) -> list[str]:
        script = "return [...document.querySelectorAll('#states button')].map(button => button.innerText)"
        return [" ".join(count.split()) for count in self._browser.execute_script(script)]

    def find(self, id: str):  # noqa: A002  # HTML's name
        return self._browser.find_element(By.ID, id)

    def press(self, label: str) -> None:
        self._browser.find_element(By.XPATH, f"//button[normalize-space()='{label}']").click()

    def type(self, *keys: str) -> None:
        """Press keys where the focus is."""
        self._browser.switch_to.active_element.send_keys(*keys)

    @property
    def focused(self) -> str:
        """Return the text, or else the id, of the element that has the focus."""
        return self._browser.execute_script("const it = document.activeElement; return it.innerText || it.id")


def test_an_empty_registry_says_so(browser, url, registry):
    page = Page(browser, url)
    page.shows("No copy jobs yet.")
    assert page.counts == ["0 All", "0 CREATED", "0 RUNNING", "0 COMPLETED", "0 FAILED", "0 PARTIAL"]


def test_each_job_has_a_row_newest_first_and_each_state_a_count(browser, url, registry):
    states = ("COMPLETED", "FAILED", "RUNNING") * 10
    ids = [
        registry.add(State=state, ResourceType="RDS", CreationDate=NOON - timedelta(hours=40 - number))
        for number, state in enumerate(states)
    ]
    page = Page(browser, url)
    page.shows(ids[0])
    assert [(row[0], row[1]) for row in page.rows] == list(zip(reversed(ids), reversed(states), strict=True))
    assert (page.rows[0][3], page.rows[0][5]) == ("RDS", "2026-03-02 01:00:00")
    assert page.counts == ["30 All", "0 CREATED", "10 RUNNING", "10 COMPLETED", "10 FAILED", "0 PARTIAL"]
    assert "2026-03-02 12:00:00 UTC" in page.text
    assert "30 jobs, newest first" in page.text


def test_a_row_has_region_account_resource_and_both_vaults(browser, url, registry):
    registry.add(
        AccountId="111122223333",
        region_name="eu-west-1",
        ResourceType="RDS",
        ResourceArn="arn:aws:rds:eu-west-1:111122223333:db:orders",
        ResourceName="orders",
        SourceBackupVaultArn="arn:aws:backup:eu-west-1:111122223333:backup-vault:daily",
        DestinationBackupVaultArn="arn:aws:backup:eu-central-1:999988887777:backup-vault:safe",
    )
    page = Page(browser, url)
    page.shows("1 job, newest first")
    (row,) = page.cells("jobs")
    assert row[2:5] == [
        "eu-west-1\n111122223333",
        "RDS\norders",
        "daily\n\N{RIGHTWARDS ARROW} safe (eu-central-1, 999988887777)",
    ]


def test_a_failed_job_shows_its_message_and_how_long_it_took(browser, url, registry):
    created = NOON - timedelta(hours=3)
    registry.add(
        State="FAILED",
        StatusMessage="Given key ID is not accessible",
        CreationDate=created,
        CompletionDate=created + timedelta(minutes=95),
    )
    page = Page(browser, url)
    page.shows("Given key ID is not accessible")
    assert page.cells("jobs")[0][1] == "FAILED\n1 h 35 min"


def test_children_stand_below_their_parent_which_counts_them(browser, url, registry):
    parent = registry.add(ResourceType="CloudFormation", IsParent=True, CreationDate=NOON - timedelta(hours=9))
    between = registry.add(CreationDate=NOON - timedelta(hours=8))
    child = registry.add(ParentJobId=parent, State="FAILED", CreationDate=NOON - timedelta(hours=7))
    page = Page(browser, url)
    page.shows(child)
    assert page.ids == [between, parent, child]
    assert page.rows[1][6].endswith("1 failed")


# Filters and pages


def test_the_button_of_a_state_leaves_the_other_states_out(browser, url, registry):
    failed = registry.add(State="FAILED")
    registry.add(State="RUNNING")
    page = Page(browser, url)
    page.shows("2 jobs, newest first")
    page.press("1 FAILED")
    page.shows("1 job, newest first")
    assert page.ids == [failed]
    page.press("2 All")
    page.shows("2 jobs, newest first")


def test_a_type_or_an_account_and_region_is_chosen_from_those_that_have_jobs(browser, url, registry):
    here = registry.add(ResourceType="RDS")
    there = registry.add(ResourceType="EBS", region_name="eu-west-1", AccountId="111122223333")
    page = Page(browser, url)
    page.shows("2 jobs, newest first")
    for name, label, job_id in (
        ("resourceType", "EBS (1)", there),
        ("place", "us-east-1, 123456789012 (1)", here),
    ):
        select = Select(page.find(name))
        select.select_by_visible_text(label)
        page.until(lambda job_id=job_id: page.ids == [job_id], f"the page never showed {label} alone")
        select.select_by_index(0)
        page.shows("2 jobs, newest first")


def test_text_is_found_while_it_is_typed(browser, url, registry):
    job_id = registry.add(ResourceName="walnut")
    registry.add()
    page = Page(browser, url)
    page.shows("2 jobs, newest first")
    page.type("/")
    page.type("WALNUT")
    page.shows("1 job found among the newest 2.")
    assert page.ids == [job_id]
    page.type("S")
    page.shows("No job matches.")


def test_a_link_and_a_reload_show_the_same_filter(browser, url, registry):
    job_id = registry.add(State="FAILED")
    registry.add(State="RUNNING")
    page = Page(browser, url + "/#state=FAILED")
    page.shows("1 job, newest first")
    browser.refresh()
    page.shows("1 job, newest first")
    assert page.ids == [job_id]


def test_thousands_of_jobs_come_fifty_at_a_time(browser, url, registry):
    ids = registry.load({"CreationDate": NOON - timedelta(minutes=number)} for number in range(5_000))
    page = Page(browser, url)
    page.shows("5,000 jobs, newest first. Page 1 of 100")
    assert page.ids == ids[:50]
    page.press("Older")
    page.shows("Page 2 of 100")
    page.press("Older")
    page.shows("Page 3 of 100")
    assert page.ids == ids[100:150]
    page.press("Newer")
    page.shows("Page 2 of 100")
    assert page.ids == ids[50:100]
    page.press("Newest")
    page.shows("Page 1 of 100")
    assert page.ids == ids[:50]


def test_a_search_goes_on_among_older_jobs(browser, url, registry):
    job_id = registry.add(ResourceName="walnut", CreationDate=NOON - timedelta(days=40))
    registry.load({"CreationDate": NOON - timedelta(minutes=number)} for number in range(5_001))
    page = Page(browser, url + "/#text=walnut")
    page.shows("0 jobs found among the newest 5,000. Older jobs are not searched yet.")
    page.press("Search older jobs")
    page.shows("1 job found among the next 2.")
    assert page.ids == [job_id]


# One job


def test_a_selected_job_shows_its_document_and_its_event_and_gives_the_focus_back(browser, url, registry):
    job_id = registry.add(State="FAILED", StatusMessage="Access denied")
    page = Page(browser, url)
    page.shows(job_id)
    browser.find_element(By.CSS_SELECTOR, "#jobs button").send_keys(Keys.ENTER)
    page.shows("Copy Job State Change")
    assert json.loads(page.find("details-document").text) == registry.dump()["CopyJobs"][0]
    assert json.loads(page.find("details-event").text)["detail"]["state"] == "FAILED"
    page.type(Keys.ESCAPE)
    page.until(lambda: not page.find("details").is_displayed(), "the details stayed open")
    assert page.focused == job_id


def test_the_details_of_a_family_lead_to_its_other_jobs(browser, url, registry):
    parent = registry.add(IsParent=True)
    child = registry.add(ParentJobId=parent)
    registry.add()
    page = Page(browser, f"{url}/#job={child}")
    page.shows("Show the parent")
    page.press("Show the parent")
    page.shows("Show the children")
    page.press("Show the children")
    page.until(lambda: page.ids == [child], "the page never showed the child alone")
    assert page.rows[0][0] == child


def test_a_removed_job_says_so_in_its_details(browser, url, registry):
    job_id = registry.add()
    page = Page(browser, f"{url}/#job={job_id}")
    page.shows("Copy Job State Change")
    registry.remove(job_id)
    page.shows("There is no such job")


# Calls


def test_calls_appear_as_they_come_in_newest_first(browser, url, registry):
    page = Page(browser, url)
    page.shows("No copy jobs yet.")
    page.press("Calls 0")
    page.shows("No calls yet.")
    for query in ("", "?state=FAILD"):
        with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(f"{url}/copy-jobs/{query}"):
            pass
    page.shows("2 calls, newest first")
    assert page.first_lines("calls") == [
        [
            "2",
            "2026-03-02 12:00:00",
            "ListCopyJobs(ByState='FAILD')",
            "us-east-1",
            "400 InvalidParameterValueException",
        ],
        ["1", "2026-03-02 12:00:00", "ListCopyJobs()", "us-east-1", "200 0 jobs"],
    ]


def test_the_recovery_points_are_shown_with_their_vaults_and_follow_the_clock(browser, url, registry):
    registry.schedule(
        completes_after=timedelta(hours=1),
        ResourceType="EBS",
        SourceBackupVaultArn="arn:aws:backup:us-east-1:123456789012:backup-vault:production",
        DestinationBackupVaultArn="arn:aws:backup:eu-west-1:210987654321:backup-vault:dr-vault",
    )
    (source,) = (point["RecoveryPointArn"] for point in registry.recovery_points)
    page = Page(browser, url)
    page.shows("1 job, newest first.")
    page.find("tab-recovery-points").click()
    page.shows("1 recovery point, newest first.")
    assert [row[:5] for row in page.first_lines("points")] == [[source, "COMPLETED", "us-east-1", "EBS", "production"]]
    registry.tick(timedelta(hours=1))
    page.shows("2 recovery points, newest first.")
    copy = next(row for row in page.first_lines("points") if row[4] == "dr-vault")
    assert copy[2:4] == ["eu-west-1", "EBS"]
    Select(page.find("pointPlace")).select_by_value("210987654321 eu-west-1")
    page.shows("1 recovery point, newest first.")
    assert [row[4] for row in page.first_lines("points")] == ["dr-vault"]


def test_the_arrow_keys_move_between_the_tabs(browser, url, registry):
    page = Page(browser, url)
    page.shows("No copy jobs yet.")
    page.find("tab-jobs").send_keys(Keys.ARROW_RIGHT)
    page.shows("No recovery points.")
    page.type(Keys.ARROW_RIGHT)
    page.shows("No calls yet.")
    assert page.focused.startswith("Calls")
    page.type(Keys.ARROW_RIGHT)
    page.shows("No copy jobs yet.")


# The clock


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("+1 h", "2026-03-02 13:00:00 UTC"),
        ("+1 min", "2026-03-02 12:01:00 UTC"),
        ("+1 day", "2026-03-03 12:00:00 UTC"),
        ("\N{MINUS SIGN}1 h", "2026-03-02 11:00:00 UTC"),
    ],
)
def test_a_button_moves_the_clock(browser, url, registry, label, shown):
    page = Page(browser, url)
    page.shows("2026-03-02 12:00:00 UTC")
    page.press(label)
    page.shows(shown)
    assert f"{registry.now:%Y-%m-%d %H:%M:%S} UTC" == shown


def test_a_job_moves_through_its_states_as_the_clock_is_moved(browser, url, registry):
    registry.schedule(starts_after=timedelta(minutes=30), completes_after=timedelta(minutes=90))
    page = Page(browser, url)
    for number, state in enumerate(("CREATED", "RUNNING", "COMPLETED")):
        if number:
            page.press("+1 h")
        page.until(lambda state=state: f"1 {state}" in page.counts, f"the page never counted {state}")
        assert page.rows[0][1] == state


def test_the_clock_runs_after_unfreeze_and_stands_still_after_freeze(browser, url, registry):
    page = Page(browser, url)
    page.shows("frozen")
    page.press("Unfreeze")
    page.until(lambda: "frozen" not in page.text, "the clock stayed frozen")
    assert registry.now > NOON + timedelta(days=1)
    page.press("Freeze")
    page.shows("frozen")


# Refreshes


def test_a_job_added_elsewhere_appears_without_a_reload(browser, url, registry):
    page = Page(browser, url)
    page.shows("No copy jobs yet.")
    page.shows(registry.add())


MARKUP = "<img src=x onerror=\"document.title='run'\">"


def test_markup_in_a_job_or_a_call_is_shown_and_not_run(browser, url, registry):
    job_id = registry.add(
        State="FAILED",
        StatusMessage=MARKUP,
        ResourceName=f"name {MARKUP}",
        DestinationBackupVaultArn=f"arn:aws:backup:us-east-1:123456789012:backup-vault:{MARKUP}",
    )
    page = Page(browser, f"{url}/#job={job_id}&text={quote('<IMG')}")
    page.shows("Copy Job State Change")
    (row,) = page.cells("jobs")
    assert [MARKUP in cell for cell in row] == [False, False, False, True, True, False, True]
    with contextlib.suppress(urllib.error.HTTPError):
        urllib.request.urlopen(f"{url}/copy-jobs/?state={quote(MARKUP)}")
    page.find("close").click()
    page.press("Calls 1")
    page.shows("got '<img")
    assert browser.execute_script("return document.images.length") == 0
    assert browser.title == "mock-copyjobs"


def test_the_console_has_no_error(browser, url, registry):
    registry.add()
    page = Page(browser, url)
    page.shows("1 job, newest first")
    assert [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_no_column_is_cut_off_at_the_width_of_a_laptop(browser, url, registry):
    registry.add(State="FAILED", ResourceType="SAP HANA on Amazon EC2", StatusMessage="Access denied. " * 8)
    page = Page(browser, url)
    page.shows("SAP HANA")
    wider = "const box = document.querySelector('.card'); return box.scrollWidth - box.clientWidth"
    assert browser.execute_script(wider) == 0


@pytest.fixture
def slow_answers(browser):
    """Hold back every answer to the page, count how many it waits for at once, and let its timers run out at once."""
    script = """
        const [later, ask] = [window.setTimeout, window.fetch];
        for (const name of ["setTimeout", "setInterval"]) {
            const own = window[name];
            window[name] = (callback, delay, ...rest) => own(callback, Math.min(delay, 5), ...rest);
        }
        window.waiting = window.mostWaiting = window.answered = 0;
        window.fetch = async (...question) => {
            window.mostWaiting = Math.max(window.mostWaiting, ++window.waiting);
            const answer = await ask(...question);
            await new Promise((resume) => later(resume, 100));
            window.waiting -= 1;
            window.answered += 1;
            return answer;
        };
    """
    added = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
    yield
    browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


def test_the_page_waits_for_an_answer_before_it_asks_again(browser, url, registry, slow_answers):
    page = Page(browser, url)
    page.until(lambda: browser.execute_script("return window.answered") > 5, "the page stopped asking")
    assert browser.execute_script("return window.mostWaiting") == 1


def test_a_refresh_takes_neither_the_focus_nor_a_selection_of_text(browser, url, registry):
    job_id = registry.add(State="RUNNING")
    page = Page(browser, url)
    page.shows(job_id)
    browser.execute_script(
        """
        const id = document.querySelector("#jobs button");
        id.focus();
        getSelection().selectAllChildren(id);
        """
    )
    page.shows(registry.add())
    assert page.focused == job_id
    assert browser.execute_script("return String(getSelection())") == job_id


def test_a_server_that_ends_is_told_and_so_is_its_return(browser):
    with server() as (url, _):
        page = Page(browser, url)
        page.shows("No copy jobs yet.")
    page.shows("The server does not answer. Trying again.")
    with server(int(url.rpartition(":")[2])):
        page.until(lambda: "The server does not answer" not in page.text, "the page did not come back")


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot stop a process for a while")
def test_an_answer_that_takes_more_than_a_second_is_announced(browser):
    with server() as (url, process):
        page = Page(browser, url)
        page.shows("No copy jobs yet.")
        assert "Reading" not in page.text
        process.send_signal(signal.SIGSTOP)
        page.find("tab-recovery-points").click()
        page.shows("Reading\u2026")
        process.send_signal(signal.SIGCONT)
        page.shows("No recovery points.")
        page.until(lambda: "Reading" not in page.text, "the page still says that it reads")


# Sizes and colours


@pytest.fixture
def narrow(browser) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 380, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    )


def test_nothing_is_wider_than_a_telephone(browser, url, registry, narrow):
    job_id = registry.add(State="FAILED", ResourceName="walnut" * 20, StatusMessage="denied" * 40)
    page = Page(browser, f"{url}/#job={job_id}")
    page.shows("Copy Job State Change")
    wider = """
        return ["html", ".card", "aside"].map((name) => document.querySelector(name))
            .map((element) => element.scrollWidth - element.clientWidth);
    """
    assert browser.execute_script(wider) == [0, 0, 0]


@pytest.mark.parametrize("width", [800, 1024])
def test_a_message_is_readable_in_a_window_of_any_width(browser, url, registry, width):
    registry.add(State="FAILED", StatusMessage="Access denied")
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    page = Page(browser, url)
    page.shows("Access denied")
    assert browser.execute_script("return document.querySelector('.message div').clientWidth") > 90


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast(browser, url, registry, scheme):
    for state in ("CREATED", "RUNNING", "COMPLETED", "FAILED", "PARTIAL"):
        registry.add(State=state, StatusMessage="Access denied")
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    page = Page(browser, url + "/#state=FAILED")
    page.shows("1 job, newest first")
    page.press("5 All")
    page.shows("5 jobs, newest first")
    assert browser.execute_script(CONTRAST) == []


CONTRAST = """
    const linear = (part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    const parts = (colour) => colour.match(/[0-9.]+/g).map(Number);
    const light = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    const behind = (element) => {
        const colour = parts(getComputedStyle(element).backgroundColor);
        return colour.length > 3 && colour[3] === 0 ? behind(element.parentElement) : colour;
    };
    return [...document.body.querySelectorAll("*")].filter((element) => element.offsetParent && !element.disabled
        && [...element.childNodes].some((child) => child.nodeType === 3 && child.data.trim())).flatMap((element) => {
        const lights = [parts(getComputedStyle(element).color), behind(element)].map(light);
        const [one, other] = lights.sort((a, b) => b - a);
        return (one + 0.05) / (other + 0.05) < 4.5 ? [element.outerHTML] : [];
    });
"""
