import pytest
from stripe._encode import _api_encode

from membership.sandbox.errors import InvalidParam
from membership.sandbox.wire import check_metadata, check_url, decode, flag, integer, merge_metadata, only


def test_what_the_client_encodes_is_decoded():
    params = {
        "line_items": [{"price": "price_1", "quantity": 2}, {"price": "price_2"}],
        "expand": ["a", "b.c"],
        "metadata": {"0": "numbers stay names", "1": "x"},
        "cancel": True,
    }

    assert decode((key, str(value)) for key, value in _api_encode(params)) == {
        "line_items": [{"price": "price_1", "quantity": "2"}, {"price": "price_2"}],
        "expand": ["a", "b.c"],
        "metadata": {"0": "numbers stay names", "1": "x"},
        "cancel": "true",
    }


def test_lists_may_go_without_numbers():
    assert decode([("types[]", "a"), ("types[]", "b")]) == {"types": ["a", "b"]}


@pytest.mark.parametrize("key", ["", "[a]", "a[b", "a]b[", "a" + "[a]" * 8])
def test_malformed_names_are_refused(key):
    with pytest.raises(InvalidParam):
        decode([(key, "x")])


def test_a_name_is_a_text_or_an_object_and_not_both():
    with pytest.raises(InvalidParam):
        decode([("a", "x"), ("a[b]", "y")])


@pytest.mark.parametrize("value", ["", "1.0", "x", "١٢", "1e3", "9" * 16])
def test_what_is_not_a_whole_number_is_refused(value):
    with pytest.raises(InvalidParam):
        integer(value, "amount")


def test_booleans_are_spelled_out():
    assert (flag("true", "x"), flag("false", "x")) == (True, False)
    with pytest.raises(InvalidParam):
        flag("1", "x")


@pytest.mark.parametrize("url", ["/relative", "javascript:alert(1)", "http://", "shop.test"])
def test_only_absolute_addresses_are_taken(url):
    with pytest.raises(InvalidParam):
        check_url(url, "url")


@pytest.mark.parametrize(
    "metadata",
    ["text", {"a": {"b": "c"}}, {"k" * 41: "x"}, {"k": "v" * 501}, {str(n): "x" for n in range(51)}],
)
def test_metadata_has_stripes_limits(metadata):
    with pytest.raises(InvalidParam):
        check_metadata(metadata)


def test_metadata_is_merged_and_emptied():
    thing = {"metadata": {"a": "1", "b": "2"}}

    merge_metadata(thing, {"metadata": {"a": "", "c": "3"}})
    assert thing == {"metadata": {"b": "2", "c": "3"}}
    merge_metadata(thing, {"name": "untouched"})
    assert thing == {"metadata": {"b": "2", "c": "3"}}
    merge_metadata(thing, {"metadata": ""})
    assert thing == {"metadata": {}}


def test_what_the_sandbox_does_not_do_is_refused_and_not_ignored():
    only({"email": "x", "expand": []}, "email name")
    with pytest.raises(InvalidParam) as refusal:
        only({"tax": "x"}, "email name")

    assert (refusal.value.code, refusal.value.param) == ("sandbox_unsupported", "tax")
