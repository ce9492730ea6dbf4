"""Codes as the log keeps them, in the words that people read."""

import importlib
import pkgutil
from datetime import date

import pytest

from posyandu_app import domain
from posyandu_app.domain.facts import payload
from posyandu_app.domain.labels import Labelled, label_of
from posyandu_app.domain.visits import Referral, Visit, read_visit

DAY = date(2026, 11, 23)
for module in pkgutil.iter_modules(domain.__path__):
    importlib.import_module(f"{domain.__name__}.{module.name}")


@pytest.mark.parametrize("enum", Labelled.__subclasses__())
def test_every_code_has_a_label_of_its_own(enum):
    labels = [code.label for code in enum]
    assert len(set(labels)) == len(labels)
    assert all(label and label[0].isupper() for label in labels)


def test_a_code_of_a_newer_version_is_shown_as_it_came():
    assert label_of(Referral, "klinik_apung") == "klinik_apung"
    assert label_of(Referral, "rs") == "Rumah sakit"
    assert label_of(Referral, None) == "—"
    assert (
        read_visit("v", payload(Visit(id="v", child="c", date=DAY, referral="klinik_apung"))).referral
        == "klinik_apung"
    )
