import asyncio
import contextlib
import functools
import json
import os
import sys
import unittest

import boto3
import botocore.session
import pytest
import responses
from botocore.handlers import BUILTIN_HANDLERS, REGISTER_FIRST
from traces import EVENTS, all_traces

from mock_copyjobs import InvalidJobsError, UnmockedCallError, mock_copy_jobs

# Credentials: every request has the fake ones

CANARY = "CANARY"
KEYS = f"aws_access_key_id = AKIA{CANARY}\naws_secret_access_key = {CANARY}\naws_session_token = {CANARY}\n"
VARIABLES = {
    "AWS_ACCESS_KEY_ID": f"AKIA{CANARY}",
    "AWS_SECRET_ACCESS_KEY": CANARY,
    "AWS_SESSION_TOKEN": CANARY,
}
SSO = f"""sso_account_id = 111122223333
sso_role_name = {CANARY}
sso_region = us-east-1
sso_start_url = https://{CANARY}.awsapps.com/start
"""
START_COPY_JOB = {
    "RecoveryPointArn": "arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0",
    "SourceBackupVaultName": "Default",
    "DestinationBackupVaultArn": "arn:aws:backup:us-west-2:123456789012:backup-vault:dr",
    "IamRoleArn": "arn:aws:iam::123456789012:role/r",
}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Home with credentials of every kind, and the variables that lead to each. All of them contain CANARY."""
    aws = tmp_path / ".aws"
    (aws / "sso" / "cache").mkdir(parents=True)
    marker, command, token = tmp_path / "process-was-run", tmp_path / "process.py", tmp_path / "token"
    document = {"Version": 1, "AccessKeyId": f"AKIA{CANARY}", "SecretAccessKey": CANARY, "SessionToken": CANARY}
    # It has expired, so that a client that uses it would run the command again.
    document["Expiration"] = "2020-01-01T00:00:00Z"
    command.write_text(f"open({str(marker)!r}, 'w').close()\nprint({json.dumps(document)!r})\n")
    token.write_text(CANARY)
    cached = {"startUrl": SSO, "region": "us-east-1", "accessToken": CANARY, "expiresAt": "2099-01-01T00:00:00Z"}
    (aws / "sso" / "cache" / "0.json").write_text(json.dumps(cached))
    (aws / "credentials").write_text(f"[default]\n{KEYS}\n[keys]\n{KEYS}")
    (aws / "config").write_text(
        f"[default]\nregion = us-east-1\n[profile config]\n{KEYS}[profile sso]\n{SSO}"
        f"[profile process]\ncredential_process = {sys.executable} {command}\n"
        f"[profile identity]\nrole_arn = arn:aws:iam::111122223333:role/r\nweb_identity_token_file = {token}\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return {
        "marker": marker,
        "variables": VARIABLES,
        "default profile": {},
        **{name: {"AWS_PROFILE": name} for name in ("keys", "config", "sso", "process", "identity")},
        "container": {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://169.254.170.23/{CANARY}",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": CANARY,
        },
        "web identity": {
            "AWS_ROLE_ARN": f"arn:aws:iam::111122223333:role/{CANARY}",
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(token),
        },
    }


SENT: list[str] = []


def keep(request, **_):
    SENT.append(f"{request.method} {request.url} {dict(request.headers)} {request.body!r}")


HANDLER = ("before-send", keep, REGISTER_FIRST)


@pytest.fixture
def sent():
    """Requests of all clients that are made from now on, as text."""
    SENT.clear()
    BUILTIN_HANDLERS.append(HANDLER)
    yield SENT
    BUILTIN_HANDLERS.remove(HANDLER)


def by_the_default_session(profile):
    if profile is not None:
        boto3.setup_default_session(profile_name=profile)
    return boto3.client


def by_an_explicit_session(profile):
    return boto3.Session(profile_name=profile).client


def by_bare_botocore(profile):
    return botocore.session.Session(profile=profile).create_client


PROFILES = ("keys", "config", "sso", "process", "identity")
SOURCES = [(source, None) for source in ("variables", "default profile", "container", "web identity", *PROFILES)] + [
    (profile, profile) for profile in PROFILES
]
MADE = ("all inside", "session before", "client before")


@pytest.mark.parametrize(
    ("source", "profile", "made", "way"),
    [
        (*source, made, way)
        for source in SOURCES
        for made in MADE
        for way in (by_the_default_session, by_an_explicit_session, by_bare_botocore)
        # A client asks the container when it is made. What is made inside without a profile is alike in every way.
        if (source[0], made) != ("container", "client before")
        and (made != "all inside" or source[1] or way is by_the_default_session)
    ],
)
def test_no_credentials_but_the_fake_ones_are_ever_sent(home, sent, monkeypatch, source, profile, made, way):
    for name, value in home[source].items() if profile is None else ():
        monkeypatch.setenv(name, value)
    session = way(profile) if made != "all inside" else None
    client = session("backup") if made == "client before" else None
    home["marker"].unlink(missing_ok=True)
    with mock_copy_jobs(allow_unmocked=True) as copy_jobs:
        copy_jobs.on("ListBackupJobs", lambda call: {})
        client = client or (session or way(profile))("backup")
        client.list_copy_jobs()
        client.start_copy_job(**START_COPY_JOB)
        client.list_backup_jobs()
        with pytest.raises(UnmockedCallError):
            client.list_backup_vaults()
        assert len(copy_jobs.calls) == 3
    assert [text for text in sent if CANARY in text] == []
    assert len(sent) == 4
    assert not home["marker"].exists()


# The state of the process: as before, whatever the form and however it ends


def in_with(mock, body):
    with mock:
        body()


def in_a_with_inside_another(mock, body):
    with mock, mock_copy_jobs():
        body()


def between_start_and_stop(mock, body):
    mock.start()
    try:
        body()
    finally:
        mock.stop()


def in_async_with(mock, body):
    async def program():
        async with mock:
            await asyncio.sleep(0)
            body()

    driven(program())


def in_a_function(mock, body):
    mock(lambda: body())()


def in_a_coroutine(mock, body):
    @mock
    async def program():
        await asyncio.sleep(0)
        body()

    driven(program())


def before_the_yield_of_a_generator(mock, body):
    @mock
    def program():
        body()
        yield

    list(program())


def at_the_yield_of_a_generator(mock, body):
    @mock
    def program():
        yield

    generator = program()
    next(generator)
    thrown_at(body, generator.throw, generator.close)


def after_the_yield_of_an_async_generator(mock, body):
    @mock
    async def program():
        yield
        body()

    generator = program()
    driven(anext(generator))
    with contextlib.suppress(StopAsyncIteration):
        driven(anext(generator))


def at_the_yield_of_an_async_generator(mock, body):
    @mock
    async def program():
        yield

    generator = program()
    driven(anext(generator))
    thrown_at(body, lambda error: driven(generator.athrow(error)), lambda: driven(generator.aclose()))


def in_a_plain_class(mock, body):
    @mock
    class Tests:
        def test(self):
            body()

    tests = Tests()
    tests.setup_method()
    try:
        tests.test()
    finally:
        tests.teardown_method()


def in_a_test_case(mock, body):
    @mock
    class Tests(unittest.TestCase):
        def test(self):
            body()

    Tests("test").debug()


def in_the_set_up_of_a_test_case(mock, body):
    @mock
    class Tests(unittest.TestCase):
        def setUp(self):
            body()

        def test(self):
            pass

    Tests("test").debug()


FORMS = [
    in_with,
    in_a_with_inside_another,
    between_start_and_stop,
    in_async_with,
    in_a_function,
    in_a_coroutine,
    before_the_yield_of_a_generator,
    at_the_yield_of_a_generator,
    after_the_yield_of_an_async_generator,
    at_the_yield_of_an_async_generator,
    in_a_plain_class,
    in_a_test_case,
    in_the_set_up_of_a_test_case,
]
ENDINGS = [None, ZeroDivisionError, KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError]


def driven(awaitable):
    """Run an awaitable to its end without an event loop, which would handle some exceptions itself."""
    steps = awaitable.__await__()
    with contextlib.suppress(StopIteration):
        while True:
            steps.send(None)


def thrown_at(body, throw, close):
    """Run the body here and throw its exception into a generator, or close the generator."""
    try:
        body()
    except BaseException as error:
        throw(error)
        raise
    close()


def program(ending, ran):
    """Use the mock, and end."""
    ran.append(boto3.client("backup").list_copy_jobs()["CopyJobs"])
    boto3.setup_default_session(region_name="eu-west-1")
    if ending is not None:
        raise ending


@pytest.fixture(params=["nothing else", "all else"])
def surroundings(request, home, monkeypatch):
    """The mock alone, or beside credentials, a default session and `responses`."""
    if request.param == "nothing else":
        yield
        return
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    boto3.setup_default_session(profile_name="keys")
    with responses.mock:
        responses.get("https://example.com/", body="here")
        yield


@pytest.mark.parametrize(
    ("surroundings", "ending"),
    # With nothing else around it, an exception of each kind: one of a test, and one that is no Exception.
    [*(("all else", ending) for ending in ENDINGS), *(("nothing else", ending) for ending in ENDINGS[:3])],
    indirect=["surroundings"],
)
@pytest.mark.parametrize("form", FORMS)
def test_everything_is_as_before_however_the_mock_ends(surroundings, form, ending):
    before, ran = all_traces(), []
    with contextlib.nullcontext() if ending is None else pytest.raises(ending):
        form(mock_copy_jobs(), functools.partial(program, ending, ran))
    assert ran == [[]]
    assert all_traces() == before


@pytest.mark.parametrize("jobs", [[{"State": "BOGUS"}], "absent.json"])
@pytest.mark.parametrize("form", FORMS)
def test_everything_is_as_before_after_a_start_that_failed(surroundings, form, jobs):
    before, ran = all_traces(), []
    with pytest.raises(InvalidJobsError):
        form(mock_copy_jobs(jobs=jobs), functools.partial(program, None, ran))
    assert ran == []
    assert all_traces() == before


def test_the_comparison_sees_the_mock():
    before = all_traces()
    with mock_copy_jobs():
        boto3.client("backup")
        during = all_traces()
    same = {name for name in before if before[name] == during.get(name)}
    # The mock does not patch these. They are compared because other tools do.
    assert same - set(os.environ) - {"moto.backup.urls.url_paths"} == {
        "HTTPAdapter.send",
        "BUILTIN_HANDLERS",
        "responses",
        *EVENTS,
    }


@pytest.mark.parametrize("interrupted", [False, True])
def test_everything_is_as_before_after_tests_of_pytest(pytester, surroundings, interrupted):
    endings = ["KeyboardInterrupt"] if interrupted else ["None", "ZeroDivisionError", "SystemExit", "GeneratorExit"]
    pytester.makepyfile(
        f"""
        import boto3, pytest

        def program(ending):
            assert boto3.client("backup").list_copy_jobs()["CopyJobs"] == []
            boto3.setup_default_session(region_name="eu-west-1")
            if ending is not None:
                raise ending

        endings = pytest.mark.parametrize("ending", [{", ".join(endings)}])

        @endings
        def test_with_the_fixture(copy_jobs, ending):
            program(ending)

        @endings
        @pytest.mark.copy_jobs
        def test_with_the_marker(ending):
            program(ending)
        """
    )
    before = all_traces()
    options = ("-p", "no:randomly", "-o", "asyncio_default_fixture_loop_scope=function")
    run = pytester.inline_run(*options, no_reraise_ctrlc=True)
    assert [len(outcome) for outcome in run.listoutcomes()] == ([0, 0, 0] if interrupted else [2, 0, 6])
    assert run.ret == (pytest.ExitCode.INTERRUPTED if interrupted else pytest.ExitCode.TESTS_FAILED)
    assert all_traces() == before
