import pytest

SCRIPT = """
    import datetime as dt

    import boto3
    import freezegun
    from botocore.exceptions import ClientError
    from mock_copyjobs import mock_copy_jobs

    FILTERS = [
        {},
        {"ByState": "FAILED"},
        {"ByState": "COMPLETED", "ByResourceType": "EBS"},
        {"ByCreatedAfter": dt.datetime(2026, 1, 31, tzinfo=dt.timezone.utc)},
        {"ByState": "BOGUS"},
    ]
    NOON = "2026-01-31T12:00:00Z"

    with freezegun.freeze_time(NOON), mock_copy_jobs(seed=SEED, page_size=7) as jobs:
        jobs.add_many(40, spacing=dt.timedelta(minutes=10))
        jobs.add_many(10, State="FAILED")
        jobs.add_many(10, State="RUNNING")
        jobs.add_many(10, State="COMPLETED", ResourceType="EBS")
        jobs.add(CopyJobId="P")
        jobs.add_many(4, ParentJobId="P", State=lambda n: ["FAILED", "RUNNING"][n % 2])
        client = boto3.client("backup")

        def show(http_response, parsed, **_):
            headers = {name.lower(): value for name, value in http_response.headers.items()}
            print(http_response.status_code, sorted(headers.items()), http_response.content.decode())
            print("token", parsed.get("NextToken"))

        client.meta.events.register("after-call.backup", show)
        for filters in FILTERS:
            try:
                list(client.get_paginator("list_copy_jobs").paginate(**filters))
            except ClientError as error:
                print(error)
        for job in jobs:
            client.describe_copy_job(CopyJobId=job.id)
        print(jobs.dump())
"""


def answers(run_script, *, hash_seed: str, seed: int = 7, timezone: str = "UTC") -> str:
    return run_script(SCRIPT.replace("SEED", str(seed)), PYTHONHASHSEED=hash_seed, TZ=timezone)


@pytest.fixture(scope="module")
def reference(run_script) -> str:
    return answers(run_script, hash_seed="0")


@pytest.mark.parametrize("hash_seed", ["1", "random"])
def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed(run_script, reference, hash_seed):
    assert answers(run_script, hash_seed=hash_seed) == reference


def test_the_same_seed_gives_the_same_bytes_whatever_the_time_zone(run_script, reference):
    assert answers(run_script, hash_seed="1", timezone="Asia/Tokyo") == reference


def test_the_compared_answers_hold_pages_tokens_and_errors(reference):
    lines = reference.splitlines()
    tokens = [line.split()[1] for line in lines if line.startswith("token ")]
    assert len({token for token in tokens if token != "None"}) >= 12
    assert sum(line.startswith("200 ") for line in lines) > 70
    assert sum(line.startswith("400 ") for line in lines) == 1


def test_another_seed_gives_other_ids_and_tokens(run_script, reference):
    other = answers(run_script, hash_seed="0", seed=8)
    tokens = {line for line in reference.splitlines() if line.startswith("token ") and line != "token None"}
    assert tokens
    assert not tokens & set(other.splitlines())
