"""The server: processes, transports, message translation, variables, management, module loader.

Core never imports a module; modules are found by name only.
"""
