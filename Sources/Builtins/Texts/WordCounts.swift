import Matrices
import Vocabulary

extension StandardLibrary {
  static let wordCounts = Builtin(
    "word_counts", in: .text,
    "How often every word stands in every text: a sparse matrix and the words of its columns.",
    Parameter<[Value]>("texts", "a list of texts, one a row"),
    Parameter<[Value]?>(
      "words", "the words to count, as an earlier call gave them; left out: all that occur"),
    Parameter<[Value]>("skip", "words that do not count", default: []),
    Parameter<Int>(
      "least", "words in fewer texts than this are left out", default: 1, in: .atLeast(1)),
    Parameter<Double>(
      "share", "words in a larger share of the texts are left out", default: 1,
      in: .between(0, 1)),
    shapes: "list → {X = sparse m×n, words = list}",
    math: """
      a word is two or more letters or digits in a row, in small letters; columns are in alphabetical \
      order. scikit-learn's CountVectorizer calls the parameters vocabulary, stop_words, min_df and \
      max_df
      """,
    seeAlso: ["sparse", "nmf", "top", "split_text", "unique"],
    examples: [
      Example(
        "c = word_counts({\"A star, a sun\", \"the sun, the Sun\"}); c.words",
        prints: "{\"star\", \"sun\", \"the\"}"),
      Example(
        "full(word_counts({\"A star, a sun\", \"the sun, the Sun\"}).X)", prints: "1  1  0\n0  2  2"
      ),
      Example(
        "word_counts({\"red sun\", \"red star\"}, share=0.6).words", prints: "{\"star\", \"sun\"}"),
    ]
  ) { texts, words, skip, least, share -> Record in
    let documents = try texts.enumerated().map { place, value in
      guard case .text(let text) = value else {
        throw Problem(
          .type, "'texts' needs a list of texts", at: "texts",
          label: "element \(place + 1) is \(value.label)")
      }
      return Words.of(text)
    }
    let left = Set(try Words.list(skip, "skip"))
    let vocabulary: [String]
    if let words {
      vocabulary = try Words.list(words, "words")
    } else {
      var found: [String: Int] = [:]
      for document in documents { for word in Set(document) { found[word, default: 0] += 1 } }
      let most = share * Double(documents.count)
      vocabulary = found.filter { word, count in
        count >= least && Double(count) <= most && !left.contains(word)
      }.keys.sorted()
    }
    let columns = Dictionary(
      zip(vocabulary, vocabulary.indices), uniquingKeysWith: { first, _ in first })
    var (rows, places): ([Int32], [Int32]) = ([], [])
    for (row, document) in documents.enumerated() {
      for word in document {
        guard let column = columns[word] else { continue }
        rows.append(Int32(row))
        places.append(Int32(column))
      }
    }
    let counts = SparseMatrix(
      Shape(documents.count, vocabulary.count), rows: rows, columns: places,
      values: [Double](repeating: 1, count: rows.count))
    return Record([
      ("X", Value(counts)), ("words", .list(vocabulary.map { .text($0) })),
    ])
  }
}

/// Words in texts.
private enum Words {
  /// The words of a text in small letters, in order; single letters are none.
  static func of(_ text: String) -> [String] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "_" }
      .filter { $0.count > 1 }.map(String.init)
  }

  static func list(_ values: [Value], _ name: String) throws -> [String] {
    try values.map { value in
      guard case .text(let text) = value else {
        throw Problem(.type, "'\(name)' needs a list of words", at: name, label: value.label)
      }
      return text.lowercased()
    }
  }
}
