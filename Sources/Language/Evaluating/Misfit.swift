import Matrices

/// Shapes that do not fit, as they are shown: in numbers while a program runs, in letters where a
/// size is not known before.
struct Misfit {
  enum Rule {
    case inner, unequal, broadcast, besides, above, square
    case reshape(given: Int, wanted: Int)
  }

  /// The two sizes of a matrix as they are shown.
  struct Sizes: CustomStringConvertible {
    var rows: String
    var columns: String

    init(_ shape: Shape) { (rows, columns) = ("\(shape.rows)", "\(shape.columns)") }

    init(_ extent: Extent, _ name: @escaping (Amount.Symbol) -> String) {
      (rows, columns) = (extent.rows.text(name), extent.columns.text(name))
    }

    var description: String { "\(rows)×\(columns)" }
  }

  var rule: Rule
  var left: Sizes
  var right: Sizes

  init(_ rule: Rule, _ left: Sizes, _ right: Sizes) {
    self.rule = rule
    self.left = left
    self.right = right
  }

  init(_ error: ShapeError) {
    switch error {
    case .inner(let a, let b): self.init(.inner, Sizes(a), Sizes(b))
    case .unequal(let a, let b): self.init(.unequal, Sizes(a), Sizes(b))
    case .broadcast(let a, let b): self.init(.broadcast, Sizes(a), Sizes(b))
    case .besides(let a, let b): self.init(.besides, Sizes(a), Sizes(b))
    case .above(let a, let b): self.init(.above, Sizes(a), Sizes(b))
    case .square(let a): self.init(.square, Sizes(a), Sizes(a))
    case .reshape(let a, let b):
      self.init(.reshape(given: a.count, wanted: b.count), Sizes(a), Sizes(b))
    }
  }
}
