/// The two dimensions of a matrix. A vector is n×1 or 1×n; a single value is 1×1.
package struct Shape: Hashable, Sendable, CustomStringConvertible {
  package var rows: Int
  package var columns: Int

  package init(_ rows: Int, _ columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  package var count: Int { rows * columns }
  package var isEmpty: Bool { rows == 0 || columns == 0 }
  package var isSquare: Bool { rows == columns }
  package var isVector: Bool { rows == 1 || columns == 1 }
  package var transposed: Shape { Shape(columns, rows) }
  package var description: String { "\(rows)×\(columns)" }

  /// The shape of the matrix product of an m×k and a k×n matrix: m×n.
  package static func product(_ a: Shape, _ b: Shape) throws(ShapeError) -> Shape {
    guard a.columns == b.rows else { throw ShapeError.inner(a, b) }
    return Shape(a.rows, b.columns)
  }

  /// The shape that both operands of `+` or `-` share; a 1×1 operand fits every shape.
  package static func equal(_ a: Shape, _ b: Shape) throws(ShapeError) -> Shape {
    if a == b || b.count == 1 { return a }
    if a.count == 1 { return b }
    throw ShapeError.unequal(a, b)
  }

  /// The shape of a dotted operation: rows of length 1 and columns of length 1 are repeated.
  package static func broadcast(_ a: Shape, _ b: Shape) throws(ShapeError) -> Shape {
    guard let rows = Self.stretch(a.rows, b.rows), let columns = Self.stretch(a.columns, b.columns)
    else { throw ShapeError.broadcast(a, b) }
    return Shape(rows, columns)
  }

  private static func stretch(_ a: Int, _ b: Int) -> Int? {
    a == b || b == 1 ? a : a == 1 ? b : nil
  }
}

/// Two shapes that do not fit, as data; the words are written where errors are shown.
package enum ShapeError: Error, Equatable {
  /// A product of m×k and l×n with k ≠ l.
  case inner(Shape, Shape)
  /// `+` or `-` of unequal shapes.
  case unequal(Shape, Shape)
  /// A dotted operation whose dimensions neither match nor are 1.
  case broadcast(Shape, Shape)
  /// Blocks side by side with different numbers of rows.
  case besides(Shape, Shape)
  /// Blocks one above the other with different numbers of columns.
  case above(Shape, Shape)
  /// A square matrix is needed.
  case square(Shape)
  /// A reshape that changes the number of elements.
  case reshape(Shape, Shape)
}

/// The direction of a reduction: `.rows` goes down the rows (result 1×n), `.columns` goes along
/// the columns (result m×1).
package enum Axis: Int, Sendable, CaseIterable {
  case rows = 1
  case columns = 2

  var other: Axis { self == .rows ? .columns : .rows }
}
