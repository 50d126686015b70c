import time

from membership.sandbox.clock import Clock


def test_the_clock_begins_where_its_file_says(tmp_path):
    file = tmp_path / "clock"
    file.write_text("-86400")

    assert abs(Clock(file).now() - (time.time() - 86400)) < 2


def test_a_new_clock_tells_real_time_and_writes_its_file(tmp_path):
    clock = Clock(tmp_path / "clock")

    assert abs(clock.now() - time.time()) < 2
    assert (tmp_path / "clock").read_text() == "0.000"


def test_moving_is_told_to_the_file(tmp_path):
    clock = Clock(tmp_path / "clock")
    moment = clock.now() + 1000

    clock.move_to(moment)

    assert clock.now() in {moment, moment + 1}
    assert abs(time.time() + float((tmp_path / "clock").read_text()) - moment) < 2


def test_the_clock_never_goes_back():
    clock = Clock(offset=50)

    clock.move_to(clock.now() - 10)

    assert clock.offset == 50
