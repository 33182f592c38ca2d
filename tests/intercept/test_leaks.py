"""Objects that starts and stops leave in the process. `benchmarks/leaks.py` counts them after 10,000 mocks."""

import gc

import boto3

from mock_copyjobs import mock_copy_jobs


def test_a_mock_and_its_client_leave_no_object_behind():
    counts = []
    for _ in range(3):
        for _ in range(50):
            with mock_copy_jobs() as copy_jobs:
                copy_jobs.add()
                boto3.client("backup").list_copy_jobs()
        gc.collect()
        counts.append(len(gc.get_objects()))
    assert counts[2] - counts[1] < 50, "at least one object stays for each mock"
