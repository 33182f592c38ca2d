"""Chromium without a window, for the tests of the server in a browser."""

import os
import shutil
from pathlib import Path

import pytest
from selenium import webdriver

_CHROMIUM, _DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
_OPTIONS = (
    *("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--window-size=1280,1400"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    # Chromium refuses to start for root without it.
    *["--no-sandbox"] * (os.geteuid() == 0),
)

needs_chromium = pytest.mark.skipif(
    _CHROMIUM is None or _DRIVER is None, reason="Debian's chromium and chromium-driver are not installed"
)


def open_chromium(profile: Path, *options: str) -> webdriver.Chrome:
    """Open a browser with a profile folder of its own and further options. The caller quits it."""
    chosen = webdriver.ChromeOptions()
    chosen.binary_location = _CHROMIUM
    for option in (*_OPTIONS, f"--user-data-dir={profile}", *options):
        chosen.add_argument(option)
    return webdriver.Chrome(options=chosen, service=webdriver.ChromeService(_DRIVER))
