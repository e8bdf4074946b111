/// What could follow the text before the cursor.
package struct Completions: Sendable, Equatable {
  /// One way to go on.
  package struct Candidate: Sendable, Equatable {
    /// The whole word that would stand there.
    package var word: String
    /// What a listing shows.
    package var shown: String
    /// What follows the word when it is the only candidate: `"`, `=`.
    package var suffix: String

    package init(_ word: String, shown: String? = nil, suffix: String = "") {
      self.word = word
      self.shown = shown ?? word
      self.suffix = suffix
    }
  }

  /// The beginning of the word that is already there.
  package var typed: String
  package var candidates: [Candidate]

  /// Nothing to offer.
  package static let none = Completions(typed: "", candidates: [])

  /// The candidates among `all` that begin with what is typed.
  package init(typed: String, candidates all: some Sequence<Candidate>) {
    self.typed = typed
    candidates = all.filter { $0.word.hasPrefix(typed) }
  }

  /// What can be inserted without a doubt: what all candidates have in common beyond `typed`.
  package var insertion: String {
    guard let first = candidates.first else { return "" }
    if candidates.count == 1 { return first.word.dropFirst(typed.count) + first.suffix }
    var common = Substring(first.word)
    for candidate in candidates.dropFirst() {
      common = common.commonPrefix(with: candidate.word)
    }
    return String(common.dropFirst(typed.count))
  }
}

extension Substring {
  fileprivate func commonPrefix(with other: String) -> Substring {
    var (a, b) = (startIndex, other.startIndex)
    while a < endIndex, b < other.endIndex, self[a] == other[b] {
      a = index(after: a)
      b = other.index(after: b)
    }
    return self[..<a]
  }
}

/// Words set out in columns, as narrow as they allow, read downwards.
package enum Columns {
  /// More than this is not read by anybody.
  private static let limit = 200

  /// The words as lines that end with a line end.
  package static func text(_ words: [String], width: Int) -> String {
    let shown = words.prefix(limit)
    let cell = (shown.map(\.count).max() ?? 0) + 2
    let columns = max(1, (max(width, 20) + 1) / cell)
    let rows = (shown.count + columns - 1) / columns
    var text = ""
    for row in 0..<rows {
      var line = ""
      for place in stride(from: row, to: shown.count, by: rows) {
        let word = shown[place]
        line += word
        if place + rows < shown.count {
          line += String(repeating: " ", count: cell - word.count)
        }
      }
      text += line + "\n"
    }
    if words.count > limit { text += "… and \(words.count - limit) more\n" }
    return text
  }
}
