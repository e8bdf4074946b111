import Vocabulary

/// What `?nmf` shows, put together from the declaration of the builtin.
struct HelpPage {
  let builtin: Builtin
  let width: Int
  let style: HelpStyle

  var text: String {
    var lines = [style.strong(builtin.name), ""]
    lines += Paragraph.wrapped(builtin.summary, width: width, indent: 2)
    lines += ["", style.heading("Call")] + signature
    if !builtin.signature.parameters.isEmpty {
      lines += ["", style.heading("Parameters")] + parameters
    }
    for (title, words) in [("Shapes", builtin.shapes), ("Mathematics", builtin.math)]
    where !words.isEmpty {
      lines += ["", style.heading(title)] + Paragraph.wrapped(words, width: width, indent: 2)
    }
    if !builtin.examples.isEmpty {
      lines += ["", style.heading(builtin.examples.count == 1 ? "Example" : "Examples")]
      lines += builtin.examples.flatMap(shown)
    }
    if !builtin.seeAlso.isEmpty {
      let names = builtin.seeAlso.joined(separator: ", ")
      lines += ["", style.heading("See also")] + Paragraph.wrapped(names, width: width, indent: 2)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The call with every parameter, broken between parameters.
  var signature: [String] {
    let open = "  \(builtin.name)("
    let margin = String(repeating: " ", count: open.count)
    var lines: [String] = []
    var line = open
    let parameters = builtin.signature.parameters
    for (index, parameter) in parameters.enumerated() {
      let piece = parameter.written + (index + 1 < parameters.count ? ", " : ")")
      if line.count + piece.count > width, line.count > margin.count {
        lines.append(line.trimmed)
        line = margin
      }
      line += piece
    }
    return lines + [parameters.isEmpty ? open + ")" : line]
  }

  /// A table: the name, what it takes, what it is for.
  private var parameters: [String] {
    let parameters = builtin.signature.parameters
    let names = parameters.map { $0.takesRest ? $0.name + "…" : $0.name }
    let nameWidth = min(names.map(\.count).max() ?? 0, 24)
    return zip(parameters, names).flatMap { parameter, name in
      let head = "  " + name.padded(to: nameWidth) + "  "
      return Paragraph.wrapped(
        description(of: parameter), width: width, indent: head.count, first: head)
    }
  }

  func description(of parameter: ParameterInfo) -> String {
    var facts = [parameter.takes]
    if !parameter.choices.isEmpty {
      facts = [parameter.choices.map { "\"\($0)\"" }.joined(separator: " or ")]
    }
    if let bounds = parameter.bounds { facts.append(bounds.description) }
    if let standard = parameter.standard {
      facts.append("default \(standard.written)")
    } else if parameter.isOptional {
      facts.append("may be left out")
    }
    let words = parameter.summary
    return words.isEmpty
      ? facts.joined(separator: ", ") : "\(words) (\(facts.joined(separator: ", ")))"
  }

  func shown(_ example: Example) -> [String] {
    let code = example.code.split(separator: "\n", omittingEmptySubsequences: false)
    let prompts = code.indices.map { $0 == 0 ? Prompt.first : Prompt.next }
    var lines = zip(prompts, code).map { "  " + style.faint($0) + $1 }
    if !example.output.isEmpty {
      lines += example.output.split(separator: "\n", omittingEmptySubsequences: false).map {
        "  \($0)"
      }
    }
    return lines
  }
}

/// Letters of help texts: bold and faint where the terminal can.
struct HelpStyle {
  let isColored: Bool

  init(_ drawing: Drawing) { isColored = drawing.color != .none }

  func strong(_ text: String) -> String { isColored ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
  func heading(_ text: String) -> String { strong(text) }
  func faint(_ text: String) -> String { isColored ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}

/// Running text broken between words.
enum Paragraph {
  /// Lines no wider than `width` where words allow. Line ends in the text are kept. The first line
  /// begins with `first` instead of the indentation.
  static func wrapped(
    _ text: String, width: Int, indent: Int, first: String? = nil
  ) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = lines.isEmpty ? first ?? margin : margin
      var isEmpty = true
      for word in paragraph.split(separator: " ") {
        if !isEmpty, line.count + 1 + word.count > width {
          lines.append(line)
          (line, isEmpty) = (margin, true)
        }
        line += isEmpty ? String(word) : " \(word)"
        isEmpty = false
      }
      lines.append(line.trimmed)
    }
    return lines
  }
}

extension String {
  /// The text without spaces at its end.
  var trimmed: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  func padded(to width: Int) -> String {
    count >= width ? self : self + String(repeating: " ", count: width - count)
  }
}
