"""Guards on aiobotocore. Run as a script with `PYTHONPATH=tests/intercept`, it prints the present hashes."""

from pathlib import Path

import pytest
import upstream

pytest.importorskip("aiobotocore", reason="aiobotocore is not installed")
ROOT = Path(__file__).parents[1]
SOURCES = {
    "mock_copyjobs/intercept/aiobotocore_clients.py": {
        "aiobotocore.httpsession:AIOHTTPSession.send": {"2.25.0": "c64f7bbf68", "3.9.1": "acca354a4b"},
        "aiobotocore.httpxsession:HttpxSession.send": {
            "2.25.0": "f7ce1dd799",
            "3.9.0": "639142f161",
            "3.9.1": "86118e18eb",
        },
        "aiobotocore.signers:AioRequestSigner.sign": {"2.25.0": "bbb311b970"},
        "aiobotocore.signers:AioRequestSigner.get_auth_instance": {"2.25.0": "18035c8d13"},
        "aiobotocore.credentials:AioCredentialResolver.load_credentials": {"2.25.0": "757f9b1c72"},
        "aiobotocore.endpoint:AioEndpoint._send_request": {"2.25.0": "6d3747770d"},
        "aiobotocore.endpoint:AioEndpoint._do_get_response": {"2.25.0": "5300c4754d"},
        "aiobotocore.endpoint:AioEndpoint._needs_retry": {
            "2.25.0": "a3e6257876",
            "3.8.0": "8cc5103356",
            "3.9.0": "0b778add63",
        },
        "aiobotocore.endpoint:AioEndpoint._sleep": {"2.25.0": "absent", "3.9.0": "e2461cd3b2"},
        "aiobotocore.endpoint:convert_to_response_dict": {"2.25.0": "6b0fe759b6", "3.8.0": "a9eb9f8cc2"},
        "aiobotocore.retries.bucket:AsyncTokenBucket": {
            "2.25.0": "6c466decf1",
            "3.9.0": "d45f8682a3",
            "3.9.2": "26fd539532",
        },
    },
}


@upstream.each_target(SOURCES)
def test_the_source_is_one_that_the_mock_was_written_for(modules, target, hashes):
    assert upstream.source_hash(target) in hashes, upstream.advice(modules, target)


def test_every_module_to_read_again_exists():
    assert [modules for modules in SOURCES if not (ROOT / modules).is_file()] == []


if __name__ == "__main__":
    upstream.print_hashes(SOURCES)
