import pickle
import re
from pathlib import Path

import pytest

from mock_copyjobs import InvalidFieldError, ServiceError, UnmockedCallError


@pytest.mark.parametrize(
    "error",
    [
        ServiceError("ThrottlingException", "Rate exceeded", context="a queue", status=429),
        UnmockedCallError("backup", "ListBackupJobs"),
        InvalidFieldError("State: expected one of CREATED, RUNNING, got 'DONE'"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_goes_from_process_to_process(error):
    arrived = pickle.loads(pickle.dumps(error))
    assert (type(arrived), str(arrived), vars(arrived)) == (type(error), str(error), vars(error))


def test_the_page_on_errors_quotes_messages_that_the_package_has():
    root = Path(__file__).parents[1]
    rows = re.findall(r"^\| (.+?) \|", (root / "docs" / "errors.md").read_text(encoding="utf-8"), re.MULTILINE)
    quoted = [text for cell in rows for text in re.findall(r"`([^`]+ [^`]+)`", cell)]
    sources = [path.read_text(encoding="utf-8") for path in (root / "mock_copyjobs").rglob("*.py")]

    assert len(quoted) > 6
    assert [text for text in quoted if not any(text in source for source in sources)] == []
