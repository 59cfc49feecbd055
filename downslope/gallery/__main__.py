"""The command: `python -m downslope.gallery OUT.html`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

USAGE = "write one page with every picture, animation and explorer of the course"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page and say where it is.

    >>> main(["nowhere/gallery.html"])
    1
    """
    parser = argparse.ArgumentParser(prog="python -m downslope.gallery", description=USAGE)
    parser.add_argument("out", metavar="OUT.html", help="where to write it")
    out = parser.parse_args(arguments).out

    import matplotlib as mpl

    from downslope.gallery.page import write_gallery

    mpl.use("Agg")  # no window, whatever the machine has
    try:
        path = write_gallery(out)
    except OSError as error:
        sys.stderr.write(f"cannot write {out}: {error.strerror}\n")
        return 1
    size = path.stat().st_size / 1e6
    sys.stdout.write(f"{path}: {size:.1f} MB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
