"""Version: one number, for the package and its packaging."""

__version__ = "1.0.0"
