import Matrices
import Vocabulary

/// What a function is trained on: a matrix or a list of matrices that are cut along their rows.
struct FunctionData {
  private let matrices: [Matrix]
  private let isList: Bool
  let rows: Int

  init(_ value: Value) throws {
    switch value {
    case .list(let list):
      isList = true
      matrices = try list.map { part in
        guard let matrix = Matrix.from(part) else { throw Self.refusal(part) }
        return matrix
      }
    default:
      guard let matrix = Matrix.from(value) else { throw Self.refusal(value) }
      (matrices, isList) = ([matrix], false)
    }
    rows = matrices.first?.rows ?? 0
    if rows == 0 { throw Self.refusal(value) }
    if let other = matrices.first(where: { $0.rows != rows }) {
      throw Problem(
        .shape, "all data need equally many rows: \(rows) and \(other.rows)", at: "data",
        label: value.label)
    }
  }

  private static func refusal(_ value: Value) -> Problem {
    Problem(
      .type, "'data' needs a matrix with rows, or a list of such matrices", at: "data",
      label: value.label, help: "a list {X, y} is cut along the rows of both")
  }

  /// Some rows, in the form in which the data was given.
  func rows(_ wanted: ArraySlice<Int>?) -> Value {
    let parts = matrices.map { matrix in
      wanted.map { matrix.selecting(rows: Array($0)) } ?? matrix
    }
    return isList ? .list(parts.map { .matrix($0) }) : .matrix(parts[0])
  }
}
