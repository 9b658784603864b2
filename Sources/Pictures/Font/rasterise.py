"""Writes GlyphData.swift: the glyphs of DejaVu Sans as coverage, one hexadecimal digit a pixel.

    python3 -m pip install pillow
    python3 rasterise.py FOLDER_OF_THE_TTF_FILES > GlyphData.swift

Each glyph is `code advance left top width height digits`: `left` and `top` say where the box of digits begins, from
the pen and from the baseline (upwards). The digits are the box's rows, 0 for nothing and f for full ink.
"""
import sys
import textwrap
from PIL import Image, ImageDraw, ImageFont

folder = sys.argv[1]
faces = [("small", "DejaVuSans.ttf", 12), ("body", "DejaVuSans.ttf", 14), ("title", "DejaVuSans-Bold.ttf", 18)]
characters = [chr(c) for c in range(0x20, 0x7F)] + [chr(c) for c in range(0xA1, 0x100) if c != 0xAD]
characters += list("–—‘’“”•…′″‰€→←↑↓↦−∂∆∇∏∑√∞≈≠≤≥⊙·αβγδεζηθκλμνξπρστφχψωΓΔΘΛΣΦΨΩ₀₁₂₃₄₅₆₇₈₉⁰⁴⁵⁶⁷⁸⁹ᵀ⁻✓✗■●")
characters = sorted(set(characters))

print("// Made by Font/rasterise.py from DejaVu Sans 2.37; its licence is in Font/LICENSE-DejaVu.txt.")
print("")
print("enum GlyphData {")
for name, file, size in faces:
    font = ImageFont.truetype(f"{folder}/{file}", size, layout_engine=ImageFont.Layout.BASIC)
    ascent, descent = font.getmetrics()
    items = [f"{size} {ascent} {descent}"]
    for character in characters:
        image = Image.new("L", (64, 64), 0)
        ImageDraw.Draw(image).text((16, 40), character, font=font, fill=255, anchor="ls")
        advance = round(font.getlength(character))
        box = image.getbbox()
        if box is None:
            items.append(f"{ord(character):x} {advance} 0 0 0 0")
            continue
        left, top, right, bottom = box
        digits = "".join(f"{(image.getpixel((x, y)) * 15 + 127) // 255:x}" for y in range(top, bottom) for x in range(left, right))
        items.append(f"{ord(character):x} {advance} {left - 16} {40 - top} {right - left} {bottom - top} {digits}")
    print(f'  /// DejaVu Sans, {size} pixels{", bold" if "Bold" in file else ""}: first the size, ascent and descent, then the glyphs.')
    print(f'  static let {name} = """')
    # Numbers and digits are one stream: line breaks fall anywhere between two items, and inside a glyph's digits.
    for item in items:
        for line in textwrap.wrap(item, 104, break_long_words=True):
            print("    " + line)
    print('    """')
    if name != faces[-1][0]:
        print("")
print("}")
