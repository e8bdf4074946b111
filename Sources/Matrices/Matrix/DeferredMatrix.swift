/// A matrix that is not computed yet: elementwise operations on matrices and numbers, remembered
/// as a tree until somebody wants the elements. Then all operations are done in one pass over the
/// memory, tile by tile, without a matrix for any step between.
///
/// Shape, layout, precision and every bit of the result are those of the operations done one after
/// the other with `Matrix.combine` and `Matrix.mapped`. Operands that a row or a column stands for
/// are repeated as there; shapes must fit.
package final class DeferredMatrix {
  /// Below so many elements, memory between the steps costs less than remembering them.
  package static let worthDeferring = 4096

  enum Step {
    case matrix(Matrix)
    case progression(first: Double, step: Double)
    case mapped(ElementwiseFunction, DeferredMatrix)
    case both(ElementwiseOperation, DeferredMatrix, DeferredMatrix)
    case left(ElementwiseOperation, DeferredMatrix, Double)
    case right(ElementwiseOperation, Double, DeferredMatrix)
  }

  let step: Step
  package let shape: Shape
  package let precision: Precision
  package let isLogical: Bool
  /// Whether elements lie column after column.
  let isTransposed: Bool
  /// How many tiles must be kept at once to compute this one.
  let tiles: Int

  /// More tiles than this would not stay in the first-level cache.
  private static let mostTiles = 6

  private init(
    _ step: Step, _ shape: Shape, _ precision: Precision, isLogical: Bool, isTransposed: Bool,
    tiles: Int
  ) {
    self.step = step
    self.shape = shape
    self.precision = precision
    self.isLogical = isLogical
    self.isTransposed = isTransposed
    self.tiles = tiles
  }

  /// A matrix that is there already.
  package convenience init(_ matrix: Matrix) {
    self.init(
      .matrix(matrix), matrix.shape, matrix.precision, isLogical: matrix.isLogical,
      isTransposed: matrix.isTransposed, tiles: 0)
  }

  /// Evenly spaced numbers `first + i · step` as a row, which take no memory.
  package convenience init(from first: Double, by step: Double, count: Int) {
    self.init(
      .progression(first: first, step: step), Shape(1, count), .double, isLogical: false,
      isTransposed: false, tiles: 1)
  }

  /// The function of every element.
  package func mapped(_ function: ElementwiseFunction) -> DeferredMatrix {
    DeferredMatrix(
      .mapped(function, self), shape, precision, isLogical: function.isLogical,
      isTransposed: isTransposed, tiles: max(tiles, 1))
  }

  /// `self ∘ number`; the precision stays.
  package func combined(_ operation: ElementwiseOperation, _ number: Double) -> DeferredMatrix {
    DeferredMatrix(
      .left(operation, self, number), shape, precision, isLogical: operation.isLogical,
      isTransposed: isTransposed, tiles: max(tiles, 1))
  }

  /// `number ∘ self`; the precision stays.
  package func combined(_ number: Double, _ operation: ElementwiseOperation) -> DeferredMatrix {
    DeferredMatrix(
      .right(operation, number, self), shape, precision, isLogical: operation.isLogical,
      isTransposed: isTransposed, tiles: max(tiles, 1))
  }

  /// `self ∘ other`, with rows and columns of length 1 repeated.
  package func combined(_ operation: ElementwiseOperation, _ other: DeferredMatrix)
    -> DeferredMatrix
  {
    guard let shape = try? Shape.broadcast(self.shape, other.shape) else {
      preconditionFailure("shapes \(self.shape) and \(other.shape) do not fit")
    }
    let precision = Precision.joined(self.precision, other.precision)
    var (a, b) = (converted(to: precision), other.converted(to: precision))
    // One element stands for all, and does not change how the others lie.
    if b.shape.count == 1 { return a.combined(operation, b.matrix[0, 0]) }
    if a.shape.count == 1 { return b.combined(a.matrix[0, 0], operation) }
    let isTransposed = a.isTransposed && b.isTransposed
    // What is repeated is computed once, in full; so is what lies otherwise than the result.
    a = a.ready(for: shape, isTransposed: isTransposed)
    b = b.ready(for: shape, isTransposed: isTransposed)
    var tiles = a.tiles == b.tiles ? a.tiles + 1 : max(a.tiles, b.tiles)
    if tiles > Self.mostTiles {
      b = DeferredMatrix(b.matrix)
      tiles = max(a.tiles, 1)
    }
    return DeferredMatrix(
      .both(operation, a, b), shape, precision, isLogical: operation.isLogical,
      isTransposed: isTransposed, tiles: max(tiles, 1))
  }

  private func converted(to wanted: Precision) -> DeferredMatrix {
    precision == wanted ? self : DeferredMatrix(matrix.converted(to: wanted))
  }

  private func ready(for wanted: Shape, isTransposed wantsTransposed: Bool) -> DeferredMatrix {
    if shape == wanted, isTransposed == wantsTransposed { return self }
    var whole = matrix
    if isTransposed != wantsTransposed { whole = whole.relaid(transposed: wantsTransposed) }
    if shape == wanted { return DeferredMatrix(whole) }
    // A row or column that is repeated needs a tile of its own.
    return DeferredMatrix(
      .matrix(whole), whole.shape, precision, isLogical: whole.isLogical,
      isTransposed: wantsTransposed, tiles: 1)
  }

  /// The elements.
  package var matrix: Matrix {
    switch step {
    case .matrix(let matrix): return matrix
    case .progression(let first, let step):
      return .progression(from: first, by: step, count: shape.count)
    case .mapped, .both, .left, .right: break
    }
    var result = Matrix(uninitialized: shape, precision, transposed: isTransposed)
    switch precision {
    case .double: Kernels.compute(self, into: &result, Double.self)
    case .single: Kernels.compute(self, into: &result, Float.self)
    }
    result.isLogical = isLogical
    return result
  }
}

extension Matrix {
  /// The same matrix with its elements in a wanted order.
  fileprivate func relaid(transposed wanted: Bool) -> Matrix {
    wanted ? transposed.rowMajor().transposed : rowMajor()
  }
}
