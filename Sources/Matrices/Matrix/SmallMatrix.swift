/// A few 64-bit numbers seen where they lie, without a share in their memory: what arithmetic on
/// small matrices needs, where counting owners would cost more than the arithmetic.
///
/// It is good only as long as the matrix it was made from. Results are the same bits as those of
/// `Matrix.combine` and `*`.
package struct SmallMatrix {
  private let address: UnsafePointer<Double>
  // Narrow, because every variable has room for one.
  private let rowCount: UInt8
  private let columnCount: UInt8
  private let rowStride: UInt8
  private let columnStride: UInt8

  private var rows: Int { Int(rowCount) }
  private var columns: Int { Int(columnCount) }
  private var rowStep: Int { Int(rowStride) }
  private var columnStep: Int { Int(columnStride) }

  /// Matrices with more elements are not worth a way of their own.
  package static let most = 64

  /// `nil` for a matrix that is not small or has other numbers.
  package static func seeing(_ matrix: Matrix) -> SmallMatrix? {
    let (rows, columns) = (matrix.rows, matrix.columns)
    guard matrix.precision == .double, rows <= most, columns <= most, rows * columns <= most
    else { return nil }
    let address = UnsafePointer(
      matrix.storage.address.assumingMemoryBound(to: Double.self) + matrix.offset)
    return matrix.isTransposed
      ? SmallMatrix(address, rows, columns, 1, rows)
      : SmallMatrix(address, rows, columns, columns, 1)
  }

  private init(
    _ address: UnsafePointer<Double>, _ rows: Int, _ columns: Int, _ rowStep: Int,
    _ columnStep: Int
  ) {
    self.address = address
    rowCount = UInt8(truncatingIfNeeded: rows)
    columnCount = UInt8(truncatingIfNeeded: columns)
    rowStride = UInt8(truncatingIfNeeded: rowStep)
    columnStride = UInt8(truncatingIfNeeded: columnStep)
  }

  package var transposed: SmallMatrix {
    SmallMatrix(address, columns, rows, columnStep, rowStep)
  }

  /// Writes the elements, row after row, to other memory.
  package func copy(to target: UnsafeMutablePointer<Double>) {
    if isDense { return target.update(from: address, count: rows * columns) }
    var place = 0
    for row in 0..<rows {
      for column in 0..<columns {
        target[place] = address[row * rowStep + column * columnStep]
        place += 1
      }
    }
  }

  /// Whether the elements lie row after row.
  private var isDense: Bool { columnStep == 1 && rowStep == columns }

  // MARK: Arithmetic

  /// The four basic operations on two matrices of one shape; `nil` for everything else.
  package static func combine(
    _ operation: ElementwiseOperation, _ a: SmallMatrix, _ b: SmallMatrix
  ) -> Matrix? {
    guard a.rows == b.rows, a.columns == b.columns else { return nil }
    switch operation {
    case .add: return combine(a, b) { $0 + $1 }
    case .subtract: return combine(a, b) { $0 - $1 }
    case .multiply: return combine(a, b) { $0 * $1 }
    case .divide: return combine(a, b) { $0 / $1 }
    default: return nil
    }
  }

  @inline(__always)
  private static func combine(
    _ a: SmallMatrix, _ b: SmallMatrix, _ operation: (Double, Double) -> Double
  ) -> Matrix {
    let result = Matrix(uninitialized: Shape(a.rows, a.columns), .double)
    let target = result.storage.address.assumingMemoryBound(to: Double.self)
    if a.isDense && b.isDense {
      for i in 0..<a.rows * a.columns { target[i] = operation(a.address[i], b.address[i]) }
    } else {
      var place = 0
      for row in 0..<a.rows {
        for column in 0..<a.columns {
          target[place] = operation(
            a.address[row * a.rowStep + column * a.columnStep],
            b.address[row * b.rowStep + column * b.columnStep])
          place += 1
        }
      }
    }
    return result
  }

  /// The four basic operations with a number on the right; `nil` for everything else.
  package static func combine(_ operation: ElementwiseOperation, _ a: SmallMatrix, _ b: Double)
    -> Matrix?
  {
    switch operation {
    case .add: a.map { $0 + b }
    case .subtract: a.map { $0 - b }
    case .multiply: a.map { $0 * b }
    case .divide: a.map { $0 / b }
    default: nil
    }
  }

  /// The four basic operations with a number on the left; `nil` for everything else.
  package static func combine(_ operation: ElementwiseOperation, _ a: Double, _ b: SmallMatrix)
    -> Matrix?
  {
    switch operation {
    case .add: b.map { a + $0 }
    case .subtract: b.map { a - $0 }
    case .multiply: b.map { a * $0 }
    case .divide: b.map { a / $0 }
    default: nil
    }
  }

  @inline(__always)
  private func map(_ function: (Double) -> Double) -> Matrix {
    let result = Matrix(uninitialized: Shape(rows, columns), .double)
    let target = result.storage.address.assumingMemoryBound(to: Double.self)
    if isDense {
      for i in 0..<rows * columns { target[i] = function(address[i]) }
    } else {
      var place = 0
      for row in 0..<rows {
        for column in 0..<columns {
          target[place] = function(address[row * rowStep + column * columnStep])
          place += 1
        }
      }
    }
    return result
  }

  /// The matrix product, where it is one of small matrices and not a single number.
  package static func product(_ a: SmallMatrix, _ b: SmallMatrix) -> Matrix? {
    let (m, n, k) = (a.rows, b.columns, a.columns)
    guard k == b.rows, m * n > 1, m * n * k <= BLAS.tiny else { return nil }
    let result = Matrix(uninitialized: Shape(m, n), .double)
    let target = result.storage.address.assumingMemoryBound(to: Double.self)
    var place = 0
    for row in 0..<m {
      let x = a.address + row * a.rowStep
      for column in 0..<n {
        var (left, right) = (x, b.address + column &* b.columnStep)
        var sum = 0.0
        for _ in 0..<k {
          sum.addProduct(left.pointee, right.pointee)
          left += a.columnStep
          right += b.rowStep
        }
        target[place] = sum
        place += 1
      }
    }
    return result
  }
}
