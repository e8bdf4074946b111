import Language
import Matrices
import Testing
import Vocabulary

/// How errors look, and that the way out they offer is one.
@Suite struct DiagnosticTests {
  private let wrongProduct = "V = ones(10, 7)\nH = ones(2, 7)\nW = ones(10, 2)\nR = V - H * W"

  @Test func operandsShowShapeAndOrigin() {
    #expect(
      Lab().run(wrongProduct, name: "lesson.mfs") == """
        error[E021]: the inner sizes of a matrix product must be equal
          ┌─ lesson.mfs:4:11
        2 │ H = ones(2, 7)
          │ -------------- H was made here: 2×7
        3 │ W = ones(10, 2)
          │ --------------- W was made here: 10×2
        4 │ R = V - H * W
          │         - ^ - 10×2
          │         | |
          │         | 7 ≠ 10
          │         2×7
          = help: swap the factors: `W * H` is 10×7, the shape of V

        """)
  }

  @Test func withoutUnicodeEverythingIsPlain() throws {
    let session = Lab().session
    let error = #expect(throws: Failure.self) {
      try session.run(SourceText(name: "lesson.mfs", text: wrongProduct + "  # ×é"), echo: false)
    }
    let text = try #require(error).rendered(style: Drawing(color: .none, unicode: false))
    #expect(text.utf8.allSatisfy { $0 < 0x80 })
    #expect(text.contains("  --> lesson.mfs:4:11\n"))
    #expect(text.contains("7 != 10"))
    #expect(text.contains("`W * H` is 10x7"))
  }

  @Test func coloursOnlyWhenAskedFor() throws {
    let session = Lab().session
    let error = try #require(
      #expect(throws: Failure.self) {
        try session.run(SourceText(name: "a.mfs", text: wrongProduct), echo: false)
      })
    #expect(!error.rendered(style: .plain).contains("\u{1B}"))
    let coloured = error.rendered(style: Drawing(color: .eight, unicode: true))
    #expect(coloured.contains("\u{1B}["))
    // Colours add nothing else.
    var plain = ""
    var inside = false
    for character in coloured {
      if character == "\u{1B}" { inside = true }
      if !inside { plain.append(character) }
      if character == "m" { inside = false }
    }
    let marks = error.rendered(style: .plain).filter { "^-|".contains($0) }.count
    #expect(coloured.filter { "^-|".contains($0) }.count == marks)
  }

  @Test func longLinesAreShownAroundTheirLabels() {
    let long = "x = " + (1...60).map { "\($0) + " }.joined() + "nothing + 1"
    let text = Lab().run(long)
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 82 })
    #expect(text.contains("nothing"))
    #expect(text.contains("…"))
  }

  @Test func wideLettersAndTabsKeepLabelsInPlace() {
    let text = Lab().run("\"日本\" + 1\n")
    #expect(text.contains("1 │ \"日本\" + 1\n  │ ------ ^ - the number 1\n"))
    let tabbed = Lab().run("if true\n\tx = 1 + nothing\nend")
    #expect(tabbed.contains("2 │     x = 1 + nothing\n  │         - ^ ------- nothing\n"))
  }

  /// Every fix that an error offers for two shapes, put in place of the wrong expression, has the
  /// shape that it promises.
  @Test func offeredFixesAreRight() throws {
    let sizes = [1, 2, 3]
    var offered = 0
    for operation in ["*", "+", "-", ".*", "./", ".+"] {
      for form in ["A {} B", "A' {} B", "A {} B'", "(A + 1) {} B", "A {} (B .* 2)"] {
        for a in sizes.flatMap({ m in sizes.map { (m, $0) } }) {
          for b in sizes.flatMap({ m in sizes.map { (m, $0) } }) {
            let lab = Lab()
            _ = lab.type("A = ones(\(a.0), \(a.1)); B = ones(\(b.0), \(b.1));")
            let text = lab.type(form.replacing("{}", with: operation))
            guard let help = text.split(separator: "\n").first(where: { $0.contains("= help") }),
              let fix = help.split(separator: "`").dropFirst().first,
              let promise = help.split(separator: " is ").last?.split(separator: ",").first
            else { continue }
            offered += 1
            let value = try lab.session.evaluate(SourceText(name: "fix", text: String(fix)))
            #expect(value.shape?.description == String(promise), "\(form) \(operation) \(a) \(b)")
          }
        }
      }
    }
    #expect(offered > 200)
  }

  @Test func onlyOneHelpAndFewNotes() {
    let text = Lab().run("f(n) = if n == 0 then [1, 2] * [3, 4] else f(n - 1) + 0 end\nf(50)")
    #expect(text.components(of: "= help").count == 2)
    #expect(text.contains("and 45 more calls"))
  }
}

extension String {
  fileprivate func components(of separator: String) -> [Substring] {
    split(separator: separator, omittingEmptySubsequences: false)
  }
}
