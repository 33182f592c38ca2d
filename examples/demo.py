"""Program of `make demo`: the unchanged audit on a jobs file with the clock frozen; a fault; a second Region."""

import contextlib
import io
import textwrap
from pathlib import Path
from typing import Any

import boto3
import copy_audit
from freezegun import freeze_time

from mock_copyjobs import Call, CopyJobRegistry, mock_copy_jobs

JOBS = Path(__file__).with_name("jobs.json")
NOW = "2026-03-02T09:00:00Z"
PAGE_SIZE = 5
TIMES = ("ByCreatedAfter", "ByCreatedBefore", "ByCompleteAfter", "ByCompleteBefore")


def main() -> None:
    output = io.StringIO()
    with freeze_time(NOW), mock_copy_jobs(jobs=JOBS, page_size=PAGE_SIZE) as copy_jobs:
        with contextlib.redirect_stdout(output):
            exit_code = copy_audit.main([])
        print_head("examples/copy_audit.py, a real boto3 client, no AWS account")
        print(f"  clock      {NOW}, frozen")
        print(f"  jobs       {len(copy_jobs)}, from examples/{JOBS.name}")
        print(f"  page size  {PAGE_SIZE}")
        print_head("Its calls, and the answers")
        page = 0
        for number, call in enumerate(copy_jobs.calls, start=1):
            page = page + 1 if "NextToken" in call.params else 1
            print_call(number, page, call, copy_jobs)
        print_head("Its report")
        print(textwrap.indent(output.getvalue().rstrip(), "  "))
        print(f"\n  exit code {exit_code}" + (": copies need attention" if exit_code else ""))
        print_head("A fault: the SDK repeats a throttled call")
        copy_jobs.fail_next("ThrottlingException")
        boto3.client("backup").list_copy_jobs(ByState="FAILED")
        for call in copy_jobs.calls[-2:]:
            print_outcome(call)
        print_head("A second Region: an empty list, and why")
        boto3.client("backup", region_name="eu-west-1").list_copy_jobs(ByState="FAILED")
        print_outcome(copy_jobs.calls[-1])
        print(f"  {copy_jobs.explain()}")


def print_head(title: str) -> None:
    print(f"\n{title}\n{'=' * len(title)}")


def print_call(number: int, page: int, call: Call, copy_jobs: CopyJobRegistry) -> None:
    parameters = "  ".join(f"{name}={shown(name, value)}" for name, value in call.params.items())
    print(f"\n  {number}. {call.operation}  {parameters}")
    print(f"     HTTP {call.status}, page {page}: {len(call.job_ids)} job{'s' * (len(call.job_ids) != 1)}")
    for job_id in call.job_ids:
        job = copy_jobs[job_id]
        vault = job["DestinationBackupVaultArn"].rpartition(":")[2]
        row = f"{job['CreationDate']:%m-%d %H:%M}  {job['State']:<9}  {job['ResourceType']:<14}"
        print(f"       {row}  {job['ResourceName']:<17}  to {vault}")


def print_outcome(call: Call) -> None:
    print(f"  {call} -> {call.status} {call.error or f'{len(call.job_ids)} jobs'}")


def shown(name: str, value: Any) -> str:
    if name in TIMES:
        return f"{value:%Y-%m-%dT%H:%MZ}"
    return f"...{value[-8:]}" if name == "NextToken" else str(value)


if __name__ == "__main__":
    main()
