import Shell
import Testing

/// What the editor does with the text in front of the cursor, without a terminal.
@Suite struct EditingTests {
  @Test func aBlockStandsUnderItsFirstLine() {
    let text = "for i in 1:3\n  print(i)\nend"
    let shown = Block.shown(text)
    #expect(shown == "for i in 1:3\n       print(i)\n     end")
    #expect(Block.typed(shown) == text)
  }

  @Test func lessMarginThanExpectedIsFine() {
    #expect(Block.typed("if x\n  y\nend") == "if x\ny\nend")
  }

  @Test func pastedTextLosesItsLastLineEndsAndControls() {
    #expect(Block.pasted("a = 1\r\nb\t= 2\u{7}\n\n") == "a = 1\nb\t= 2")
  }

  @Test func aPastedSessionKeepsOnlyWhatWasTyped() {
    let session =
      "mfs> x = [1, 2]\nx: 1×2 f64 matrix\nmfs> for i in x\n...>   print(i)\n...> end\n1\n2\nmfs> "
    #expect(Block.pasted(session) == "x = [1, 2]\nfor i in x\n  print(i)\nend")
  }

  @Test func arrowsMoveBetweenTheRowsOfABlock() {
    // mfs> abc
    //      defg
    let text = "abc\n     defg"
    #expect(Rows.below(1, in: text) == 10)
    #expect(Rows.above(10, in: text) == 1)
    #expect(Rows.above(2, in: text) == nil)
    #expect(Rows.below(9, in: text) == nil)
    #expect(Rows.above(13, in: text) == 3)
    #expect(Rows.above(5, in: text) == 0)
  }

  @Test func arrowsFindEntriesThatBeginWithWhatWasTyped() {
    var walk = HistoryWalk(["x = 1", "nmf(A, 3)", "x", "nmf(B, 5)", "y"])
    var state = UndoRing.State(text: "nmf", cursor: 3)
    for expected in ["nmf(B, 5)", "nmf(A, 3)"] {
      let entry = walk.earlier(than: state)
      #expect(entry == expected)
      state = UndoRing.State(text: expected, cursor: expected.count)
      walk.arrived(at: state)
    }
    #expect(walk.earlier(than: state) == nil)
    #expect(walk.later(than: state) == "nmf(B, 5)")
    state = UndoRing.State(text: "nmf(B, 5)", cursor: 9)
    walk.arrived(at: state)
    #expect(walk.later(than: state) == "nmf")
  }

  @Test func undoGoesBackByRunsOfLetters() {
    var ring = UndoRing()
    ring.note(.init(text: "", cursor: 0))
    for count in 1...3 { ring.note(.init(text: String("abc".prefix(count)), cursor: count)) }
    ring.note(.init(text: "", cursor: 0))
    #expect(ring.undo() == .init(text: "abc", cursor: 3))
    #expect(ring.undo()?.text.count ?? 9 < 3)
  }

  @Test func columnsAreReadDownwards() {
    #expect(Columns.text(["a", "b", "c"], width: 20) == "a  b  c\n")
    let words = (1...9).map { "word-number-\($0)" }
    let text = Columns.text(words, width: 40)
    #expect(text.split(separator: "\n").count == 5)
    #expect(text.hasPrefix("word-number-1  word-number-6\n"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 40 })
  }
}
