"""Random jobs, added points and deletions under a clock that moves both ways; an oracle walks a plain list of them."""

import datetime as dt
import itertools
import random

import pytest
from botocore.exceptions import ClientError
from depth import cases

START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
MS, HOUR = dt.timedelta(milliseconds=1), dt.timedelta(hours=1)
QUESTIONS = cases(500)
ROUNDS = 5
SPAN = 40

ACCOUNTS = ("123456789012", "210987654321")
REGIONS = ("us-east-1", "eu-west-1")
VAULTS = ("Default", "dr", "aws/efs/automatic-backup-vault")
RESOURCES = tuple(f"arn:aws:dynamodb:us-east-1:123456789012:table/t{n}" for n in range(3))
TYPES = ("EFS", "DynamoDB", "S3")
PLANS = ("p1", "p2")


def arn_of(number):
    return f"arn:aws:backup::123456789012:recovery-point:{number:08x}-0000-4000-8000-000000000000"


class World:
    """Jobs and points as they were given, in the order of adding."""

    def __init__(self, rng, copy_jobs):
        self.rng, self.registry = rng, copy_jobs
        self.jobs, self.added, self.deleted = [], {}, set()
        self.number = 0
        self.drawn = itertools.count()

    def now(self, offset):
        return START + offset * MS

    def draw_place(self):
        return self.rng.choice(ACCOUNTS), self.rng.choice(REGIONS), self.rng.choice(VAULTS)

    def known_arns(self):
        return [*self.added, *(arn for job in self.jobs for arn in (job["source"], job["destination"]))]

    def add_job(self):
        rng = self.rng
        account, region, vault = self.draw_place()
        known = self.known_arns()
        source = rng.choice(known) if known and rng.random() < 0.5 else arn_of(next(self.drawn))
        created = self.now(rng.randrange(SPAN))
        job = {
            "source": source,
            "from": (account, region, vault),
            "destination": arn_of(next(self.drawn)),
            "to": self.draw_place(),
            "created": created,
            "resource": rng.choice(RESOURCES),
            "type": rng.choice(TYPES),
            "plan": rng.choice((None, *PLANS)),
            "number": self.number,
        }
        self.number += 1
        to_account, to_region, to_vault = job["to"]
        fields = {
            "AccountId": account,
            "SourceRecoveryPointArn": source,
            "SourceBackupVaultArn": f"arn:aws:backup:{region}:{account}:backup-vault:{vault}",
            "DestinationRecoveryPointArn": job["destination"],
            "DestinationBackupVaultArn": f"arn:aws:backup:{to_region}:{to_account}:backup-vault:{to_vault}",
            "CreationDate": created,
            "ResourceArn": job["resource"],
            "ResourceType": job["type"],
            "CreatedBy": job["plan"] and {"BackupPlanId": job["plan"]},
        }
        if rng.random() < 0.5:
            job["state"] = rng.choice(("RUNNING", "COMPLETED", "COMPLETED", "FAILED", "PARTIAL"))
            self.registry.add(State=job["state"], **fields)
        else:
            job["completes"] = created + rng.randrange(SPAN) * MS
            job["outcome"] = rng.choice(("COMPLETED", "COMPLETED", "FAILED"))
            after = job["completes"] - created
            self.registry.schedule(
                starts_after=dt.timedelta(0), completes_after=after, outcome=job["outcome"], **fields
            )
        self.jobs.append(job)

    def add_point(self):
        rng = self.rng
        account, region, vault = place = self.draw_place()
        point = {
            "arn": arn_of(next(self.drawn)),
            "place": place,
            "created": self.now(rng.randrange(-SPAN, SPAN)),
            "resource": rng.choice(RESOURCES),
            "type": rng.choice(TYPES),
            "plan": rng.choice((None, *PLANS)),
            "order": 2 * self.number,
        }
        self.number += 1
        self.registry.recovery_points.add(
            vault=vault,
            RecoveryPointArn=point["arn"],
            BackupVaultArn=f"arn:aws:backup:{region}:{account}:backup-vault:{vault}",
            CreationDate=point["created"],
            ResourceArn=point["resource"],
            ResourceType=point["type"],
            CreatedBy=point["plan"] and {"BackupPlanId": point["plan"]},
        )
        self.added[point["arn"]] = point

    def points(self, now):
        """The points that exist at a moment."""
        found = dict(self.added)
        for job in sorted(self.jobs, key=lambda job: (job["created"], job["number"])):
            if "state" in job:
                state = job["state"]
            elif now < job["created"]:
                continue
            else:
                state = job["outcome"] if now >= job["completes"] else "RUNNING"
            common = {name: job[name] for name in ("resource", "type", "plan")}
            source = {"arn": job["source"], "place": job["from"], "created": job["created"] - HOUR, **common}
            source = found.setdefault(job["source"], {**source, "order": 2 * job["number"]})
            if state in ("COMPLETED", "PARTIAL"):
                copy = {"arn": job["destination"], "place": job["to"], "created": source["created"], **common}
                found.setdefault(job["destination"], {**copy, "order": 2 * job["number"] + 1})
        visible = [point for arn, point in found.items() if arn not in self.deleted]
        return sorted(visible, key=lambda point: (point["created"], point["order"]), reverse=True)

    def draw_question(self):
        rng, asked = self.rng, {}
        if rng.random() < 0.2:
            return {"ResourceArn": rng.choice(RESOURCES)}
        asked["BackupVaultName"] = rng.choice(VAULTS)
        for name, values, chance in (
            ("BackupVaultAccountId", ACCOUNTS, 0.3),
            ("ByResourceArn", RESOURCES, 0.2),
            ("ByResourceType", TYPES, 0.2),
            ("ByBackupPlanId", PLANS, 0.2),
        ):
            if rng.random() < chance:
                asked[name] = rng.choice(values)
        for name in ("ByCreatedAfter", "ByCreatedBefore"):
            if rng.random() < 0.2:
                asked[name] = self.now(rng.randrange(SPAN)) - rng.choice((0, 1)) * HOUR
        return asked


def matches(point, asked, region):
    account, of_region, vault = point["place"]
    return (
        (account, of_region) == (asked.get("BackupVaultAccountId", ACCOUNTS[0]), region)
        and vault == asked.get("BackupVaultName", vault)
        and point["resource"] == asked.get("ByResourceArn", asked.get("ResourceArn", point["resource"]))
        and point["type"] == asked.get("ByResourceType", point["type"])
        and point["plan"] == asked.get("ByBackupPlanId", point["plan"])
        and ("ByCreatedAfter" not in asked or point["created"] > asked["ByCreatedAfter"])
        and ("ByCreatedBefore" not in asked or point["created"] < asked["ByCreatedBefore"])
    )


@pytest.mark.filterwarnings("ignore::mock_copyjobs.CopyJobWarning")
def test_random_questions_get_the_oracle_s_points(copy_jobs, make_client, clock):
    rng = random.Random("recovery points")
    clients = {region: make_client(region_name=region) for region in REGIONS}
    answered = pages = 0
    for _ in range(ROUNDS):
        copy_jobs.reset()
        world = World(rng, copy_jobs)
        for _ in range(QUESTIONS // ROUNDS):
            for change, chance in ((world.add_job, 0.5), (world.add_point, 0.2)):
                if rng.random() < chance:
                    change()
            now = world.now(rng.randrange(-5, 2 * SPAN))
            clock.move_to(now)
            existing = world.points(now)
            assert len(copy_jobs.recovery_points) == len(existing)
            region = rng.choice(REGIONS)
            client = clients[region]
            if existing and rng.random() < 0.1:
                point = rng.choice(existing)
                account, of_region, vault = point["place"]
                if account == ACCOUNTS[0]:
                    clients[of_region].delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=point["arn"])
                else:
                    copy_jobs.recovery_points.remove(point["arn"])
                world.deleted.add(point["arn"])
                existing.remove(point)
            asked = world.draw_question()
            call = client.list_recovery_points_by_backup_vault
            if "ResourceArn" in asked:
                call = client.list_recovery_points_by_resource
            expected = [point["arn"] for point in existing if matches(point, asked, region)]
            size = rng.choice((1, 2, 3, 1000))
            found, token = [], {}
            while True:
                answer = call(**asked, **token, MaxResults=size)
                found += [point["RecoveryPointArn"] for point in answer["RecoveryPoints"]]
                pages += 1
                if "NextToken" not in answer:
                    break
                token = {"NextToken": answer["NextToken"]}
            assert found == expected, asked
            answered += 1
    assert answered == QUESTIONS
    assert pages > QUESTIONS * 1.2


@pytest.mark.filterwarnings("ignore::mock_copyjobs.CopyJobWarning")
def test_points_that_change_between_pages_cause_no_duplicate_and_no_skip_among_the_others(
    copy_jobs, make_client, clock
):
    rng = random.Random("changes of points")
    client = make_client(region_name="us-east-1")
    for _ in range(60):
        copy_jobs.reset()
        world = World(rng, copy_jobs)
        for _ in range(30):
            world.add_job()
            world.add_point()
        now = world.now(rng.randrange(2 * SPAN))
        clock.move_to(now)
        asked = {"BackupVaultName": "Default"}
        lasting = {point["arn"] for point in world.points(now) if matches(point, asked, "us-east-1")}
        found, token = [], {}
        while True:
            answer = client.list_recovery_points_by_backup_vault(**asked, **token, MaxResults=rng.randrange(1, 4))
            found += [point["RecoveryPointArn"] for point in answer["RecoveryPoints"]]
            if "NextToken" not in answer:
                break
            token = {"NextToken": answer["NextToken"]}
            for point in world.points(now):
                if rng.random() < 0.05:
                    copy_jobs.recovery_points.remove(point["arn"])
                    world.deleted.add(point["arn"])
            world.add_point()
            # Only forward, and no further jobs: an earlier job would change what a point is.
            now += rng.randrange(3) * MS
            clock.move_to(now)
            still = {point["arn"] for point in world.points(now) if matches(point, asked, "us-east-1")}
            lasting &= still
        assert len(found) == len(set(found))
        assert lasting <= set(found)


def test_a_forged_position_in_a_token_is_refused(copy_jobs, client):
    for _ in range(2):
        copy_jobs.recovery_points.add(vault="Default")
    copy_jobs.add_many(2)
    foreign = client.list_copy_jobs(MaxResults=1)["NextToken"]
    with pytest.raises(ClientError, match="does not match the filters"):
        client.list_recovery_points_by_backup_vault(BackupVaultName="Default", NextToken=foreign)
