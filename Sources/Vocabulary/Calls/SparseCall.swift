import Matrices

/// A call of a builtin with sparse matrices among its values.
package struct SparseCall {
  let signature: Signature
  package let values: [Value?]
  package let context: Context

  /// A parameter as it was given, or its default.
  package func value(_ name: String) -> Value? {
    signature.parameters.firstIndex { $0.name == name }.flatMap { values[$0] }
  }

  /// The names of the parameters.
  package var parameterNames: [String] { signature.parameters.map(\.name) }

  /// The sparse matrix of a parameter.
  package func sparse(_ name: String) -> SparseMatrix? { value(name)?.sparse }

  /// The axis that `dim` names; `nil` without one.
  package func axis() throws -> Axis? {
    guard let given = value("dim") else { return nil }
    if case .nothing = given { return nil }
    guard let axis = Int.from(given).flatMap({ Axis(rawValue: $0) }) else {
      throw Problem(.value, "'dim' is 1 or 2", at: "dim", label: given.label)
    }
    return axis
  }
}

extension Builtin {
  /// What a builtin does with sparse matrices; `nil` where its body has to.
  package typealias SparseBody = @Sendable (SparseCall) throws -> Value?

  static func holdSparse(_ values: [Value?]) -> Bool {
    values.contains { value in
      guard let value else { return false }
      if case .list(let list) = value { return list.contains { $0.sparse != nil } }
      return value.sparse != nil
    }
  }

  /// A refusal of a sparse matrix, said so that it tells the way out.
  func refusal(of values: [Value?], _ problem: Problem) -> Problem {
    guard problem.kind == .type,
      let place = signature.parameters.firstIndex(where: {
        $0.name == problem.arguments.first?.parameter
      }), values.indices.contains(place), let matrix = values[place]?.sparse
    else { return problem }
    let parameter = signature.parameters[place].name
    return Problem(
      .type, "'\(name)' does not take sparse matrices", at: parameter, label: matrix.label,
      help: Problem.full(of: matrix, parameter), remedy: .rewriting(parameter, as: "full($)"))
  }
}
