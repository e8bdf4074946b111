import Synchronization

/// A matrix of which only the elements that are not 0 are stored: an immutable value.
///
/// The elements stand row by row, in every row with rising columns, so that memory and work follow
/// their number, which may exceed 2³¹. What needs them column by column, a product with the
/// transpose for one, orders them so once and keeps that beside the first order. Both orders read
/// memory forwards and write every result once: the same bits on any number of threads.
///
/// O(1): a copy, `transposed`. An element costs 4 bytes for its place and 4 or 8 for its number,
/// twice that once both orders are there. Indices count from 0. Shapes that do not fit are a mistake
/// of the caller and trap, as in `Matrix`.
package struct SparseMatrix: Sendable {
  package let shape: Shape
  package let precision: Precision
  /// Whether the elements are the truth values of a comparison.
  package var isLogical = false
  private let orders: Orders
  /// Whether the lines that `orders` calls rows are columns here.
  private let isTransposed: Bool

  /// From rows, or from columns when `transposed`.
  init(_ shape: Shape, _ lines: SparseLines, transposed: Bool = false) {
    precondition(lines.count == (transposed ? shape.columns : shape.rows))
    self.shape = shape
    precision = lines.values.precision
    isTransposed = transposed
    orders = Orders(lines, width: transposed ? shape.rows : shape.columns)
  }

  private init(flipping other: SparseMatrix) {
    shape = other.shape.transposed
    precision = other.precision
    isLogical = other.isLogical
    orders = other.orders
    isTransposed = !other.isTransposed
  }

  package var rows: Int { shape.rows }
  package var columns: Int { shape.columns }

  /// How many elements are stored: those that are not 0.
  package var count: Int { orders.lines.places.count }

  /// The stored part of all elements; 0 for an empty matrix.
  package var density: Double {
    shape.isEmpty ? 0 : Double(count) / (Double(rows) * Double(columns))
  }

  /// The bytes that the elements take in one order.
  package var byteCount: Int {
    let lines = orders.lines
    return lines.starts.count * 8 + count * (4 + precision.bytes)
  }

  /// The transpose, O(1).
  package var transposed: SparseMatrix { SparseMatrix(flipping: self) }

  /// The stored elements row by row.
  var byRows: SparseLines { isTransposed ? orders.turned : orders.lines }

  /// The cuts of `byRows` and of `byColumns`, for runs of many products.
  var rowCuts: SparseCuts { isTransposed ? orders.turnedCuts : orders.cuts }
  var columnCuts: SparseCuts { isTransposed ? orders.cuts : orders.turnedCuts }

  /// The stored elements column by column.
  var byColumns: SparseLines { isTransposed ? orders.lines : orders.turned }

  /// The order that is there anyhow, and whether its lines are rows.
  var firstOrder: (lines: SparseLines, areRows: Bool) { (orders.lines, !isTransposed) }

  /// The elements that are not NaN: itself where none is.
  package var withoutNaN: SparseMatrix {
    if first(where: \.isNaN) == nil { return self }
    let lines = orders.lines
    let kept =
      switch precision {
      case .double: lines.kept(Double.self) { _, x in !x.isNaN }
      case .single: lines.kept(Float.self) { _, x in !x.isNaN }
      }
    return SparseMatrix(shape, kept, transposed: isTransposed)
  }

  /// The same places with other numbers, in the order of `firstOrder`; zeros among them are dropped.
  func replacing(_ values: Matrix) -> SparseMatrix {
    var lines = orders.lines
    lines.values = values
    return SparseMatrix(shape, lines.withoutZeros(), transposed: isTransposed)
  }
}

/// The elements in the order in which they came, and in the other once somebody has asked for it.
private final class Orders: Sendable {
  let lines: SparseLines
  private let width: Int
  private let other = Mutex<SparseLines?>(nil)
  let cuts = SparseCuts()
  let turnedCuts = SparseCuts()

  init(_ lines: SparseLines, width: Int) {
    self.lines = lines
    self.width = width
  }

  var turned: SparseLines {
    other.withLock { known in
      if let known { return known }
      let made = lines.turned(width: width)
      // What a stop has cut short is not kept.
      if !Interrupt.abandonsKernels { known = made }
      return made
    }
  }
}
