import Glibc

/// A dense matrix of 32- or 64-bit floating-point numbers: a copy-on-write value.
///
/// Elements lie row after row. Three things cost O(1) because they share
/// that memory: a copy, `transposed` (which only notes that the elements lie column after column),
/// and `rows(in:)` (a range of rows; a minibatch copies nothing). Everything else allocates one new
/// matrix, except operations marked `into:` or `mutating`, which write in place when they own the
/// memory alone.
///
/// Indices count from 0 here; the language, which counts from 1, converts at its border. A shape
/// that does not fit is a mistake of the caller and traps: whoever takes matrices from a user asks
/// `Shape` first, which throws.
package struct Matrix: @unchecked Sendable {
  var storage: Storage
  /// The first element, counted in elements from the start of the storage.
  var offset: Int
  private var rowCount: Int32
  private var columnCount: Int32
  package let precision: Precision
  /// Whether elements lie column after column.
  var isTransposed: Bool
  /// Whether the elements are the truth values of a comparison, so that indexing selects by them.
  package var isLogical: Bool

  package var rows: Int { Int(rowCount) }
  package var columns: Int { Int(columnCount) }
  package var shape: Shape { Shape(rows, columns) }
  package var count: Int { rows * columns }
  package var isEmpty: Bool { count == 0 }
  package var byteCount: Int { count * precision.bytes }

  /// A matrix whose elements are undefined until a kernel writes all of them.
  init(uninitialized shape: Shape, _ precision: Precision, transposed: Bool = false) {
    storage = .make(byteCount: shape.count * precision.bytes)
    offset = 0
    rowCount = Int32(shape.rows)
    columnCount = Int32(shape.columns)
    self.precision = precision
    isTransposed = transposed
    isLogical = false
  }

  private init(sharing other: Matrix, offset: Int, shape: Shape, transposed: Bool) {
    storage = other.storage
    self.offset = offset
    rowCount = Int32(shape.rows)
    columnCount = Int32(shape.columns)
    precision = other.precision
    isTransposed = transposed
    isLogical = other.isLogical
  }

  /// The largest number of elements in a dimension.
  package static let largestDimension = Int(Int32.max)

  /// Whether a matrix of this shape can be had: dimensions in range, and memory has room.
  package static func canAllocate(_ shape: Shape, _ precision: Precision = .double) -> Bool {
    guard shape.rows <= largestDimension, shape.columns <= largestDimension else { return false }
    let (count, overflow) = shape.rows.multipliedReportingOverflow(by: shape.columns)
    guard !overflow, count < 1 << 48 else { return false }
    return Memory.hasRoom(for: count * precision.bytes)
  }

  // MARK: Views that share the memory

  /// The transpose, O(1): the same memory read column after column.
  package var transposed: Matrix {
    Matrix(sharing: self, offset: offset, shape: shape.transposed, transposed: !isTransposed)
  }

  /// The rows of a range, O(1) when elements lie row after row, else one copy.
  package func rows(in range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows)
    let base = rowMajor()
    return Matrix(
      sharing: base, offset: base.offset + range.lowerBound * columns,
      shape: Shape(range.count, columns), transposed: false)
  }

  /// The same elements, row after row, in another shape with equal count; O(1) when they lie so.
  package func reshaped(_ rows: Int, _ columns: Int) -> Matrix {
    precondition(rows * columns == count)
    let base = rowMajor()
    return Matrix(
      sharing: base, offset: base.offset, shape: Shape(rows, columns), transposed: false)
  }

  /// The same matrix with elements row after row: itself, or one copy of a transpose.
  package func rowMajor() -> Matrix {
    if !isTransposed || rows == 1 || columns == 1 {
      return isTransposed
        ? Matrix(sharing: self, offset: offset, shape: shape, transposed: false) : self
    }
    return Kernels.untransposed(self)
  }

  /// The columns' names, where a file gave them.
  package var columnNames: [String]? {
    get {
      guard !isTransposed, let names = storage.columnNames, names.count == columns else {
        return nil
      }
      return names
    }
    set {
      var copy = rowMajor()
      if copy.storage === storage { copy = Kernels.copied(copy) }
      copy.storage.columnNames = newValue
      self = copy
    }
  }

  // MARK: Memory

  /// Reads the elements in the order in which they lie (`isTransposed` tells which).
  func read<S: Scalar, R>(_: S.Type, _ body: (UnsafePointer<S>) -> R) -> R {
    assert(S.precision == precision)
    return withExtendedLifetime(storage) {
      body(UnsafePointer(storage.address.assumingMemoryBound(to: S.self) + offset))
    }
  }

  /// Writes the elements in the order in which they lie, after one copy if the memory is shared.
  mutating func write<S: Scalar, R>(_: S.Type, _ body: (UnsafeMutablePointer<S>) -> R) -> R {
    assert(S.precision == precision)
    makeUnique()
    return withExtendedLifetime(storage) {
      body(storage.address.assumingMemoryBound(to: S.self) + offset)
    }
  }

  /// Moves the elements into memory of their own, so that a small part does not keep a large
  /// whole alive and later writes to the whole do not have to copy it.
  package mutating func detach() { makeUnique() }

  /// Ensures that nobody else sees the memory.
  mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&storage) { self = Kernels.copied(self) }
  }
}
