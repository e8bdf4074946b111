import Vocabulary

/// Answers questions: `?`, `?nmf`, `?? sparse factor`.
package struct Help {
  let library: Library
  let variables: [(name: String, value: Value)]
  let commands: [(name: String, summary: String)]
  let width: Int
  let style: HelpStyle
  private let drawing: Drawing

  package init(
    library: Library, variables: [(name: String, value: Value)] = [],
    commands: [(name: String, summary: String)] = [], width: Int = 80, drawing: Drawing = .plain
  ) {
    self.library = library
    self.variables = variables
    self.commands = commands
    self.width = max(width, 40)
    self.drawing = drawing
    style = HelpStyle(drawing)
  }

  /// The answer to what stands behind a question mark; a second question mark searches.
  package func answer(_ question: String) -> String {
    Plainer.strict(found(question), drawing)
  }

  private func found(_ question: String) -> String {
    if question.hasPrefix("?") { return search(question.drop { $0 == "?" }.asWords) }
    let topic = question.trimmingSpaces
    if topic.isEmpty { return overview }
    if topic.hasPrefix(":"), let command = commands.first(where: { ":\($0.name)" == topic }) {
      return "  \(topic)  \(command.summary)\n"
    }
    if let builtin = library[topic] { return page(of: builtin) }
    if let value = value(at: topic) { return description(of: topic, value) }
    if let family = Family(rawValue: topic) { return list(of: family) }
    return unknown(topic)
  }

  /// Whether there is something to say about a topic.
  package func knows(_ topic: String) -> Bool {
    topic.isEmpty || topic.hasPrefix("?") || library[topic] != nil || value(at: topic) != nil
      || Family(rawValue: topic) != nil || commands.contains { ":\($0.name)" == topic }
  }

  /// The page of one builtin.
  package func page(of builtin: Builtin) -> String {
    HelpPage(builtin: builtin, width: width, style: style).text
  }

  // MARK: Overview

  private var overview: String {
    let families = Family.allCases.filter { family in
      library.all.contains { $0.family == family }
    }
    let margin = (families.map(\.rawValue.count).max() ?? 0) + 4
    var lines = [style.strong("What can be called"), ""]
    for family in families {
      let names = library.all.filter { $0.family == family }.map(\.name).joined(separator: " ")
      let head = ("  " + family.rawValue).padded(to: margin)
      lines += Paragraph.wrapped(names, width: width, indent: margin, first: head)
    }
    lines += ["", style.strong("Commands"), ""]
    let commandWidth = (commands.map(\.name.count).max() ?? 0) + 5
    for command in commands {
      let head = "  :\(command.name)".padded(to: commandWidth)
      lines += Paragraph.wrapped(command.summary, width: width, indent: commandWidth, first: head)
    }
    lines += [
      "", style.strong("Asking"), "", "  ?nmf           what nmf does, with examples",
      "  ?factorize     one family", "  ?? sparse code  search by words",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private func list(of family: Family) -> String {
    lines(for: library.all.filter { $0.family == family })
  }

  private func lines(for builtins: [Builtin]) -> String {
    let margin = (builtins.map(\.name.count).max() ?? 0) + 4
    return builtins.flatMap { builtin in
      Paragraph.wrapped(
        builtin.summary, width: width, indent: margin,
        first: ("  " + builtin.name).padded(to: margin))
    }.joined(separator: "\n") + "\n"
  }

  // MARK: Search

  private static let answers = 12

  /// The builtins that speak of the words, best first: a name counts most, then the summary, then
  /// the rest of the page. Every word must occur.
  private func search(_ words: [String]) -> String {
    guard !words.isEmpty else { return overview }
    let found = library.all.compactMap { builtin -> (score: Int, builtin: Builtin)? in
      var total = 0
      for word in words {
        let score = Self.score(of: word, in: builtin)
        guard score > 0 else { return nil }
        total += score
      }
      return (total, builtin)
    }.sorted { ($1.score, $0.builtin.name) < ($0.score, $1.builtin.name) }
    guard !found.isEmpty else {
      return "nothing speaks of \(words.map { "'\($0)'" }.joined(separator: " and "))\n"
    }
    return lines(for: found.prefix(Self.answers).map(\.builtin))
  }

  private static func score(of word: String, in builtin: Builtin) -> Int {
    let name = builtin.name.lowercased()
    if name == word { return 100 }
    if name.contains(word) { return 40 }
    if builtin.summary.lowercased().contains(word) { return 20 }
    if builtin.family.rawValue == word { return 15 }
    if builtin.math.lowercased().contains(word) { return 8 }
    let details = builtin.signature.parameters.map { parameter in
      "\(parameter.name) \(parameter.summary) \(parameter.choices.joined(separator: " "))"
    }
    if details.contains(where: { $0.lowercased().contains(word) }) { return 4 }
    return builtin.seeAlso.contains(word) ? 1 : 0
  }

  // MARK: Other topics

  private func description(of name: String, _ value: Value) -> String {
    guard case .function(let function) = value else { return "  \(name) is \(value.described)\n" }
    if let builtin = function as? Builtin { return page(of: builtin) }
    let parameters = function.signature.parameters.map(\.written).joined(separator: ", ")
    let words = function.documentation
    guard !words.isEmpty else {
      return "  \(name)(\(parameters)), a function of \(function.place)\n"
    }
    // Lines that are indented, formulas and examples, keep their form.
    var lines = [style.strong(name), ""]
    var running: [Substring] = []
    func finish() {
      guard !running.isEmpty else { return }
      lines += Paragraph.wrapped(running.joined(separator: " "), width: width, indent: 2)
      running = []
    }
    for line in words.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix(" ") || line.isEmpty {
        finish()
        lines.append(line.isEmpty ? "" : "  \(line)")
      } else {
        running.append(line)
      }
    }
    finish()
    lines += ["", style.heading("Call"), "  \(name)(\(parameters))"]
    lines += ["", style.heading("Written in"), "  \(function.place)"]
    return lines.joined(separator: "\n") + "\n"
  }

  /// The value that a path such as `stats.mean` names.
  private func value(at path: String) -> Value? {
    let names = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let first = names.first else { return nil }
    var value = variables.first { $0.name == first }?.value
    for name in names.dropFirst() {
      switch value {
      case .record(let record)?: value = record[name]
      case .object(let object)?: value = object.field(name)
      default: return nil
      }
    }
    return value
  }

  private func unknown(_ topic: String) -> String {
    let known = library.names + variables.map(\.name) + Family.allCases.map(\.rawValue)
    if let nearest = Spelling.nearest(topic, among: known) {
      return "no help about '\(topic)': did you mean '\(nearest)'?\n"
    }
    return "no help about '\(topic)': `?? \(topic)` searches, `?` lists everything\n"
  }
}

extension Value {
  /// What the value is, with an article where it needs one.
  fileprivate var described: String {
    switch self {
    case .nothing, .boolean, .number, .text, .function: label
    case .matrix, .range, .list, .record, .object:
      "aeiou".contains(label.prefix(1)) ? "an \(label)" : "a \(label)"
    }
  }
}

extension StringProtocol {
  /// The words of the text in small letters.
  var asWords: [String] { split(separator: " ").map { $0.lowercased() } }

  var trimmingSpaces: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
