import Autodiff
import Matrices
import Vocabulary

extension Derivatives {
  /// Decompositions: each factor is a field with a derivative of its own.
  static var decompositions: [String: Derivative] {
    [
      "eig": .composed(eigen),
      "svd": .composed(singular),
      "qr": .composed { call in
        guard let x = call.variable("x")?.asMatrix else { return .nothing }
        let (q, r) = try decomposed(x) { try $0.orthogonal() }
        return .record(Record([("Q", Value(q)), ("R", Value(r))]))
      },
      "lu": .composed { call in
        guard let x = call.variable("x")?.asMatrix else { return .nothing }
        let (l, u, p) = try decomposed(x) { try $0.eliminated() }
        return .record(Record([("L", Value(l)), ("U", Value(u)), ("P", Value(p))]))
      },
      "pca": .composed(components),
      "cond": .composed { call in
        guard let x = call.variable("x")?.asMatrix else { return .nothing }
        let s = try decomposed(x) { try $0.singular() }.s
        guard s.shape.rows > 0 else { return .number(0) }
        return Value(s.element(0, 0) ./ s.element(s.shape.rows - 1, 0))
      },
    ]
  }

  /// What a decomposition throws, as a problem of parameter `x`.
  static func decomposed<R>(_ x: Trace, _ body: (Trace) throws -> R) throws -> R {
    try StandardLibrary.decompose(x.value.matrix) { _ in try body(x) }
  }

  @Sendable private static func eigen(_ call: TracedCall) throws -> Value {
    guard let x = call.variable("x")?.asMatrix else { return .nothing }
    if call.plain("complex").flatMap({ Bool.from($0) }) ?? false {
      throw Problem(
        .computation, "complex eigenvalues have no derivative here", at: "complex", label: "true",
        help: "eig(x) of a matrix with real eigenvalues has one")
    }
    guard x.shape.isSquare else { throw ShapeError.square(x.shape) }
    let (values, vectors) = try decomposed(x) { try $0.eigen() }
    return .record(Record([("values", Value(values)), ("vectors", Value(vectors))]))
  }

  /// The largest singular values and their vectors, of all of them.
  private static func singular(_ x: Trace, first count: Int?) throws -> (
    u: Trace, s: Trace, v: Trace
  ) {
    let (u, s, v) = try decomposed(x) { try $0.singular() }
    guard let count, count < s.shape.rows else { return (u, s, v) }
    let kept = Array(0..<count)
    return (
      u.picked(rows: Array(0..<u.shape.rows), columns: kept), s.picked(rows: kept, columns: [0]),
      v.picked(rows: Array(0..<v.shape.rows), columns: kept)
    )
  }

  @Sendable private static func singular(_ call: TracedCall) throws -> Value {
    guard let x = call.variable("x")?.asMatrix else { return .nothing }
    let count = call.plain("rank").flatMap { Int.from($0) }
    if let count {
      try StandardLibrary.atMost(
        min(x.shape.rows, x.shape.columns), count, "rank", of: x.value.matrix)
    }
    let (u, s, v) = try singular(x, first: count)
    return .record(Record([("U", Value(u)), ("S", Value(s)), ("V", Value(v))]))
  }

  @Sendable private static func components(_ call: TracedCall) throws -> Value {
    guard let x = call.variable("x")?.asMatrix else { return .nothing }
    try StandardLibrary.need(2, of: x.value.matrix, .rows, for: "pca")
    try StandardLibrary.need(1, of: x.value.matrix, .columns, for: "pca")
    let most = min(x.shape.rows, x.shape.columns)
    let count = call.plain("k").flatMap { Int.from($0) } ?? most
    try StandardLibrary.atMost(most, count, "k", of: x.value.matrix)
    let mean = x.mean(along: .rows)
    let centered = x - mean
    let (u, s, v) = try singular(centered, first: count)
    let variance = (s .* s) ./ Double(x.shape.rows - 1)
    let whole = (centered .* centered).total ./ Double(x.shape.rows - 1)
    return .record(
      Record([
        ("codes", Value(u .* s.transposed)), ("components", Value(v.transposed)),
        ("variance", Value(variance)), ("explained", Value(variance ./ whole)),
        ("mean", Value(mean)),
      ]))
  }
}
