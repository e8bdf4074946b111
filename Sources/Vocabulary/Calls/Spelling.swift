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
