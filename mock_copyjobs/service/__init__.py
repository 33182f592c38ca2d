"""Requests to answers: one file per operation, pagination, faults, the call log, and checks on calls.

May import `mock_copyjobs.jobs`, `mock_copyjobs.aws`, `mock_copyjobs.options` and `mock_copyjobs.exceptions`.
Must not know an HTTP library or a client: it gets a `responses.Request` and returns a `responses.Reply`.
`responses.py` is the way in. To answer another operation, add its file and its line in `responses.OPERATIONS`.
"""
