"""KEMI: route blocks written in Python with Kamailio's `KSR` object (`cfgengine "python"`).

engine.py loads the user's file and makes its methods the route blocks of `core.script`; ksr.py is the object, the files
beside it its parts; api.py lists all that it has. Users write `import KSR`. Functions of modules live in the modules
(`cmds` and `kemi` of their exports): here names are only looked up.
"""
