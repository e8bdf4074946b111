/// A product of dense matrices, `C ← f(α·A·B + bias)` or `C ← C + α·A·B`, on the calling thread.
///
/// Each operand is told by where it starts and how far apart its rows and columns are; of B's two
/// distances and of A's, one is 1. `room` is memory for packed parts of A and B: `roomBytes`.
package struct Product<S>: @unchecked Sendable {
  package var rows: Int
  package var columns: Int
  package var inner: Int
  package var a: UnsafePointer<S>
  package var aRow: Int
  package var aInner: Int
  package var b: UnsafePointer<S>
  package var bInner: Int
  package var bColumn: Int
  package var c: UnsafeMutablePointer<S>
  package var cRow: Int
  package var scale = 1.0
  package var adds = false
  /// Added to every row.
  package var bias: UnsafePointer<S>?
  /// Whether negative results become 0.
  package var clamps = false
  package var room: UnsafeMutableRawPointer

  package init(
    rows: Int, columns: Int, inner: Int, a: UnsafePointer<S>, aRow: Int, aInner: Int,
    b: UnsafePointer<S>, bInner: Int, bColumn: Int, c: UnsafeMutablePointer<S>, cRow: Int,
    room: UnsafeMutableRawPointer
  ) {
    (self.rows, self.columns, self.inner) = (rows, columns, inner)
    (self.a, self.aRow, self.aInner) = (a, aRow, aInner)
    (self.b, self.bInner, self.bColumn) = (b, bInner, bColumn)
    (self.c, self.cRow) = (c, cRow)
    self.room = room
  }

  /// Bytes of a panel of B: three vectors, as deep as products are done at once.
  package static var panelBytes: Int { Product.depth * 192 }

  /// Bytes of `room`: a panel of B and a block of A.
  package static var roomBytes: Int { panelBytes + Product.depth * Product.block * 8 }

  /// Rows of A that are brought together where they lie far apart: for so many, B is packed once.
  @inlinable package static var block: Int { 128 }

  /// Columns of C that are few: vectors along them would be mostly empty.
  @inlinable package static var fewRows: Int { 12 }

  /// The inner length that is done at once: a panel of B of this depth stays in the second-level
  /// cache while rows pass by.
  @inlinable package static var depth: Int { 512 }
}
