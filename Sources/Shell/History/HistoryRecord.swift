import Matrices

/// One input of a session, as one line of JSON in the history file.
package struct HistoryRecord: Sendable, Equatable {
  package var code: String
  /// Seconds since 1970.
  package var time: Double
  /// How long it ran.
  package var seconds: Double
  package var succeeded: Bool
  package var directory: String

  package init(
    code: String, time: Double, seconds: Double, succeeded: Bool, directory: String
  ) {
    self.code = code
    self.time = time
    self.seconds = seconds
    self.succeeded = succeeded
    self.directory = directory
  }

  /// The line without its end.
  package var line: String {
    let rounded = (seconds * 1000).rounded() / 1000
    return "{\"time\":\(Int(time)),\"seconds\":\(rounded),\"ok\":\(succeeded),"
      + "\"directory\":\(JSON.quoted(directory)),\"code\":\(JSON.quoted(code))}"
  }

  /// The record of a line, or `nil` for a damaged one.
  package init?(line: some StringProtocol) {
    guard let fields = try? JSON.parse(Array(line.utf8)), case .text(let code)? = fields["code"],
      !code.isEmpty
    else { return nil }
    self.code = code
    if case .number(let time)? = fields["time"] { self.time = time } else { time = 0 }
    if case .number(let seconds)? = fields["seconds"] {
      self.seconds = seconds
    } else {
      seconds = 0
    }
    if case .boolean(let truth)? = fields["ok"] { succeeded = truth } else { succeeded = true }
    if case .text(let folder)? = fields["directory"] { directory = folder } else { directory = "" }
  }
}
