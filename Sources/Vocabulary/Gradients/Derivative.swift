import Autodiff
import Matrices

/// What a builtin does with values that a gradient is taken in. A builtin that says nothing refuses
/// them, so that no gradient is silently wrong.
package enum Derivative: Sendable {
  /// The result does not change with small changes of the values: sizes, tests, positions, texts.
  case byValue
  /// It goes through the parts of a value, or calls functions with them, and does not calculate.
  case throughParts
  /// The body calculates the result; a rule leads back to one parameter, or two.
  case rule([String], @Sendable (TracedCall) throws -> Rule)
  /// Calculated once more from operations that have derivatives.
  case composed(@Sendable (TracedCall) throws -> Value)
  /// None; what to use instead.
  case refused(help: String)
}

/// A call of a builtin with values of which some are traced.
package struct TracedCall {
  let signature: Signature
  let values: [Value?]
  package let context: Context

  /// The number or matrix of a parameter, if it was given.
  package func variable(_ name: String) -> Trace? { value(name).flatMap { Trace($0) } }

  /// A parameter without traces.
  package func plain(_ name: String) -> Value? { value(name)?.plain }

  /// A parameter as it was given.
  package func value(_ name: String) -> Value? {
    signature.parameters.firstIndex { $0.name == name }.flatMap { values[$0] }
  }

  /// The axis that `dim` names; `nil` without one.
  package var axis: Axis? { plain("dim").flatMap { Int.from($0) }.flatMap { Axis(rawValue: $0) } }

  /// The shape of a parameter; 1×1 when it has none.
  package func shape(_ name: String) -> Shape { value(name)?.plain.shape ?? Shape(1, 1) }
}

extension Builtin {
  /// Whether one of the values is traced.
  @inline(__always)
  static func holdTraced(_ values: [Value?]) -> Bool {
    values.contains { $0?.holdsTraced ?? false }
  }

  /// The call with traced values among its arguments.
  func differentiated(_ values: [Value?], _ context: Context) throws -> Value {
    let call = TracedCall(signature: signature, values: values, context: context)
    switch derivative {
    case .throughParts: return try calculate(values, context)
    case .byValue: return try calculate(values.map { $0?.plain }, context)
    case .rule(let parameters, let rule):
      let result = try calculate(values.map { $0?.plain }, context)
      try require(parameters, call)
      guard let quantity = Quantity(result), let first = parameters.first,
        let a = call.variable(first)
      else { throw refusal(call, help: nil) }
      let found = try rule(call)
      guard parameters.count > 1, let b = call.variable(parameters[1]) else {
        return Value(Trace.record(quantity, a, by: found))
      }
      return Value(Trace.record(quantity, a, b, by: found))
    case .composed(let body): return try body(call)
    case .refused(let help): throw refusal(call, help: help)
    case nil: throw refusal(call, help: nil)
    }
  }

  private static let steps = ["whole number", "text", "true or false"]

  /// Refuses traces in parameters that no rule leads to; whole numbers and choices are steps.
  private func require(_ parameters: [String], _ call: TracedCall) throws {
    for (place, info) in signature.parameters.enumerated() {
      guard call.values[place]?.isTraced ?? false, !parameters.contains(info.name),
        !Self.steps.contains(info.takes)
      else { continue }
      throw Problem(
        .computation, "'\(name)' has no derivative in '\(info.name)'", at: info.name,
        label: call.values[place]?.plain.label ?? "")
    }
  }

  private func refusal(_ call: TracedCall, help: String?) -> Problem {
    let place = call.values.firstIndex { $0?.holdsTraced ?? false } ?? 0
    return Problem(
      .computation, "'\(name)' has no derivative, and a gradient goes through it",
      at: signature.parameters.indices.contains(place) ? signature.parameters[place].name : nil,
      label: call.values.indices.contains(place) ? call.values[place]?.plain.label ?? "" : "",
      help: help)
  }
}
