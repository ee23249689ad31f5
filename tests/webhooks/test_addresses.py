"""Who sends from where: counted where it says something, never taken from what a guest made up."""

import pytest
from aiohttp.test_utils import make_mocked_request

from webhooks.addresses import address_of


def asked(remote, *forwarded):
    class Line:
        def get_extra_info(self, name, default=None):
            return (remote, 4711) if name == "peername" else default

    headers = [("X-Forwarded-For", value) for value in forwarded]
    from multidict import CIMultiDict

    return make_mocked_request("GET", "/", headers=CIMultiDict(headers), transport=Line())


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("203.0.113.7", (), ""),  # a documentation network is nobody's
        ("49.36.1.2", (), "49.36.1.2"),
        ("49.36.1.2", ("8.8.8.8",), "49.36.1.2"),
        ("127.0.0.1", (), ""),
        ("127.0.0.1", ("49.36.1.2",), "49.36.1.2"),
        ("172.18.0.1", ("8.8.8.8, 49.36.1.2",), "49.36.1.2"),
        ("172.18.0.1", ("8.8.8.8", "49.36.1.2"), "49.36.1.2"),
        ("172.18.0.1", ("49.36.1.2, 10.0.0.3",), "49.36.1.2"),
        ("172.18.0.1", ("canary, 49.36.1.2, <script>",), "49.36.1.2"),
        ("172.18.0.1", ("unknown",), ""),
        ("172.18.0.1", ("10.0.0.1, 192.168.1.1",), ""),
        ("2401:4900:1c2a:55::9", (), "2401:4900:1c2a:55::/64"),
        ("::1", ("2401:4900:1c2a:55:ffff::9",), "2401:4900:1c2a:55::/64"),
        ("::ffff:49.36.1.2", (), "49.36.1.2"),
        ("", (), ""),
    ],
)
def test_the_last_public_address_a_proxy_of_ours_saw_is_where_it_comes_from(remote, forwarded, address):
    assert address_of(asked(remote, *forwarded)) == address
