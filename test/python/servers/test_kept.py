"""What is kept of servers that ended: bounded, for the hub alone."""

import os

from jupyterhub_on_docker.servers import kept
from jupyterhub_on_docker.servers.kept import Ended, Kept, now


def ended(**changes):
    values = {
        "user": "alice",
        "server": "",
        "at": now(),
        "started": True,
        "sentence": "It was killed.",
        "detail": "killed",
        "log": ["a line"],
    }
    return Ended(**values | changes)


def test_the_last_end_of_a_server_is_kept_for_the_hub_alone(tmp_path):
    folder = Kept(tmp_path)
    assert folder.get("jh-user-alice") is None
    folder.put("jh-user-alice", ended())
    folder.put("jh-user-alice", last := ended(detail="again", log=["\N{SNOWMAN}"]))
    assert folder.get("jh-user-alice") == last
    (file,) = (tmp_path / kept.FOLDER).iterdir()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    folder.remove("jh-user-alice")
    assert folder.get("jh-user-alice") is None


def test_the_oldest_go(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "SERVERS", 2)
    folder = Kept(tmp_path)
    for number, name in enumerate(("a", "b", "c")):
        folder.put(name, ended())
        os.utime(tmp_path / kept.FOLDER / f"{name}.json", (number, number))
    folder.put("d", ended())
    assert [folder.get(name) is None for name in "abcd"] == [True, True, False, False]


def test_a_name_as_long_as_a_container_may_have(tmp_path):
    folder = Kept(tmp_path)
    folder.put("x" * 255, ended())
    folder.put("x" * 254 + "y", ended(user="bob"))
    assert folder.get("x" * 255).user == "alice"


def test_a_file_that_cannot_be_read_is_none(tmp_path):
    folder = Kept(tmp_path)
    folder.put("a", ended())
    (tmp_path / kept.FOLDER / "a.json").write_text("{")
    assert folder.get("a") is None
