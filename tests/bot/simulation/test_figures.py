from io import StringIO

from rich.console import Console

from bot.simulation.figures import Figures


def printed(figures: Figures) -> str:
    out = StringIO()
    Console(file=out, width=100, no_color=True).print(figures.table())
    return out.getvalue()


def test_the_table_tells_orders_conversion_turns_latency_and_each_error_by_name():
    figures = Figures(guests=10, wanted=10, placed=8, paid_online=3, seconds=60.0)
    figures.outcomes["Delivered"] = 7
    figures.outcomes["Declined"] = 1
    figures.errors["503 We cannot reach our records right now."] = 2
    for ms in range(1, 101):
        figures.turn(ms / 1000)
    text = printed(figures)
    for expected in ("8 of 10 wanted (80.0%)", "8.0", "Delivered", "Declined", "503 We cannot", "2"):
        assert expected in text
    assert figures.conversion == 0.8
    assert [round(figures.percentile(p)) for p in (50, 95, 99)] == [51, 96, 100]


def test_a_day_without_guests_has_a_table_too():
    assert "0 of 0 wanted (0.0%)" in printed(Figures())
    assert Figures().percentile(99) == 0.0
