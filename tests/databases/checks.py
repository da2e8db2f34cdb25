"""What several tests of this folder demand of answers and of the tables."""
import concurrent.futures
import contextlib
import re
import threading

from harness import ANSWER_SECONDS

SQL_TEXT = re.compile(r'insert into|update \w+ set|select .* from|delete from|pymysql|psycopg|'
                      r'sqlalche|deadlock|duplicate (entry|key)|emplace_clock', re.IGNORECASE)


def assert_refused_well(answers, *codes):
    """Each is a 409 with one of these codes, which says nothing of how things are stored."""
    for answer in answers:
        assert answer.status == 409, answer
        assert answer.error['code'] in codes, answer
        assert not SQL_TEXT.search(answer.error['detail']), answer


@contextlib.contextmanager
def meanwhile(*works):
    """Calls each work(), again and again, for as long as the block takes."""
    done = threading.Event()

    def repeat(work):
        count = 0
        while not done.is_set():
            work()
            count += 1
        assert count, 'it never ran'

    with concurrent.futures.ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(repeat, work) for work in works]
        try:
            yield
        finally:
            done.set()
        for one in running:
            one.result(ANSWER_SECONDS)


def allocated(database):
    """The sum of all allocations, and how many have no consumer, or consumers no allocation."""
    (used,), = database.execute('SELECT coalesce(sum(used), 0) FROM allocations')
    (loose,), = database.execute('SELECT count(*) FROM allocations WHERE consumer_id NOT IN '
                                 '(SELECT uuid FROM consumers)')
    (idle,), = database.execute('SELECT count(*) FROM consumers WHERE uuid NOT IN '
                                '(SELECT consumer_id FROM allocations)')
    return int(used), loose, idle
