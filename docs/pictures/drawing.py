"""Parts of the pictures that no program prints: a card that is legible on light and on dark pages, texts and boxes."""

from html import escape

_STYLE = """\
.card { fill: #ffffff; stroke: #d0d7de }
text { font: 13px system-ui, Helvetica, Arial, sans-serif; fill: #24292f }
.code { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace }
.faint { fill: #57606a }
.head { font-weight: 600 }
.on { fill: #ffffff; font-weight: 600; font-size: 11px; text-anchor: middle }
.line { stroke: #d0d7de }
.box { fill: #eef1f4; stroke: #afb8c1 }
.way { fill: #ddf4ff; stroke: #0969da }
.arrow { fill: none; stroke: #0969da; stroke-width: 2 }
.tip { fill: #0969da }
@media (prefers-color-scheme: dark) {
.card { fill: #1e2129; stroke: #444c56 }
text { fill: #e6edf3 }
.faint { fill: #9da7b3 }
.on { fill: #ffffff }
.line { stroke: #444c56 }
.box { fill: #2d333b; stroke: #57606a }
.way { fill: #143d66; stroke: #58a6ff }
.arrow { stroke: #58a6ff }
.tip { fill: #58a6ff }
}
"""


def card(width: int, height: int, parts: list[str]) -> str:
    """Return an SVG of this size."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    ground = rect(0.5, 0.5, width - 1, height - 1, "card", radius=8)
    return "\n".join([head, f"<style>\n{_STYLE}</style>", ground, *parts, "</svg>\n"])


def text(x: float, y: float, words: str, style: str = "") -> str:
    """Return a text whose first character stands on this point, or its middle in the style `on`."""
    return f'<text x="{x:g}" y="{y:g}" class="{style}" xml:space="preserve">{escape(words, quote=False)}</text>'


def rect(x: float, y: float, width: float, height: float, style: str, fill: str = "", radius: float = 4) -> str:
    """Return a box. A fill takes the place of the style's."""
    own = f' style="fill: {fill}"' if fill else ""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius:g}" class="{style}"{own}/>'


def path(points: str, style: str) -> str:
    """Return a line along these points, as SVG writes them."""
    return f'<path d="{points}" class="{style}"/>'
