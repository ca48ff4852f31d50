"""KEMI: route blocks written in Python with Kamailio's `KSR` object (`cfgengine "python"`).

engine.py loads the user's file and makes its methods the route blocks of `core.script`; the other files are the object's
parts. Users write `import KSR`. What belongs to a module's functions lives in the module: here names are only looked up.
"""
