"""Version: one number, for the package and its packaging."""

__version__ = "0.1.0"
