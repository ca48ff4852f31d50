"""`kaheactl ul show|add|rm`: the location table, who is registered where."""

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..main import Context

TABLE = click.option("--table", default="location", show_default=True, help="Location table.")


@click.group()
def ul() -> None:
    """Registrations: show, add, remove."""


@ul.command()
@click.argument("user", required=False)
@click.option("--brief", is_flag=True, help="Only the addresses of record.")
@TABLE
@click.pass_obj
def show(context: "Context", user: str | None, brief: bool, table: str) -> None:
    """Show the contacts of USER, or of all users."""
    if user:
        found = context.client.call("ul.lookup", table, user)
        records = [{"AoR": found["AoR"], "Contacts": found["Contacts"]}]
    else:
        dump = context.client.call("ul.dump", *(["brief"] if brief else []))
        records = records_of(dump, table)
    if context.output.as_json:
        context.output.json([record_json(record) for record in records])
        return
    if brief:
        context.output.table(["AoR"], [[record["AoR"]] for record in records])
    else:
        rows = [row for record in records for row in contact_rows(record)]
        columns = ["AoR", "Contact", "Expires", "Q", "User agent", "Received", "Path"]
        context.output.table(columns, rows)
    context.output.say(f"{len(records)} {'record' if len(records) == 1 else 'records'}")


def records_of(dump: dict[str, Any], table: str) -> list[dict[str, Any]]:
    """The records of one table in what `ul.dump` returns."""
    records = []
    for entry in dump.get("Domains", []):
        domain = entry.get("Domain", {})
        if domain.get("Domain") == table:
            records += [record.get("Info", record) for record in domain.get("AoRs", [])]
    return records


def contacts_of(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The contact structs of a record."""
    return [entry.get("Contact", entry) for entry in record.get("Contacts", [])]


def contact_rows(record: dict[str, Any]) -> list[list[Any]]:
    """Table rows: one a contact, the AoR only in the first."""
    rows: list[list[Any]] = []
    for contact in contacts_of(record):
        names = ("Address", "Expires", "Q", "User-Agent", "Received", "Path")
        cells = [shown(contact.get(name, "")) for name in names]
        rows.append(["" if rows else record["AoR"], *cells])
    return rows


def shown(value: Any) -> Any:
    """Unset values are blank for people."""
    return "" if value in ("[not set]", None) else value


def record_json(record: dict[str, Any]) -> dict[str, Any]:
    """A flat form for programs."""
    return {"aor": record["AoR"], "contacts": contacts_of(record)}


@ul.command()
@click.argument("user")
@click.argument("uri")
@click.option("--expires", type=int, default=0, show_default=True, help="Seconds; 0 is for ever.")
@click.option("--q", type=float, default=1.0, show_default=True, help="Preference, 0 to 1.")
@click.option("--path", default=".", help="Path header, as a list of URIs.")
@TABLE
@click.pass_obj
def add(context: "Context", user: str, uri: str, expires: int, q: float, path: str, table: str) -> None:
    """Register USER at URI."""
    methods = 8191  # all
    context.client.call("ul.add", table, user, uri, expires, q, path, 0, 0, methods)
    context.output.say(f"{user} is registered at {uri}")


@ul.command()
@click.argument("user")
@click.argument("uri", required=False)
@TABLE
@click.pass_obj
def rm(context: "Context", user: str, uri: str | None, table: str) -> None:
    """Remove all contacts of USER, or the one at URI."""
    if uri:
        context.client.call("ul.rm_contact", table, user, uri)
    else:
        context.client.call("ul.rm", table, user)
    context.output.say(f"{user}{' at ' + uri if uri else ''} is removed")


def register(group: click.Group) -> None:
    """Add the commands."""
    group.add_command(ul)
