"""A TCP relay between emplace and its database, which breaks what passes in many ways."""
import contextlib
import random
import socket
import struct
import threading
import time

from servers import HOST, free_port

LINGER_NOT = struct.pack('ii', 1, 0)  # closing then resets the connection, as a crash does


class Trap:
    """What is to be done to connections whose client sends a pattern.

    before: cut, and it is not passed on; after: it is passed on, but the answer is not; hold: it
    is kept until release(), and the connection stays.
    """

    def __init__(self, pattern, action, chance, count):
        assert action in ('before', 'after', 'hold')
        self.pattern, self.action, self.chance, self.left = pattern.lower(), action, chance, count
        self.sprung = 0
        self.held, self.released = threading.Event(), threading.Event()
        self.lock = threading.Lock()

    def springs(self, data):
        if self.pattern not in data.lower():
            return False
        with self.lock:
            if self.left == 0 or random.random() >= self.chance:
                return False
            self.left -= 1
            self.sprung += 1
            return True

    def release(self):
        self.released.set()


class Link:
    """One connection through the relay: two sockets and a thread for each direction."""

    def __init__(self, relay, client):
        self.relay, self.client = relay, client
        self.server = socket.create_connection((HOST, relay.target), timeout=10)
        self.server.settimeout(None)
        self.swallows_answer = False
        for end in (self.client, self.server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for work in (self.forth, self.back):
            threading.Thread(target=self.carry, args=[work], daemon=True).start()

    def carry(self, work):
        with contextlib.suppress(OSError):
            work()
        self.cut()

    def forth(self):
        while data := self.client.recv(65536):
            if not self.relay.lets_pass():
                continue
            trap = self.relay.trap
            if trap and trap.springs(data):
                if trap.action == 'before':
                    return
                if trap.action == 'after':
                    self.swallows_answer = True
                else:
                    trap.held.set()
                    trap.released.wait(120)
            self.server.sendall(data)

    def back(self):
        while data := self.server.recv(65536):
            if self.swallows_answer:
                return
            if self.relay.lets_pass():
                self.client.sendall(data)

    def cut(self):
        """Both sides get a reset."""
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
                end.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads it
            end.close()
        self.relay.links.discard(self)


class Relay:
    """Listens on `port` and passes all on to `target`, a port of this machine."""

    def __init__(self, target):
        self.target, self.port = target, free_port()
        self.links = set()
        self.trap = None
        self.delay_seconds = 0
        self.swallowing = False
        self.listener = None
        self.accept()

    def accept(self):
        """Takes new connections, again if refuse() was called."""
        if self.listener is None:
            self.listener = socket.create_server((HOST, self.port), backlog=64)
            threading.Thread(target=self.serve, args=[self.listener], daemon=True).start()

    def refuse(self):
        """New connections are refused; those that there are stay."""
        if self.listener is not None:
            with contextlib.suppress(OSError):
                self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None

    def serve(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                self.links.add(Link(self, client))
            except OSError:
                client.close()

    def lets_pass(self):
        if self.delay_seconds:
            time.sleep(self.delay_seconds)
        return not self.swallowing

    def cut(self):
        """Cuts every connection that there is now."""
        for link in list(self.links):
            link.cut()

    def swallow(self, on=True):
        """Takes all and passes nothing on, as a network does that drops packets.

        In the end the connections are cut, for what they carried is not whole.
        """
        self.swallowing = on
        if not on:
            self.cut()

    def set_trap(self, pattern, action, chance=1.0, count=-1):
        """The trap, which springs `count` times (-1: always) at that chance."""
        self.trap = Trap(pattern, action, chance, count)
        return self.trap

    def clear_trap(self):
        if self.trap:
            self.trap.release()
        self.trap = None

    def close(self):
        self.clear_trap()
        self.refuse()
        self.cut()
