from datetime import timedelta

import pytest

from core.clock import FrozenClock
from core.links import LinkRefused, Signer
from tests.conftest import JWT_SECRET, LUNCH, make_settings

ORDER = "ord_0r3k5m2x8v"
HOUR = timedelta(hours=1)


@pytest.fixture
def clock():
    return FrozenClock(LUNCH)


@pytest.fixture
def signer(clock):
    return Signer(make_settings(), clock)


def test_a_link_opens_what_it_was_made_for_until_its_time_is_over(signer, clock):
    signed = signer.sign("track", ORDER, HOUR)

    clock.advance(HOUR - timedelta(seconds=1))
    assert signer.check("track", signed) == ORDER

    clock.advance(timedelta(seconds=1))
    with pytest.raises(LinkRefused) as refused:
        signer.check("track", signed)
    assert refused.value.reason == "expired"


def test_a_tracking_link_opens_no_document(signer):
    with pytest.raises(LinkRefused) as refused:
        signer.check("document", signer.sign("track", ORDER, HOUR))
    assert refused.value.reason == "forged"


def test_an_id_with_dots_comes_back_whole(signer):
    assert signer.check("track", signer.sign("track", "mgroad.paneer-tikka", HOUR)) == "mgroad.paneer-tikka"


@pytest.mark.parametrize(
    "change",
    [
        lambda signed: "",
        lambda signed: "..",
        lambda signed: "...",
        lambda signed: signed[:-1],
        lambda signed: signed + "A",
        lambda signed: signed.replace(ORDER, "ord_somebodyelse"),
        lambda signed: signed.replace(".", ".f", 1),  # a later end
        lambda signed: signed.rpartition(".")[0] + ".",
        lambda signed: "x" * 5000,
        lambda signed: "ord_ऑर्डर.1.2",
        lambda signed: "ord_1.zz.AAAAAAAAAAAAAAAAAAAAAA",
    ],
)
def test_a_link_that_was_changed_in_any_place_is_refused(signer, change):
    signed = signer.sign("track", ORDER, HOUR)
    with pytest.raises(LinkRefused) as refused:
        signer.check("track", change(signed))
    assert refused.value.reason == "forged"


def test_another_houses_secret_signs_nothing_here(signer, clock):
    other = Signer(make_settings(jwt_secret="another-house-signs-with-7c1e9a4f2b6d"), clock)
    with pytest.raises(LinkRefused):
        signer.check("track", other.sign("track", ORDER, HOUR))


def test_links_made_before_the_secret_was_changed_open_as_long_as_it_is_still_named(signer, clock):
    new = "the-next-house-signs-with-this-5b8e2d7f"
    old = signer.sign("track", ORDER, HOUR)
    assert Signer(make_settings(jwt_secret=f"{new},{JWT_SECRET}"), clock).check("track", old) == ORDER
    with pytest.raises(LinkRefused):
        Signer(make_settings(jwt_secret=new), clock).check("track", old)
