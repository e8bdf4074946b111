import Foundation
import Language
import Testing
import Vocabulary

@Suite struct Smoke {
  @Test func scratch() throws {
    guard let path = ProcessInfo.processInfo.environment["SCRATCH"],
      let text = try? String(contentsOfFile: path, encoding: .utf8)
    else { return }
    let lab = Lab()
    for part in text.components(separatedBy: "\n---\n") {
      print(">>> " + part.replacingOccurrences(of: "\n", with: "\n... "))
      let start = ContinuousClock.now
      print(Session.withLargeStack { lab.type(part) }, terminator: "")
      if ProcessInfo.processInfo.environment["TIME"] != nil { print("  [\(ContinuousClock.now - start)]") }
    }
  }
}
