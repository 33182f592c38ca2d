import sys
from pathlib import Path

import pytest
from chromium import needs_chromium, open_chromium
from PIL import Image, ImageChops
from test_page import server

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "pictures"))

from page import HERE, SCHEMES, SIZE, show

pytestmark = needs_chromium
COARSE = (SIZE[0] // 100, SIZE[1] // 100)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = open_chromium(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def url():
    with server() as (url, _):
        yield url


@pytest.mark.parametrize(("name", "scheme"), SCHEMES.items())
def test_a_picture_shows_the_page_as_this_browser_does(browser, url, tmp_path, name, scheme):
    page = show(browser, url, scheme)
    assert len(page.rows) == 30
    assert page.counts == ["30 All", "1 CREATED", "1 RUNNING", "21 COMPLETED", "6 FAILED", "1 PARTIAL"]
    assert "2026-03-02 09:00:00 UTC" in page.text
    assert page.find("details").text.splitlines()[2:5] == [
        "FAILED in eu-west-1, 123456789012",
        "Show the children",
        "Document",
    ]

    assert browser.save_screenshot(str(tmp_path / name))
    shown, kept = Image.open(tmp_path / name), Image.open(HERE / name)
    assert kept.size == shown.size == SIZE
    # Browsers draw letters differently, and put them in the same places.
    coarse = [image.convert("L").resize(COARSE, Image.Resampling.BOX) for image in (shown, kept)]
    _, most = ImageChops.difference(*coarse).getextrema()
    assert most < 16, "run `make pictures`"
