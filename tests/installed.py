"""What the installed botocore's model of Backup declares: the oldest that is supported lacks the newest members."""

import pytest
from botocore.loaders import create_loader
from botocore.model import ServiceModel

_MODEL = ServiceModel(create_loader().load_service_model("backup", "service-2"), "backup")


def members(shape: str) -> set[str]:
    """The members of a structure."""
    return set(_MODEL.shape_for(shape).members)


def needs(shape: str, member: str) -> pytest.MarkDecorator:
    """Skips a test that is about a member which the installed botocore has not."""
    return pytest.mark.skipif(member not in members(shape), reason=f"this botocore's {shape} has no {member}")


def as_a_client_shows(job) -> dict:
    """A job's fields, but for one that the service sends and an older client does not know."""
    return {name: value for name, value in job.items() if name in members("CopyJob")}
