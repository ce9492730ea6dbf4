"""The one door to SQLite: SQLCipher, made known to sqlite-utils before it looks for a driver."""

import sys
from types import ModuleType

import sqlcipher3
import sqlcipher3.dbapi2 as dbapi

sys.modules.setdefault("pysqlite3", sqlcipher3)
sys.modules.setdefault("pysqlite3.dbapi2", dbapi)

# WORKAROUND sqlite-utils imports pandas and numpy when they are installed, only to know their types;
# that costs half a second before the first screen.
_kept: dict[str, ModuleType | None] = {}
for _name in ("pandas", "numpy"):
    if _name not in sys.modules:
        _kept[_name] = None
        sys.modules[_name] = None  # type: ignore[assignment]
try:
    import sqlite_utils
finally:
    for _name in _kept:
        del sys.modules[_name]

# WORKAROUND the driver looks for a conversion of every value but int, float, str and bytearray, and takes a
# microsecond each to find none; told that there is nothing to convert it takes a tenth of that.
dbapi.register_adapter(type(None), {None: None}.get)
dbapi.register_adapter(bytes, bytes)
dbapi.register_adapter(bool, int)

__all__ = ["dbapi", "sqlite_utils"]
