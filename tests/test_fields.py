"""The typed fields are those of botocore's model."""

import inspect
import typing
from collections.abc import Callable, Mapping
from types import NoneType
from typing import get_args, get_origin, get_type_hints

import pytest

from mock_copyjobs import CopyJob, CopyJobFields, CopyJobRegistry, RecoveryPointFields, RecoveryPoints
from mock_copyjobs.aws.model import copy_job_fields, copy_job_shape, operation_model
from mock_copyjobs.aws.timestamps import Date
from mock_copyjobs.fields import CopyJobFieldsByIndex, CreatedByFields, LifecycleFields

IN_NEWER_MODELS = {"CreatedByBackupJobId", "DeleteAfterEvent"}
"""Fields that the oldest botocore of setup.cfg does not declare."""
PLAIN = {"string": (str,), "long": (int,), "integer": (int,), "boolean": (bool,), "timestamp": get_args(Date)}


def differences(shape, fields) -> list[str]:
    """Return each member whose type is missing, superfluous or another one than the model's."""
    hints = get_type_hints(fields)
    extra = hints.keys() - shape.members.keys() - IN_NEWER_MODELS
    found = [f"{name}: botocore's model has no such member" for name in sorted(extra)]
    for name, member in shape.members.items():
        if name not in hints:
            found.append(f"{name}: add it to {fields.__name__} in mock_copyjobs/fields.py")
        elif problem := mismatch(member, [hint for hint in alternatives(hints[name]) if hint is not NoneType]):
            found.append(f"{name}: {problem}")
    return found


def alternatives(hint) -> tuple:
    is_plain = isinstance(hint, type) or get_origin(hint) in (typing.Literal, Mapping, Callable)
    return (hint,) if is_plain else get_args(hint)


def mismatch(member, hints) -> str:
    kind = member.type_name
    if kind == "structure":
        return "; ".join(differences(member, hints[0]))
    if kind == "map":
        origin, (key, value) = get_origin(hints[0]), get_args(hints[0])
        fits = origin is Mapping and get_args(key) == tuple(member.key.enum) and value is int
    elif getattr(member, "enum", None):
        fits = [set(get_args(hint)) for hint in hints] == [set(member.enum)]
    else:
        fits = set(hints) == set(PLAIN[kind])
    return "" if fits else f"the model has {member}, the fields have {hints}"


@pytest.mark.parametrize(
    ("shape", "fields"),
    [
        (copy_job_shape(), CopyJobFields),
        (copy_job_shape().members["CreatedBy"], CreatedByFields),
        (copy_job_shape().members["DestinationRecoveryPointLifecycle"], LifecycleFields),
    ],
    ids=["CopyJob", "CreatedBy", "Lifecycle"],
)
def test_the_fields_are_those_of_the_model(shape, fields):
    assert differences(shape, fields) == []


def test_the_fields_are_those_that_the_registry_takes():
    assert get_type_hints(CopyJobFields).keys() >= copy_job_fields().keys()


def test_the_fields_of_a_recovery_point_are_those_of_the_model():
    shapes = dict(operation_model("DescribeRecoveryPoint").output_shape.members)
    shapes |= operation_model("ListRecoveryPointsByBackupVault").output_shape.members["RecoveryPoints"].member.members
    hints = get_type_hints(RecoveryPointFields)
    assert hints.keys() >= shapes.keys()
    for name, shape in shapes.items():
        (hint, *more) = [hint for hint in alternatives(hints[name]) if hint is not NoneType]
        if enum := getattr(shape, "enum", None):
            # An older botocore has fewer values.
            assert set(get_args(hint)) >= set(enum), name
        elif name not in ("ScanResults", "AggregatedScanResult"):
            assert mismatch(shape, [hint, *more]) == "", name


def test_a_member_that_is_missing_is_named():
    class Fewer(typing.TypedDict):
        BackupPlanId: int
        Invented: str

    found = differences(copy_job_shape().members["CreatedBy"], Fewer)
    assert found[0] == "Invented: botocore's model has no such member"
    assert found[1].startswith("BackupPlanId: the model has <StringShape(")
    assert found[2] == "BackupPlanArn: add it to Fewer in mock_copyjobs/fields.py"


def test_the_fields_by_index_are_the_same_or_callables_of_the_index():
    plain, by_index = get_type_hints(CopyJobFields), get_type_hints(CopyJobFieldsByIndex)
    assert list(by_index) == list(plain)
    for name, hint in plain.items():
        assert by_index[name] == hint | Callable[[int], hint]


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        (CopyJobRegistry.add, CopyJobFields),
        (CopyJobRegistry.add_many, CopyJobFieldsByIndex),
        (CopyJobRegistry.schedule, CopyJobFields),
        (CopyJob.update, CopyJobFields),
        (CopyJob.complete, CopyJobFields),
        (CopyJob.fail, CopyJobFields),
        (RecoveryPoints.add, RecoveryPointFields),
    ],
    ids=lambda value: value.__name__,
)
def test_each_method_that_takes_fields_is_typed(method, fields):
    assert inspect.signature(method).parameters["fields"].annotation == f"Unpack[{fields.__name__}]"


def test_typing_extensions_is_not_needed(run_script):
    assert (
        run_script(
            """
            import sys
            sys.modules["typing_extensions"] = None  # its import raises ImportError
            from mock_copyjobs import CopyJobFields, CopyJobRegistry
            print(CopyJobRegistry().add(**CopyJobFields(State="FAILED"))["State"])
            """
        )
        == "FAILED\n"
    )
