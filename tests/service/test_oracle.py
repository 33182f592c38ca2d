"""Random requests, answered by the mock and by an oracle that walks a plain list and shares no code with it."""

import datetime as dt
import random

import boto3
import pytest
from depth import cases
from installed import members

from mock_copyjobs import mock_copy_jobs

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
START_MS = 1_772_366_400_000
YEAR_MS = 365 * 86_400_000
QUESTIONS = cases(1_500)
ROUNDS = 5

STATES = ("CREATED", "RUNNING", "COMPLETED", "FAILED", "PARTIAL")
ACCOUNTS = ("123456789012", "210987654321")
REGIONS = ("us-east-1", "eu-west-1")
TYPES = ("EBS", "EFS", "Storage Gateway")
CATEGORIES = ("SUCCESS", "ACCESS_DENIED", "AccessDenied", "KMS_KEY_ERROR")
RESOURCES = tuple(f"arn:aws:ec2:us-east-1:123456789012:volume/vol-{n}" for n in range(3))
POINTS = tuple(f"arn:aws:ec2:us-east-1::snapshot/snap-{n}" for n in range(3))
VAULTS = tuple(f"arn:aws:backup:us-west-2:123456789012:backup-vault:v{n}" for n in range(3))
PARENTS = ("P", "Q")
FIELD_OF = {
    "ByState": "State",
    "ByResourceType": "ResourceType",
    "ByResourceArn": "ResourceArn",
    "BySourceRecoveryPointArn": "SourceRecoveryPointArn",
    "ByDestinationVaultArn": "DestinationBackupVaultArn",
    "ByParentJobId": "ParentJobId",
}
VALUES = {
    "ByState": STATES,
    "ByResourceType": (*TYPES, "RDS"),
    "ByResourceArn": RESOURCES,
    "BySourceRecoveryPointArn": POINTS,
    "ByDestinationVaultArn": VAULTS,
    "ByParentJobId": (*PARENTS, "none"),
    "ByAccountId": (*ACCOUNTS, "999999999999"),
    "ByMessageCategory": (*CATEGORIES, "access-denied", "ANY", "AGGREGATE_ALL", "success", "FATAL_ERROR"),
}
WINDOWS = {
    "ByCreatedAfter": "CreationDate",
    "ByCreatedBefore": "CreationDate",
    "ByCompleteAfter": "CompletionDate",
    "ByCompleteBefore": "CompletionDate",
}


class Oracle:
    """Jobs in a plain list, in the order of adding. Every request is answered by a walk over all of them."""

    def __init__(self, dice):
        self.dice = dice
        self.jobs = []
        self.added = 0

    def moment(self):
        """Return one of few moments, so that jobs share them and windows end on them."""
        return START_MS + self.dice.randrange(8) * 1000 + self.dice.choice((0, 0, 0, 1, 999))

    def completion(self):
        """Mostly within seconds of any creation, before or after it; at times a minute or a year apart from it."""
        return self.moment() + self.dice.choice((0, 0, 0, 0, 60_000, -60_000, YEAR_MS, -YEAR_MS))

    def fields(self):
        pick = self.dice.choice
        return {
            "State": pick(STATES),
            "ResourceType": pick(TYPES),
            "ResourceArn": pick(RESOURCES),
            "SourceRecoveryPointArn": pick(POINTS),
            "DestinationBackupVaultArn": pick(VAULTS),
            "ParentJobId": pick((None, None, *PARENTS)),
            "MessageCategory": pick(CATEGORIES),
            "CreationDate": self.moment(),
            "CompletionDate": pick((None, self.completion(), self.completion())),
        }

    def new_job(self):
        region = self.dice.choice((REGIONS[0], *REGIONS))
        account = self.dice.choice((ACCOUNTS[0], *ACCOUNTS))
        job = {
            "CopyJobId": f"job-{self.added}",
            "AccountId": account,
            "SourceBackupVaultArn": f"arn:aws:backup:{region}:{account}:backup-vault:v",
            **self.fields(),
        }
        self.jobs.append({**job, "number": self.added, "region": region})
        self.added += 1
        return job

    def question(self):
        known = [name for name in VALUES if name in members("ListCopyJobsInput")]
        asked = {name: self.dice.choice(VALUES[name]) for name in known if self.dice.random() < 0.16}
        for name, field in WINDOWS.items():
            if self.dice.random() < 0.2:
                asked[name] = self.completion() if field == "CompletionDate" else self.moment()
        return asked

    def page(self, asked, region, after, size):
        """Return the ids of a page, the place of its last job, and whether more jobs follow."""
        account = asked.get("ByAccountId", ACCOUNTS[0])
        places = {}
        for job in self.jobs:
            place = (job["CreationDate"], job["number"])
            here = job["region"] == region and job["AccountId"] == account
            if here and (after is None or place < after) and self.matches(job, asked):
                places[place] = job["CopyJobId"]
        order = sorted(places, reverse=True)
        last = order[:size][-1] if order else None
        return [places[place] for place in order[:size]], last, len(order) > size

    @staticmethod
    def matches(job, asked):
        for name, value in asked.items():
            if name in FIELD_OF and job[FIELD_OF[name]] != value:
                return False
            if name in WINDOWS:
                moment = job[WINDOWS[name]]
                if moment is None or (moment <= value if name.endswith("After") else moment >= value):
                    return False
            if name == "ByMessageCategory" and value not in ("ANY", "AGGREGATE_ALL"):
                plain = [text.replace("_", "").replace("-", "").lower() for text in (job["MessageCategory"], value)]
                if plain[0] != plain[1]:
                    return False
        return True


def as_sent(asked, dice):
    """Return the parameters as a program gives them: datetimes of any zone, some finer than a millisecond."""
    zone = dt.timezone(dt.timedelta(hours=dice.randrange(-11, 12)))
    return {
        name: (EPOCH + dt.timedelta(milliseconds=value, microseconds=dice.choice((0, 0, 1, 999)))).astimezone(zone)
        if name in WINDOWS
        else value
        for name, value in asked.items()
    }


def as_document(job):
    dates = {name: None if job[name] is None else job[name] / 1000 for name in ("CreationDate", "CompletionDate")}
    return {**job, **dates}


def change(copy_jobs, oracle, dice):
    """Make the same random change to the jobs of the mock and of the oracle."""
    kind = dice.choice(("add", "remove", "update"))
    if kind == "add" or len(oracle.jobs) < 25:
        copy_jobs.load([as_document(oracle.new_job())])
    elif kind == "remove":
        copy_jobs.remove(oracle.jobs.pop(dice.randrange(len(oracle.jobs)))["CopyJobId"])
    else:
        job = dice.choice(oracle.jobs)
        fields = oracle.fields()
        # A State alone would change other fields too. Everything that is compared is given with it.
        given = {name: fields[name] for name in fields if name == "MessageCategory" or dice.random() < 0.5}
        if "State" in given:
            given["CompletionDate"] = fields["CompletionDate"]
        job.update(given)
        dates = {name: None if given[name] is None else given[name] / 1000 for name in given if name.endswith("Date")}
        copy_jobs[job["CopyJobId"]].update(**{**given, **dates, "StatusMessage": None})


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.filterwarnings("ignore::mock_copyjobs.CopyJobWarning")  # random fields contradict one another
def test_random_questions_agree_with_the_oracle(seed):
    dice = random.Random(seed)
    oracle = Oracle(dice)
    answered = paged = 0
    page_size = dice.choice((5, 20, 1000))
    with mock_copy_jobs(page_size=page_size) as copy_jobs:
        clients = {region: boto3.client("backup", region_name=region) for region in REGIONS}
        copy_jobs.load([as_document(oracle.new_job()) for _ in range(40)])
        for _ in range(QUESTIONS // ROUNDS):
            asked, region = oracle.question(), dice.choice((REGIONS[0], *REGIONS))
            parameters = as_sent(asked, dice)
            after = token = None
            while token is not None or after is None:
                size = dice.choice((None, 1, 2, 3, 7, 1000))
                paging = {} if size is None else {"MaxResults": size}
                if token is not None:
                    paging["NextToken"] = token
                answer = clients[region].list_copy_jobs(**parameters, **paging)
                limit = min(size or 1000, page_size)
                expected, last, more = oracle.page(asked, region, after, limit)
                found = [job["CopyJobId"] for job in answer["CopyJobs"]]
                assert found == expected, (parameters, paging)
                token = answer.get("NextToken")
                assert (token is not None) == more, (parameters, paging)
                answered += bool(found)
                paged += token is not None
                after = last or (0, 0)
                for _ in range(dice.choice((0, 0, 1, 3))):
                    change(copy_jobs, oracle, dice)
    # Requests that find nothing, and lists of one page, would agree too easily.
    assert answered > 100
    assert paged > 100
