"""A mock inside another joins it: an option that differs is an error that names both places."""

import pytest

from mock_copyjobs import mock_copy_jobs

OPTIONS = ("-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function")


def refusal(**inner) -> str:
    with pytest.raises(ValueError, match="as in the outer mock") as refused:
        mock_copy_jobs(**inner).start()
    return str(refused.value)


def test_an_option_that_differs_names_both_values_both_places_and_the_fix():
    with mock_copy_jobs(page_size=2) as copy_jobs:
        message = refusal(page_size=3)
        copy_jobs.add()
    inner, outer = [line.split(":")[-1] for line in message.splitlines()[1:3]]

    assert [line.replace(__file__, "FILE") for line in message.splitlines()] == [
        "mock_copy_jobs: page_size: expected 2 as in the outer mock that this one joins, got 3.",
        f"  inner: mock_copy_jobs in FILE:{inner}",
        f"  outer: mock_copy_jobs in FILE:{outer}",
        "To fix:",
        "  - give page_size=3 to the outer mock, or leave it out of the inner one",
        "More: docs/forms.md#start-and-stop-nested-mocks",
    ]
    assert int(inner) < int(outer)


def test_a_given_value_that_equals_a_default_is_a_given_value():
    with mock_copy_jobs(page_size=2):
        assert "expected 2 as in the outer mock that this one joins, got 1000" in refusal(page_size=1000)


@pytest.mark.parametrize(
    "inner",
    [
        {"seed": 1},
        {"account_id": "210987654321"},
        {"region_name": "eu-west-1"},
        {"tick_retries": True},
        {"require_all_pages": True},
        {"require_all_faults": False},
        {"allow_unmocked": True},
    ],
    ids=str,
)
def test_every_option_of_the_registry_is_compared(inner):
    with mock_copy_jobs():
        assert str(next(iter(inner.values()))) in refusal(**inner)


def test_equal_options_join(make_client):
    outer = {"seed": 3, "account_id": "210987654321", "region_name": "eu-west-1", "page_size": 2}
    with mock_copy_jobs(**outer) as copy_jobs, mock_copy_jobs(**outer) as joined:
        assert joined is copy_jobs


def test_the_environment_s_account_and_region_are_compared_too(monkeypatch):
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "210987654321")
    with mock_copy_jobs() as copy_jobs, mock_copy_jobs(account_id="210987654321") as joined:
        assert joined is copy_jobs
        assert "expected '210987654321'" in refusal(account_id="123456789012")


def test_jobs_and_as_kwarg_are_each_mock_s_own():
    with mock_copy_jobs(jobs=[{"State": "FAILED"}]) as copy_jobs:

        @mock_copy_jobs(jobs=[{"State": "RUNNING"}], as_kwarg="joined")
        def states(joined):
            return [job["State"] for job in joined]

        assert states() == ["FAILED", "RUNNING"]
        assert len(copy_jobs) == 2


def test_a_refused_mock_leaves_the_outer_one_as_it_was(make_client):
    with mock_copy_jobs(page_size=2) as copy_jobs:
        copy_jobs.add_many(3)
        refusal(page_size=3, jobs=[{"State": "FAILED"}])
        assert len(copy_jobs) == 3
        assert len(make_client().list_copy_jobs()["CopyJobs"]) == 2


def test_a_forgotten_as_kwarg_fails_the_test_with_the_way_out(pytester):
    pytester.makepyfile(
        """
        import boto3
        from mock_copyjobs import mock_copy_jobs

        @mock_copy_jobs(require_all_pages=True, page_size=2)
        def test_one_page(copy_jobs):
            copy_jobs.add_many(5)
            boto3.client("backup", region_name="us-east-1").list_copy_jobs()
        """
    )
    result = pytester.runpytest(*OPTIONS)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*mock_copy_jobs: page_size: expected 1000 as in the outer mock that this one joins, got 2.",
            "*inner: mock_copy_jobs in *test_a_forgotten_as_kwarg*.py:4",
            "*outer: the fixture copy_jobs of test_a_forgotten_as_kwarg*.py:4",
            "*give the option to the fixture: @pytest.mark.copy_jobs(page_size=2)",
            '*not the fixture: mock_copy_jobs(page_size=2, as_kwarg="copy_jobs")',
        ]
    )


def test_a_fixture_below_the_mock_that_returns_is_refused_with_its_line(pytester):
    pytester.makepyfile(
        """
        import pytest
        from mock_copyjobs import mock_copy_jobs

        @pytest.fixture
        @mock_copy_jobs(as_kwarg="copy_jobs")
        def jobs(copy_jobs):
            return copy_jobs

        def test_of_it(jobs):
            pass
        """
    )
    result = pytester.runpytest(*OPTIONS)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*_that_returns*.py:4: the fixture 'jobs' returns, so that mock_copy_jobs is off before its test. Use yield *"]
    )


@pytest.mark.parametrize(
    "fixture",
    [
        '@mock_copy_jobs(as_kwarg="found")\ndef jobs(found):\n    yield found\n',
        "@mock_copy_jobs()\ndef jobs(copy_jobs):\n    return copy_jobs\n",
    ],
    ids=["yields", "inside-the-fixture-copy_jobs"],
)
def test_a_fixture_whose_mock_is_on_in_its_test_is_taken(pytester, fixture):
    pytester.makepyfile(
        "import boto3, pytest\nfrom mock_copyjobs import mock_copy_jobs\n\n@pytest.fixture\n"
        + fixture
        + "\ndef test_of_it(jobs):\n    jobs.add()\n"
        + "    assert boto3.client('backup', region_name='us-east-1').list_copy_jobs()['CopyJobs']\n"
    )
    pytester.runpytest(*OPTIONS).assert_outcomes(passed=1)
