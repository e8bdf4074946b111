import Matrices

/// The letters for terminals that show ASCII alone: the one place where they are chosen.
package enum Plainer {
  /// Text for a terminal: where that shows ASCII alone, the signs that mfs writes become letters
  /// with the same meaning. Letters that are not ours, such as those of a text that a program
  /// prints, stay.
  package static func text(_ text: String, _ drawing: Drawing) -> String {
    drawing.unicode ? text : replaced(text) { String($0) }
  }

  /// The same for what mfs says itself: letters without their accents, and `?` for others, one a
  /// cell.
  package static func strict(_ text: String, _ drawing: Drawing) -> String {
    drawing.unicode
      ? text : replaced(text) { bare[$0] ?? ($0.isWide ? "??" : $0.isMark ? "" : "?") }
  }

  /// The letter itself, or the ASCII letter most like it: one cell of a picture.
  package static func ascii(_ letter: Unicode.Scalar) -> Unicode.Scalar {
    letter.isASCII ? letter : cells[letter] ?? braille(letter) ?? "?"
  }

  private static func replaced(_ text: String, _ other: (Unicode.Scalar) -> String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
    var (plain, spaces) = ("", 0)
    for letter in text.unicodeScalars {
      if letter == "…" {
        // Between the columns of a matrix one letter keeps them below each other.
        plain += spaces >= 2 ? "~" : "..."
      } else if let word = words[letter] {
        plain += word
      } else if letter.isASCII {
        plain.unicodeScalars.append(letter)
      } else if let cell = cells[letter] ?? braille(letter) {
        plain.unicodeScalars.append(cell)
      } else {
        plain += other(letter)
      }
      spaces = letter == " " ? spaces + 1 : 0
    }
    return plain
  }

  /// Braille: dots in the upper half, the lower half, or both.
  private static func braille(_ letter: Unicode.Scalar) -> Unicode.Scalar? {
    guard (0x2800...0x28FF).contains(letter.value) else { return nil }
    let dots = letter.value - 0x2800
    let (upper, lower) = (dots & 0x1B != 0, dots & 0xE4 != 0)
    return upper && lower ? ":" : upper ? "'" : lower ? "." : " "
  }

  /// Signs that one letter can stand for, in pictures and in text.
  private static let cells: [Unicode.Scalar: Unicode.Scalar] = [
    "×": "x", "·": ".", "−": "-", "–": "-", "—": "-", "…": "~", "⋮": ":", "’": "'", "‘": "'",
    "“": "\"", "”": "\"", "′": "'", "≈": "~", "≤": "<", "≥": ">", "≠": "#", "±": "~", "→": ">",
    "←": "<", "↑": "^", "↓": "v", "∞": "@", "Δ": "d", "ε": "e", "∘": "o", "⊗": "x", "µ": "u",
    "✓": "+", "⏸": "=", "§": "S",
    // Frames.
    "─": "-", "━": "=", "│": "|", "┃": "|", "┆": ":", "┈": ".", "╭": "+", "╮": "+", "╰": "+",
    "╯": "+", "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+", "┬": "+", "┴": "+",
    "┼": "+", "╴": "-", "╶": "-", "╸": "-", "╺": "-", "╱": "/", "╲": "\\",
    // Shades and bars.
    "█": "#", "▓": "%", "▒": "+", "░": ".", "▀": "\"", "▄": ":", "▁": "_", "▂": ".", "▃": "-",
    "▅": "=", "▆": "+", "▇": "*", "▏": "|", "▕": "|", "▎": "|", "▍": "|", "▌": "|", "▋": "#",
    "▊": "#", "▉": "#", "▐": "|", "▖": ".", "▗": ".", "▘": "'", "▝": "'", "▙": "#", "▛": "#",
    "▜": "#", "▟": "#", "▚": "\\", "▞": "/",
    "●": "*", "○": "o", "▲": "^", "▼": "v", "◆": "*", "▶": ">",
    // Superscripts and subscripts whose sign is not needed.
    "ᵀ": "'", "₀": "0", "₁": "1", "₂": "2", "₃": "3", "₊": "+", "₋": "-", "ᵢ": "i", "ⱼ": "j",
    "ᵣ": "r", "ᵦ": "b", "ₐ": "a", "ₖ": "k", "ₙ": "n", "ₛ": "s",
  ]

  /// Letters of names and formulas without their accents.
  private static let bare: [Unicode.Scalar: String] = [
    "ä": "a", "é": "e", "è": "e", "ö": "o", "ü": "u", "ŷ": "y",
  ]

  /// Signs whose meaning takes more than a letter, in text.
  private static let words: [Unicode.Scalar: String] = [
    "≤": "<=", "≥": ">=", "≠": "!=", "±": "+-", "≡": "==", "→": "->", "←": "<-", "‖": "||",
    "∞": "inf", "∂": "d", "∇": "grad ", "∫": "int ", "√": "sqrt ", "Σ": "sum ", "Π": "prod ",
    "⌈": "ceil(", "⌉": ")", "⌊": "floor(", "⌋": ")", "½": "1/2", "¼": "1/4", "⅓": "1/3",
    "²": "^2", "³": "^3", "¹": "^1", "⁺": "^+", "⁻": "^-", "ⁱ": "^i", "ˣ": "^x", "ʲ": "^j",
    "ʳ": "^r", "ʸ": "^y", "ᶜ": "^c", "ˢ": "^s", "\u{302}": "",
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "eps", "η": "eta", "λ": "lambda",
    "Λ": "Lambda", "μ": "mu", "ν": "nu", "π": "pi", "ρ": "rho", "σ": "sigma", "θ": "theta",
    "τ": "tau", "φ": "phi", "ω": "omega", "Δ": "Delta",
  ]
}

extension Unicode.Scalar {
  fileprivate var isWide: Bool { String(self).displayWidth == 2 }
  /// Whether it is drawn over the letter before.
  fileprivate var isMark: Bool { String(self).displayWidth == 0 }
}
