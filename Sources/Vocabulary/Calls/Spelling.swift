/// "Did you mean": the nearest known name to a mistyped one.
package enum Spelling {
  /// The nearest of `names`, if it is near enough to be meant: one change for every three letters
  /// (Damerau–Levenshtein), or equal but for case. Ties go to one with the same first letter, then to
  /// the first in alphabetical order.
  package static func nearest(_ name: String, among names: some Sequence<String>) -> String? {
    let wanted = Array(name.lowercased())
    let allowed = max(1, (wanted.count + 1) / 3)
    var best: (distance: Int, start: Int, name: String)?
    for candidate in names where candidate != name {
      let letters = Array(candidate.lowercased())
      guard abs(letters.count - wanted.count) <= allowed else { continue }
      let distance = distance(wanted, letters)
      guard distance <= allowed, distance < max(wanted.count, letters.count) else { continue }
      let start = letters.first == wanted.first ? 0 : 1
      if best.map({ (distance, start, candidate) < ($0.distance, $0.start, $0.name) }) ?? true {
        best = (distance, start, candidate)
      }
    }
    return best?.name
  }

  /// What other libraries call a choice.
  private static let synonyms: [String: [String]] = [
    "kullback_leibler": ["kl"], "kl_divergence": ["kl"], "kld": ["kl"], "is": ["itakura-saito"],
    "categorical_crossentropy": ["crossentropy"], "cross_entropy": ["crossentropy"],
    "sparse_categorical_crossentropy": ["crossentropy"], "nll": ["crossentropy"],
    "log_loss": ["crossentropy"], "bce": ["binary_crossentropy"],
    "mean_squared_error": ["mse"], "squared_error": ["mse"], "l2": ["mse", "frobenius"],
    "mean_absolute_error": ["mae"], "l1": ["mae"], "smooth_l1": ["huber"],
    "euclidean": ["frobenius"], "fro": ["frobenius"], "cd": ["hals", "ccd"],
    "multiplicative": ["mu"], "gradient_descent": ["gd"], "all": ["sequence"],
    "swish": ["silu"], "lrelu": ["leaky_relu"], "identity": ["linear"], "none": ["linear"],
    "float32": ["f32"], "single": ["f32"], "float64": ["f64"], "double": ["f64"],
  ]

  /// The choice that is called otherwise elsewhere.
  package static func synonym(of name: String, among choices: [String]) -> String? {
    let plain = String(name.lowercased().map { "- ".contains($0) ? "_" : $0 })
    return synonyms[plain]?.first(where: choices.contains)
  }

  /// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
  static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var rows = [[Int]](
      repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in 0...a.count { rows[i][0] = i }
    for j in 0...b.count { rows[0][j] = j }
    for i in 0..<a.count {
      for j in 0..<b.count {
        let change = a[i] == b[j] ? 0 : 1
        var least = min(rows[i][j + 1] + 1, rows[i + 1][j] + 1, rows[i][j] + change)
        if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
          least = min(least, rows[i - 1][j - 1] + 1)
        }
        rows[i + 1][j + 1] = least
      }
    }
    return rows[a.count][b.count]
  }
}
