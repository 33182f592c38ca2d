import contextlib

import pytest
from botocore.exceptions import ClientError
from outcomes import client_of, ids, refused

from mock_copyjobs import WireFault


def test_a_truncated_body_is_a_success_without_jobs_to_a_program(registry, once):
    registry.fail_next(WireFault.TRUNCATED_BODY)
    page = once.list_copy_jobs()
    assert page["ResponseMetadata"]["HTTPStatusCode"] == 200
    with pytest.raises(KeyError, match=r"^'CopyJobs'$"):
        ids(page)


def test_a_body_that_is_no_json_is_a_success_without_jobs_to_a_program(registry, once):
    registry.fail_next(WireFault.NOT_JSON)
    page = once.list_copy_jobs()
    assert page["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "text/html"
    with pytest.raises(KeyError, match=r"^'CopyJobs'$"):
        ids(page)


def test_an_error_without_its_header_is_status_500_and_no_header_names_it(registry, once):
    registry.fail_next(WireFault.NO_ERROR_HEADER)
    answer = refused(once.list_copy_jobs).response["ResponseMetadata"]
    assert answer["HTTPStatusCode"] == 500
    assert "x-amzn-errortype" not in answer["HTTPHeaders"]


def test_an_error_without_its_header_is_tried_again(registry):
    registry.fail_next(WireFault.NO_ERROR_HEADER)
    with client_of(mode="standard") as client:
        assert len(ids(client.list_copy_jobs())) == 5
    assert len(registry.calls) == 2


def test_an_error_without_its_header_is_on_record_as_the_error_that_it_was(registry, once):
    registry.fail_next(WireFault.NO_ERROR_HEADER)
    refused(once.list_copy_jobs)
    (call,) = registry.calls
    assert (call.status, call.job_ids) == (500, ())
    assert call.error is not None


@pytest.mark.parametrize("fault", [WireFault.TRUNCATED_BODY, WireFault.NOT_JSON, WireFault.NO_ERROR_HEADER])
def test_a_program_need_not_send_back_a_token_that_it_never_got(registry, once, fault):
    registry.fail_next(fault)
    with contextlib.suppress(ClientError):
        assert "NextToken" not in once.list_copy_jobs(MaxResults=2)
    registry.assert_all_pages_read()


def test_an_empty_page_carries_a_token_that_leads_to_every_job(registry, once):
    registry.fail_next(WireFault.EMPTY_PAGE)
    first = once.list_copy_jobs()
    assert ids(first) == []
    assert ids(once.list_copy_jobs(NextToken=first["NextToken"])) == ["JOB-4", "JOB-3", "JOB-2", "JOB-1", "JOB-0"]


def test_two_empty_pages_in_a_row_hide_no_job_from_a_program_that_reads_on(registry, once):
    registry.fail_next(WireFault.EMPTY_PAGE, times=2)
    pages = [ids(page) for page in once.get_paginator("list_copy_jobs").paginate()]
    assert pages == [[], [], ["JOB-4", "JOB-3", "JOB-2", "JOB-1", "JOB-0"]]


def test_an_empty_page_in_the_middle_hides_no_job_from_a_program_that_reads_on(registry, once):
    registry.fail_next(WireFault.EMPTY_PAGE, skip=1)
    pages = [ids(page) for page in once.get_paginator("list_copy_jobs").paginate(MaxResults=3)]
    assert pages == [["JOB-4", "JOB-3", "JOB-2"], [], ["JOB-1", "JOB-0"]]


def test_a_short_page_has_half_the_jobs_and_a_token_for_the_rest(registry, once):
    registry.fail_next(WireFault.SHORT_PAGE)
    pages = [ids(page) for page in once.get_paginator("list_copy_jobs").paginate(MaxResults=4)]
    assert pages == [["JOB-4", "JOB-3"], ["JOB-2", "JOB-1", "JOB-0"]]


def test_a_short_page_of_one_job_has_it(registry, once):
    registry.fail_next(WireFault.SHORT_PAGE)
    page = once.list_copy_jobs(MaxResults=1)
    assert (ids(page), "NextToken" in page) == (["JOB-4"], True)


def test_a_fault_of_pages_passes_over_the_calls_of_other_operations(registry, once):
    registry.fail_next(WireFault.EMPTY_PAGE)
    assert once.describe_copy_job(CopyJobId="JOB-0")["CopyJob"]["CopyJobId"] == "JOB-0"
    assert ids(once.list_copy_jobs()) == []


def test_a_rule_can_have_a_fault_of_the_wire(registry, once):
    registry.fail_when(lambda call: call.page == 2, WireFault.TRUNCATED_BODY)
    first = once.list_copy_jobs(MaxResults=2)
    assert "CopyJobs" not in once.list_copy_jobs(NextToken=first["NextToken"])
