import Matrices
import Training
import Vocabulary

/// What `train(f, params, …)` returns: the parameters found, and how.
package final class FittedModel: Object {
  package let parameters: Value
  /// What was asked for, so that a further run goes on in the same way.
  let request: FunctionRequest
  let state: Matrix
  let steps: Int
  let history: History
  let reason: StopReason
  let function: String

  init(
    parameters: Value, request: FunctionRequest, state: Matrix, steps: Int, history: History,
    reason: StopReason, function: String
  ) {
    self.parameters = parameters
    self.request = request
    self.state = state
    self.steps = steps
    self.history = history
    self.reason = reason
    self.function = function
  }

  private var optimizer: any Optimizer { request.optimizer }
  private var seed: Int { request.seed }

  package let kind = "fitted model"

  private static let own = [
    "params", "loss", "history", "epochs", "converged", "reason", "optimizer", "seed", "seconds",
  ]

  /// Parameters of a record are fields of the model too, unless their name is taken.
  private var named: Record {
    guard case .record(let record) = parameters else { return Record() }
    return Record(
      zip(record.keys, record.values).filter { !Self.own.contains($0.0) }.map { ($0, $1) })
  }

  package var fieldNames: [String] { named.keys + Self.own }

  package func field(_ name: String) -> Value? {
    switch name {
    case "params": parameters
    case "loss": .number(history.loss.last ?? .nan)
    case "history": .record(history.record)
    case "epochs": .number(Double(history.epochs))
    case "converged": .boolean(reason == .converged)
    case "reason": .text(reason.words)
    case "optimizer": .text(optimizer.title)
    case "seed": .number(Double(seed))
    case "seconds": .number(history.seconds.last ?? 0)
    default: named[name]
    }
  }

  package func summary(width: Int) -> String {
    let curve = SparkLine.text(
      of: history.loss, width: max(8, min(40, width - 30)), logarithmic: true)
    let epochs = history.epochs == 1 ? "1 epoch" : "\(history.epochs) epochs"
    let seconds = NumberFormat.fixed(history.seconds.last ?? 0, decimals: 2)
    let what: String
    if case .record(let record) = parameters {
      what = zip(record.keys, record.values).map { name, value in
        value.shape.map { $0.count == 1 ? name : "\(name) \($0)" } ?? name
      }.joined(separator: ", ")
    } else {
      what = parameters.label
    }
    let lines = [
      "fitted model: \(function) of \(what)",
      "  loss \(NumberFormat.short(history.loss.last ?? .nan, digits: 4)) \(curve)",
      "  \(epochs) of \(optimizer.title) in \(seconds) s, \(reason.words), seed \(seed)",
    ]
    return lines.map { $0.count > width ? String($0.prefix(max(width - 1, 0))) + "…" : $0 }
      .joined(separator: "\n")
  }
}

extension FittedModel: Argument {
  package static var takes: String { "fitted model" }
  package static func from(_ value: Value) -> FittedModel? {
    if case .object(let object) = value { object as? FittedModel } else { nil }
  }
}

extension FittedModel: Storable {
  package static let storedKind = "fitted model"

  package var stored: Record {
    var parts = Record([
      ("params", parameters), ("function", .text(function)), ("state", .matrix(state)),
      ("steps", .number(Double(steps))), ("reason", .text(reason.rawValue)),
      ("history", .record(history.parts)), ("optimizer", .object(OptimizerValue(optimizer))),
      ("shuffle", .boolean(request.shuffle)), ("seed", .number(Double(seed))),
    ])
    if let batch = request.batch { parts["batch"] = .number(Double(batch)) }
    if let schedule = request.schedule { parts["schedule"] = .object(ScheduleValue(schedule)) }
    if let norm = request.clip.norm { parts["clip"] = .number(norm) }
    if let value = request.clip.value { parts["clip_value"] = .number(value) }
    if let constraints = request.constraints { parts["constraints"] = constraints }
    return parts
  }

  package static func restored(from parts: Parts, _ context: Context) throws -> FittedModel {
    let optimizer: OptimizerValue = try parts("optimizer")
    let schedule: ScheduleValue? = try parts("schedule")
    let batch: Int? = try parts("batch")
    var request = FunctionRequest(
      epochs: 0, batch: batch.map { max($0, 1) }, optimizer: optimizer.optimizer,
      shuffle: try parts("shuffle"), seed: try parts("seed"))
    request.schedule = schedule?.schedule
    request.clip = Clip(norm: try parts("clip"), value: try parts("clip_value"))
    request.constraints = parts.record["constraints"]
    return FittedModel(
      parameters: try parts("params"), request: request, state: try parts("state"),
      steps: try parts.count("steps"), history: try History(Parts(try parts("history"))),
      reason: try parts.choice("reason"), function: try parts("function"))
  }
}
