"""The gallery: one page with every picture, animation and explorer, and the code behind each.

`python -m downslope.gallery OUT.html` writes it. The page asks no other host for anything.
"""

from downslope.gallery.exhibits import Exhibit, exhibits
from downslope.gallery.page import gallery_html, write_gallery

__all__ = ["Exhibit", "exhibits", "gallery_html", "write_gallery"]
