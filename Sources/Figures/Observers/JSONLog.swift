import Matrices
import Training

/// Every event as one JSON object in one line, for other programs.
package final class JSONLog: TrainingObserver {
  private let write: @Sendable (String) -> Void

  package init(write: @escaping @Sendable (String) -> Void) { self.write = write }

  package func receive(_ event: TrainingEvent) { write(Self.line(event) + "\n") }

  /// The event as a JSON object.
  package static func line(_ event: TrainingEvent) -> String {
    switch event {
    case .started(let plan):
      object([
        ("event", text("started")), ("title", text(plan.title)),
        ("unit", text(plan.unit.rawValue)), ("total", "\(plan.total)"),
        ("objective", text(plan.objective)),
        ("metrics", "[\(plan.metrics.map(text).joined(separator: ","))]"),
      ])
    case .progressed(let steps):
      object([("event", text("progressed")), ("steps", number(steps))])
    case .advanced(let step):
      object([
        ("event", text("advanced")), ("step", "\(step.index)"),
        ("objective", number(step.objective)),
        ("metrics", "[\(step.metrics.map(number).joined(separator: ","))]"),
        ("seconds", number(step.seconds)),
      ])
    case .pictured(let picture):
      object([
        ("event", text("pictured")), ("title", text(picture.title)),
        ("tiles", "\(picture.tiles.rows)"),
      ])
    case .finished(let outcome):
      object([
        ("event", text("finished")), ("reason", text(outcome.reason.rawValue)),
        ("steps", "\(outcome.steps)"), ("objective", number(outcome.objective)),
        ("seconds", number(outcome.seconds)),
      ])
    }
  }

  private static func object(_ fields: [(String, String)]) -> String {
    "{\(fields.map { "\(text($0)):\($1)" }.joined(separator: ","))}"
  }

  /// JSON knows no numbers that are not finite.
  private static func number(_ value: Double) -> String {
    value.isFinite ? NumberFormat.exact(value) : "null"
  }

  private static func text(_ value: String) -> String {
    var quoted = "\""
    for letter in value.unicodeScalars {
      switch letter {
      case "\"", "\\":
        quoted.unicodeScalars.append("\\")
        quoted.unicodeScalars.append(letter)
      case _ where letter.value < 0x20:
        quoted += NumberFormat.printf("\\u%04x", letter.value)
      default: quoted.unicodeScalars.append(letter)
      }
    }
    return quoted + "\""
  }
}
