"""A load on two processes while a test breaks something, and what must hold after any fault."""
import contextlib
import time

from checks import allocated
from cloud import Emplace
from load import Load

BEFORE_SECONDS, AFTER_SECONDS = 1, 1.5


@contextlib.contextmanager
def under_load(database, folder, urls=None, **options):
    """Two processes, or one on each of `urls`, and a load on them all; then all must be well."""
    with Emplace(folder, urls or [database.url] * 2) as cloud:
        load = Load(cloud.clients, **options)
        with load:
            time.sleep(BEFORE_SECONDS)
            yield cloud, load
            load.wait_until_back(cloud.clients)
            time.sleep(AFTER_SECONDS)
        assert_all_well(database, cloud, load)


def assert_all_well(database, cloud, load):
    """The ledger holds in every process, in one that loads all anew, and in the tables."""
    assert all(process.alive() for process in cloud.processes), cloud.logs()
    load.check(cloud.clients)
    cloud.processes[0].restart()
    load.check(cloud.clients)
    assert allocated(database)[1:] == (0, 0)
