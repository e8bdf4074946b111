/// The grammar that VS Code and Sublime Text read: JSON with regular expressions.
struct TextMateGrammar {
  private let grammar: EditorFiles.Grammar

  init(_ grammar: EditorFiles.Grammar) { self.grammar = grammar }

  private enum JSON {
    case text(String)
    case list([JSON])
    case object([(String, JSON)])
  }

  var text: String { Self.written(whole, "") + "\n" }

  private var whole: JSON {
    .object([
      ("name", .text("mfs")), ("scopeName", .text("source.mfs")),
      ("fileTypes", .list([.text("mfs")])),
      ("patterns", .list([.object([("include", .text("#code"))])])),
      (
        "repository",
        .object([
          ("code", .object([("patterns", .list(code))])),
          ("hole", hole),
        ])
      ),
    ])
  }

  private var code: [JSON] {
    [
      match("markup.heading.cell.mfs", #"^\s*#\s*%%.*$"#),
      match("comment.line.documentation.mfs", "##.*$"),
      match("comment.line.number-sign.mfs", "#.*$"),
      .object([
        ("name", .text("string.quoted.double.mfs")), ("begin", .text("\"")),
        ("end", .text("\"|$")),
        (
          "patterns",
          .list([
            match("constant.character.escape.mfs", #"\\(?:u\{[0-9a-fA-F]*\}|.)"#),
            .object([("include", .text("#hole"))]),
          ])
        ),
      ]),
      match(
        "constant.numeric.mfs",
        #"(?<![\w])(?:0[xX][0-9a-fA-F_]+|(?:\d[\d_]*(?:\.\d[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)"#
      ),
      .object([
        ("match", .text(#"\b(function)\s+([\p{L}_]\w*)"#)),
        (
          "captures",
          .object([
            ("1", .object([("name", .text("keyword.control.mfs"))])),
            ("2", .object([("name", .text("entity.name.function.mfs"))])),
          ])
        ),
      ]),
      match("keyword.control.mfs", words(grammar.controls)),
      match("constant.language.mfs", words(grammar.values + grammar.constants)),
      match("support.function.mfs", words(grammar.functions)),
      match(
        "keyword.operator.mfs", grammar.signs.map(Self.escaped).joined(separator: "|")),
    ]
  }

  /// `{expression:format}` in a text.
  private var hole: JSON {
    .object([
      ("name", .text("meta.embedded.mfs")), ("begin", .text(#"\{"#)), ("end", .text(#"\}|$"#)),
      ("patterns", .list([.object([("include", .text("#code"))])])),
    ])
  }

  /// Whole words that are no fields.
  private func words(_ words: [String]) -> String {
    #"(?<![.\w])(?:"# + words.joined(separator: "|") + #")(?!\w)"#
  }

  private func match(_ name: String, _ pattern: String) -> JSON {
    .object([("name", .text(name)), ("match", .text(pattern))])
  }

  private static func escaped(_ sign: String) -> String {
    sign.map { #"\^$.|?*+()[]{}"#.contains($0) ? "\\\($0)" : String($0) }.joined()
  }

  private static func written(_ value: JSON, _ margin: String) -> String {
    let inner = margin + "  "
    switch value {
    case .text(let text):
      return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    case .list(let parts):
      let lines = parts.map { inner + written($0, inner) }
      return "[\n\(lines.joined(separator: ",\n"))\n\(margin)]"
    case .object(let fields):
      let lines = fields.map { "\(inner)\"\($0)\": \(written($1, inner))" }
      return "{\n\(lines.joined(separator: ",\n"))\n\(margin)}"
    }
  }
}
