import gzip
import re
from pathlib import Path

import botocore
import pytest
import requests
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

from mock_copyjobs import UnmockedCallError, mock_copy_jobs

RULES = sorted((Path(botocore.__file__).parent / "data").glob("*/*/endpoint-rule-set-1.json*"))
ENDPOINT = re.compile(r'"url":\s*"(https://[^"]+)"')
LABEL = re.compile(r"\{[^{}]*\}")
SUFFIX = re.compile(r"\{[^{}]*#(dnsSuffix|dualStackDnsSuffix)\}")


def api_hosts() -> list[str]:
    """Return a URL of each endpoint in botocore's rules, in us-east-1 where they leave the Region open."""
    urls = set()
    for path in RULES:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as rules:
            for url in ENDPOINT.findall(rules.read()):
                host = SUFFIX.sub("amazonaws.com", url)
                if not host.endswith("}"):  # the endpoint is a URL that the user gives
                    urls.add(LABEL.sub("us-east-1", host))
    return sorted(urls)


def by_botocore(url):
    URLLib3Session().send(AWSRequest(method="GET", url=url).prepare())


def by_requests(url):
    with requests.Session() as session:
        session.get(url)


@pytest.fixture(params=[by_botocore, by_requests])
def send(request):
    return request.param


def test_every_endpoint_that_botocore_knows_is_refused():
    urls = api_hosts()
    assert len(urls) > 300
    passed = []
    with mock_copy_jobs(allow_unmocked=True):
        for url in urls:
            try:
                by_botocore(url)
            except UnmockedCallError:
                continue
            except Exception:  # noqa: BLE001  # the request passed, and its socket raises
                passed.append(url)
    assert passed == []


@pytest.mark.parametrize(
    "url",
    [
        "https://s3.amazonaws.com/",
        "https://s3.cn-north-1.amazonaws.com.cn/",
        "https://S3.US-EAST-1.AMAZONAWS.COM/",
        "https://sts.us-east-1.amazonaws.com./",
        "https://ec2.eu-west-1.api.aws/",
        "https://ec2.cn-north-1.api.amazonwebservices.com.cn/",
        "https://us-east-1.signin.aws.amazon.com/v1/token",
        "https://us-east-1.oauth.signin.aws/",
        "https://a1b2c3.execute-api.us-east-1.amazonaws.com/prod",
    ],
)
def test_a_host_of_aws_s_api_is_refused(send, url):
    with mock_copy_jobs(allow_unmocked=True), pytest.raises(UnmockedCallError):
        send(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://a1b2c3.lambda-url.us-east-1.on.aws/",
        "https://a1b2c3.us-east-1.awsapprunner.com/",
        "https://d111111abcdef8.cloudfront.net/",
        "https://status.aws.amazon.com/",
        "https://amazonaws.com.example.com/",
        "https://notamazonaws.com/",
        "https://signin.aws.example.com/",
    ],
)
def test_a_host_that_is_a_user_s_or_a_web_site_passes(send, url, no_sockets):
    with mock_copy_jobs(), pytest.raises(Exception, match=r"(?i)connect"):
        send(url)
    assert no_sockets[0] == url.split("/")[2]
    no_sockets.clear()
