"""Pictures of the server's page, light and dark: `.venv-clients/bin/python docs/pictures/page.py`."""

import datetime as dt
import hashlib
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from selenium.webdriver import Chrome

sys.path.insert(0, str(Path(__file__).parents[2] / "clients"))

from chromium import open_chromium
from test_page import Page, server

from mock_copyjobs.remote import RemoteRegistry

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGE = Path("mock_copyjobs/server/page.html")
SCHEMES = {"page.png": "light", "page-dark.png": "dark"}
SIZE = (1500, 900)
_NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone.utc)
_DATES = ("--from", "2026-03-01T18:00:00Z", "--to", f"{_NOW:%Y-%m-%dT%H:%M:%SZ}")
_GENERATE = ("generate", "30", "--seed", "0", "--composite", "5", "--regions", "us-east-1,eu-west-1", *_DATES)


def show(browser: Chrome, url: str, scheme: str) -> Page:
    """Show a server with thirty jobs and the details of a composite one that failed."""
    command = [sys.executable, "-m", "mock_copyjobs", *_GENERATE]
    jobs = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)["CopyJobs"]
    registry = RemoteRegistry(url)
    registry.reset()
    registry.freeze(_NOW)
    registry.load(jobs)
    size = {"width": SIZE[0], "height": SIZE[1], "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    failed = next(job["CopyJobId"] for job in reversed(jobs) if job["State"] == "FAILED" and job["IsParent"])
    page = Page(browser, f"{url}/#job={failed}")
    page.shows("Copy Job State Change")
    page.shows("30 jobs, newest first")
    return page


def main() -> None:
    """Write the pictures, and the hash of the page that they show."""
    with tempfile.TemporaryDirectory() as profile, server() as (url, _):
        browser = open_chromium(Path(profile))
        try:
            for name, scheme in SCHEMES.items():
                show(browser, url, scheme)
                screenshot = Image.open(io.BytesIO(browser.get_screenshot_as_png())).convert("RGB")
                # A palette makes it a third as large.
                screenshot.quantize(method=Image.Quantize.MAXCOVERAGE).save(HERE / name, optimize=True)
        finally:
            browser.quit()
    digest = hashlib.sha256((ROOT / PAGE).read_bytes()).hexdigest()
    (HERE / "page.sha256").write_text(f"{digest}  {PAGE.as_posix()}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
