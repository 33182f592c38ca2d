"""List operations: the list in the answer, and what each parameter asks of its elements, read from the model.

A parameter `By<Field>`, a label of the path and any other parameter compare the element's field of that name, or the
one field of that name in a structure of the element. `...After` and `...Before` are the ends of a window. The tables
below hold what differs.
"""

import functools
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from botocore.model import Shape

from mock_copyjobs.aws.model import operation_model, service_model

PAGING = frozenset({"MaxResults", "NextToken"})

_RENAMED = {
    "DestinationVaultArn": ("DestinationBackupVaultArn",),
    "ResourceArn": ("SourceResourceArn",),
    "BackupVaultAccountId": ("BackupVaultArn:account", "LastBackupVaultArn:account"),
    "BackupVaultName": ("LastBackupVaultArn:name",),
}
"""Fields of a parameter whose own name is not among an element's. A part of an ARN follows a colon."""
_DATES = {
    "Created": ("CreationDate", "CreationTime", "BackupCreationDate"),
    "Creation": ("CreationDate", "CreationTime"),
    "Complete": ("CompletionDate", "CompletionTime"),
}
"""Fields of a window. Any other window is that of the field that its parameter names."""
_WITHOUT_EFFECT = frozenset({"AggregationPeriod", "ManagedByAWSBackupOnly"})


class Filter(NamedTuple):
    """What a parameter asks: that a field is equal (`end` is empty), or lies `after` or `before`.

    `field` may have two parts: "CreatedBy.BackupPlanId" in a structure, "BackupVaultArn:account" of an ARN.
    """

    field: str
    end: str = ""


class Described(NamedTuple):
    """The Describe operation of a list's elements.

    `id` is the field by which it asks, `members` are those of its answer. `wrapper` is the member that has them all,
    or None.
    """

    operation: str
    id: str
    members: Mapping[str, Shape]
    wrapper: str | None


class Listing:
    """A List operation.

    Attributes:
        operation: Name of the operation.
        result: Member of the answer that has the list.
        element: Name of an element's shape.
        members: Members of an element.
        filters: What each parameter asks. A parameter that the model does not explain is not among them.
        created: Field by which the list is ordered, newest first; None where elements have no such date.
        completed: Field of the completion, or None.
        explained: Parameters of which the model, or a table here, tells what they ask.
        equal_fields: Fields that some parameter compares for equality.
        other_dates: Fields of the other windows.
        labels: Fields that the required parameters compare. An element may lack one.

    """

    def __init__(self, operation: str, result: str, element: Shape) -> None:
        self.operation = operation
        self.result = result
        self.element: str = element.name
        self.members: Mapping[str, Shape] = element.members
        self.created = _first(_DATES["Created"], element.members)
        self.completed = _first(_DATES["Complete"], element.members)
        shape = operation_model(operation).input_shape
        required = shape.required_members
        self.filters = {
            name: found
            for name, member in shape.members.items()
            if name not in PAGING | _WITHOUT_EFFECT
            and (found := _filter(name, member, element, is_required=name in required)) is not None
        }
        self.explained = self.filters.keys() | PAGING | _WITHOUT_EFFECT
        self.labels = [self.filters[name].field for name in required]
        self.equal_fields = tuple(dict.fromkeys(asked.field for asked in self.filters.values() if not asked.end))
        dates = dict.fromkeys(asked.field for asked in self.filters.values() if asked.end)
        self.other_dates = tuple(name for name in dates if name not in (self.created, self.completed))

    @functools.cached_property
    def described(self) -> Described | None:
        """The Describe operation of the same elements; None where there is none."""
        name = "Describe" + self.operation.removeprefix("List").partition("By")[0].removesuffix("s")
        if name not in service_model().operation_names:
            return None
        model = operation_model(name)
        (field, *others) = model.input_shape.required_members
        if others or field not in self.members:
            return None
        members = model.output_shape.members
        (wrapper, inner), *more = members.items()
        if not more and inner.type_name == "structure":
            return Described(name, field, inner.members, wrapper)
        return Described(name, field, members, None)


@functools.cache
def listing(operation: str) -> Listing:
    """Return a List operation.

    Raises:
        LookupError: The operation's answer has no list of structures.

    """
    shape = operation_model(operation).output_shape
    lists = {name: member.member for name, member in (shape.members if shape else {}).items() if _is_listed(member)}
    if not operation.startswith("List") or not lists:
        raise LookupError(operation)
    ((result, element),) = lists.items()
    return Listing(operation, result, element)


@functools.cache
def listed_operations() -> tuple[str, ...]:
    """Return the names of the operations that `listing` knows."""
    return tuple(name for name in service_model().operation_names if _is_listing(name))


def _is_listing(name: str) -> bool:
    try:
        listing(name)
    except LookupError:
        return False
    return True


def _is_listed(member: Shape) -> bool:
    return bool(member.type_name == "list" and member.member.type_name == "structure")


def _filter(name: str, member: Shape, element: Shape, *, is_required: bool) -> Filter | None:
    stem = name.removeprefix("By")
    for suffix in ("After", "Before"):
        if member.type_name == "timestamp" and stem.endswith(suffix):
            stem = stem.removesuffix(suffix)
            field = _first(_DATES.get(stem, (stem,)), element.members)
            return None if field is None else Filter(field, suffix.lower())
    if stem in element.members:
        return Filter(stem)
    renamed = _first(_RENAMED.get(stem, ()), element.members)
    if renamed is not None:
        return Filter(renamed)
    nested = [
        f"{outer}.{stem}"
        for outer, shape in element.members.items()
        if shape.type_name == "structure" and stem in shape.members
    ]
    # A label always selects, so an element has its field, even where an answer does not show it.
    return Filter(nested[0]) if len(nested) == 1 else Filter(stem) if is_required else None


def _first(names: Iterable[str], members: Mapping[str, Shape]) -> str | None:
    return next((name for name in names if name.partition(":")[0] in members), None)
