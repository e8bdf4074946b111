import Matrices

/// Single elements all over a matrix that a fit does not see.
enum RankMask: Sendable {
  /// 1 where the fit may look.
  case shown(Matrix)
  /// 1 at what it does not see of a sparse matrix.
  case hidden(SparseMatrix)

  /// What a fit sees of X, and the weights of the rest.
  struct Split {
    var x: AnyMatrix
    var shown: AnyMatrix?
    var hidden: AnyMatrix
  }

  /// Every known element is held out with a probability of `part`. Of a sparse X whose weights are
  /// sparse too, only what these store is known.
  init(_ x: AnyMatrix, known: AnyMatrix?, _ part: Double, seed: Int, number: Int) {
    var random = Random(seed: UInt64(bitPattern: Int64(seed))).split(UInt32(100 + number))
    switch x {
    case .dense(let x):
      self = .shown(
        Matrix.combine(.greaterOrEqual, random.uniform(x.rows, x.columns, x.precision), part))
    case .sparse(let x):
      self = .hidden(
        known?.sparse?.speckled(part, &random)
          ?? SparseMatrix.speckles(x.shape, part, x.precision, &random))
    }
  }

  /// The same elements as a user would leave out: by weights of 0, or by NaN that a sparse X stores.
  func split(_ x: AnyMatrix, known: AnyMatrix?) -> Split {
    switch self {
    case .shown(let mask):
      let hidden = Matrix.combine(.subtract, 1, mask)
      return Split(
        x: x, shown: .dense(known.map { $0.full.times(mask) } ?? mask),
        hidden: .dense(known.map { $0.full.times(hidden) } ?? hidden))
    case .hidden(let hidden):
      if let known = known?.sparse {
        let left = SparseMatrix.combine(
          .subtract, SparseMatrix.combine(.greater, known, 0), hidden)
        return Split(
          x: x, shown: .sparse(known.choosing(where: left)),
          hidden: .sparse(known.choosing(where: hidden)))
      }
      let stored = x.stored
      let missing = stored.mapped(.isNaN)
      let holes = SparseMatrix.combine(.multiply, hidden, .nan)
      return Split(
        x: .sparse(SparseMatrix.combine(.add, stored, holes)),
        hidden: .sparse(
          SparseMatrix.combine(
            .greater, SparseMatrix.combine(.subtract, hidden, missing), 0
          ).converted(to: stored.precision)))
    }
  }
}
