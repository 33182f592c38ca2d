import base64
import datetime as dt
import hashlib
import itertools
import re
import string

import boto3
import freezegun
import pytest
from botocore.exceptions import ClientError

from mock_copyjobs import WireFault, mock_copy_jobs

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
MINUTE = dt.timedelta(minutes=1)
DAMAGED = "Invalid value for parameter NextToken: it is damaged: it is not a token that this service returned."
FOREIGN = "Invalid value for parameter NextToken: it is foreign: it was made for another account or Region."
FORGED = (
    "Invalid value for parameter NextToken: it is forged: its checksum is right, and it names no position in this list."
)
MISMATCH = (
    "Invalid value for parameter NextToken: it does not match the filters: "
    "they differ from those of the call that returned it."
)


def add(copy_jobs, *names, **fields):
    """Add jobs that are created a minute apart, the newest first."""
    for n, name in enumerate(names):
        copy_jobs.add(**{"CopyJobId": name, "CreationDate": NOON - n * MINUTE, **fields})


def page(client, token=None, **parameters):
    if token is not None:
        parameters["NextToken"] = token
    answer = client.list_copy_jobs(**parameters)
    return "".join(job["CopyJobId"] for job in answer["CopyJobs"]), answer.get("NextToken")


def refusal(client, token, **parameters):
    with pytest.raises(ClientError) as refused:
        client.list_copy_jobs(NextToken=token, **parameters)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"
    return refused.value.response["Error"]["Message"]


def test_pages_follow_one_another_to_the_end(copy_jobs, client):
    add(copy_jobs, *"ABCDE")
    first, token = page(client, MaxResults=2)
    second, last_token = page(client, token, MaxResults=2)
    third, end = page(client, last_token, MaxResults=2)
    assert (first, second, third, end) == ("AB", "CD", "E", None)


def test_the_paginator_collects_every_job_once(copy_jobs, client):
    add(copy_jobs, *string.ascii_letters)
    pages = client.get_paginator("list_copy_jobs").paginate(PaginationConfig={"PageSize": 7})
    assert "".join(job["CopyJobId"] for each in pages for job in each["CopyJobs"]) == string.ascii_letters


def test_jobs_of_one_moment_are_paged_each_once(copy_jobs, client):
    for name in "ABCDE":
        copy_jobs.add(CopyJobId=name, CreationDate=NOON)
    first, token = page(client, MaxResults=2)
    second, token = page(client, token, MaxResults=2)
    assert (first, second, page(client, token, MaxResults=2)) == ("ED", "CB", ("A", None))


@pytest.mark.parametrize("size", [4, 5])
def test_a_full_last_page_carries_no_token(copy_jobs, client, size):
    add(copy_jobs, *"ABCD")
    assert page(client, MaxResults=size) == ("ABCD", None)


def test_a_last_page_that_is_full_carries_no_token_after_others_either(copy_jobs, client):
    add(copy_jobs, *"ABCD")
    _, token = page(client, MaxResults=2)
    assert page(client, token, MaxResults=2) == ("CD", None)


def test_a_token_is_there_only_where_more_matching_jobs_follow(copy_jobs, client):
    add(copy_jobs, *"AB", State="FAILED")
    add(copy_jobs, *"CD", State="RUNNING", CreationDate=NOON - 60 * MINUTE)
    assert page(client, MaxResults=2, ByState="FAILED") == ("AB", None)
    assert page(client, MaxResults=2)[1] is not None


def test_an_empty_list_carries_no_token(client):
    assert page(client) == ("", None)


def test_a_page_may_change_its_size_on_the_way(copy_jobs, client):
    add(copy_jobs, *"ABCDEF")
    first, token = page(client, MaxResults=1)
    second, token = page(client, token, MaxResults=3)
    assert (first, second, page(client, token)) == ("A", "BCD", ("EF", None))


@pytest.mark.parametrize(("page_size", "asked", "sizes"), [(2, 3, [2, 2, 1]), (3, 2, [2, 2, 1]), (4, None, [4, 1])])
def test_a_page_holds_the_smaller_of_max_results_and_page_size(page_size, asked, sizes):
    with mock_copy_jobs(page_size=page_size) as copy_jobs:
        client = boto3.client("backup")
        add(copy_jobs, *"ABCDE")
        parameters = {} if asked is None else {"MaxResults": asked}
        seen, token = [], None
        while not seen or token is not None:
            names, token = page(client, token, **parameters)
            seen.append(len(names))
    assert seen == sizes


def test_a_page_holds_a_thousand_jobs_unless_told_otherwise(copy_jobs, client):
    copy_jobs.add_many(1001)
    answer = client.list_copy_jobs()
    assert len(answer["CopyJobs"]) == 1000
    assert len(client.list_copy_jobs(NextToken=answer["NextToken"])["CopyJobs"]) == 1


# The token


@pytest.fixture
def token(copy_jobs, client):
    add(copy_jobs, *"ABCDE")
    return page(client, MaxResults=2)[1]


def test_a_token_is_url_safe(copy_jobs, client):
    copy_jobs.add_many(60)
    token = None
    for _ in range(50):
        _, token = page(client, token, MaxResults=1)
        assert re.fullmatch(r"[A-Za-z0-9._~-]+", token)


def test_a_token_shows_no_job_id(copy_jobs, client):
    job_id = copy_jobs.add_many(2)[1].id
    _, token = page(client, MaxResults=1)
    assert job_id not in token


def test_the_same_question_gets_the_same_token(copy_jobs, client, token):
    assert page(client, MaxResults=2)[1] == token
    assert page(boto3.client("backup"), MaxResults=2)[1] == token


def test_a_token_goes_on_in_another_run_of_the_same_test():
    tokens = []
    for _ in range(2):
        with mock_copy_jobs() as copy_jobs:
            client = boto3.client("backup")
            add(copy_jobs, *"ABC")
            tokens.append(page(client, MaxResults=1)[1])
            assert page(client, tokens[0]) == ("BC", None)
    assert tokens[0] == tokens[1]


def test_every_mutation_of_a_single_byte_is_refused_as_damaged(copy_jobs, client):
    copy_jobs.add_many(80)
    # A token with both of the characters in which the URL-safe alphabet differs from the plain one.
    token = None
    while token is None or not {"-", "_"} <= set(token):
        _, token = page(client, token, MaxResults=1)
    others = "+/= .~\x00\xe9\n"  # tests/jobs/test_properties.py has the letters of tokens
    for place, byte in itertools.product(range(len(token)), others):
        if byte != token[place]:
            assert refusal(client, token[:place] + byte + token[place + 1 :]) == DAMAGED, (token[place], byte)


def test_a_token_with_a_byte_less_or_more_is_refused_as_damaged(client, token):
    for place in range(len(token)):
        assert refusal(client, token[:place] + token[place + 1 :]) == DAMAGED
        assert refusal(client, token[:place] + "A" + token[place:]) == DAMAGED


@pytest.mark.parametrize(
    "text", ["x", "====", "AAAA", "A" * 4096, "A" * 100_000, "\u0663" * 8, "null", "{}", "0", "BAQEkg8Hp_JE"]
)
def test_a_token_that_the_service_did_not_make_is_refused_as_damaged(client, text):
    assert refusal(client, text) == DAMAGED


def forged(token, position):
    """Return a token with the place and question of another, another position, and a checksum that is right."""
    tail = position if isinstance(position, bytes) else position.encode(errors="surrogatepass")
    head = base64.urlsafe_b64decode(token)[1:13]
    padding = -(13 + len(tail) + 6) % 3
    body = bytes([1 << 2 | padding]) + head + tail + bytes(padding)
    return base64.urlsafe_b64encode(body + hashlib.blake2b(body, digest_size=6, person=b"copyjobs").digest()).decode()


DIGITS = "9" * 5000
NO_POSITIONS = (
    *("", "x", ":", "::", "a:b:c", "1:2", "x:0:id", "1:x:id", "1:-1:id", "1:-5:id", "-:0:id", ":0:id", "1::id"),
    *("1e5:0:id", "1.5:0:id", "nan:0:id", "1:+0:id", " 1 : 0 :id", "1_0:0:id", "\ud800:0:id", "\uff11:0:id"),
    *(f"{DIGITS}:0:id", f"1:{DIGITS}:id", "\0", "null", "[]", "{}", "[" * 100_000, b"\xff\xfe:0:id", b"1:0:\xff"),
)
NO_ROWS = (
    *(*NO_POSITIONS, "1:0:id", "1", '"x"', "[NaN]", f"[{DIGITS}]", '{"a":1,"b":2,"c":3,"d":4,"e":5}'),
    *("[1,2,3,4,5]", '["a","b","c","d","e"]', '[1,"b","c","d"]', '[1,"b","c","d","e","f"]', '[1,2,"c","d","e"]'),
    *(f'[{first},"b","c","d","e"]' for first in ("NaN", "null", "true", "1.0", DIGITS)),
)


@pytest.mark.parametrize("position", NO_POSITIONS, ids=lambda position: repr(position)[:30])
def test_a_token_that_is_forged_with_a_right_checksum_is_told_so(copy_jobs, client, token, position):
    copy_jobs.remove("A")
    assert refusal(client, forged(token, position)) == FORGED
    assert [call.error for call in copy_jobs.calls[-1:]] == ["InvalidParameterValueException"]


def test_a_forged_token_is_told_so_by_an_empty_page_too(copy_jobs, client, token):
    copy_jobs.fail_next(WireFault.EMPTY_PAGE)
    assert refusal(client, forged(token, "x")) == FORGED


@pytest.mark.parametrize("position", NO_ROWS, ids=lambda position: repr(position)[:30])
def test_a_token_of_summaries_that_is_forged_with_a_right_checksum_is_told_so(copy_jobs, client, position):
    copy_jobs.add_many(2, State=lambda index: ("FAILED", "RUNNING")[index], CreationDate=NOON - 1440 * MINUTE)
    with freezegun.freeze_time(NOON):
        token = client.list_copy_job_summaries(MaxResults=1)["NextToken"]
        assert len(client.list_copy_job_summaries(NextToken=token)["CopyJobSummaries"]) == 1
        with pytest.raises(ClientError) as refused:
            client.list_copy_job_summaries(NextToken=forged(token, position))
    assert refused.value.response["Error"] == {"Code": "InvalidParameterValueException", "Message": FORGED}


def test_a_token_forged_for_the_position_of_no_job_leads_to_the_jobs_after_it(copy_jobs, client, token):
    after_all, before_all = forged(token, f"-62135596800000:7:{'x' * 100_000}"), forged(token, f"{1 << 60}:0:")
    assert page(client, after_all)[0] == ""
    assert page(client, before_all)[0] == page(client)[0]


@pytest.mark.parametrize("token", ["AET-lRuYCTjTZXYfQzE6MDpBfS98byHc", "CET-lRuYCY97j3R4tzA6MDpKougG9FPO"])
def test_a_token_of_another_version_of_the_format_is_told_so(client, token):
    assert refusal(client, token) == (
        "Invalid value for parameter NextToken: it was made by another version of the token format."
    )


def test_a_damaged_token_is_not_told_as_foreign_or_mismatched(client, token):
    assert refusal(client, token[::-1], ByState="FAILED") == DAMAGED


def test_a_token_of_another_region_is_refused_as_foreign(token):
    assert refusal(boto3.client("backup", region_name="eu-west-1"), token) == FOREIGN


def test_a_token_of_another_account_is_refused_as_foreign(token):
    other = boto3.client("backup", aws_access_key_id="210987654321", aws_secret_access_key="secret")
    assert refusal(other, token) == FOREIGN


def test_a_token_for_another_accounts_jobs_is_refused_as_foreign(client, token):
    assert refusal(client, token, ByAccountId="210987654321") == FOREIGN


@pytest.mark.parametrize(
    "filters",
    [
        {"ByState": "COMPLETED"},
        {"ByResourceType": "EBS"},
        {"ByCreatedAfter": NOON - 100 * MINUTE},
        {"ByCreatedBefore": NOON + 100 * MINUTE},
        {"ByCompleteAfter": NOON - 100 * MINUTE},
        {"ByMessageCategory": "SUCCESS"},
    ],
    ids=lambda filters: next(iter(filters)),
)
def test_a_token_under_other_filters_is_refused_as_mismatched(client, token, filters):
    assert refusal(client, token, **filters) == MISMATCH


def test_a_token_under_fewer_filters_is_refused_as_mismatched(copy_jobs, client, token):
    _, filtered = page(client, MaxResults=2, ByCreatedBefore=NOON, ByState="COMPLETED")
    assert refusal(client, filtered, ByCreatedBefore=NOON) == MISMATCH
    assert refusal(client, filtered, ByCreatedAfter=NOON, ByState="COMPLETED") == MISMATCH
    assert page(client, filtered, ByCreatedBefore=NOON, ByState="COMPLETED") == ("DE", None)


def test_the_same_filters_in_another_spelling_are_accepted(copy_jobs, client):
    add(copy_jobs, *"ABC", State="FAILED", MessageCategory="ACCESS_DENIED")
    _, token = page(client, MaxResults=1, ByMessageCategory="AccessDenied", ByState="FAILED")
    assert page(client, token, ByState="FAILED", ByMessageCategory="ACCESS_DENIED") == ("BC", None)


def test_a_refused_token_is_a_recorded_call(copy_jobs, client, token):
    refusal(client, "x")
    call = copy_jobs.calls[-1]
    assert (call.operation, call.status, call.error, call.job_ids) == (
        "ListCopyJobs",
        400,
        "InvalidParameterValueException",
        (),
    )


@pytest.mark.parametrize("length", [1, 2, 3, 5_000])
def test_a_token_goes_on_after_an_id_of_any_length(copy_jobs, client, length):
    add(copy_jobs, "J" * length, "B")
    _, token = page(client, MaxResults=1)
    assert page(client, token) == ("B", None)


def test_a_token_goes_on_after_an_id_that_utf_8_has_no_bytes_for(copy_jobs, client):
    add(copy_jobs, "A\ud800", "B")
    first, token = page(client, MaxResults=1)
    assert (first, page(client, token)) == ("A\ud800", ("B", None))


# Changes between two pages


def test_a_job_added_before_the_page_end_neither_repeats_nor_skips_another(copy_jobs, client, token):
    add(copy_jobs, *"XYZ", CreationDate=NOON + MINUTE)
    assert page(client, token) == ("CDE", None)


def test_a_job_added_after_the_page_end_appears_in_its_place(copy_jobs, client, token):
    add(copy_jobs, "X", CreationDate=NOON - 2.5 * MINUTE)
    assert page(client, token) == ("CXDE", None)


def test_a_job_added_at_the_moment_of_the_pages_last_does_not_come_again(copy_jobs, client, token):
    add(copy_jobs, "X", CreationDate=NOON - MINUTE)
    assert page(client, token) == ("CDE", None)


@pytest.mark.parametrize(("gone", "rest"), [("A", "CDE"), ("B", "CDE"), ("C", "DE"), ("E", "CD")])
def test_a_removed_job_skips_none_of_the_others(copy_jobs, client, token, gone, rest):
    copy_jobs.remove(gone)
    assert page(client, token) == (rest, None)


def test_every_seen_job_may_be_removed(copy_jobs, client, token):
    copy_jobs.remove("A")
    copy_jobs.remove("B")
    assert page(client, token) == ("CDE", None)


def test_where_all_that_follows_is_removed_the_next_page_is_empty(copy_jobs, client, token):
    for name in "CDE":
        copy_jobs.remove(name)
    assert page(client, token) == ("", None)


def test_the_pages_last_job_may_be_removed_among_jobs_of_its_moment(copy_jobs, client):
    for name in "ABCDE":
        copy_jobs.add(CopyJobId=name, CreationDate=NOON)
    first, token = page(client, MaxResults=2)
    copy_jobs.remove("D")
    assert (first, page(client, token)) == ("ED", ("CBA", None))


def test_the_pages_last_job_may_be_removed_and_added_again(copy_jobs, client):
    for name in "ABCDE":
        copy_jobs.add(CopyJobId=name, CreationDate=NOON)
    first, token = page(client, MaxResults=2)
    copy_jobs.remove("D")
    copy_jobs.add(CopyJobId="D", CreationDate=NOON)
    assert (first, page(client, token)) == ("ED", ("CBA", None))


@pytest.mark.parametrize("moved", ["A", "B"])
@pytest.mark.parametrize("creation", [NOON + 9 * MINUTE, NOON - 0.5 * MINUTE])
def test_a_seen_job_that_moves_among_the_seen_ones_repeats_and_skips_none(copy_jobs, client, token, moved, creation):
    copy_jobs[moved].update(CreationDate=creation)
    assert page(client, token) == ("CDE", None)


def test_a_seen_job_that_moves_behind_the_page_end_leaves_the_others_as_they_are(copy_jobs, client, token):
    copy_jobs["B"].update(CreationDate=NOON - 9 * MINUTE)
    assert page(client, token)[0].replace("B", "") == "CDE"


def test_a_job_that_stops_matching_skips_none_of_the_others(copy_jobs, client):
    add(copy_jobs, *"ABCDE", State="RUNNING")
    _, token = page(client, MaxResults=2, ByState="RUNNING")
    for name in "ABD":
        copy_jobs[name].update(State="FAILED")
    assert page(client, token, ByState="RUNNING") == ("CE", None)


def test_a_job_that_begins_to_match_repeats_none(copy_jobs, client):
    add(copy_jobs, *"ABCDE", State="RUNNING")
    copy_jobs["A"].update(State="FAILED")
    copy_jobs["D"].update(State="FAILED")
    _, token = page(client, MaxResults=1, ByState="RUNNING")
    copy_jobs["A"].update(State="RUNNING")
    copy_jobs["D"].update(State="RUNNING")
    assert page(client, token, ByState="RUNNING") == ("CDE", None)
