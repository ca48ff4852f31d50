"""usrloc: the location table, AoR to contacts, in shared memory. No script functions: registrar uses it."""

from ...core.sr_module import ModuleExports, RpcExport, StatExport
from . import rpc
from .api import api
from .domain import registered_users
from .lifecycle import child_init, destroy, init
from .settings import params

exports = ModuleExports(
    name="usrloc",
    params=params,
    stats=(StatExport("registered_users", function=registered_users),),
    rpcs=(
        RpcExport("ul.dump", rpc.dump, "Dump user location tables", ("ul_dump",)),
        RpcExport("ul.lookup", rpc.lookup, "Lookup one AOR in a user location table", ("ul_show_contact",)),
        RpcExport("ul.add", rpc.add, "Add a new contact for an address of record", ("ul_add",)),
        RpcExport("ul.rm", rpc.rm, "Delete an address of record including its contacts", ("ul_rm",)),
        RpcExport("ul.rm_contact", rpc.rm_contact, "Delete a contact from an AOR record", ("ul_rm_contact",)),
        RpcExport("ul.flush", rpc.flush, "Flush the cache to the database", ("ul_flush", "ul_sync")),
        RpcExport("ul.db_users", rpc.db_users, "Number of users, counted by the database"),
        RpcExport("ul.db_contacts", rpc.db_contacts, "Number of contacts, counted by the database"),
        RpcExport(
            "ul.db_expired_contacts", rpc.db_expired_contacts, "Number of expired contacts, counted by the database"
        ),
    ),
    init=init,
    child_init=child_init,
    destroy=destroy,
    api=api,
)
