"""Consent: never assumed, always by somebody, the latest decision counts, to a text that stays."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta

import pytest

from posyandu_app.domain.consent import (
    CONSENT_VERSION,
    Consent,
    ConsentState,
    consent_in_force,
    consent_text,
    read_consent,
)
from posyandu_app.domain.errors import InvalidValue
from posyandu_app.domain.facts import check

DAY = date(2026, 11, 23)


def test_consent_is_never_assumed():
    values = {"child": "c", "date": "2026-11-23", "name": "Ani", "version": "2026-1", "state": "diberikan"}
    assert read_consent("k", values).state == ConsentState.GIVEN
    for missing in ("version", "state"):
        assert read_consent("k", {k: v for k, v in values.items() if k != missing}) is None


def test_consent_needs_a_name():
    for name in ("", "   ", "\u200b\n"):
        with pytest.raises(InvalidValue) as caught:
            check(Consent(id="k", child="c", date=DAY, name=name), DAY)
        assert caught.value.field == "name"


def test_the_latest_decision_is_the_one_in_force():
    yes = Consent(id="1", child="c", date=DAY, name="Ani")
    no = replace(yes, id="2", date=DAY + timedelta(days=30), state="ditarik")
    assert consent_in_force([no, yes]) == no
    assert consent_in_force([replace(no, voided=True), yes]) == yes
    assert consent_in_force([]) is None


def test_a_changed_consent_text_needs_a_new_version():
    digest = hashlib.sha256("\n".join(consent_text()).encode()).hexdigest()[:16]
    assert (CONSENT_VERSION, digest) == ("2026-1", "6f126b95fa40291c")
