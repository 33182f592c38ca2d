"""Guards on the packages that the mock patches or relies on. Run as a script, it prints the present hashes."""

import inspect
from pathlib import Path

import requests
import upstream

ROOT = Path(__file__).parents[2]
SOURCES = {
    "mock_copyjobs/intercept/botocore_clients.py": {
        "botocore.session:Session._register_builtin_handlers": {"1.40.52": "38e2eb0213"},
        "botocore.handlers:add_retry_headers": {"1.40.52": "ba53d0211d"},
        "botocore.endpoint:Endpoint._send_request": {"1.40.52": "d709afc7b1"},
        "botocore.endpoint:Endpoint._do_get_response": {"1.40.52": "6b4c3d8352"},
        "botocore.endpoint:Endpoint._send": {"1.40.52": "2be3c247c6"},
        "botocore.awsrequest:AWSResponse": {"1.40.52": "bb1413ee3f"},
        "botocore.httpsession:URLLib3Session.send": {
            "1.40.52": "21c2ae3238",
            "1.43.68": "059349c536",
            "1.43.115": "659d8f781e",
        },
        "botocore.signers:RequestSigner.sign": {"1.40.52": "8db100d222"},
        "botocore.signers:RequestSigner.get_auth_instance": {"1.40.52": "0f0a9078fb"},
    },
    "mock_copyjobs/intercept/retries.py": {
        "botocore.endpoint:Endpoint._needs_retry": {"1.40.52": "2eb0b5c0f8", "1.43.3": "047a954a38"},
        "botocore.retries.bucket:TokenBucket": {"1.40.52": "f7074d8599"},
        "botocore.retries.adaptive": {"1.40.52": "0abb1915f9"},
        "freezegun.api:_freeze_time.start": {"1.5.0": "5b8f348df4"},
    },
    "mock_copyjobs/intercept/credentials.py": {
        "botocore.session:Session.get_scoped_config": {"1.40.52": "75067cf5bd"},
        "botocore.session:Session.get_credentials": {"1.40.52": "0f061b9f59"},
        "botocore.credentials:create_credential_resolver": {"1.40.52": "769466300c"},
        "botocore.credentials:ProfileProviderBuilder.providers": {"1.40.52": "9247f0152a", "1.41.0": "b5a08393e0"},
        "botocore.credentials:CredentialResolver.load_credentials": {"1.40.52": "b434b9b8bd"},
        "botocore.credentials:RefreshableCredentials": {"1.40.52": "1cce05ade0", "1.43.117": "3b18deda48"},
        "botocore.credentials:create_mfa_serial_refresher": {"1.40.52": "2d9f5cb729"},
    },
    "mock_copyjobs/intercept/default_session.py": {
        "boto3:setup_default_session": {"1.40.52": "7ce2c37dd0"},
        "boto3:_get_default_session": {"1.40.52": "e28054c14a"},
        "boto3.session:Session._setup_loader": {"1.40.52": "a0b9690ab0"},
    },
    "mock_copyjobs/intercept/environment.py, mock_copyjobs/intercept/default_session.py": {
        "moto.core.models:MockAWS": {"5.2.0": "70af86d91a", "5.2.3": "5fbafe32e5", "5.2.5": "59932c6116"},
    },
    "mock_copyjobs/intercept/requests_sessions.py": {
        "requests.sessions:Session.send": {"2.32.2": "97f94102bc", "2.34.0": "706ce4b048"},
        "requests.sessions:Session.get_adapter": {"2.32.2": "9f4c5e8029", "2.34.0": "952a00b6a1"},
        "requests.adapters:HTTPAdapter.send": {"2.32.2": "7c3cc869d9", "2.34.0": "4f7115005f"},
        "requests.adapters:HTTPAdapter.get_connection_with_tls_context": {
            "2.32.2": "c546fea0e5",
            "2.32.3": "839674d028",
            "2.34.0": "0a88ab7f56",
        },
        "requests.adapters:HTTPAdapter.build_response": {"2.32.2": "f00df83f58", "2.34.0": "5bb2d09d3f"},
        "responses:RequestsMock.__init__": {"0.25.0": "9ea594cf26"},
    },
    "mock_copyjobs/intercept/connections.py": {
        "urllib3.connection:HTTPConnection.connect": {
            "1.26.20": "cfcc3ebf73",
            "2.0.2": "b6b253da17",
            "2.2.3": "9473272ef8",
        },
        "urllib3.connection:HTTPSConnection.connect": {
            "1.26.20": "4831c5765f",
            "2.0.2": "53be62e867",
            "2.2.3": "78d7c2c4cd",
            "2.3.0": "1fb1977805",
            "2.8.0": "e322392018",
        },
        "urllib3.connection:HTTPConnection.putrequest": {"1.26.20": "c7a35adc33", "2.0.2": "fc6b78fee7"},
    },
    "mock_copyjobs/intercept/moto_routes.py": {
        "moto.backup.urls": {"5.2.0": "a1d5645941"},
        "moto.core.base_backend:BaseBackend": {"5.2.0": "e81179772c"},
        "moto.core.botocore_stubber:BotocoreStubber": {
            "5.2.0": "bf93ab27cf",
            "5.2.4": "2a9976c82d",
            "5.2.5": "8cda4b87d6",
        },
        "moto.core.utils:convert_to_flask_response": {"5.2.0": "79d88fcc1c", "5.2.4": "332b2c744e"},
    },
    "mock_copyjobs/service/moto_state.py": {
        "moto.core.responses:BaseResponse.get_current_account": {"5.2.0": "fbed310392"},
        "moto.core.responses:BaseResponse.get_access_key": {"5.2.0": "863663fe99"},
    },
    "mock_copyjobs/moto_plugin.py": {
        "moto.core.base_backend:BackendDict": {"5.2.0": "b0c6a58883", "5.2.4": "5d0ea73f16"},
    },
    "mock_copyjobs/server/app.py": {
        "moto.moto_server.werkzeug_app:DomainDispatcherApplication.get_application": {"5.2.0": "591dc4e354"},
        "moto.moto_server.werkzeug_app:create_backend_app": {"5.2.0": "d22c04770c", "5.2.4": "36726e1480"},
    },
    "mock_copyjobs/server/control.py": {
        "freezegun.api:FrozenDateTimeFactory": {"1.5.0": "c0de5c1a49", "1.5.1": "f3d9190705"},
        "freezegun.api:TickingDateTimeFactory": {"1.5.0": "b35b1d734e", "1.5.1": "b63eee0d82"},
        "freezegun.api:_freeze_time.stop": {"1.5.0": "31872144ac"},
    },
}


@upstream.each_target(SOURCES)
def test_the_source_is_one_that_the_mock_was_written_for(modules, target, hashes):
    assert upstream.source_hash(target) in hashes, upstream.advice(modules, target)


def test_the_message_names_the_function_its_version_and_the_module_to_read_again():
    installed = requests.__version__
    assert upstream.advice("mock_copyjobs/moto_plugin.py", "requests.sessions:Session.no_such_method") == (
        f"requests.sessions.Session.no_such_method changed in requests {installed}. "
        f'Re-read mock_copyjobs/moto_plugin.py, then add the hash: "{installed}": "absent"'
    )


def test_every_function_that_the_mock_replaces_has_a_guard():
    import traces  # not found where this file is run as a script

    guarded = {target.replace(":", ".") for targets in SOURCES.values() for target in targets}
    found = [getattr(owner, name) for owner, name in traces.PATCHED]
    replaced = [getattr(each, "fget", each) for each in found]
    names = {f"{each.__module__}.{each.__qualname__}" for each in replaced if not inspect.ismodule(each)}
    assert names
    assert {name for name in names if not {name, name.rpartition(".")[0]} & guarded} == set()


def test_every_module_to_read_again_exists():
    paths = {path for modules in SOURCES for path in modules.split(", ")}
    assert {path for path in paths if not (ROOT / path).is_file()} == set()


if __name__ == "__main__":
    upstream.print_hashes(SOURCES)
