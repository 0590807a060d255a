from __future__ import annotations

from jupyter_oci.server.lease import Lease


class Tab:
    """A client that notes what it is told."""

    def __init__(self, log=None):
        self.log = [] if log is None else log
        self.told = []
        self.gone = False

    def tell_lease(self, driver):
        self.told.append(driver)
        self.log.append((self, driver))

    def replaced(self):
        self.gone = True


def test_the_first_client_drives_until_the_starter_comes():
    lease, log = Lease("starter"), []
    first, second, starter = Tab(log), Tab(log), Tab(log)
    lease.join("first", first)
    lease.join("second", second)
    lease.join("starter", starter)
    assert (first.told, second.told, starter.told) == ([True, False], [False], [True])
    assert log[-2:] == [(first, False), (starter, True)]  # never two drivers


def test_the_lease_goes_to_the_longest_connected_when_the_driver_leaves():
    lease = Lease("starter")
    starter, second, third = Tab(), Tab(), Tab()
    leave = lease.join("starter", starter)
    lease.join("second", second)
    lease.join("third", third)
    leave()
    assert (second.told, third.told) == ([False, True], [False])


def test_the_starter_gets_the_lease_back():
    lease = Lease("starter")
    starter, second = Tab(), Tab()
    lease.join("starter", starter)()
    lease.join("second", second)
    again = Tab()
    lease.join("starter", again)
    assert (second.told, again.told) == ([True, False], [True])


def test_a_client_that_connects_again_replaces_its_former_connection():
    lease = Lease("starter")
    former, latter = Tab(), Tab()
    leave_former = lease.join("tab", former)
    lease.join("tab", latter)
    assert former.gone
    assert latter.told == [True]
    leave_former()  # its close is noticed late
    other = Tab()
    lease.join("other", other)
    assert other.told == [False]
