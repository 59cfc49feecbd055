"""Start-up: `autograder --help`, and `import downslope` above NumPy's own import.

    python benchmarks/startup.py [--runs 11]

Medians of whole processes, the compared commands taking turns.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "autograder --help": [str(Path(sys.executable).parent / "autograder"), "--help"],
    "import numpy": [sys.executable, "-c", "import numpy"],
    "import downslope": [sys.executable, "-c", "import numpy, downslope"],
    "nbgrader --help": [str(Path(sys.executable).parent / "nbgrader"), "--help"],
}


def seconds(command: list[str]) -> float:
    """Time one whole process."""
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begin


def main() -> None:
    """Print the median of each command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=11)
    runs = parser.parse_args().runs
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(runs):
        for name, command in COMMANDS.items():
            times[name].append(seconds(command))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        print(f"{name:<20} {median:6.3f} s")
    above = medians["import downslope"] - medians["import numpy"]
    print(f"downslope above numpy {above:5.3f} s")


if __name__ == "__main__":
    main()
