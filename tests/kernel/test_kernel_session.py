"""Executions in a live kernel that go as they should, and those that are stopped."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from types import SimpleNamespace

import pytest

from jupyter_oci.errors import KernelUnresponsive, Stopped
from jupyter_oci.events import ExecutionFinished, ExecutionStarted, KernelOutput, StatusChanged
from jupyter_oci.kernel import session as session_module
from jupyter_oci.kernel.outputs import fold


def started(seen):
    return bool(seen.of(ExecutionStarted))


def test_an_execution_tells_its_start_its_outputs_and_its_end(kernel, drive):
    seen = drive(kernel.session().execute("cell", "print('hello'); 6 * 7"))
    assert [type(event) for event in seen.events] == [ExecutionStarted, KernelOutput, KernelOutput, ExecutionFinished]
    assert seen.events[0].source == "print('hello'); 6 * 7"
    assert {event.execution_id for event in seen.events} == {seen.result.execution_id}
    assert seen.result.status == seen.events[-1].status == "ok"
    assert seen.result.execution_count == seen.events[-1].execution_count
    assert [output["output_type"] for output in seen.result.outputs] == ["stream", "execute_result"]


def test_an_error_comes_with_its_traceback(kernel, drive):
    seen = drive(kernel.session().execute("cell", "print('before')\n1 / 0"))
    assert (seen.result.status, seen.result.ename, seen.result.evalue) == ("error", "ZeroDivisionError", "division by zero")
    assert "1" in "".join(seen.result.traceback)
    assert seen.result.outputs[-1]["traceback"] == list(seen.result.traceback)


@pytest.mark.parametrize(
    ("source", "ename"),
    [
        ("raise SystemExit(3)", "SystemExit"),
        ("input('name? ')", "StdinNotImplementedError"),
        ("import getpass; getpass.getpass()", "StdinNotImplementedError"),
        ("def broken(:", "SyntaxError"),
    ],
)
def test_what_user_code_raises_is_a_status_and_not_an_error_of_ours(kernel, drive, source, ename):
    seen = drive(kernel.session().execute("cell", source))
    assert (seen.result.status, seen.result.ename) == ("error", ename)


def test_set_next_input_comes_as_payload(kernel, drive):
    seen = drive(kernel.session().execute("cell", "get_ipython().set_next_input('x = 1')"))
    (payload,) = seen.of(ExecutionFinished)[0].payload
    assert (payload["source"], payload["text"]) == ("set_next_input", "x = 1")


def test_a_display_of_an_earlier_cell_is_updated_without_an_output_of_this_one(kernel, drive):
    session = kernel.session()
    drive(session.execute("one", "handle = display('old', display_id='earlier')"))
    seen = drive(session.execute("two", "handle.update('new')"))
    (event,) = seen.of(KernelOutput)
    assert event.message["msg_type"] == "update_display_data"
    assert seen.result.outputs == ()


def test_the_steps_of_an_execution_may_be_on_different_threads(kernel):
    steps, events = kernel.session().execute("cell", "for n in range(20): print(n)"), []
    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        for _ in range(1000):
            for pool in (first, second):
                events.append(pool.submit(next, steps, StopIteration).result())
            if StopIteration in events:
                break
    assert any(isinstance(event, ExecutionFinished) and event.status == "ok" for event in events)


def test_what_cannot_be_encoded_is_replaced_before_it_is_sent(kernel, drive):
    seen = drive(kernel.session().execute("cell", "text = 'a\ud800b\x00c'; print(len(text), hex(ord(text[1])))"))
    assert seen.result.status == "ok"
    assert seen.text == "4 0xfffd\n"
    assert seen.of(ExecutionStarted)[0].source.encode()


def test_lone_surrogates_in_outputs_reach_nobody(kernel, drive):
    seen = drive(kernel.session().execute("cell", r"display({'text/plain': 'a\ud800b'}, raw=True)"))
    for event in seen.of(KernelOutput):
        assert str(event.message).encode()


def test_the_users_queued_cells_survive_a_failing_cell_of_ours(kernel, drive):
    user = kernel.user()
    session, waiting = kernel.session(), []

    def queue_after_start(seen):
        if started(seen) and not waiting:
            waiting.append(user.execute("survivor = 1"))
        return False

    seen = drive(session.execute("cell", "import time; time.sleep(0.5); 1 / 0"), Stopped(), queue_after_start)
    assert seen.result.status == "error"
    assert user._recv_reply(waiting[0], timeout=10)["content"]["status"] == "ok"


def slip_in(session, user, source):
    """Let the user run a cell in the moment between our look at the kernel and our request."""
    wait, sent = session._wait_for_others, []

    def wait_and_lose():
        yield from wait()
        if not sent:
            sent.append(user.execute(source))
            time.sleep(0.3)

    session._wait_for_others = wait_and_lose
    return sent


def test_a_cell_aborted_by_a_failing_cell_of_the_user_is_sent_again(kernel, drive):
    user, session = kernel.user(), kernel.session()
    sent = slip_in(session, user, "import time; time.sleep(0.8); 1 / 0")
    seen = drive(session.execute("cell", "print('ran')"))
    assert user._recv_reply(sent[0], timeout=10)["content"]["status"] == "error"
    assert (seen.result.status, seen.text) == ("ok", "ran\n")
    assert len(seen.of(ExecutionStarted)) == len(seen.of(ExecutionFinished)) == 1


def test_a_busy_kernel_is_waited_for_and_said_to_be_busy_once(kernel, drive):
    user = kernel.user()
    users = user.execute("import time; time.sleep(1.2)")
    seen = drive(kernel.session().execute("cell", "print('mine')"))
    assert [event.phase for event in seen.of(StatusChanged)] == ["kernel_busy"]
    assert (seen.result.status, seen.text) == ("ok", "mine\n")
    assert user._recv_reply(users, timeout=10)["content"]["status"] == "ok"


def test_a_stop_while_waiting_leaves_the_users_cell_alone_and_no_ghost(kernel, drive):
    user = kernel.user()
    users = user.execute("import time; time.sleep(1.5)")
    seen = drive(kernel.session().execute("cell", "ghost = 1"), Stopped(), lambda seen: bool(seen.of(StatusChanged)))
    assert isinstance(seen.error, Stopped)
    assert not started(seen)
    assert user._recv_reply(users, timeout=10)["content"]["status"] == "ok"
    assert kernel.value("'ghost' in globals()") == "False"


def test_a_request_that_is_stuck_behind_a_cell_of_the_user_is_interrupted_as_soon_as_it_starts(kernel, drive):
    user, session = kernel.user(), kernel.session()
    sent = slip_in(session, user, "import time; time.sleep(1)")
    ours = "import time\nfor _ in range(100): time.sleep(0.05)\nghost = 1"
    seen = drive(session.execute("cell", ours), Stopped(), lambda seen: bool(seen.of(StatusChanged)))
    assert isinstance(seen.error, Stopped)
    assert user._recv_reply(sent[0], timeout=10)["content"]["status"] == "ok"
    assert kernel.value("'ghost' in globals()") == "False"


@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "import time; time.sleep(60)",
        "import asyncio; await asyncio.sleep(60)",
        "import subprocess; subprocess.run(['sleep', '60'])",
    ],
)
def test_a_stop_interrupts_the_code_and_keeps_what_it_printed(kernel, drive, source):
    kept = kernel.run("kept = 'precious'")
    seen = drive(
        kernel.session().execute("cell", f"print('begun', flush=True)\n{source}"), Stopped(), lambda seen: bool(seen.text)
    )
    assert isinstance(seen.error, Stopped)
    (finished,) = seen.of(ExecutionFinished)
    assert finished.status == "interrupted"
    assert "begun" in seen.text
    assert kept.status == "ok"
    assert kernel.value("kept") == "'precious'"


def test_a_stop_when_it_is_over_interrupts_nobody(kernel, drive):
    seen = drive(kernel.session().execute("cell", "done = 1"), Stopped(), lambda seen: bool(seen.of(ExecutionFinished)))
    assert isinstance(seen.error, Stopped)
    assert seen.of(ExecutionFinished)[0].status == "ok"
    assert kernel.value("done") == "1"


def test_a_stop_at_the_very_start_is_not_lost(kernel, drive):
    for _ in range(5):
        seen = drive(kernel.session().execute("cell", "while True: pass"), Stopped(), started)
        assert isinstance(seen.error, Stopped)
        assert seen.of(ExecutionFinished)[0].status == "interrupted"


def test_a_stop_at_the_start_is_repeated_where_the_first_is_swallowed(kernel, drive):
    swallows = "for _ in range(2):\n    try:\n        while True: pass\n    except KeyboardInterrupt: pass\nwhile True: pass"
    seen = drive(kernel.session().execute("cell", swallows), Stopped(), started)
    assert isinstance(seen.error, Stopped)
    assert seen.of(ExecutionFinished)[0].status == "interrupted"


def test_a_stop_later_on_comes_once(kernel, drive):
    counts = "import time\ncaught = 0\nprint('begun')\ntime.sleep(1.2)\nprint('on')\nuntil = time.monotonic() + 4\n"
    counts += (
        "while time.monotonic() < until:\n    try:\n        time.sleep(0.1)\n    except KeyboardInterrupt:\n        caught += 1"
    )
    seen = drive(kernel.session().execute("cell", counts), Stopped(), lambda seen: "on" in seen.text)
    assert isinstance(seen.error, Stopped)
    assert kernel.value("caught") == "1"


def test_closing_the_generator_interrupts_the_code(kernel):
    steps = kernel.session().execute("cell", "import time; time.sleep(60)")
    while not isinstance(next(steps), ExecutionStarted):
        pass
    steps.close()
    assert kernel.value("'still usable'") == "'still usable'"


def test_code_that_runs_too_long_ends_as_timeout(kernel, drive):
    seen = drive(kernel.session(execution_timeout=0.5).execute("cell", "print('begun')\nwhile True: pass"))
    assert seen.result.status == seen.of(ExecutionFinished)[0].status == "timeout"
    assert seen.result.outputs[0]["text"] == "begun\n"
    assert seen.result.ename == "KeyboardInterrupt"


def test_whoever_waits_is_told_once_how_long_a_cell_may_run(kernel, drive):
    seen = drive(kernel.session(execution_timeout=8.0).execute("cell", "import time; time.sleep(1.5)"))
    told = [event.detail for event in seen.of(StatusChanged) if event.phase == "running"]
    assert told == ["Ends after 8 s; run it yourself if it needs longer."]


def test_a_limit_that_is_lifted_lets_the_code_run_on_and_says_so(kernel):
    told = []
    session = kernel.session(is_limited=lambda: not told, execution_timeout=3.0)
    for event in session.execute("cell", "import time; ended = False; time.sleep(4); ended = True"):
        if isinstance(event, StatusChanged) and event.phase == "running":
            told.append(event)
    assert [event.limit for event in told] == [3.0, 0.0]
    assert kernel.value("ended") == "True"


def test_time_in_the_queue_is_not_counted_as_running(kernel, drive):
    kernel.user().execute("import time; time.sleep(1)")
    seen = drive(kernel.session(execution_timeout=0.7).execute("cell", "1"))
    assert seen.result.status == "ok"


def test_code_that_ignores_an_interrupt_is_said_to_and_nothing_is_restarted(kernel, drive):
    stubborn = """
import time
end = time.monotonic() + 3
while time.monotonic() < end:
    try:
        print('still here', flush=True)
        time.sleep(0.1)
    except BaseException:
        pass
"""
    kernel.run("precious = 1")
    session = kernel.session(interrupt_grace=1.0)
    assert session.variables()
    process = kernel.control.incarnation()
    seen = drive(session.execute("cell", stubborn), Stopped(), lambda seen: bool(seen.text))
    assert isinstance(seen.error, KernelUnresponsive)
    assert "precious" in str(seen.error)
    assert seen.of(ExecutionFinished)[0].status == "interrupted"
    assert kernel.control.incarnation() == process
    assert kernel.value("precious") == "1"


def test_a_flood_is_bounded_and_keeps_its_head_its_tail_and_its_error(kernel, drive):
    limit = 100_000
    flood = "for n in range(2 * 10**5): print(n, 'x' * 100)\nprint('the end', flush=True)\n1 / 0"
    seen = drive(kernel.session(max_output_bytes=limit).execute("cell", flood))
    assert seen.result.ename == "ZeroDivisionError"
    assert len(seen.text.encode()) < limit
    assert seen.text.startswith("0 xxx")
    assert "the end" in seen.text
    assert "bytes of output left out" in seen.text
    assert seen.result.dropped_bytes > 10_000_000
    assert fold(event.message for event in seen.of(KernelOutput)) == seen.result.outputs


def test_one_message_of_100_mb_shows_its_beginning(kernel, drive):
    limit = 100_000
    seen = drive(kernel.session(max_output_bytes=limit).execute("cell", "print('x' * 10**8)"))
    assert seen.result.status == "ok"
    assert "xxxx" in seen.text
    assert len(seen.text) < limit
    assert seen.result.dropped_bytes > 99_000_000


def test_a_stop_gets_through_a_flood(kernel, drive):
    flood = "while True: print('x' * 1000)"
    seen = drive(kernel.session().execute("cell", flood), Stopped(), lambda seen: len(seen.of(KernelOutput)) > 2)
    assert isinstance(seen.error, Stopped)
    assert seen.of(ExecutionFinished)[0].status == "interrupted"


def test_an_animation_ends_on_its_last_picture(kernel, drive):
    animation = """
from IPython.display import clear_output
for n in range(300):
    clear_output(wait=True)
    display({'text/plain': f'frame {n} ' + 'x' * 1000}, raw=True)
"""
    seen = drive(kernel.session(max_output_bytes=50_000).execute("cell", animation))
    shown = [output["data"]["text/plain"] for output in seen.result.outputs if output["output_type"] == "display_data"]
    assert [text.split(" x")[0] for text in shown] == ["frame 299"]


@pytest.mark.parametrize("size", [400_000, 3_000_000, 7_000_000])
def test_a_picture_or_a_table_of_some_mb_is_shown_whole(kernel, drive, size):
    seen = drive(kernel.session().execute("cell", f"display({{'image/png': 'i' * {size}, 'text/plain': '<Figure>'}}, raw=True)"))
    (output,) = seen.result.outputs
    assert {kind: len(item) for kind, item in output["data"].items()} == {"image/png": size, "text/plain": 8}


def test_a_picture_of_50_mb_is_left_out_and_says_so(kernel, drive):
    seen = drive(kernel.session().execute("cell", "display({'image/png': 'i' * 50_000_000}, raw=True)"))
    assert [list(output["data"]) for output in seen.result.outputs] == [["text/plain"]]
    assert "bytes left out: run the cell yourself to see it" in seen.result.outputs[0]["data"]["text/plain"]


def test_two_sessions_at_once_do_not_get_each_others_replies(kernel, drive):
    first, second = kernel.session(), kernel.session()
    drive(first.execute("a", "pass"))
    for number in range(3):
        assert drive(first.execute("a", f"print('first {number}')")).text == f"first {number}\n"
        assert drive(second.execute("b", f"print('second {number}')")).text == f"second {number}\n"


def test_the_users_random_numbers_stay_as_seeded(kernel, drive):
    session = kernel.session()
    drive(session.execute("one", "import random; random.seed(42); before = random.getstate()"))
    assert session.variables()
    session = kernel.session()
    drive(session.execute("two", "pass"))
    assert drive(session.execute("three", "print(random.getstate() == before)")).text == "True\n"


def test_a_slow_kernel_is_asked_once_for_what_draws_from_the_users_random_numbers(monkeypatch):
    asked = []

    class Slow:
        def __init__(self, *_):
            pass

        def request(self, _, kind, content):
            asked.append(kind)

        def receive(self, _):
            return []

    monkeypatch.setattr(session_module, "Connection", Slow)
    monkeypatch.setattr(session_module, "KernelReader", lambda *_: None)
    monkeypatch.setattr(session_module, "_INFOS", {})
    monkeypatch.setattr(session_module, "time", SimpleNamespace(monotonic=count(0, 0.125).__next__))
    steps = session_module.KernelSession({}, None).until_free()
    for _ in range(20):
        next(steps)
    assert asked.count("kernel_info_request") == 1
    assert asked.count(session_module.QUESTION) > 1
