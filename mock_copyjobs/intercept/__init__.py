"""Patches of botocore, boto3, aiobotocore, requests, urllib3, moto and the environment.

Each file lists the functions of other packages that it patches or relies on, and the changes there that break it. May
import `mock_copyjobs.registry` and all that it is built on. Must not decide what AWS Backup answers. A client's file
parses its own kind of request and hands it to `gateway.py`, which asks the service or refuses. `activation.py` and
`patching.py` import no other file of the package but `exceptions.py`, so that the pytest plugin may import them
early.
"""
