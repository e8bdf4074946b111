import Matrices
import Training

/// Every event as one JSON object in one line, for other programs.
package final class JSONLog: TrainingObserver {
  private let write: @Sendable (String) -> Void

  package init(write: @escaping @Sendable (String) -> Void) { self.write = write }

  package func receive(_ event: TrainingEvent) { write(Self.line(event) + "\n") }

  /// The event as a JSON object.
  package static func line(_ event: TrainingEvent) -> String { JSON.object(fields(of: event)).text }

  private static func fields(of event: TrainingEvent) -> [JSON.Field] {
    func field(_ name: String, _ value: JSON) -> JSON.Field { JSON.Field(name, value) }
    func whole(_ number: Int) -> JSON { .number(Double(number)) }
    switch event {
    case .started(let plan):
      return [
        field("event", .text("started")), field("title", .text(plan.title)),
        field("unit", .text(plan.unit.rawValue)), field("total", whole(plan.total)),
        field("objective", .text(plan.objective)),
        field("metrics", .list(plan.metrics.map(JSON.text))),
      ]
    case .progressed(let steps):
      return [field("event", .text("progressed")), field("steps", .number(steps))]
    case .advanced(let step):
      return [
        field("event", .text("advanced")), field("step", whole(step.index)),
        field("objective", .number(step.objective)),
        field("metrics", .list(step.metrics.map(JSON.number))),
        field("seconds", .number(step.seconds)),
      ]
    case .pictured(let picture):
      return [
        field("event", .text("pictured")), field("title", .text(picture.title)),
        field("tiles", whole(picture.tiles.rows)),
      ]
    case .finished(let outcome):
      return [
        field("event", .text("finished")), field("reason", .text(outcome.reason.rawValue)),
        field("steps", whole(outcome.steps)), field("objective", .number(outcome.objective)),
        field("seconds", .number(outcome.seconds)),
      ]
    }
  }
}
