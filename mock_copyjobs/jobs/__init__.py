"""The state: every copy job, how it is made, ordered, moved by the clock, and derived from its children.

Beside them the recovery points that follow from the jobs, and the documents of other lists.

May import `mock_copyjobs.aws` and `mock_copyjobs.exceptions`. Must not know requests, operations or moto.
`backend.py` is the way in for the other wings. The store and its index are private to this one.
A filter belongs to `aws/listings.py`, a default value to `defaults.py`, a field of an event to `events.py`.
"""
