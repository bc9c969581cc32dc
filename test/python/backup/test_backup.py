"""What is saved, when it is due, and what is said of restic's errors; restic itself is a script here."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from jupyterhub_on_docker import paths
from jupyterhub_on_docker.backup import restic, run, server
from jupyterhub_on_docker.backup.settings import BackupSettings

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)


@pytest.fixture
def home(monkeypatch, tmp_path):
    home = tmp_path / "own"
    home.mkdir()
    for module, names in ((run, ("HOME",)), (server, ("HOME",))):
        for name in names:
            monkeypatch.setattr(module, name, home)
    monkeypatch.setattr(run, "LAST", home / "last.json")
    monkeypatch.setattr(run, "STACK", home / "stack")
    monkeypatch.setattr(run, "DATABASE", home / "database" / "hub.sqlite")
    monkeypatch.setattr(run, "RESTORED", home / "restored")
    monkeypatch.setattr(server, "OK", home / "ok")
    return home


@pytest.fixture
def settings(tmp_path, monkeypatch):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "backup_password").write_text("of-the-repository")
    (secrets / "backup_secrets_aws_secret_access_key").write_text("of-the-bucket")
    monkeypatch.setattr(paths, "SECRETS", secrets)
    engine = tmp_path / "volumes"
    engine.mkdir()
    return BackupSettings.model_validate_json(
        json.dumps(
            {
                "version": 1,
                "host": "jh",
                "repository": "/srv/repository",
                "at": "03:00",
                "keep": {"daily": 7, "weekly": 0, "monthly": 2},
                "variables": {"AWS_SECRET_ACCESS_KEY": "backup_secrets_aws_secret_access_key"},
                "engineVolumes": str(engine),
                "data": "jh-hub-data",
                "volumes": ["jh-home-{username}", "jh-folder-{folder}"],
                "tree": None,
                "database": {"kind": "sqlite", "path": str(engine / "jh-hub-data/_data/jupyterhub.sqlite")},
            }
        )
    )


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """restic in the form of a script of the test's; what it was called with is in a file."""
    folder = tmp_path / "bin"
    folder.mkdir()
    calls = tmp_path / "calls"

    def make(script):
        file = folder / "restic"
        file.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>{calls}\n{script}\n')
        file.chmod(0o755)
        return calls

    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return make


def volume(settings, name, options=None):
    folder = run.Path(settings.engine_volumes) / name
    (folder / "_data").mkdir(parents=True)
    if options is not None:
        (folder / "opts.json").write_text(json.dumps(options))
    return str(folder / "_data")


def test_volumes_of_people_are_saved_and_no_others(settings):
    ours = [volume(settings, name) for name in ("jh-home-alice", "jh-home-b-2ex", "jh-folder-shared")]
    for name in ("jh-hub-data", "jh2-home-alice", "other", "xjh-home-alice"):
        volume(settings, name)
    volume(settings, "jh-home-nfs", {"MountType": "nfs", "MountDevice": ":/homes"})
    skipped = []
    assert sorted(map(str, run._people(settings, skipped))) == sorted(ours)
    assert skipped == ["jh-home-nfs: its files are not on the Docker host"]


def test_a_backup_makes_its_repository_and_says_what_came_of_it(settings, home, tool):
    calls = tool(
        'case "$*" in *"cat config"*) exit 10;; *backup*) '
        """echo '{"message_type":"summary","snapshot_id":"0123456789ab","total_files_processed":3}';; esac"""
    )
    volume(settings, "jh-home-alice")
    volume(settings, "jh-hub-data")
    result = run.back_up(settings)
    assert (result["problem"], result["snapshot"], result["files"]) == (None, "01234567", 3)
    assert result["lastGood"] == result["at"]
    assert run.last() == result
    words = [line.split("--retry-lock 5m ")[1].split()[0] for line in calls.read_text().splitlines()]
    assert words == ["cat", "init", "backup", "forget"]
    assert "--keep-daily 7 --keep-weekly 0 --keep-monthly 2" in calls.read_text()
    assert "jupyterhub.sqlite*" in calls.read_text()


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 12", "backup.password is not the password of this repository"),
        ("echo 'Fatal: of-the-repository of-the-bucket' >&2; exit 1", "Fatal: [secret] [secret]"),
        ("""echo '{"message_type":"exit_error","message":"no such host"}' >&2; exit 1""", "no such host"),
        ("exit 1", "restic ended with exit code 1"),
    ],
)
def test_an_error_is_one_line_without_secrets_and_the_last_good_one_stays_known(
    settings, home, tool, script, message
):
    volume(settings, "jh-hub-data")
    run.LAST.write_text(json.dumps({"lastGood": "2026-05-05T03:00:00+00:00"}))
    tool(script)
    result = run.back_up(settings)
    assert message in result["problem"]
    assert "of-the" not in json.dumps(result)
    assert result["lastGood"] == "2026-05-05T03:00:00+00:00"


def test_a_database_that_leads_elsewhere_is_refused(settings, home, tool, tmp_path):
    calls = tool("exit 0")
    folder = run.Path(volume(settings, "jh-hub-data"))
    secret = tmp_path / "secret"
    secret.write_text("of another")
    for end in ("", "-journal", "-wal"):
        link = folder / f"jupyterhub.sqlite{end}"
        if end:
            (folder / "jupyterhub.sqlite").write_bytes(b"")
        link.symlink_to(secret)
        assert "expected jupyterhub.sqlite" in run.back_up(settings)["problem"]
        link.unlink()
        os.mkfifo(link)
        assert "expected jupyterhub.sqlite" in run.back_up(settings)["problem"]
        link.unlink()
        (folder / "jupyterhub.sqlite").unlink(missing_ok=True)
    assert not calls.exists()


def test_nobody_takes_a_folder_out_of_all_backups_with_a_file(settings, home, tool):
    calls = tool("exit 0")
    volume(settings, "jh-hub-data")
    run.back_up(settings)
    assert "exclude-caches" not in calls.read_text()


def test_only_ids_are_restored_from(settings, home, tool):
    calls = tool("exit 0")
    for snapshot in ("latest", "--help", "0123456", "0123456g"):
        with pytest.raises(Exception, match="expected the id of a backup"):
            run.restore(settings, snapshot, "/host/volumes/x/_data")
    assert not calls.exists()
    assert run.restore(settings, "01234567", "/x") == {"folder": str(home / "restored")}


def test_a_backup_is_due_at_its_time_the_first_one_too(settings, home):
    assert not server.is_due(settings, NOW, NOW - timedelta(hours=2))
    assert server.is_due(settings, NOW, NOW - timedelta(hours=12))
    for at, due in ((NOW, False), (NOW - timedelta(hours=8), False), (NOW - timedelta(hours=10), True)):
        run.LAST.write_text(json.dumps({"at": at.isoformat()}))
        assert server.is_due(settings, NOW, NOW) is due, at
    run.LAST.write_text("cut o")
    assert not server.is_due(settings, NOW, NOW)
    assert server.next_time(settings, NOW) == datetime(2026, 5, 7, 3, tzinfo=UTC)
    assert server.next_time(settings, NOW.replace(hour=1)) == datetime(2026, 5, 6, 3, tzinfo=UTC)


def test_the_container_is_ill_once_the_last_good_backup_is_too_old(settings, home):
    assert server.judge(NOW, started=NOW)
    assert server.OK.exists()
    for hours, well in ((35, True), (37, False), (1, True)):
        run.LAST.write_text(json.dumps({"lastGood": (NOW - timedelta(hours=hours)).isoformat()}))
        assert server.judge(NOW, started=NOW) is well
        assert server.OK.exists() is well


def test_variables_and_password_reach_restic_alone(settings, home, tool, tmp_path):
    seen = tmp_path / "seen"
    tool(f'env >{seen}; cat "$RESTIC_PASSWORD_FILE" >>{seen}')
    restic.Restic(settings, str(home)).run("cat", "config")
    text = seen.read_text()
    assert "AWS_SECRET_ACCESS_KEY=of-the-bucket" in text
    assert text.endswith("of-the-repository")
    assert "AWS_SECRET_ACCESS_KEY" not in os.environ
