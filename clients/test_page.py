import shutil
from datetime import datetime, timedelta, timezone

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from mock_copyjobs.remote import RemoteRegistry

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None, reason="Debian's chromium and chromium-driver are not installed"
)
NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,1400"),
)


@pytest.fixture
def browser(tmp_path):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for option in (*OPTIONS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(option)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield browser
    browser.quit()


@pytest.fixture
def url(serve) -> str:
    return serve("--copy-duration", "7200")


@pytest.fixture
def registry(url) -> RemoteRegistry:
    """The registry of a server whose clock is frozen at noon."""
    registry = RemoteRegistry(url)
    registry.freeze(NOON)
    return registry


class Page:
    """The page in a browser."""

    def __init__(self, browser, url: str) -> None:
        self._browser = browser
        browser.get(url)

    def shows(self, words: str) -> None:
        """Wait until the page shows the words."""
        WebDriverWait(self._browser, 20).until(lambda _: words in self.text, f"the page never showed {words!r}")

    @property
    def text(self) -> str:
        return self._browser.find_element(By.TAG_NAME, "body").text

    @property
    def rows(self) -> list[list[str]]:
        script = "return [...document.querySelectorAll('#jobs tr')].map(row => [...row.cells].map(c => c.innerText))"
        return self._browser.execute_script(script)

    @property
    def counts(self) -> list[str]:
        return self._browser.find_element(By.ID, "counts").text.split("\n")

    def press(self, label: str) -> None:
        self._browser.find_element(By.XPATH, f"//button[normalize-space()='{label}']").click()


def test_an_empty_registry_says_so(browser, url, registry):
    page = Page(browser, url)
    page.shows("No copy jobs yet.")
    assert page.counts == ["0 CREATED", "0 RUNNING", "0 COMPLETED", "0 FAILED", "0 PARTIAL"]


def test_each_job_has_a_row_newest_first_and_each_state_a_count(browser, url, registry):
    states = ("COMPLETED", "FAILED", "RUNNING") * 10
    ids = [
        registry.add(State=state, ResourceType="RDS", CreationDate=NOON - timedelta(hours=40 - number))
        for number, state in enumerate(states)
    ]
    page = Page(browser, url)
    page.shows(ids[0])
    assert [(row[0], row[1]) for row in page.rows] == list(zip(reversed(ids), reversed(states), strict=True))
    assert page.rows[0][2:4] == ["RDS", "2026-03-02 01:00:00"]
    assert page.counts == ["0 CREATED", "10 RUNNING", "10 COMPLETED", "10 FAILED", "0 PARTIAL"]
    assert page.text.count("2026-03-02 12:00:00 UTC (frozen)") == 1


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
    assert page.rows[0][4] == "1 h 35 min"


def test_children_stand_below_their_parent_which_counts_them(browser, url, registry):
    parent = registry.add(ResourceType="CloudFormation", IsParent=True, CreationDate=NOON - timedelta(hours=9))
    between = registry.add(CreationDate=NOON - timedelta(hours=8))
    child = registry.add(ParentJobId=parent, State="FAILED", CreationDate=NOON - timedelta(hours=7))
    page = Page(browser, url)
    page.shows(child)
    assert [row[0] for row in page.rows] == [between, parent, child]
    assert page.rows[1][6].endswith("1 failed")


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
    page.shows("1 CREATED")
    page.press("+1 h")
    page.shows("1 RUNNING")
    page.press("+1 h")
    page.shows("1 COMPLETED")
    assert page.rows[0][1] == "COMPLETED"


def test_the_clock_runs_after_unfreeze_and_stands_still_after_freeze(browser, url, registry):
    page = Page(browser, url)
    page.shows("(frozen)")
    page.press("Unfreeze")
    WebDriverWait(browser, 20).until(lambda _: "(frozen)" not in page.text)
    assert registry.now > NOON + timedelta(days=1)
    page.press("Freeze")
    page.shows("(frozen)")


def test_a_job_added_elsewhere_appears_without_a_reload(browser, url, registry):
    page = Page(browser, url)
    page.shows("No copy jobs yet.")
    page.shows(registry.add())


def test_markup_in_a_message_is_shown_and_not_run(browser, url, registry):
    message = "<img src=x onerror=\"document.title='run'\">"
    registry.add(State="FAILED", StatusMessage=message)
    page = Page(browser, url)
    page.shows(message)
    assert browser.title == "mock-copyjobs"


def test_the_console_has_no_error(browser, url, registry):
    registry.add()
    page = Page(browser, url)
    page.shows("1 COMPLETED")
    severe = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert [message for message in severe if "favicon" not in message] == []


def test_no_column_is_cut_off_at_the_width_of_a_laptop(browser, url, registry):
    registry.add(State="FAILED", ResourceType="SAP HANA on Amazon EC2", StatusMessage="Access denied. " * 8)
    page = Page(browser, url)
    page.shows("SAP HANA")
    wider = "const box = document.querySelector('.scroll'); return box.scrollWidth - box.clientWidth"
    assert browser.execute_script(wider) == 0
