"""Version: one number, for the package and its packaging."""

__version__ = "2.0.0"
