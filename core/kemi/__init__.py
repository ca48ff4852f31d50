"""KEMI: route blocks written in Python with Kamailio's `KSR` object (`cfgengine "python"`).

engine.py loads the user's file and makes its methods the route blocks of `core.script`; the other files are parts of
the object. Users write `import KSR`. Functions of modules live in the modules: here names are only looked up.
"""
