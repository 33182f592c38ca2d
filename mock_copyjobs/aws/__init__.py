"""Facts about AWS: botocore's model, paths, parameters, ARNs, partitions, signatures, categories, timestamps.

Holds no state. May import `mock_copyjobs.exceptions` only. Must not know jobs, requests or moto.
To add a filter, see `listings.py`. To add a resource type, see `arns.py`.
To answer another operation, start in `urls.py`.
"""
