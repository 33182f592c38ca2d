import json
import multiprocessing

import pytest

# run_script writes its guard of sockets above. A spawned child imports the file, so it has the guard, too.
PROGRAM = """
import json, multiprocessing, os, warnings
import boto3
from botocore.config import Config
from mock_copyjobs import mock_copy_jobs

# Python warns of a fork beside threads since 3.12, and lets the error of -W error pass since 3.15.
warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
ONCE = Config(retries={{"total_max_attempts": 1}})

def listed():
    return [job["CopyJobId"] for job in boto3.client("backup", config=ONCE).list_copy_jobs()["CopyJobs"]]

def told(pipe, work):
    try:
        result = work()
    except Exception as error:
        result = f"{{type(error).__name__}}: {{error}}"
    pipe.send(result)
    pipe.close()

def in_child(work):
    method = multiprocessing.get_context("{method}")
    here, there = method.Pipe(duplex=False)
    child = method.Process(target=told, args=(there, work))
    child.start()
    there.close()
    result = here.recv()
    child.join()
    assert child.exitcode == 0
    return result

{body}
"""


@pytest.fixture
def run(run_script):
    """Function that runs a program, partly in a child process of the given kind, and returns its output from JSON."""

    def run(method: str, body: str, **env: str):
        if method not in multiprocessing.get_all_start_methods():
            pytest.skip(f"no {method} on this platform")
        return json.loads(run_script(PROGRAM.format(method=method, body=body), **env))

    return run


def test_a_forked_child_has_a_copy_of_the_registry_which_goes_its_own_way(run):
    body = """
def work():
    copy_jobs.add(CopyJobId="CHILD")
    return listed(), [call.operation for call in copy_jobs.calls]

with mock_copy_jobs() as copy_jobs:
    copy_jobs.add(CopyJobId="PARENT")
    in_the_child = in_child(work)
    print(json.dumps([in_the_child, listed(), len(copy_jobs.calls)]))
"""
    in_the_child, in_the_parent, calls = run("fork", body)
    assert in_the_child == [["CHILD", "PARENT"], ["ListCopyJobs"]]
    assert (in_the_parent, calls) == (["PARENT"], 1)


def test_a_forked_child_that_stops_the_mock_does_not_stop_its_parent_s(run):
    body = """
def work():
    mock.stop()
    return "AWS_ACCESS_KEY_ID" in os.environ

mock = mock_copy_jobs()
mock.start().add(CopyJobId="PARENT")
print(json.dumps([in_child(work), "AWS_ACCESS_KEY_ID" in os.environ, listed()]))
mock.stop()
"""
    assert run("fork", body) == [False, True, ["PARENT"]]


def test_a_child_that_is_forked_while_other_threads_read_reads_and_writes(run):
    body = """
import signal, threading

def busy():
    while not over.is_set():
        copy_jobs.dump()
        with mock_copy_jobs():
            pass

over = threading.Event()
with mock_copy_jobs() as copy_jobs:
    copy_jobs.add_many(100)
    threads = [threading.Thread(target=busy) for _ in range(2)]
    for thread in threads:
        thread.start()
    statuses = []
    try:
        for _ in range(5):
            child = os.fork()
            if child == 0:
                signal.alarm(20)  # the watchdog
                copy_jobs.add()
                with mock_copy_jobs():
                    os._exit(len(listed()) != 101)
            statuses.append(os.waitpid(child, 0)[1])
    finally:
        over.set()
    for thread in threads:
        thread.join()
    print(json.dumps(statuses))
"""
    assert run("fork", body) == [0] * 5


def test_a_child_that_is_forked_while_another_thread_starts_a_mock_can_start_one(run):
    body = """
import signal, threading

begun, go_on = threading.Event(), threading.Event()

class SlowPath(os.PathLike):
    def __fspath__(self):
        begun.set()
        go_on.wait()
        return os.devnull + ".jsonl"

def start():
    try:
        mock_copy_jobs(jobs=SlowPath()).start()
    except ValueError:
        pass

thread = threading.Thread(target=start)
thread.start()
begun.wait()
threading.Timer(0.2, go_on.set).start()
child = os.fork()
if child == 0:
    signal.alarm(20)  # the watchdog
    with mock_copy_jobs():
        os._exit(0)
status = os.waitpid(child, 0)[1]
thread.join()
print(json.dumps(status))
"""
    assert run("fork", body) == 0


REFUSED = 'EndpointConnectionError: Could not connect to the endpoint URL: "https://backup.us-east-1.amazonaws.com/'

SPAWNED = """
def work():
    problem = None
    try:
        listed()
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
    tried = list(attempts)
    attempts.clear()
    return problem, tried, boto3.Session().get_credentials().access_key, boto3.Session().available_profiles

if __name__ == "__main__":
    with mock_copy_jobs():
        print(json.dumps(in_child(work)))
"""


def test_a_spawned_child_has_no_mock_and_asks_aws_with_the_fake_credentials(run, tmp_path):
    files = tmp_path / ".aws"
    files.mkdir()
    (files / "credentials").write_text("[default]\naws_access_key_id = AKIAREAL\naws_secret_access_key = real\n")
    real = {"AWS_ACCESS_KEY_ID": "AKIAREAL", "AWS_SECRET_ACCESS_KEY": "real", "AWS_SESSION_TOKEN": "real"}
    problem, tried, access_key_id, profiles = run("spawn", SPAWNED, **real, HOME=str(tmp_path))
    assert problem.startswith(REFUSED)
    assert tried == ["backup.us-east-1.amazonaws.com"]
    assert (access_key_id, profiles) == ("FAKEKEYOFMOCKCOPYJOBS", [])


def test_a_spawned_child_that_starts_a_mock_of_its_own_is_answered(run):
    body = """
def work():
    with mock_copy_jobs(jobs=[{"CopyJobId": "CHILD"}]):
        return listed()

if __name__ == "__main__":
    with mock_copy_jobs(jobs=[{"CopyJobId": "PARENT"}]):
        print(json.dumps([in_child(work), listed()]))
"""
    assert run("spawn", body) == [["CHILD"], ["PARENT"]]


def test_each_worker_of_xdist_has_a_registry_of_its_own(pytester):
    pytester.makepyfile(
        """
        import os
        import boto3
        import pytest
        from mock_copyjobs import mock_copy_jobs

        @pytest.fixture(scope="session")
        @mock_copy_jobs(as_kwarg="copy_jobs")
        def shared(copy_jobs):
            yield copy_jobs

        @pytest.mark.parametrize("number", range(20))
        def test_it(shared, number):
            worker = os.environ["PYTEST_XDIST_WORKER"]
            shared.add(CopyJobId=f"{worker}-{number}")
            seen = [job["CopyJobId"] for job in boto3.client("backup").list_copy_jobs()["CopyJobs"]]
            assert seen == [job.id for job in reversed(list(shared))]
            assert {one.partition("-")[0] for one in seen} == {worker}
            assert len(shared.calls) == len(seen)
            print("ran on", worker)
        """
    )
    options = (
        "-n",
        "2",
        "-rP",
        "-p",
        "no:randomly",
        "-W",
        "error",
        "-o",
        "asyncio_default_fixture_loop_scope=function",
    )
    result = pytester.runpytest_subprocess(*options)
    result.assert_outcomes(passed=20)
    for worker in ("gw0", "gw1"):
        result.stdout.fnmatch_lines([f"*ran on {worker}"])
