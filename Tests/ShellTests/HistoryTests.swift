import Foundation
import Shell
import Testing

/// The history file: what one session writes the next one reads, whatever happened between.
@Suite struct HistoryTests {
  private func temporaryPath() -> String {
    NSTemporaryDirectory() + "history-\(UUID().uuidString)/mfs/history.jsonl"
  }

  private func record(_ code: String) -> HistoryRecord {
    HistoryRecord(
      code: code, time: 1_700_000_000, seconds: 0.25, succeeded: true, directory: "/tmp")
  }

  @Test(arguments: [
    "x = 1", "print(\"a \\ b\")", "for i in 1:3\n  print(i)\nend", "Zeichen: ä ✓ 🙂\t\u{1}",
  ])
  func aRecordSurvivesItsLine(_ code: String) {
    let line = record(code).line
    #expect(!line.contains("\n"))
    #expect(HistoryRecord(line: line) == record(code))
  }

  @Test(arguments: [
    "", "{", "{}", "null", "{\"code\":3}", "{\"code\":\"x\"", "{\"code\":\"x\"} y", "\u{FFFD}",
    "{\"code\":\"\\u12\"}", "[1, 2]",
  ])
  func aDamagedLineIsNoRecord(_ line: String) {
    #expect(HistoryRecord(line: line) == nil)
  }

  @Test func escapesOfOtherWritersAreRead() {
    let line = #"{"code": "\u00e4\ud83d\ude42\/" , "time": 1.5e3, "more": null}"#
    #expect(HistoryRecord(line: line)?.code == "ä🙂/")
  }

  @Test func parallelSessionsKeepEachOthersEntries() throws {
    let path = temporaryPath()
    let (first, second) = (History(path: path), History(path: path))
    first.append(record("a"))
    second.append(record("b"))
    first.append(record("c"))
    #expect(History(path: path).entries == ["a", "b", "c"])
  }

  @Test func aHalfWrittenLineHarmsNobody() throws {
    let path = temporaryPath()
    History(path: path).append(record("a"))
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.seekToEnd()
    try file.write(contentsOf: Data("{\"code\":\"bro".utf8))
    try file.close()
    History(path: path).append(record("b"))
    #expect(History(path: path).entries == ["a", "b"])
  }

  @Test func anUnwritableHomeIsFine() {
    let history = History(path: "/proc/nowhere/history.jsonl")
    history.append(record("a"))
    #expect(history.entries == ["a"])
  }

  @Test func theSameTwiceInARowIsOneEntry() {
    let history = History(path: nil)
    for code in ["a", "a", "b", "a"] { history.append(record(code)) }
    #expect(history.entries == ["a", "b", "a"])
  }
}
