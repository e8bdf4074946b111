import Matrices
import Vocabulary

/// The largest singular values of sparse matrices.
extension SparseCalls {
  static let leading: [String: Builtin.SparseBody] = [
    "svd": { call in
      try found(call, "rank", "svd(x, 10)") { x, rank, method, powers in
        let factors = try x.svd(rank: rank, method: method, powers: powers)
        return .record(
          Record([
            ("U", .matrix(factors.u)), ("S", .matrix(factors.s)), ("V", .matrix(factors.v)),
          ]))
      }
    },
    "pca": { call in
      try found(call, "k", "pca(x, 10)") { x, count, method, powers in
        guard x.rows > 1 else {
          throw Problem(.value, "pca needs at least 2 rows", at: "x", label: x.label)
        }
        return PCAModel(try x.principalComponents(count, method: method, powers: powers)).value
      }
    },
  ]

  private static func found(
    _ call: SparseCall, _ name: String, _ example: String,
    _ body: (SparseMatrix, Int, SVDMethod, Int?) throws -> Value
  ) throws -> Value? {
    guard let x = call.sparse("x") else { return nil }
    let most = min(x.rows, x.columns)
    guard let count = call.value(name).flatMap(Int.from) else {
      throw Problem(
        .value, "of a sparse matrix only the largest are found: how many", at: "x", label: x.label,
        help: "as in \(example)")
    }
    guard count >= 1, count <= most else {
      throw Problem(
        .value, "'\(name)' must be 1 to \(most), the smaller size of the \(x.label)", at: name,
        label: "the number \(count)")
    }
    let given = call.value("method").flatMap(String.from) ?? ""
    guard let method = SVDMethod(rawValue: given), method != .full else {
      throw Problem(
        .value, "'method' is auto, lanczos or randomized for a sparse matrix", at: "method",
        label: "the text \"\(given)\"")
    }
    do {
      return try body(x, count, method, call.value("powers").flatMap(Int.from))
    } catch DecompositionError.notFinite(let row, let column) {
      throw Problem(
        .value, "every element must be a finite number", at: "x",
        label: "\(NumberFormat.short(x[row, column])) at [\(row + 1), \(column + 1)]")
    } catch is DecompositionError {
      throw Problem(
        .computation, "the decomposition has not converged", at: "x", label: x.label)
    }
  }
}
