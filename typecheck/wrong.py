# pyright: strict
"""Mistakes. Each line that ends in `# wrong` is refused by mypy and by pyright, and no other line is."""

import datetime as dt

from mock_copyjobs import CopyJobFields, CopyJobRegistry, mock_copy_jobs

HOUR = dt.timedelta(hours=1)
FIELDS: CopyJobFields = {"State": "ABORTED"}  # wrong


def jobs(copy_jobs: CopyJobRegistry) -> None:
    copy_jobs.add(state="FAILED")  # wrong
    copy_jobs.add(State="FAILD")  # wrong
    copy_jobs.add({"State": "FAILED"})  # wrong
    copy_jobs.add(BackupSizeInBytes="1 GB")  # wrong
    copy_jobs.add(CreationDate=[2026, 1, 31])  # wrong
    copy_jobs.add(CreatedBy={"PlanName": "daily"})  # wrong
    copy_jobs.add(ChildJobsInState={"ABORTED": 1})  # wrong
    copy_jobs.add(region="eu-west-1")  # wrong
    copy_jobs.add_many("3")  # wrong
    copy_jobs.add_many(3, ResourceName=lambda index: index)  # wrong
    copy_jobs.add_many(3, State=lambda index: "ABORTED")  # wrong
    copy_jobs.add_many(3, spacing=60)  # wrong
    copy_jobs.schedule(duration=HOUR)  # wrong
    copy_jobs.schedule(starts_after=60)  # wrong
    copy_jobs.load([{}], newest=[])  # wrong
    job = copy_jobs.add(State="RUNNING")
    job.update(Stat="FAILED")  # wrong
    job.complete(BackupSizeInBytes="1 GB")  # wrong
    job["State"] = "FAILED"  # wrong
    print(job.State)  # wrong


def options() -> None:
    mock_copy_jobs(sed=1)  # wrong
    mock_copy_jobs(seed="1")  # wrong
    mock_copy_jobs(page_size=None)  # wrong
    mock_copy_jobs(copy_duration=60)  # wrong
    mock_copy_jobs(jobs=7)  # wrong
    mock_copy_jobs(newest=[])  # wrong
