"""The command `jupyterhub-on-docker`."""

import argparse
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from . import paths


def main() -> None:
    parser = argparse.ArgumentParser(prog="jupyterhub-on-docker")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("hub", help=f"run the hub with the settings in {paths.SETTINGS}")
    commands.add_parser("try", help="try whether a hub with the settings would start; it does not serve")
    commands.add_parser("try-servers", help="print as JSON whether servers start, one from each image")
    undo = commands.add_parser(
        "undo", help="take back what a hub with the settings has done to the database before it served"
    )
    undo.add_argument("since", type=datetime.fromisoformat, help="when that hub was made")
    restored = commands.add_parser(
        "undo-restore", help="take back that a hub that did not come up was given a copy of the database"
    )
    restored.add_argument("since", type=datetime.fromisoformat, help="when the copy was laid ready")
    commands.add_parser(
        "docker-filter", help=f"run the Docker API filter with the settings in {paths.FILTER_SETTINGS}"
    )
    commands.add_parser("egress", help=f"run the egress proxy with the settings in {paths.EGRESS_SETTINGS}")
    commands.add_parser(
        "routes", help=f"serve the routes for Traefik with the settings in {paths.ROUTES_SETTINGS}"
    )
    commands.add_parser("ready", help="print as JSON whether the hub of this container can do its work")
    commands.add_parser("status", help="print as JSON versions, and the disk with the hub's data")
    stop = commands.add_parser("stop-servers", help="stop servers of people; print as JSON which")
    stop.add_argument("--user", help="of this person only")
    stop.add_argument("--server", help="only the one of this name; empty for the default server")
    data = commands.add_parser("database", help="copy the hub's database to a file, or check such a file")
    data.add_argument("action", choices=("dump", "check"))
    data.add_argument("file", type=Path)
    data.add_argument(
        "--from", dest="address", help="address of the database, where there is no hub with settings"
    )
    backup = commands.add_parser("backup", help="make backups, and get files from them")
    backup.add_argument("action", choices=("serve", "run", "last", "list", "restore", "forget"))
    backup.add_argument("snapshot", nargs="?", default="", help="id of a backup to restore from")
    backup.add_argument("folder", nargs="?", default="", help="what to restore of it")
    arguments = parser.parse_args()
    match arguments.command:
        case "ready":
            _ready()
        case "status":
            _status()
        case "stop-servers":
            _stop_servers(arguments.user, arguments.server)
        case "hub":
            _run(_hub)
        case "try":
            _try()
        case "try-servers":
            _try_servers()
        case "undo":
            _run(lambda: _undo(arguments.since))
        case "undo-restore":
            _run(lambda: _undo_restore(arguments.since))
        case "docker-filter":
            _run(_docker_filter)
        case "egress":
            _run(_egress)
        case "database":
            _run(lambda: _database(arguments.action, arguments.file, arguments.address))
        case "routes":
            _run(_routes)
        case "backup":
            _run(lambda: _backup(arguments.action, arguments.snapshot, arguments.folder))


def _try() -> None:
    from . import trial

    trial.main()


def _try_servers() -> None:
    from . import try_servers

    try_servers.main()


def _undo(since: datetime) -> None:
    from . import database, settings_file
    from .secrets import Secrets

    print(database.undo(settings_file.at_start()[0].settings, Secrets(paths.SECRETS), since) or "")


def _undo_restore(since: datetime) -> None:
    from . import database, settings_file

    print(database.undo_restore(settings_file.at_start()[0].settings, since) or "")


def _ready() -> None:
    import json

    from .health import ask_ready

    print(json.dumps(ask_ready.ask()))


def _status() -> None:
    import json

    from .status import status

    print(json.dumps(status()))


def _stop_servers(user: str | None, server: str | None) -> None:
    import json
    from http.client import HTTPException

    from . import inside

    # Ten at a time, each of which may take half a minute: hundreds of servers take minutes.
    try:
        answer = inside.ask("stop-servers", "stop-servers", {"user": user, "server": server}, timeout=900)
    except (OSError, HTTPException, ValueError) as error:
        sys.exit(f"jupyterhub-on-docker: the hub does not answer: {error or type(error).__name__}")
    print(json.dumps(answer))


def _run(command: Callable[[], None]) -> None:
    """Runs a command whose errors of settings are messages, not tracebacks."""
    from .errors import SettingsError

    try:
        command()
    except SettingsError as error:
        sys.exit("\n".join(f"jupyterhub-on-docker: {line}" for line in str(error).splitlines()))


def _hub() -> None:
    from . import environment, settings_file
    from .secrets import Secrets

    (settings, _), problem = settings_file.at_start()
    secrets = Secrets(paths.SECRETS)
    # Some are read where something is imported.
    os.environ.update(environment.variables(settings, secrets))

    from traitlets.config import Config

    from . import database, extra_config, proxied, traits
    from .health import startup

    if problem is not None:
        print(
            f"jupyterhub-on-docker: starting with the settings of people of before: {problem}",
            file=sys.stderr,
            flush=True,
        )
    # JupyterHub reads them again; here, what is wrong is said in a line.
    traits.apply(Config(), settings, secrets)
    extra_config.check(settings)
    startup.wait_for_peers(settings)
    proxied.configure()
    os.environ.update(database.prepare(settings, secrets))
    os.chdir(settings.hub.data_dir)
    configuration = Path(__file__).with_name("jupyterhub_config.py")
    # In this process: another one would import all of it a second time, a third of a start's processor time.
    from .app import Hub

    Hub.launch_instance(["--config", str(configuration)])


def _database(action: str, file: Path, address: str | None) -> None:
    from sqlalchemy import make_url

    from . import database, settings_file
    from .secrets import Secrets

    if action == "check":
        print(database.describe(file))
        return
    secrets = Secrets(paths.SECRETS)
    if address is None:
        url = database.address(settings_file.database(), secrets)
    else:
        url = make_url(address)
        if url.get_backend_name() != "sqlite":
            url = url.set(password=secrets.text("database_password"))
    database.dump(url, file)


def _backup(action: str, snapshot: str, folder: str) -> None:
    import json

    from .backup import run, server
    from .backup.settings import BackupSettings
    from .errors import read_settings

    settings = read_settings(paths.BACKUP_SETTINGS, BackupSettings)
    match action:
        case "serve":
            server.serve(settings)
        case "run":
            result = run.back_up(settings)
            print(json.dumps(result))
        case "last":
            print(json.dumps({"version": 1, "last": run.last()}))
        case "list":
            print(json.dumps({"version": 1, "backups": run.listed(settings)}))
        case "restore":
            print(json.dumps({"version": 1, **run.restore(settings, snapshot, folder)}))
        case "forget":
            run.forget()


def _docker_filter() -> None:
    from .docker_filter.server import run
    from .docker_filter.settings import FilterSettings
    from .errors import read_settings

    run(read_settings(paths.FILTER_SETTINGS, FilterSettings))


def _egress() -> None:
    from .egress.server import run
    from .egress.settings import EgressSettings
    from .errors import read_settings
    from .secrets import Secrets

    run(read_settings(paths.EGRESS_SETTINGS, EgressSettings), Secrets(paths.SECRETS).key("egress_key"))


def _routes() -> None:
    from .errors import read_settings
    from .routes.server import run
    from .routes.settings import RoutesSettings
    from .secrets import Secrets

    run(read_settings(paths.ROUTES_SETTINGS, RoutesSettings), Secrets(paths.SECRETS))
