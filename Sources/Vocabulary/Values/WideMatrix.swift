import Matrices

/// A matrix in memory, sparse or not, or the rows of a file.
package enum WideMatrix: Argument {
  case matrix(AnyMatrix)
  case stream(RowStream)

  package static var takes: String { "matrix" }
  package static var kinds: Set<ValueKind>? { Matrix.kinds?.union([.object]) }

  package static func from(_ value: Value) -> WideMatrix? {
    if case .object(let object) = value, let stream = object as? RowStream {
      return .stream(stream)
    }
    return AnyMatrix.from(value).map { .matrix($0) }
  }

  package var shape: Shape {
    switch self {
    case .matrix(let matrix): matrix.shape
    case .stream(let rows): rows.shape
    }
  }

  package var label: String {
    switch self {
    case .matrix(let matrix): matrix.label
    case .stream(let rows): rows.label
    }
  }
}
