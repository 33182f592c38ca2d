import pickle

import pytest

from mock_copyjobs import InvalidFieldError, ServiceError, UnmockedCallError


@pytest.mark.parametrize(
    "error",
    [
        ServiceError("ThrottlingException", "Rate exceeded", context="a queue", status=429),
        UnmockedCallError("backup", "ListBackupJobs"),
        InvalidFieldError("State: expected one of CREATED, RUNNING, got 'DONE'"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_goes_from_process_to_process(error):
    arrived = pickle.loads(pickle.dumps(error))
    assert (type(arrived), str(arrived), vars(arrived)) == (type(error), str(error), vars(error))
