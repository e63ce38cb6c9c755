"""Reaches for networks, and for whatever listens on this machine."""

from __future__ import annotations

from ..attack import Attack

__all__ = ["ATTACKS"]

REFUSED = r"stopped: (PermissionError|OSError|gaierror|URLError)"


def _attack(name: str, what: str, line: str, process: str = "did: ", more: str = "") -> Attack:
    return Attack(name, what, REFUSED, code="import socket\n" + more, call=f"attempt(lambda: {line})", process=process)


ATTACKS = [
    _attack("listen", "waits for the next submission to call", "socket.create_server(('127.0.0.1', 0)).close()"),
    _attack(
        "loopback",
        "connects to what listens here",
        "connect()",
        more="""
def connect():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        socket.create_connection(listening.getsockname()).close()
""",
    ),
    _attack("datagram", "sends answers away", "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))"),
    _attack(
        "abstract_socket",
        "opens a socket that is no file, by which submissions could meet",
        "socket.socket(socket.AF_UNIX).bind(f'\\0hostile-{os.getpid()}')",
    ),
    _attack("pair_of_sockets", "makes two sockets", "socket.socketpair()"),
    _attack("names", "asks for an address by name", "socket.getaddrinfo('localhost', 80)"),
    _attack(
        "system_socket", "talks to the system's routing tables", "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)"
    ),
    _attack(
        "web",
        "asks a server on this machine",
        "__import__('urllib.request').request.urlopen('http://127.0.0.1:9/', timeout=1)",
        process=r"stopped: URLError <urlopen error \[Errno 111\] Connection refused>",
    ),
]
