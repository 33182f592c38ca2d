"""Requests to answers: one file per operation, one engine of lists, pages, faults, the call log, checks on calls.

May import `mock_copyjobs.jobs`, `mock_copyjobs.aws`, `mock_copyjobs.options` and `mock_copyjobs.exceptions`.
Must not import an HTTP library or a client: `responses.Service` gets a `Request` and returns a `Reply`.
To answer another operation, add its file, and its line in `operations.OPERATIONS`.
"""
