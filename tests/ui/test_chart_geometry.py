"""The arithmetic under the chart: laws that hold wherever the plot lies and whatever it shows."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posyandu_app.ui.charts.geometry import (
    Box,
    Frame,
    Span,
    along,
    height_at,
    marks,
    pick_step,
    place_box,
    spread,
)

lows = st.floats(-1e4, 1e4, allow_nan=False)
widths = st.floats(0.5, 1e4)


@st.composite
def frames(draw):
    left, top = draw(lows), draw(lows)
    box = Box(left, top, left + draw(widths), top + draw(widths))
    x, y = draw(lows), draw(lows)
    return Frame(box, Span(x, x + draw(widths)), Span(y, y + draw(widths)))


@given(frames(), st.floats(-1, 2), st.floats(-1, 2))
def test_a_point_comes_back_from_its_pixel(frame, across, up):
    point = (frame.x.low + across * frame.x.width, frame.y.low + up * frame.y.width)
    back = frame.world(frame.pixel(point))
    scale = max(1.0, *(abs(v) for v in (*point, *frame.pixel(point))))
    assert back[0] == pytest.approx(point[0], abs=1e-6 * scale * (1 + frame.x.width / frame.box.width))
    assert back[1] == pytest.approx(point[1], abs=1e-6 * scale * (1 + frame.y.width / frame.box.height))


@given(frames())
def test_the_corners_of_the_world_are_the_corners_of_the_plot(frame):
    assert frame.pixel((frame.x.low, frame.y.high)) == pytest.approx(
        (frame.box.left, frame.box.top), abs=1e-6
    )
    assert frame.pixel((frame.x.high, frame.y.low)) == pytest.approx(
        (frame.box.right, frame.box.bottom), abs=1e-6
    )


@given(frames(), st.floats(0, 1), st.floats(0, 1))
def test_heavier_is_higher_and_older_is_further_right(frame, one, other):
    if one == other:
        return
    low, high = sorted((one, other))
    assert frame.py(frame.y.low + low * frame.y.width) >= frame.py(frame.y.low + high * frame.y.width)
    assert frame.px(frame.x.low + low * frame.x.width) <= frame.px(frame.x.low + high * frame.x.width)


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (2.0, 1.0), (float("nan"), 1.0)])
def test_an_empty_span_is_refused(low, high):
    with pytest.raises(ValueError, match="empty span"):
        Span(low, high)


@given(st.floats(0, 60), st.floats(1, 60), st.floats(20, 2000), st.floats(5, 100))
def test_marks_keep_their_distance_unless_the_widest_step_cannot(low, width, pixels, gap):
    span, steps = Span(low, low + width), (1.0, 2.0, 3.0, 6.0, 12.0)
    step = pick_step(span, pixels, gap, steps)
    assert step == 12.0 or step / span.width * pixels >= gap
    finer = [other for other in steps if other < step]
    assert all(other / span.width * pixels < gap for other in finer)
    assert all(span.low - 1e-6 <= mark <= span.high + 1e-6 for mark in marks(span, step))


def test_marks_are_the_multiples_within_the_span_ends_included():
    assert marks(Span(6.0, 30.0), 12.0) == [12.0, 24.0]
    assert marks(Span(0.0, 24.0), 12.0) == [0.0, 12.0, 24.0]
    assert marks(Span(0.5, 0.9), 1.0) == []


@given(st.lists(st.floats(0, 500), max_size=60), st.floats(1, 20))
def test_spread_letters_keep_order_and_distance_within_the_row(centres, gap):
    centres = sorted(centres)
    placed = spread(centres, gap, 0.0, 500.0)
    assert len(placed) == len(centres)
    assert all(-1e-6 <= x <= 500 + 1e-6 for x in placed)
    if gap * (len(centres) - 1) <= 500:
        assert all(b - a >= gap - 1e-6 for a, b in pairwise(placed))


@given(st.lists(st.integers(1, 24), unique=True, min_size=1))
def test_letters_with_room_stay_exactly_under_their_months(months):
    centres = [month * 20.0 for month in sorted(months)]
    assert spread(centres, 20.0, 0.0, 500.0) == pytest.approx(centres)


def test_two_letters_for_one_place_share_it_evenly():
    assert spread([100.0, 100.0], 10.0, 0.0, 500.0) == pytest.approx([95.0, 105.0])
    assert spread([0.0, 0.0, 0.0], 10.0, 0.0, 500.0) == pytest.approx([0.0, 10.0, 20.0])
    assert spread([], 10.0, 0.0, 500.0) == []


points = st.tuples(st.floats(0, 600), st.floats(0, 400))


@given(points, st.floats(10, 300), st.floats(10, 150), st.lists(points, max_size=30))
def test_a_callout_stays_on_the_plot(anchor, width, height, avoid):
    bounds = Box(0, 0, 600, 400)
    box = place_box(anchor, (width, height), bounds, avoid, 15.0)
    assert box.left >= 0
    assert box.top >= 0
    assert box.right <= 600 + 1e-6
    assert box.bottom <= 400 + 1e-6
    assert (box.width, box.height) == pytest.approx((width, height))


@given(points)
def test_a_callout_never_covers_the_point_it_reads(anchor):
    box = place_box(anchor, (200, 60), Box(0, 0, 600, 400), [], 15.0)
    assert not box.holds(anchor)


def test_a_callout_goes_where_the_line_is_not():
    above = [(300.0, float(y)) for y in range(100, 190, 5)]
    assert place_box((300, 200), (120, 40), Box(0, 0, 600, 400), [], 15.0).bottom <= 200
    assert place_box((300, 200), (120, 40), Box(0, 0, 600, 400), above, 15.0).top >= 200


def test_a_callout_larger_than_the_plot_begins_at_its_corner():
    box = place_box((50, 50), (900, 700), Box(10, 20, 600, 400), [], 15.0)
    assert (box.left, box.top) == (10, 20)


@given(st.lists(points, min_size=1, max_size=20))
def test_a_line_walked_in_steps_begins_and_ends_where_the_line_does(line):
    walked = along(line, 8.0)
    assert walked[0] == pytest.approx(line[0])
    assert walked[-1] == line[-1]


def test_the_height_of_a_line_between_its_points_is_in_proportion():
    line = [(0.0, 10.0), (10.0, 20.0), (10.0, 18.0), (20.0, 38.0)]
    assert height_at(line, 5.0) == pytest.approx(15.0)
    assert height_at(line, 15.0) == pytest.approx(28.0)
    assert height_at(line, -0.1) is None
    assert height_at(line, 20.1) is None
    assert height_at([], 0.0) is None
