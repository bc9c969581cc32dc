"""A PostgreSQL server for tests: from this machine's own programs, in a folder that goes with it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from helpers.ports import free_port

PASSWORD = "p@ss/w:rd-of-the-database"


@dataclass(frozen=True)
class Server:
    port: int

    def connect(self, name="postgres"):
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="jupyterhub",
            password=PASSWORD,
            dbname=name,
            autocommit=True,
        )

    def new_database(self):
        """Makes an empty database and returns its name."""
        with self.connect() as connection:
            name = f"hub{connection.execute('SELECT count(*) FROM pg_database').fetchone()[0]}"
            connection.execute(f"CREATE DATABASE {name}")
        return name


def programs():
    """The folder with initdb and postgres, or nothing. Debian keeps it from PATH."""
    folders = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    folders += map(Path, os.get_exec_path())
    return next((folder for folder in folders if (folder / "initdb").is_file()), None)


@contextmanager
def running():
    bin_folder = programs()
    # PostgreSQL does not run as root.
    user = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="postgres-test-"))
    try:
        (folder / "password").write_text(PASSWORD)
        if user:
            shutil.chown(folder, 65534, 65534)
            shutil.chown(folder / "password", 65534, 65534)
        data = folder / "data"
        options = [
            "--auth=scram-sha-256",
            "--username=jupyterhub",
            f"--pwfile={folder / 'password'}",
            "--no-sync",
        ]
        subprocess.run([bin_folder / "initdb", "-D", data, *options], check=True, capture_output=True, **user)
        port = free_port()
        settings = ["-h", "127.0.0.1", "-p", str(port), "-k", folder, "-F"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [bin_folder / "postgres", "-D", data, *settings], stdout=log, stderr=log, **user
            )
        try:
            server = Server(port)
            _until_it_answers(server, process)
            yield server
        finally:
            # At once: the others wait for connections, or write down what goes with the folder.
            process.send_signal(signal.SIGQUIT)
            process.wait()
    finally:
        shutil.rmtree(folder)


def _until_it_answers(server, process):
    deadline = time.monotonic() + 30
    while True:
        try:
            return server.connect().close()
        except psycopg.OperationalError:
            assert process.poll() is None, "PostgreSQL ended"
            assert time.monotonic() < deadline, "PostgreSQL does not answer"
        time.sleep(0.05)
