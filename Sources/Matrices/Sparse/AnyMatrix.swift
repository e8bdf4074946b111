/// A matrix, sparse or not, with what both can do.
package enum AnyMatrix: Sendable {
  case dense(Matrix)
  case sparse(SparseMatrix)

  package init(_ matrix: Matrix) { self = .dense(matrix) }

  package var shape: Shape {
    switch self {
    case .dense(let matrix): matrix.shape
    case .sparse(let matrix): matrix.shape
    }
  }

  package var precision: Precision {
    switch self {
    case .dense(let matrix): matrix.precision
    case .sparse(let matrix): matrix.precision
    }
  }

  package var rows: Int { shape.rows }
  package var columns: Int { shape.columns }
  package var isEmpty: Bool { shape.isEmpty }

  /// How many elements there are, zeros too.
  package var count: Double { Double(rows) * Double(columns) }

  /// The matrix, if all its elements are there.
  package var dense: Matrix? { if case .dense(let matrix) = self { matrix } else { nil } }

  /// The matrix, if only what is not 0 is stored.
  package var sparse: SparseMatrix? { if case .sparse(let matrix) = self { matrix } else { nil } }

  /// All elements; ask `Matrix.canAllocate` first.
  package var full: Matrix {
    switch self {
    case .dense(let matrix): matrix
    case .sparse(let matrix): matrix.full
    }
  }

  package func converted(to precision: Precision) -> AnyMatrix {
    switch self {
    case .dense(let matrix): .dense(matrix.converted(to: precision))
    case .sparse(let matrix): .sparse(matrix.converted(to: precision))
    }
  }

  /// All elements of some rows.
  package func rows(in range: Range<Int>) -> Matrix {
    switch self {
    case .dense(let matrix): matrix.rows(in: range)
    case .sparse(let matrix): matrix.rows(in: range)
    }
  }

  /// Some neighbouring rows, kept as they are.
  package func slice(rows range: Range<Int>) -> AnyMatrix {
    switch self {
    case .dense(let matrix): .dense(matrix.rows(in: range))
    case .sparse(let matrix): .sparse(matrix.slice(rows: range))
    }
  }

  /// All elements of the given rows.
  package func selecting(rows wanted: [Int]) -> Matrix {
    switch self {
    case .dense(let matrix): matrix.selecting(rows: wanted)
    case .sparse(let matrix): matrix.selecting(rows: wanted).full
    }
  }

  package func reduced(_ reduction: Reduction, along axis: Axis) -> Matrix {
    switch self {
    case .dense(let matrix): matrix.reduced(reduction, along: axis)
    case .sparse(let matrix): matrix.reduced(reduction, along: axis)
    }
  }

  package func total(_ reduction: Reduction) -> Double {
    switch self {
    case .dense(let matrix): matrix.total(reduction)
    case .sparse(let matrix): matrix.total(reduction)
    }
  }

  package var census: Census {
    switch self {
    case .dense(let matrix): matrix.census
    case .sparse(let matrix): matrix.census
    }
  }

  /// `X F` for a dense F.
  package func times(_ factor: Matrix) -> Matrix {
    switch self {
    case .dense(let matrix): matrix * factor
    case .sparse(let matrix): matrix.times(factor)
    }
  }

  /// `Xᵀ F` for a dense F.
  package func transposedTimes(_ factor: Matrix) -> Matrix {
    switch self {
    case .dense(let matrix): matrix.transposed * factor
    case .sparse(let matrix): matrix.transposedTimes(factor)
    }
  }

  /// The elements that are not 0.
  package var stored: SparseMatrix {
    switch self {
    case .dense(let matrix): SparseMatrix(matrix)
    case .sparse(let matrix): matrix
    }
  }

  /// One element.
  package subscript(row: Int, column: Int) -> Double {
    switch self {
    case .dense(let matrix): matrix[row, column]
    case .sparse(let matrix): matrix[row, column]
    }
  }

  /// The first element, row after row, that is NaN or infinite.
  package var firstNonFinite: (row: Int, column: Int)? {
    switch self {
    case .dense(let matrix): matrix.firstNonFinite
    case .sparse(let matrix): matrix.first { !$0.isFinite }.map { ($0.row, $0.column) }
    }
  }

  /// The first element below 0.
  package var firstNegative: (row: Int, column: Int)? {
    switch self {
    case .dense(let matrix): matrix.firstNegative
    case .sparse(let matrix): matrix.first { $0 < 0 }.map { ($0.row, $0.column) }
    }
  }

  /// The first element of a square matrix that differs from its mirror image by more than rounding.
  package var firstAsymmetry: (row: Int, column: Int)? {
    switch self {
    case .dense(let matrix): return matrix.firstAsymmetry
    case .sparse(let matrix):
      let difference = SparseMatrix.combine(.subtract, matrix, matrix.transposed)
      let tolerance = 32 * precision.epsilon * matrix.mapped(.abs).total(.maximum)
      return difference.first { abs($0) > tolerance }.map { ($0.row, $0.column) }
    }
  }

  /// How many elements are NaN or infinite.
  package var nonFiniteCount: Int {
    let stored = stored
    return stored.count - Int(stored.mapped(.isFinite).total(.sum))
  }

  /// How many elements are below 0.
  package var negativeCount: Int { SparseMatrix.combine(.less, stored, 0).count }
}
