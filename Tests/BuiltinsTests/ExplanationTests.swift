import Builtins
import Language
import Testing
import Vocabulary

/// Every error code is explained, and the examples show what they say.
@Suite struct ExplanationTests {
  private func codes(_ program: String) -> [String] {
    Session.withLargeStack {
      let session = Session(
        library: StandardLibrary.library, context: Context(output: { _ in }))
      do throws(Failure) {
        try session.run(
          SourceText(name: "example.mfs", text: program), echo: false, checking: true)
        return []
      } catch {
        return error.diagnostics.map(\.code)
      }
    }
  }

  @Test(arguments: Explanation.all.filter { !$0.wrong.isEmpty })
  func theWrongExampleMakesTheMistake(_ explanation: Explanation) {
    #expect(codes(explanation.wrong).first == explanation.code, "\(explanation.code)")
  }

  @Test(arguments: Explanation.all)
  func theRightExampleRuns(_ explanation: Explanation) {
    #expect(codes(explanation.right) == [], "\(explanation.code)")
  }

  @Test func codesAreUniqueAndInOrder() {
    let codes = Explanation.all.map(\.code)
    #expect(Set(codes).count == codes.count)
    for explanation in Explanation.all {
      #expect(explanation.code.count == 4 && explanation.code.hasPrefix("E"))
      #expect(explanation.text.hasSuffix("."), "\(explanation.code)")
      #expect(explanation.title.first?.isUppercase == false)
    }
  }

  @Test func aCodeIsFoundHoweverItIsWritten() throws {
    for word in ["E021", "e21", "21", "021"] {
      #expect(try #require(Explanation(code: word)).code == "E021")
    }
    #expect(Explanation(code: "E999") == nil)
    #expect(Explanation(code: "nonsense") == nil)
    #expect(try #require(Explanation(code: "E021")).page(width: 60).contains("Right:"))
  }
}
