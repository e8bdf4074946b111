import Matrices

/// What distance between X and WH is made small.
package enum NMFLoss: String, Sendable, CaseIterable {
  /// `½‖X − WH‖²`.
  case frobenius
  /// The generalised Kullback–Leibler divergence `Σ x log(x/ŷ) − x + ŷ`, with `0 log 0 = 0`.
  case kl
}

/// How the factors are moved.
package enum NMFSolver: String, Sendable, CaseIterable {
  /// The fastest for the loss: extrapolated coordinate descent, or multiplicative updates for `kl`.
  case auto
  /// Coordinate descent that never raises the loss.
  case hals
  /// Multiplicative updates.
  case mu
}

/// Where the factors start.
package enum NMFStart: String, Sendable, CaseIterable {
  /// Singular vectors cut into their non-negative parts; zeros filled with the mean of X.
  case nndsvda
  /// The same with its zeros left.
  case nndsvd
  /// The same with zeros filled with small random numbers.
  case nndsvdar
  /// Uniform random numbers of the right size.
  case random
}

/// Everything that a run of `nmf` depends on, besides X.
package struct NMFOptions: Sendable {
  package var rank: Int
  package var loss = NMFLoss.frobenius
  package var solver = NMFSolver.auto
  package var start = NMFStart.nndsvda
  package var iterations = 200
  package var tolerance = 1e-4
  package var l1 = 0.0
  package var l2 = 0.0
  package var seed = 0
  package var tile: Shape?

  package init(rank: Int) { self.rank = rank }

  package var isRegularized: Bool { l1 > 0 || l2 > 0 }

  /// What `auto` stands for.
  package var solverName: String {
    switch (solver, loss) {
    case (.auto, .frobenius): "extrapolated hals"
    case (.auto, .kl): "mu"
    case (.hals, _), (.mu, _): solver.rawValue
    }
  }
}

/// Two factors: `W` (m×k) and `Hᵀ` (n×k), so that both are improved by the same code.
package struct NMFFactors: Sendable {
  package var w: Matrix
  package var ht: Matrix

  package init(w: Matrix, ht: Matrix) {
    self.w = w
    self.ht = ht
  }

  /// Gives `w_r` and `h_r` the same length, which leaves WH as it is.
  package mutating func balance() {
    let (a, b) = (
      w.reduced(.sumOfSquares, along: .rows).elements,
      ht.reduced(.sumOfSquares, along: .rows).elements
    )
    let scale = zip(a, b).map { $0 > 0 && $1 > 0 ? ($1 / $0).squareRoot().squareRoot() : 1 }
    w = Matrix.combine(.multiply, w, Matrix(row: scale).converted(to: w.precision))
    ht = Matrix.combine(.divide, ht, Matrix(row: scale).converted(to: ht.precision))
  }
}
