"""Tests of the audit with unittest: the class decorator keeps the mock on from setUp to tearDown of each test."""

# ruff: noqa: PT009  # unittest has its own assertions

import contextlib
import datetime as dt
import io
import unittest

import copy_audit
from freezegun import freeze_time

from mock_copyjobs import CopyJobRegistry, mock_copy_jobs


@freeze_time("2026-03-02T09:00:00Z")
@mock_copy_jobs(as_kwarg="copy_jobs")
class AuditTest(unittest.TestCase):
    def setUp(self) -> None:
        self.output = io.StringIO()
        redirection = contextlib.redirect_stdout(self.output)
        redirection.__enter__()
        self.addCleanup(redirection.__exit__, None, None, None)

    def test_an_account_without_copies_is_well(self) -> None:
        self.assertEqual(copy_audit.main([]), 0)

    def test_a_composite_copy_with_a_failed_child_is_partial(self, copy_jobs: CopyJobRegistry) -> None:
        parent = copy_jobs.add(ResourceType="CloudFormation", ResourceName="checkout")
        copy_jobs.add(ResourceType="RDS", ParentJobId=parent.id)
        copy_jobs.add(ResourceType="EBS", ParentJobId=parent.id, State="FAILED")

        self.assertEqual(copy_audit.main([]), 1)
        self.assertIn("CloudFormation checkout      1 completed, 1 failed", self.output.getvalue())

    def test_a_copy_of_last_week_that_still_runs_is_overdue(self, copy_jobs: CopyJobRegistry) -> None:
        copy_jobs.add(State="RUNNING", CreationDate=dt.datetime(2026, 2, 23, 9, tzinfo=dt.timezone.utc))

        self.assertEqual(copy_audit.main(["--hours", "1"]), 1)
        self.assertIn("RUNNING for 168 h 00 min", self.output.getvalue())


if __name__ == "__main__":
    unittest.main()
