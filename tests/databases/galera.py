"""A cluster of three MariaDB servers with Galera, whose nodes notice within seconds what is gone."""
import contextlib

import pymysql
from sqlalchemy.engine import make_url

from servers import HOST, START_SECONDS, MariaDB, free_port, wait_for

GALERA = '/usr/lib/galera/libgalera_smm.so'
GALERA_SETTINGS = {
    'evs.keepalive_period': 'PT0.2S', 'evs.inactive_check_period': 'PT0.2S',
    'evs.suspect_timeout': 'PT1.5S', 'evs.inactive_timeout': 'PT3S', 'evs.install_timeout': 'PT3S',
    'gmcast.peer_timeout': 'PT1S', 'gmcast.time_wait': 'PT0.5S', 'pc.announce_timeout': 'PT1S',
    'gcache.size': '32M'}


class GaleraNode(MariaDB):
    """One of a cluster's servers."""

    name = 'galera'

    def __init__(self, cluster):
        self.cluster = cluster
        super().__init__()
        self.group_port, self.transfer_port, self.increment_port = (free_port() for _ in range(3))
        self.bootstrap = False

    def install(self):
        if self.cluster.nodes:
            self.set_up('mkdir', self.data)  # the first one will send all that belongs there
        else:
            super().install()

    def command(self):
        peers = ','.join(f'{HOST}:{node.group_port}' for node in self.cluster.nodes)
        provider = {**GALERA_SETTINGS, 'gmcast.listen_addr': f'tcp://{HOST}:{self.group_port}',
                    'base_host': HOST, 'base_port': self.group_port,
                    'ist.recv_addr': f'{HOST}:{self.increment_port}'}
        return [*super().command(), '--wsrep-on=ON', f'--wsrep-provider={GALERA}',
                f'--wsrep-cluster-address=gcomm://{"" if self.bootstrap else peers}',
                f'--wsrep-node-address={HOST}:{self.group_port}', '--binlog-format=ROW',
                f'--wsrep-node-name={self.port}', '--wsrep-sst-method=rsync',
                f'--wsrep-sst-receive-address={HOST}:{self.transfer_port}',
                '--innodb-autoinc-lock-mode=2', '--log-bin-trust-function-creators=1', '--wsrep-provider-options='
                + ';'.join(f'{name}={value}' for name, value in provider.items())]

    def status(self, variable):
        (_, value), = self.administer(f"SHOW STATUS LIKE 'wsrep_{variable}'")
        return value

    def ready(self):
        """Whether it takes part in the cluster again."""
        with contextlib.suppress(pymysql.Error):
            return super().ready() and self.status('ready') == 'ON' and (
                self.status('local_state_comment') == 'Synced')
        return False

    def isolate(self, alone=True):
        """Cuts it off from the other nodes, or lets it back."""
        self.administer(f"SET GLOBAL wsrep_provider_options = 'gmcast.isolate={int(alone)}'")


class Galera:
    """A cluster of three servers."""

    name = 'galera'

    def __init__(self):
        self.nodes = []
        for _ in range(3):
            self.nodes.append(GaleraNode(self))

    def start(self):
        first, *others = self.nodes
        first.bootstrap = True
        first.start()
        first.bootstrap = False
        for node in others:
            node.start()

    def revive(self):
        """All nodes run and are one cluster, whatever a test has done to them."""
        for node in self.nodes:
            if node.running():
                node.thaw()
                with contextlib.suppress(pymysql.Error):
                    node.isolate(False)
        for node in self.nodes:
            if not node.running():
                node.begin()
        wait_for(self.whole, 'the cluster', START_SECONDS)

    def whole(self):
        return all(node.ready() and node.status('cluster_size') == str(len(self.nodes))
                   for node in self.nodes)

    def new_database(self, **options):
        """The URLs of one empty database, one for each node."""
        name = make_url(self.nodes[0].new_database(**options)).database
        for node in self.nodes:
            wait_for(lambda node=node: node.administer(
                'SELECT 1 FROM information_schema.schemata WHERE schema_name = %s', name), name)
        return [node.url(name) for node in self.nodes]

    def execute(self, url, sql, *parameters):
        return self.nodes[0].execute(url, sql, *parameters)

    def remove(self):
        for node in self.nodes:
            node.remove()
