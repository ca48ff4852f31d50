"""`cfg.*`: parameters of the core and of modules, read and changed while the server runs (core/runtime.py)."""

from ...core.sr_module import ModuleExports, RpcExport
from . import commands as c

exports = ModuleExports(
    name="cfg_rpc",
    rpcs=[
        RpcExport("cfg.list", c.list_variables, "Lists the variables, of all groups or of one."),
        RpcExport("cfg.get", c.get, "The value of a variable, or of all variables of a group."),
        RpcExport("cfg.help", c.help_text, "What a variable means."),
        RpcExport("cfg.diff", c.diff, "Changes that wait for cfg.commit."),
        RpcExport("cfg.set", c.set_now, "Sets a variable now."),
        *(RpcExport(name, c.set_int, "Sets a number now.") for name in ("cfg.seti", "cfg.set_now_int")),
        *(RpcExport(name, c.set_string, "Sets a text now.") for name in ("cfg.sets", "cfg.set_now_string")),
        RpcExport("cfg.del", c.delete, "Drops the value of an instance: that of the group holds."),
        RpcExport("cfg.reset", c.reset, "Sets a group, or one variable, back to what it was at the start."),
        RpcExport("cfg.set_delayed", c.set_delayed, "Sets a variable at the next cfg.commit."),
        RpcExport("cfg.set_delayed_int", c.set_delayed_int, "Sets a number at the next cfg.commit."),
        RpcExport("cfg.set_delayed_string", c.set_delayed_string, "Sets a text at the next cfg.commit."),
        RpcExport("cfg.del_delayed", c.delete_delayed, "Drops the value of an instance at the next cfg.commit."),
        RpcExport("cfg.commit", c.commit, "Makes the delayed changes, all at once."),
        RpcExport("cfg.rollback", c.rollback, "Drops the delayed changes."),
        RpcExport("cfg.add_group_inst", c.add_instance, "Makes an instance of a group."),
        RpcExport("cfg.del_group_inst", c.delete_instance, "Deletes it with its values."),
    ],
)
