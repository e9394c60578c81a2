"""Between the workers and PostgreSQL: a proxy that swallows the answer to a statement that was carried out."""
import socket
import threading


class PostgresProxy:
    """Passes everything on, until armed: then the answer to the next statement of that name is read and dropped, and the
    connection closed. It must be a statement that is a transaction of its own, or one that a take sends together with its
    COMMIT (`drop_due`, `begin_sends`, `record`): then the answer that is dropped is the COMMIT's."""

    def __init__(self, port):
        self.port = port
        self.armed = []
        self.swallowed = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.own_port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def arm(self, statement):
        with self.lock:
            self.armed.append(statement.encode())

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        link = {"client": client, "server": server, "swallow": False}
        threading.Thread(target=self.upstream, args=(link,), daemon=True).start()
        try:
            while data := server.recv(65536):
                if link["swallow"]:
                    # ReadyForQuery, idle: carried out and committed. Nobody shall hear of it.
                    if data.endswith(b"Z\x00\x00\x00\x05I"):
                        break
                    continue
                client.sendall(data)
        except OSError:
            pass
        self.end(link)

    def upstream(self, link):
        try:
            while data := link["client"].recv(65536):
                with self.lock:
                    for name in self.armed:
                        # As Bind has it, behind the portal's empty name; Parse has a length there.
                        if b"\0" + name + b"\0" in data:
                            self.armed.remove(name)
                            self.swallowed.append(name.decode())
                            link["swallow"] = True
                            break
                link["server"].sendall(data)
        except OSError:
            pass
        self.end(link)

    @staticmethod
    def end(link):
        for name in ("client", "server"):
            try:
                link[name].shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            link[name].close()
