import Matrices

/// A sparse matrix as a value.
package final class Sparse: Object {
  package let matrix: SparseMatrix

  package init(_ matrix: SparseMatrix) { self.matrix = matrix }

  package static let kind = "sparse matrix"

  package var kind: String { Self.kind }
  package var fieldNames: [String] { [] }
  package func field(_ name: String) -> Value? { nil }

  /// The most elements that a summary shows.
  private static let shown = 8

  /// Shape and density, how full rows and columns are, and the first elements.
  package func summary(width: Int) -> String {
    var lines = [matrix.brief]
    if !matrix.shape.isEmpty {
      lines.append("  " + facts("row", .columns, matrix.columns))
      lines.append("  " + facts("column", .rows, matrix.rows))
    }
    let first = matrix.firstElements(Self.shown)
    let places = first.map { "[\($0.row + 1), \($0.column + 1)]" }
    let widest = places.map(\.count).max() ?? 0
    for (place, element) in zip(places, first) {
      let number = matrix.isLogical ? "true" : NumberFormat.short(element.value, digits: 6)
      lines.append(
        "  \(place)\(String(repeating: " ", count: widest - place.count))  \(number)")
    }
    if matrix.count > first.count { lines.append("  … \(matrix.count - first.count) more") }
    return lines.map { $0.truncated(toWidth: max(width, 20)) }.joined(separator: "\n")
  }

  private func facts(_ noun: String, _ axis: Axis, _ length: Int) -> String {
    let counts = matrix.counts(along: axis)
    let empty = counts.count { $0 == 0 }
    let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
    let range = least == most ? "\(least)" : "\(least) to \(most)"
    let note = empty == 0 ? "" : ", \(empty) of \(counts.count) empty"
    return "\(range) of \(length) in a \(noun)\(note)"
  }
}

extension SparseMatrix {
  /// `943×1682 f64 sparse matrix, 100000 stored (6.3 %)`.
  package var brief: String {
    let kind = isLogical ? "true/false" : precision.description
    let percent = NumberFormat.short(100 * density, digits: 2)
    return "\(shape) \(kind) sparse matrix, \(count) stored (\(percent) %)"
  }

  /// `943×1682 sparse matrix`.
  package var label: String {
    "\(shape)\(isLogical ? " true/false" : precision == .single ? " f32" : "") sparse matrix"
  }
}

extension Value {
  /// The sparse matrix that it is.
  @inline(__always)
  package var sparse: SparseMatrix? {
    guard case .object(let object) = self, type(of: object) == Sparse.self else { return nil }
    return unsafeDowncast(object, to: Sparse.self).matrix
  }

  /// A sparse matrix as a value.
  package init(_ matrix: SparseMatrix) { self = .object(Sparse(matrix)) }
}

extension SparseMatrix: Argument, Returnable {
  package static var takes: String { "sparse matrix" }
  package static var hint: String? { "sparse(x) makes one of a matrix" }
  package static func from(_ value: Value) -> SparseMatrix? { value.sparse }
  package var value: Value { Value(self) }
}

extension AnyMatrix: Argument, Returnable {
  package static var takes: String { "matrix" }
  package static var kinds: Set<ValueKind>? { Matrix.kinds }
  package static func from(_ value: Value) -> AnyMatrix? {
    if let sparse = value.sparse { return .sparse(sparse) }
    return Matrix.from(value).map { .dense($0) }
  }

  package var value: Value {
    switch self {
    case .dense(let matrix): .matrix(matrix)
    case .sparse(let matrix): Value(matrix)
    }
  }

  /// What it is in half a line, shape included.
  package var label: String {
    switch self {
    case .dense(let matrix): matrix.label
    case .sparse(let matrix): matrix.label
    }
  }
}

extension Problem {
  /// What is said where a matrix with all its elements is needed: `full` makes one, if it fits.
  package static func full(of matrix: SparseMatrix, _ name: String = "x") -> String {
    Matrix.canAllocate(matrix.shape, matrix.precision)
      ? "full(\(name)) has all elements, the zeros too"
      : "full(\(name)) would not fit into memory; take a part first, as in full(\(name)[1:100, :])"
  }
}
