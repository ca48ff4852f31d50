"""`kaheactl db create|drop|...`: the tables of a database, with the meaning of Kamailio's kamdbctl. Needs no server."""

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import click

from ....core.db import DbError, SqlConnection, parse_url
from ....core.db.schema import create, drop, present, standard_tables
from ..kamctlrc import SettingsError, database_url, settings

if TYPE_CHECKING:
    from ..main import Context

PATH = click.argument("path", required=False)
YES = click.option("-y", "--yes", is_flag=True, help="Do not ask.")
LOST = "This removes {} tables of {}, with all that is in them. Go on?"


class DatabaseFailed(click.ClickException):
    """One line, exit code 1."""

    def show(self, file: Any = None) -> None:
        click.echo(f"kaheactl: {self.format_message()}", err=True)


@click.group()
@click.option("--url", help="The database, as in modparam: sqlite:////var/lib/kahea/kahea.sqlite")
@click.pass_obj
def db(context: "Context", url: str | None) -> None:
    """The tables of a database: create, show, drop, back up.

    Without PATH or --url, DBENGINE and DB_PATH of the environment, ~/.kaheactlrc, ~/.kamctlrc, /etc/kahea/kaheactlrc or
    /etc/kamailio/kamctlrc say which.
    """
    context.database = url or ""


def driver_of(scheme: str) -> ModuleType:
    """The module of a driver; an error names those there are."""
    try:
        return importlib.import_module(f"{__name__.split('.tools.')[0]}.modules.db_{scheme}")
    except ImportError as error:
        raise DatabaseFailed(f"there is no driver for {scheme}: only sqlite is supported") from error


def connected(context: "Context", path: str | None, work: Callable[[SqlConnection], Any], new: bool = False) -> Any:
    """`work(connection)`; what goes wrong with the database is one line. `new`: the file may be made."""
    try:
        found = settings()
        if path:
            found.setdefault("DBENGINE", "SQLITE")
        url = parse_url(context.database if context.database and not path else database_url(found, path or ""))
        driver = driver_of(url.scheme)
        if not new and url.scheme == "sqlite" and not Path(url.database).is_file():
            raise DatabaseFailed(f"there is no database {url.database}")
        con = driver.exports.api.connection(url)
        try:
            return work(con)
        finally:
            con.close()
    except (DbError, SettingsError, ValueError, OSError) as error:
        raise DatabaseFailed(str(error)) from error


@db.command("create")
@PATH
@click.pass_obj
def create_command(context: "Context", path: str | None) -> None:
    """Make the database and the standard tables that it does not have yet."""

    def work(con: SqlConnection) -> None:
        made = create(con)
        there = len(standard_tables()) - len(made)
        say(context, {"database": str(con.url), "created": made}, f"{len(made)} tables created, {there} were there")

    connected(context, path, work, new=True)


@db.command("show")
@PATH
@click.pass_obj
def show_command(context: "Context", path: str | None) -> None:
    """The standard tables that are there, with their versions."""

    def work(con: SqlConnection) -> None:
        tables = standard_tables()
        found = [{"table": n, "version": v, "expected": tables[n].version} for n, v in present(con).items()]
        if context.output.as_json:
            context.output.json(found)
        else:
            context.output.table(["Table", "Version", "Expected"], [list(row.values()) for row in found])

    connected(context, path, work)


@db.command("drop")
@PATH
@YES
@click.pass_obj
def drop_command(context: "Context", path: str | None, yes: bool) -> None:
    """Remove the standard tables and all that is in them."""

    def work(con: SqlConnection) -> None:
        ask(con, yes)
        dropped = drop(con)
        say(context, {"database": str(con.url), "dropped": dropped}, f"{len(dropped)} tables dropped")

    connected(context, path, work)


@db.command("reinit")
@PATH
@YES
@click.pass_obj
def reinit_command(context: "Context", path: str | None, yes: bool) -> None:
    """Remove the standard tables and make them anew, empty."""

    def work(con: SqlConnection) -> None:
        ask(con, yes)
        drop(con)
        made = create(con)
        say(context, {"database": str(con.url), "created": made}, f"{len(made)} tables created anew")

    connected(context, path, work)


@db.command("dbonly")
@PATH
@click.pass_obj
def dbonly_command(context: "Context", path: str | None) -> None:
    """Make the database without tables."""
    connected(context, path, lambda con: con.tables(), new=True)


@db.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def backup_command(context: "Context", file: Path) -> None:
    """Write the database to FILE, as SQL."""

    def work(con: SqlConnection) -> None:
        lines = admin_of(con).dump(con)
        with open(file, "w", encoding="utf-8", errors="surrogateescape") as out:
            out.writelines(f"{line}\n" for line in lines)

    connected(context, None, work)


@db.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def restore_command(context: "Context", file: Path) -> None:
    """Read what `backup` wrote into a database without tables."""

    def work(con: SqlConnection) -> None:
        if con.tables():
            raise DbError(f"{con.url} has tables already: drop them, or restore into another database")
        admin_of(con).restore(con, file.read_text("utf-8", "surrogateescape"))

    connected(context, None, work, new=True)


@db.command("copy")
@click.argument("new", type=click.Path())
@click.pass_obj
def copy_command(context: "Context", new: str) -> None:
    """Copy the database to the path NEW."""
    connected(context, None, lambda con: admin_of(con).copy(con, new))


def admin_of(con: SqlConnection) -> ModuleType:
    """What the driver can do with whole databases."""
    return importlib.import_module(f"{driver_of(con.url.scheme).__name__}.admin")


def ask(con: SqlConnection, yes: bool) -> None:
    """Before data are lost."""
    count = len(present(con))
    if count and not yes:
        click.confirm(LOST.format(count, con.url), abort=True)


def say(context: "Context", result: dict[str, Any], text: str) -> None:
    """For programs or for people."""
    if context.output.as_json:
        context.output.json(result)
    else:
        context.output.say(f"{result['database']}: {text}")


def register(group: click.Group) -> None:
    """Add the family to the command line."""
    group.add_command(db)
