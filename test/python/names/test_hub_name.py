"""User names from e-mail addresses."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyterhub_on_docker.names import hub_name
from jupyterhub_on_docker.names.hub_name import MAX_LENGTH, from_email

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")

label = st.text("abAB01-.,_+ '", min_size=1, max_size=20)
domain = st.text("abc-.", min_size=1, max_size=25)
address = st.builds("{}@{}".format, label, domain).filter(lambda text: text.strip()[0] != "@")


@pytest.fixture(scope="module")
def cheap():
    """Hashes that cost nothing, for tests that make thousands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub_name, "COST", 2)
        hub_name._hash.cache_clear()
        yield
    hub_name._hash.cache_clear()


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("foo.bar@mail.ch", "foo-bar--mail-ch"),
        ("Foo.Bar@Mail.CH", "foo-bar--mail-ch"),
        (" ada@uni.example ", "ada--uni-example"),
        ("a1.b2.c3@x.y.z", "a1-b2-c3--x-y-z"),
    ],
)
def test_plain_addresses_have_plain_names(email, name):
    assert from_email(email) == name


# Written down: a changed way of making names would take people's homes away.
@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("foo-bar@mail.ch", "foo-bar_HASH--mail-ch"),
        ("Foo, Bar@mail.ch", "foobar_HASH--mail-ch"),
        ("foo+bar@mail.ch", "foo-bar_HASH--mail-ch"),
        ("ada@uni-example.org", "ada_HASH--uni-example-org"),
        ("a.very.long.name.indeed@example.org", "a-very-lo_HASH--example-org"),
        ("jo@a.domain.that.is.far.too.long.example.org", "j_HASH--a-domain-that-is-fa"),
        ("müller@mail.ch", "m-ller_HASH--mail-ch"),
    ],
)
def test_others_have_a_hash(email, name):
    made = from_email(email)
    pattern = re.escape(name.rstrip("-")).replace("HASH", "[a-z2-7]{8}")
    assert re.match(f"{pattern}", made), made
    assert len(made) <= MAX_LENGTH


def test_hashes_stay_what_they_are():
    assert from_email("a-b@mail.ch") == "a-b_4gokz5li--mail-ch"


def test_a_listed_domain_has_its_plain_names_for_itself():
    listed = frozenset({"uni-example.org"})
    assert from_email("ada@uni-example.org", listed) == "ada--uni-example-org"
    assert re.fullmatch("ada_.{8}--uni-example-org", from_email("ada@uni.example.org", listed))


@pytest.mark.parametrize("text", ["", "ada", "@mail.ch", "ada@", "@"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match="not an e-mail address"):
        from_email(text)


@settings(deadline=None, max_examples=300)
@given(address)
def test_names_are_what_the_hub_takes_and_stay(cheap, email):
    name = from_email(email)
    assert NAME.fullmatch(name)
    assert from_email(email.upper()) == name
    assert "@" not in name


@settings(deadline=None, max_examples=300)
@given(st.lists(address, min_size=2, max_size=6, unique_by=lambda text: text.strip().lower()), st.booleans())
def test_two_people_never_have_one_name(cheap, emails, listed):
    domains = frozenset({"a-b", "a-b.c"}) if listed else frozenset()
    assert len({from_email(email, domains) for email in emails}) == len(emails)


@settings(deadline=None, max_examples=200)
@given(st.text("ab.-", min_size=1, max_size=5), st.text("ab.-", min_size=1, max_size=5))
def test_the_nearest_neighbours_differ(cheap, local, place):
    """All addresses that differ in `.` and `-` alone: what the simple rule would make one name of."""
    neighbours = {
        f"{one}@{other}"
        for one in {local, local.replace(".", "-"), local.replace("-", ".")}
        for other in {place, place.replace(".", "-"), place.replace("-", ".")}
    }
    assert len({from_email(email) for email in neighbours}) == len(neighbours)
