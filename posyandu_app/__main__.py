"""`python -m posyandu_app` is the `posyandu` command."""

import sys

from posyandu_app.cli import main

if __name__ == "__main__":
    sys.exit(main())
