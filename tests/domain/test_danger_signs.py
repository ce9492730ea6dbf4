"""Which danger signs are asked about at which age."""

from posyandu_app.domain.danger_signs import DangerSign, danger_signs_for


def test_newborns_have_their_own_danger_signs_up_to_day_28():
    assert DangerSign.NAVEL in danger_signs_for(28)
    assert DangerSign.NAVEL not in danger_signs_for(29)
    assert danger_signs_for(None) == danger_signs_for(400)
    for signs in (danger_signs_for(0), danger_signs_for(400)):
        assert len(set(signs)) == len(signs)
    assert {*danger_signs_for(0), *danger_signs_for(400)} == set(DangerSign)
