import KernelTables

/// A rectangle of numbers in memory that somebody else owns: rows of a `Workspace` or of a matrix.
///
/// Training repeats the same few operations on the same memory thousands of times. A block costs
/// nothing to pass, to narrow to some rows or columns, and to write: no reference counting and no
/// copy on write. The price is that whoever makes a block keeps its owner alive and lets no two
/// threads write the same elements.
package struct Block {
  let address: UnsafeMutableRawPointer
  package let rows: Int
  package let columns: Int
  /// The distance from one row to the next, in elements.
  package let stride: Int
  package let precision: Precision

  init(
    _ address: UnsafeMutableRawPointer, _ rows: Int, _ columns: Int, stride: Int,
    _ precision: Precision
  ) {
    self.address = address
    self.rows = rows
    self.columns = columns
    self.stride = stride
    self.precision = precision
  }

  package var count: Int { rows * columns }

  /// The rows of a range.
  package func rows(in range: Range<Int>) -> Block {
    assert(range.lowerBound >= 0 && range.upperBound <= rows)
    return Block(
      address + range.lowerBound * stride * precision.bytes, range.count, columns, stride: stride,
      precision)
  }

  /// The columns of a range.
  package func columns(in range: Range<Int>) -> Block {
    assert(range.lowerBound >= 0 && range.upperBound <= columns)
    return Block(
      address + range.lowerBound * precision.bytes, rows, range.count, stride: stride, precision)
  }

  /// The elements of a single row, without gaps, in another shape.
  package func packed(_ rows: Int, _ columns: Int) -> Block {
    assert(self.rows == 1 && rows * columns == count)
    return Block(address, rows, columns, stride: columns, precision)
  }

  /// The same elements in another shape; they must lie without gaps.
  package func reshaped(_ rows: Int, _ columns: Int) -> Block {
    assert((stride == self.columns || self.rows <= 1) && rows * columns == count)
    return Block(address, rows, columns, stride: columns, precision)
  }

  /// Every `step`-th row from `first`: what one moment of all sequences is, where their moments
  /// follow each other.
  package func rows(from first: Int, every step: Int) -> Block {
    Block(
      address + first * stride * precision.bytes, (rows - first + step - 1) / step, columns,
      stride: stride * step, precision)
  }

  /// Sets every element to a number.
  package func fill(_ value: Double) {
    for row in 0..<rows {
      switch precision {
      case .double: self.row(row, Double.self).update(repeating: value, count: columns)
      case .single: self.row(row, Float.self).update(repeating: Float(value), count: columns)
      }
    }
  }

  /// The address of the first element.
  @inline(__always)
  func pointer<S: Scalar>(_: S.Type) -> UnsafeMutablePointer<S> {
    assert(S.precision == precision)
    return address.assumingMemoryBound(to: S.self)
  }

  /// The address of the first element of a row.
  @inline(__always)
  func row<S: Scalar>(_ index: Int, _: S.Type) -> UnsafeMutablePointer<S> {
    pointer(S.self) + index * stride
  }

  /// The rows as kernels take them.
  @inline(__always)
  func plane<S: Scalar>(_: S.Type) -> Plane<S> { Plane(pointer(S.self), stride: stride) }

  /// Copies the elements of a block of the same shape and precision.
  package func copy(from other: Block) {
    assert(rows == other.rows && columns == other.columns && precision == other.precision)
    let (width, step) = (columns * precision.bytes, stride * precision.bytes)
    let otherStep = other.stride * precision.bytes
    for row in 0..<rows {
      (address + row * step).copyMemory(from: other.address + row * otherStep, byteCount: width)
    }
  }

  /// Copies the elements of a block of the transposed shape.
  package func copyTransposed(_ other: Block) {
    assert(rows == other.columns && columns == other.rows && precision == other.precision)
    switch precision {
    case .double: copyTransposed(other, Double.self)
    case .single: copyTransposed(other, Float.self)
    }
  }

  private func copyTransposed<S: Scalar>(_ other: Block, _: S.Type) {
    Kernels.transpose(
      UnsafePointer(other.pointer(S.self)), other.rows, other.columns, stride: other.stride,
      into: pointer(S.self), stride: stride)
  }

  /// Copies rows of another block, in the given order: the gathering of a shuffled minibatch.
  package func gather(_ wanted: ArraySlice<Int>, of source: Block) {
    assert(wanted.count == rows && columns == source.columns && precision == source.precision)
    let (width, step) = (columns * precision.bytes, stride * precision.bytes)
    let sourceStep = source.stride * precision.bytes
    var into = address
    for row in wanted {
      into.copyMemory(from: source.address + row * sourceStep, byteCount: width)
      into += step
    }
  }

  /// Copies the elements of a matrix of the same shape, in the precision of this block.
  package func copy(from matrix: Matrix) {
    precondition(rows == matrix.rows && columns == matrix.columns)
    matrix.converted(to: precision).rowMajor().withBlock { copy(from: $0) }
  }
}

/// Cuts a stretch of memory into blocks, one after the other.
package struct Stretch {
  private var rest: Block

  /// All elements of a block without gaps.
  package init(_ block: Block) { rest = block.reshaped(1, block.count) }

  /// The next `rows · columns` elements.
  package mutating func take(_ rows: Int, _ columns: Int) -> Block {
    let count = rows * columns
    let block = rest.columns(in: 0..<count).packed(rows, columns)
    rest = rest.columns(in: count..<rest.columns)
    return block
  }
}

extension Matrix {
  /// A matrix of its own with the elements of a block.
  package init(_ block: Block) {
    self.init(uninitialized: Shape(block.rows, block.columns), block.precision)
    let into = Block(
      storage.address, block.rows, block.columns, stride: block.columns, block.precision)
    withExtendedLifetime(storage) { into.copy(from: block) }
  }

  /// Reads this matrix, whose elements must lie row after row, as a block.
  package func withBlock<R>(_ body: (Block) throws -> R) rethrows -> R {
    precondition(!isTransposed)
    return try withExtendedLifetime(storage) { try body(block) }
  }

  /// This matrix as a block to read from, valid as long as the matrix lives and is not changed;
  /// its elements must lie row after row.
  package var block: Block {
    precondition(!isTransposed)
    return Block(
      storage.address + offset * precision.bytes, rows, columns, stride: columns, precision)
  }
}

/// Memory for work that is repeated: taken once, handed out as blocks, freed as a whole.
package final class Workspace {
  package let precision: Precision
  private let storage: Storage
  private var used = 0

  /// Memory for this many numbers in blocks (each is rounded up to whole cache lines), all zero.
  package init(_ precision: Precision, shapes: [Shape]) {
    self.precision = precision
    let bytes = shapes.reduce(0) { $0 + Self.rounded($1.count * precision.bytes) }
    storage = .zeros(byteCount: bytes)
  }

  /// The next block of the shapes this workspace was made for.
  package func take(_ shape: Shape) -> Block {
    let start = storage.address + used
    used += Self.rounded(shape.count * precision.bytes)
    precondition(used <= storage.byteCount)
    return Block(start, shape.rows, shape.columns, stride: shape.columns, precision)
  }

  private static func rounded(_ bytes: Int) -> Int { (bytes + 63) & ~63 }
}
