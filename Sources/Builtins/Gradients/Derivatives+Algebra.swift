import Autodiff
import Matrices
import Vocabulary

extension Derivatives {
  /// Systems of equations, decompositions, and numbers that characterise a matrix.
  static var algebra: [String: Derivative] {
    [
      "solve": solution,
      "lstsq": solution,
      "inv": .rule(["x"]) { _ in .inverse },
      "pinv": .rule(["x"]) { _ in .pseudoinverse },
      "det": .rule(["x"]) { _ in .determinant },
      "logdet": .rule(["x"]) { _ in .logDeterminant },
      "trace": .rule(["x"]) { _ in .trace },
      "chol": .rule(["x"]) { _ in .cholesky },
      "norm": .composed(norm),
    ]
  }

  private static let solution = Derivative.rule(["A", "b"]) { call in
    .solution(of: call.shape("A"))
  }

  @Sendable private static func norm(_ call: TracedCall) throws -> Value {
    guard let x = call.variable("x")?.asMatrix else { return .nothing }
    let isVector = x.shape.isVector
    switch call.plain("kind") {
    case .number(1) where isVector: return Value(x.mapped(.abs).total)
    case .number(1): return Value(largest(x.mapped(.abs).sum(along: .rows)))
    case .number(.infinity) where isVector: return Value(largest(x.mapped(.abs)))
    case .number(.infinity): return Value(largest(x.mapped(.abs).sum(along: .columns)))
    case .number(2) where !isVector:
      let values = try decomposed(x) { try $0.singular() }.s
      return values.shape.rows > 0 ? Value(values.element(0, 0)) : .number(0)
    default: return Value(Trace.record(.number(x.value.matrix.frobeniusNorm), x, by: .norm))
    }
  }

  /// The largest element.
  private static func largest(_ x: Trace) -> Trace {
    let matrix = x.value.matrix
    if matrix.isEmpty { return Trace(0) }
    let place = matrix.argMaximum
    return x.element(place / matrix.columns, place % matrix.columns)
  }
}
