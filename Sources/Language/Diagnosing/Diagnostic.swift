import Matrices
import Vocabulary

/// Something wrong with a program, ready to be shown: what is needed, where, and a way out.
package struct Diagnostic: Sendable {
  /// What kind of mistake it is: `E021`, which `:explain` explains.
  package var code = ""
  /// What is needed: lower case, without full stop.
  package var title: String
  /// The places it is about; the first is the one to look at.
  package var labels: [Label]
  /// One way out, computed where possible.
  package var help: String?
  /// The changes to the source that make `help` true; all of them together.
  package var fix: [Edit] = []
  /// What else is worth knowing: the calls it came through.
  package var notes: [String]

  /// A place in a source with what is to be said of it.
  package struct Label: Sendable {
    package var range: SourceRange
    package var text: String
    package var isPrimary: Bool
  }

  /// A change to a source: what stands in a place from now on.
  package struct Edit: Sendable, Equatable {
    package var range: SourceRange
    package var text: String

    init(_ range: SourceRange, _ text: String) {
      self.range = range
      self.text = text
    }
  }

  init(
    _ title: String, at range: SourceRange, _ label: String = "", help: String? = nil,
    others: [Label] = [], notes: [String] = []
  ) {
    self.title = title
    labels = [Label(range: range, text: label, isPrimary: true)] + others
    self.help = help
    self.notes = notes
  }

  /// Something about the program as a whole.
  init(_ title: String, help: String) {
    self.title = title
    labels = []
    self.help = help
    notes = []
  }

  /// A text with edits applied; those that touch another before them are left out.
  package static func applying(_ edits: [Edit], to text: String) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var place = 0
    var order = edits.enumerated().sorted {
      // Of two in the same place the longer comes first: the `end` of an inner block.
      ($0.element.range.lower, $0.element.range.upper, -$0.element.text.count, $0.offset)
        < ($1.element.range.lower, $1.element.range.upper, -$1.element.text.count, $1.offset)
    }.map(\.element)
    for index in order.indices.dropFirst().reversed() where order[index] == order[index - 1] {
      order.remove(at: index)
    }
    for edit in order where edit.range.lower >= place && edit.range.upper <= bytes.count {
      result += bytes[place..<edit.range.lower] + Array(edit.text.utf8)
      place = edit.range.upper
    }
    return String(decoding: result + bytes[place...], as: UTF8.self)
  }

  /// The line of the place to look at, counted from 1.
  package var line: Int { labels.first?.range.line ?? 0 }
}

/// Why a source did not run, or did not run to its end.
package struct Failure: Error, Sendable {
  /// What went wrong, in order; empty when the run was interrupted.
  package var diagnostics: [Diagnostic]
  /// The exit code of a process that ends with it: 1 at run time, 3 before running, 4 an assertion,
  /// 5 a limit was reached, 130 interrupted.
  package var exitCode: Int32

  /// Whether the user stopped it.
  package var isInterruption: Bool { exitCode == Self.interrupted }

  static let runtime: Int32 = 1
  static let check: Int32 = 3
  static let assertion: Int32 = 4
  /// A limit of time or memory was reached.
  package static let limit: Int32 = 5
  static let interrupted: Int32 = 130

  /// Why a computation was stopped from outside.
  static var stopped: Failure {
    switch Interrupt.reason {
    case .user: Failure(diagnostics: [], exitCode: interrupted)
    case .time:
      Failure(
        diagnostics: [
          Diagnostic(
            "the time that a program may take is over",
            help: "--max-seconds says how long it may take")
        ], exitCode: limit)
    case .memory:
      Failure(
        diagnostics: [
          Diagnostic(
            "the program needs more memory than it may use",
            help: "--max-memory says how much it may use; f32 matrices take half as much")
        ], exitCode: limit)
    }
  }

  /// All diagnostics as text, ended by a line end.
  package func rendered(style: Drawing, width: Int = 80) -> String {
    if isInterruption { return "interrupted\n" }
    return diagnostics.map { DiagnosticText($0, style: style, width: width).text }
      .joined(separator: "\n")
  }
}
