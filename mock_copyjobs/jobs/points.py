"""Points: the recovery points that a test adds, and those that copy jobs imply, by account and Region.

A job's source point exists from the job's creation on. Its destination point exists while the job is COMPLETED or
PARTIAL, and is its source's copy. They are derived from the jobs when they are asked for, at a cost of the jobs that
changed since the last time. A call that concerns jobs costs nothing more.

Of several jobs that name a point, the earliest tells what it is. A copy follows its source where that is derived from
an earlier job, or from the same one.
"""

import bisect
import heapq
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from mock_copyjobs.aws import arns, partitions, timestamps
from mock_copyjobs.aws.listings import listing
from mock_copyjobs.exceptions import InvalidFieldError
from mock_copyjobs.exceptions import __tracebackhide__ as __tracebackhide__
from mock_copyjobs.jobs import defaults
from mock_copyjobs.jobs.entries import ElementMaker, Entry, Place
from mock_copyjobs.jobs.filters import Query
from mock_copyjobs.jobs.index import Before, Shelf
from mock_copyjobs.jobs.point_documents import LISTS, converted, detailed, implied
from mock_copyjobs.jobs.store import JobStore

_NAME = re.compile(r"[a-zA-Z0-9_-]{2,50}|aws/[a-z0-9-]+/[a-z0-9-]+")
_COPIED = ("COMPLETED", "PARTIAL")
_JOB_FIELDS = ("SourceRecoveryPointArn", "DestinationRecoveryPointArn")


_Order = tuple[int, int, bool]
"""A job's place in the order of creation, and whether the point is its copy. A source comes before its copy."""


class _Made(NamedTuple):
    """A point, and what it was derived from: nothing for one that a test added, which comes before all others."""

    order: _Order | tuple[()]
    inputs: tuple[Any, ...]
    entry: Entry


class Points:
    """Every recovery point of a registry. Callers hold the store's lock, at a moment of the clock."""

    def __init__(
        self, store: JobStore, job_fields: tuple[str, ...], *, seed: int, account_id: str, region_name: str
    ) -> None:
        self._store = store
        self._positions = [job_fields.index(name) for name in _JOB_FIELDS]
        self._seed = seed
        self._account_id = account_id
        self._region_name = region_name
        by_vault, by_resource = map(listing, LISTS)
        fields = dict.fromkeys((*by_vault.equal_fields, *by_resource.equal_fields))
        self._make = ElementMaker(by_vault.created, by_vault.completed, fields)
        self._is_derived = False
        self._stale: set[str] = set()
        self.clear()

    def clear(self) -> None:
        """Remove every point that was added, and every deletion."""
        self._added: dict[str, Entry] = {}
        self._details: dict[str, dict[str, Any]] = {}
        self._deleted: set[str] = set()
        self._drawn = 0
        self._start_anew()

    def all(self) -> dict[str, Entry]:
        """Return the points that exist now, by ARN."""
        everything = not self._is_derived
        if everything:
            self._start_anew()
        self._is_derived = False
        self._follow_jobs(self._store.take_changes(everything=everything))
        if self._stale:
            self._show(self._derive_stale())
        self._is_derived = True  # after an interrupt, everything is derived anew
        return self._visible

    def _start_anew(self) -> None:
        self._is_derived = False
        self._made: dict[str, _Made] = {}
        self._visible: dict[str, Entry] = {}
        self._shelves: dict[Place, Shelf] = {}
        self._stale = {*self._added}
        self._naming: defaultdict[str, list[tuple[_Order, Entry]]] = defaultdict(list)

    def listed(self, place: Place) -> Shelf:
        """Return the points of an account and Region as they are listed."""
        self.all()
        return self._shelves.get(place) or Shelf(self._make.facet_fields)

    def sizes(self) -> dict[Place, int]:
        """Return how many points each account and Region has that has one."""
        self.all()
        return {place: size for place, shelf in self._shelves.items() if (size := shelf.size())}

    def latest(self, account_id: str | None, region_name: str | None, before: Before) -> Iterator[Entry]:
        """Return the points behind a place in the order, newest first. None: any account or Region."""
        self.all()
        shelves = [
            shelf
            for (account, region), shelf in self._shelves.items()
            if account_id in (None, account) and region_name in (None, region)
        ]
        return heapq.merge(*(shelf.matching(Query(), before) for shelf in shelves), reverse=True)

    def added(self, arn: str) -> Entry | None:
        """Return a point that a test added, without a look at any job."""
        return None if arn in self._deleted else self._added.get(arn)

    def remove(self, arn: str) -> None:
        """Delete a point. It stays deleted, also where a job names it, until it is added again."""
        # What a test gave of it stays, since its copies keep its date.
        self._deleted.add(arn)
        self._stale.add(arn)

    def add(self, vault: str, region_name: str | None, fields: Mapping[str, Any]) -> str:
        """Add a point, or details of one that a job names, and return its ARN. See `RecoveryPoints.add`."""
        given, left_out = converted(fields)
        if not isinstance(vault, str) or not _NAME.fullmatch(vault):
            raise InvalidFieldError(
                f"vault: expected the name of a backup vault, got {vault!r}. The ARN of one is BackupVaultArn"
            )
        if region_name is not None and not (isinstance(region_name, str) and partitions.REGION.fullmatch(region_name)):
            raise InvalidFieldError(f"region_name: expected a Region such as eu-west-1, got {region_name!r}")
        arn = given.get("RecoveryPointArn")
        known = None if arn is None else self.all().get(arn)
        if arn is not None and arn not in self._deleted and (arn in self._added or arn in self._details):
            raise InvalidFieldError(
                f"RecoveryPointArn: the recovery point {arn!r} was added already. Give another ARN, or remove that one"
            )
        place = self._place(given, region_name, known)
        vault_arn = defaults.vault_arn(partitions.partition_of(place[1]), place[1], place[0], vault)
        for name, expected in (("BackupVaultName", vault), ("BackupVaultArn", vault_arn)):
            if given.setdefault(name, expected) != expected:
                raise InvalidFieldError(f"{name}: expected {expected!r}, as vault and Region say, got {given[name]!r}")
        if known is not None and (known.place, known.document["BackupVaultName"]) != (place, vault):
            raise InvalidFieldError(
                f"vault: expected {known.document['BackupVaultArn']!r}, where a job has the recovery point {arn!r}, "
                f"got {vault_arn!r}"
            )
        if arn is not None and self._is_copy(arn):
            # The details of a copy. It exists by its job alone.
            self._details[arn] = {**dict.fromkeys(left_out), **given}
            self._added.pop(arn, None)
        else:
            document = dict(given)
            if known is None:
                defaults.fill_point(document, left_out, self._seed, place, timestamps.now_ms(), self._draw)
            else:
                document = detailed(known.document, {**dict.fromkeys(left_out), **given})
            arn = str(document["RecoveryPointArn"])
            self._added[arn] = self._make(document, 2 * self._store.take_seq(), arn, place)
        self._deleted.discard(arn)
        self._stale.add(arn)
        return arn

    def _draw(self) -> str:
        self._drawn += 1
        return f"recovery-point-{self._drawn}"

    def _place(self, given: Mapping[str, Any], region_name: str | None, known: Entry | None) -> Place:
        named = [arns.place_of(given.get(name)) for name in ("BackupVaultArn", "RecoveryPointArn")]
        accounts = [place.account for place in named if place is not None and place.account]
        regions = [place.region for place in named if place is not None and place.region]
        if region_name is not None and regions and regions[0] != region_name:
            raise InvalidFieldError(
                f"region_name is {region_name!r}, but the point's own ARNs place it in {regions[0]!r}. Give one of them"
            )
        accounts.append(self._account_id if known is None else known.place[0])
        regions.append(region_name or (self._region_name if known is None else known.place[1]))
        return accounts[0], regions[0]

    def _is_copy(self, arn: str) -> bool:
        """Return whether a job, at some time of its schedule, has a point as its destination."""
        return any(is_copy for (_, _, is_copy), _ in self._naming.get(arn, ())) or any(
            document.get("DestinationRecoveryPointArn") == arn for document in self._store.endings()
        )

    def _follow_jobs(self, changed: Mapping[str, Entry | None]) -> None:
        """Note which points are stale, since jobs that name them have changed."""
        changes = [
            (job_id, before, now)
            for job_id, before in changed.items()
            if before is not (now := self._store.entry_or_none(job_id))
        ]
        for arn, naming in (one for _, before, _ in changes for one in self._named(before)):
            jobs = self._naming[arn]
            del jobs[bisect.bisect_left(jobs, naming)]
            if not jobs:
                del self._naming[arn]
            self._stale.add(arn)
        # In order, each is appended to its list, and none inserted.
        for arn, naming in sorted((one for _, _, now in changes for one in self._named(now)), key=itemgetter(1)):
            bisect.insort(self._naming[arn], naming)
            self._stale.add(arn)
        for job_id, before, now in changes:
            if self._above(before) != self._above(now):
                for child in self._store.children(job_id):
                    self._stale.update(arn for arn, _ in self._named(child))

    def _named(self, job: Entry | None) -> Iterator[tuple[str, tuple[_Order, Entry]]]:
        """Yield the ARNs of a job's source and destination point, each with what the list of its jobs has of it."""
        if job is not None:
            for is_copy, position in enumerate(self._positions):
                if job.facets[position] is not None:
                    yield job.facets[position], ((job.created, job.seq, bool(is_copy)), job)

    def _above(self, parent: Entry | None) -> tuple[str | None, str | None]:
        """Return the points above those of a parent's children: above the sources, and above the copies."""
        if parent is None:
            return None, None
        source, destination = (parent.facets[position] for position in self._positions)
        return source, destination if parent.state in _COPIED else None

    def _derive_stale(self) -> list[str]:
        """Derive the stale points, and the copies that change with them, and return the ARNs of all."""
        queue = [(self._earliest(arn), arn) for arn in self._stale]
        heapq.heapify(queue)
        derived = []
        while queue:
            _, arn = heapq.heappop(queue)
            if arn not in self._stale:
                continue
            self._stale.discard(arn)
            derived.append(arn)
            old = self._made.pop(arn, None)
            new = self._derive(arn, old)
            if new is not None:
                self._made[arn] = new
            if (old and old.entry) is (new and new.entry):
                continue
            for (_, _, is_copy), job in self._naming.get(arn, ()):
                copy = None if is_copy else job.facets[self._positions[1]]
                if copy is not None and copy not in self._stale:
                    self._stale.add(copy)
                    heapq.heappush(queue, (self._earliest(copy), copy))
        return derived

    def _earliest(self, arn: str) -> _Order | tuple[()]:
        """Return the place of the earliest job that names a point. By it, sources mostly come before their copies."""
        return self._naming[arn][0][0] if arn in self._naming else ()

    def _derive(self, arn: str, old: _Made | None) -> _Made | None:
        """Return a point, also a deleted one, as its copies keep its date. None where no job implies it."""
        if arn in self._added:
            return _Made((), (), self._added[arn])
        for order, job in self._naming.get(arn, ()):
            is_copy = order[2]
            if is_copy and job.state not in _COPIED:
                continue
            source = self._made.get(job.facets[self._positions[0]]) if is_copy else None
            if source is not None and source.order > order:
                source = None
            above = self._above(self._store.entry_or_none(job.parent))[is_copy]
            details = self._details.get(arn, {})
            inputs = (job, is_copy, above, source and source.entry, details)
            if old is not None and old.inputs == inputs:
                return old
            made = implied(arn, job, above, source and source.entry, is_copy=is_copy, seed=self._seed)
            if made is not None:
                place, document = made
                entry = self._make(detailed(document, details), 2 * job.seq + is_copy, arn, place)
                return _Made(order, inputs, entry)
        return None

    def _show(self, arns: list[str]) -> None:
        """Bring the shelves in line with points that were derived."""
        fresh: dict[Place, list[Entry]] = {}
        for arn in arns:
            made = None if arn in self._deleted else self._made.get(arn)
            old, new = self._visible.get(arn), made and made.entry
            if old is new:
                continue
            if old is not None:
                self._shelves[old.place].discard(old)
                del self._visible[arn]
            if new is not None:
                self._visible[arn] = new
                fresh.setdefault(new.place, []).append(new)
        for place, entries in fresh.items():
            self._shelves.setdefault(place, Shelf(self._make.facet_fields)).update(entries)
