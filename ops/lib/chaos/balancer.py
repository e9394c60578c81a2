"""One address in front of several gateways: a balancer that has not noticed which of them is gone."""
import itertools
import urllib.parse

from .http_proxy import HTTPProxy


class Balancer(HTTPProxy):
    """Hands each request to the next of `servers`, whether anybody listens there or not."""

    def __init__(self, port, servers):
        self.turns = itertools.cycle([urllib.parse.urlsplit(server) for server in servers])
        super().__init__(servers[0], port)
        self.keeps = False

    def server(self):
        with self.lock:
            return next(self.turns)
