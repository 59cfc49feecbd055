"""What a warm process has ready before it forks: all that the course's notebooks import."""

from __future__ import annotations

import importlib
import os
import pkgutil
from typing import Any

INLINE = "module://matplotlib_inline.backend_inline"
LIBRARIES = (
    "numpy",
    "numpy.testing",
    "matplotlib.pyplot",
    "matplotlib.animation",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "mpl_toolkits.mplot3d",
    "PIL.PngImagePlugin",
    "ipywidgets",
    "tqdm.auto",
    "unittest.mock",
)
# The course's own figures obey the variable, those of pyplot the backend's setting.
NO_PICTURES = """
import os as _os
_os.environ["DOWNSLOPE_PICTURES"] = "off"
del _os
%config InlineBackend.figure_formats = []
"""
PICTURES = """
import os as _os
_os.environ.pop("DOWNSLOPE_PICTURES", None)
del _os
%config InlineBackend.figure_formats = ["png"]
"""
FIRST_FIGURE = """
import matplotlib.pyplot as plt
figure, axes = plt.subplots()
axes.plot([1, 2], [1, 2], label="warm")
axes.legend()
plt.show()
"""


def import_everything() -> None:
    """Import the libraries and every module of `downslope`."""
    os.environ["MPLBACKEND"] = INLINE  # read when pyplot is imported
    import downslope

    for name in LIBRARIES:
        importlib.import_module(name)
    for module in pkgutil.walk_packages(downslope.__path__, "downslope."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def draw_once(shell: Any) -> None:
    """Draw a figure where nobody sees it: fonts and image writers are loaded by the first one."""
    shell.run_cell(FIRST_FIGURE, store_history=False)
    shell.reset(new_session=True)
    shell.execution_count = 1
