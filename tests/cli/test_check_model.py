import subprocess

from installed import members
from loopback import command, environment

from mock_copyjobs.cli.main import main


def apart(*arguments: str, **given) -> subprocess.CompletedProcess:
    """Run the command in a process of its own."""
    return subprocess.run(
        command("check-model", *arguments), capture_output=True, text=True, check=False, env={**environment(), **given}
    )


def test_all_that_the_installed_botocore_declares_is_covered(capsys):
    assert (main(["check-model"]), capsys.readouterr().out.splitlines()[-1]) == (0, "all covered")


def test_all_names_each_filter_and_each_field_of_a_job(capsys):
    main(["check-model", "--all"])
    lines = capsys.readouterr().out.splitlines()
    for name in members("ListCopyJobsInput"):
        assert f"  parameter ListCopyJobs.{name}: with an effect" in lines
    given = {"CompositeMemberIdentifier", "DestinationEncryptionKeyArn", "DestinationVaultLockState"}
    for name in members("CopyJob"):
        how = "as given" if name in given else "filled in"
        assert f"  member ListCopyJobs.CopyJobs.{name}: {how}" in lines
        assert f"  member DescribeCopyJob.CopyJob.{name}: {how}" in lines
    for name in members("RecoveryPointByBackupVault"):
        shown = f"  member ListRecoveryPointsByBackupVault.RecoveryPoints.{name}: "
        assert shown + "filled in" in lines or shown + "as given" in lines
    for name in members("ListRecoveryPointsByBackupVaultInput"):
        assert f"  parameter ListRecoveryPointsByBackupVault.{name}: with an effect" in lines
    unused = "  parameter ListRecoveryPointsByResource.ManagedByAWSBackupOnly: taken, without an effect"
    assert unused in lines or "ManagedByAWSBackupOnly" not in members("ListRecoveryPointsByResourceInput")
    assert "  error DescribeRecoveryPoint.ResourceNotFoundException: met by calls" in lines
    assert "  error DescribeCopyJob.ResourceNotFoundException: met by calls" in lines
    assert "  error StartCopyJob.LimitExceededException: by fail_next" in lines


def test_each_declaration_of_a_future_botocore_that_the_mock_does_not_cover_is_named(edited_model):
    def edit(model):
        shapes, operations = model["shapes"], model["operations"]
        query = {"shape": "string", "location": "querystring"}
        shapes[operations["ListCopyJobs"]["input"]["shape"]]["members"]["ByFrobnication"] = {
            **query,
            "locationName": "frobnication",
        }
        shapes[operations["ListCopyJobSummaries"]["input"]["shape"]]["members"]["Frobnication"] = {
            **query,
            "locationName": "Frobnication",
        }
        shapes[operations["StartCopyJob"]["input"]["shape"]]["members"]["Frobnication"] = {"shape": "string"}
        shapes["CopyJob"]["members"]["MoonPhase"] = {"shape": "string"}
        shapes["CopyJobState"]["enum"].append("PAUSED")
        shapes["CopyJobStatus"]["enum"].append("PAUSED")
        shapes["Category"] = {"type": "string", "enum": ["SUCCESS", "LUNAR"]}
        shapes[operations["ListCopyJobs"]["input"]["shape"]]["members"]["ByMessageCategory"]["shape"] = "Category"
        shapes["AggregationPeriod"]["enum"].append("THIRTY_DAYS")
        shapes["FrobnicationFault"] = {"type": "structure", "members": {}}
        operations["DescribeCopyJob"]["errors"].append({"shape": "FrobnicationFault"})

    done = apart(AWS_DATA_PATH=str(edited_model(edit)))
    lines = done.stdout.splitlines()
    missing = [line.strip() for line in lines[lines.index("10 not covered:") + 1 :]]
    assert (done.returncode, done.stderr) == (1, "")
    assert [line.partition(": ")[0] for line in missing] == [
        "parameter ListCopyJobs.ByFrobnication",
        "value ListCopyJobs.ByState.PAUSED",
        "value ListCopyJobs.ByMessageCategory.LUNAR",
        "member ListCopyJobs.CopyJobs.MoonPhase",
        "member DescribeCopyJob.CopyJob.MoonPhase",
        "error DescribeCopyJob.FrobnicationFault",
        "parameter StartCopyJob.Frobnication",
        "parameter ListCopyJobSummaries.Frobnication",
        "value ListCopyJobSummaries.State.PAUSED",
        "value ListCopyJobSummaries.AggregationPeriod.THIRTY_DAYS",
    ]
    assert "NotImplementedError: botocore's model has the filter ByFrobnication, but" in missing[0]
    assert missing[1].endswith(": no job ever enters this state")
    assert missing[2].endswith(": finds nothing")
    assert missing[3].endswith(": no answer shows it")
    assert missing[6].endswith(": no value changes the answer")
