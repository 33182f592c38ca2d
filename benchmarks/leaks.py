"""Count objects, bytes, threads, handlers and environment variables before and after 10,000 starts of the mock."""

import gc
import os
import threading
import tracemalloc

import boto3
from botocore.handlers import BUILTIN_HANDLERS

from mock_copyjobs import mock_copy_jobs

_WARM_UP = 100
_TIMES = 10_000


def main() -> None:
    _use(_WARM_UP)
    tracemalloc.start()
    before, environment = _traces(), dict(os.environ)
    _use(_TIMES)
    after = _traces()
    print(f"after {_TIMES:,} starts and stops, with a client and a list in each hundredth:")
    for name, value in before.items():
        print(f"  {name}: {value} before, {after[name]} after")
    print(f"  environment: {'unchanged' if environment == dict(os.environ) else 'changed'}")


def _use(times: int) -> None:
    mock = mock_copy_jobs()
    for number in range(times):
        with mock as copy_jobs:
            copy_jobs.add()
            if number % 100 == 0:
                boto3.client("backup").list_copy_jobs()


def _traces() -> dict[str, int]:
    gc.collect()
    return {
        "objects": len(gc.get_objects()),
        "bytes traced": tracemalloc.get_traced_memory()[0],
        "threads": threading.active_count(),
        "botocore's handlers": len(BUILTIN_HANDLERS),
    }


if __name__ == "__main__":
    main()
