/// The way through earlier entries with the arrow keys: only entries that begin with what stood
/// before the cursor when the walk began.
package struct HistoryWalk {
  private var entries: [String]
  private var place: Int
  private var draft = UndoRing.State(text: "", cursor: 0)
  /// What the last step left in the editor; a walk goes on only from there.
  private var arrival: UndoRing.State?

  /// A way through entries, oldest first.
  package init(_ entries: [String]) {
    self.entries = entries
    place = entries.count
  }

  /// Adds the newest entry.
  package mutating func append(_ entry: String) {
    if entries.last != entry { entries.append(entry) }
    reset()
  }

  /// Goes back to the present: another line begins.
  package mutating func reset() {
    place = entries.count
    arrival = nil
  }

  /// Whether the editor still shows what the last step brought.
  package func isAt(_ state: UndoRing.State) -> Bool { arrival == state }

  /// Notes what the editor shows after a step.
  package mutating func arrived(at state: UndoRing.State) { arrival = state }

  /// The next older entry, as it stands behind a prompt.
  package mutating func earlier(than state: UndoRing.State) -> String? {
    begin(from: state)
    var next = place - 1
    while next >= 0 {
      let shown = Block.shown(entries[next])
      if shown.hasPrefix(prefix), shown != state.text {
        place = next
        return shown
      }
      next -= 1
    }
    return nil
  }

  /// The next newer entry, and after the newest what was typed before.
  package mutating func later(than state: UndoRing.State) -> String? {
    begin(from: state)
    guard place < entries.count else { return nil }
    var next = place + 1
    while next < entries.count {
      let shown = Block.shown(entries[next])
      if shown.hasPrefix(prefix), shown != state.text {
        place = next
        return shown
      }
      next += 1
    }
    place = entries.count
    return draft.text
  }

  private var prefix: String {
    String(String.UnicodeScalarView(draft.text.unicodeScalars.prefix(draft.cursor)))
  }

  private mutating func begin(from state: UndoRing.State) {
    guard arrival != state else { return }
    draft = state
    place = entries.count
  }
}

/// Moves between the rows of a block.
package enum Rows {
  /// The place one row higher in the same column; `nil` in the first row. In Unicode scalars.
  package static func above(_ cursor: Int, in text: String) -> Int? {
    let letters = Array(text.unicodeScalars)
    guard let end = letters[..<cursor].lastIndex(of: "\n") else { return nil }
    let start = letters[..<end].lastIndex(of: "\n").map { $0 + 1 } ?? 0
    // The first row stands behind the prompt, as far to the right as the margin of the others.
    let shift = start == 0 ? Block.margin.count : 0
    return min(max(start + cursor - end - 1 - shift, start), end)
  }

  /// The place one row lower in the same column; `nil` in the last row. In Unicode scalars.
  package static func below(_ cursor: Int, in text: String) -> Int? {
    let letters = Array(text.unicodeScalars)
    guard let end = letters[cursor...].firstIndex(of: "\n") else { return nil }
    let start = letters[..<cursor].lastIndex(of: "\n").map { $0 + 1 } ?? 0
    let shift = start == 0 ? Block.margin.count : 0
    let limit = letters[(end + 1)...].firstIndex(of: "\n") ?? letters.count
    return min(end + 1 + cursor - start + shift, limit)
  }
}
