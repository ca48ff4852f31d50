"""One folder a module, named as in `loadmodule "tm.so"`. Modules reach one another only through `bind_api`."""
