"""One-way client sync between Xero Practice Manager (XPM) and Ignition."""

from typing import Final

__version__: Final = "0.1.0"
