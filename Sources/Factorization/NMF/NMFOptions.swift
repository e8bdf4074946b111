import Matrices

/// What distance between X and WH is made small.
package enum NMFLoss: Sendable, Equatable {
  /// `½‖X − WH‖²`.
  case frobenius
  /// The generalised Kullback–Leibler divergence `Σ x log(x/ŷ) − x + ŷ`, with `0 log 0 = 0`.
  case kl
  /// The β-divergence; 0 is Itakura–Saito. 2 and 1 are `frobenius` and `kl`.
  case beta(Double)
  /// Squares of residuals up to δ, their sizes beyond; `nil`: δ is half the deviation of X.
  case huber(Double?)

  /// The texts that name a loss.
  package static let names = ["frobenius", "kl", "itakura-saito", "beta", "huber"]

  /// The β-divergence, whichever way it is spelled.
  package static func divergence(_ beta: Double) -> NMFLoss {
    beta == 2 ? .frobenius : beta == 1 ? .kl : .beta(beta)
  }

  package var name: String {
    switch self {
    case .frobenius: "frobenius"
    case .kl: "kl"
    case .beta(0): "itakura-saito"
    case .beta(let beta): "beta \(NumberFormat.short(beta))"
    case .huber(let delta?): "huber \(NumberFormat.short(delta, digits: 4))"
    case .huber(nil): "huber"
    }
  }

  /// What the loss is called in a summary.
  package var noun: String {
    switch self {
    case .frobenius: "error"
    case .kl, .beta: "divergence"
    case .huber: "loss"
    }
  }

  /// Whether it is a sum of squares.
  package var isSquared: Bool { self == .frobenius }

  /// The same, entry by entry.
  package var entries: EntryDivergence {
    switch self {
    case .frobenius: .beta(2)
    case .kl: .beta(1)
    case .beta(let beta): .beta(beta)
    case .huber(let delta): .huber(delta ?? 1)
    }
  }

  /// The exponent with which multiplicative updates never raise the loss (Févotte & Idier 2011);
  /// quadratic penalties need a smaller one (Tan & Févotte 2013).
  func exponent(quadratic: Bool) -> Double {
    guard case .beta(let beta) = entries else { return 1 }
    if beta > 2 { return 1 / (beta - 1) }
    if quadratic { return 1 / (3 - beta) }
    return beta < 1 ? 1 / (2 - beta) : 1
  }
}

/// How the factors are moved.
package enum NMFSolver: String, Sendable, CaseIterable {
  /// The fastest for the matrix and the loss; the result says which and why.
  case auto
  /// Coordinate descent, extrapolated.
  case extrapolated
  /// Coordinate descent that never raises the loss.
  case hals
  /// Each factor exactly, by block principal pivoting.
  case bpp
  /// The coordinate that gains most, row by row.
  case gcd
  /// Multiplicative updates.
  case mu
  /// Newton's step, coordinate after coordinate, for `kl`.
  case newton
  /// Extrapolated descent on a random sketch of X, then on X.
  case randomized
  /// Rows of X as parts, for separable X.
  case spa
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
  /// Rows of X that are far from what the earlier ones span.
  case spa
  /// Random rows of X, far from each other.
  case kmeans = "kmeans++"
  /// Factors that the user gave.
  case given

  /// The texts that name a start.
  package static let names = allCases.filter { $0 != .given }.map(\.rawValue)

  /// Whether it is made of singular vectors, so that the rank is bounded.
  var needsSingularVectors: Bool { self == .nndsvd || self == .nndsvda || self == .nndsvdar }

  /// Whether the seed does not matter, but for rounding.
  var isFixed: Bool { self == .nndsvd || self == .nndsvda || self == .spa || self == .given }
}

/// What X is written as.
package enum NMFForm: String, Sendable, CaseIterable {
  /// X ≈ W H with W, H ≥ 0.
  case standard
  /// H of any sign.
  case semi
  /// X ≈ W Wᵀ for a symmetric X.
  case symmetric
  /// X ≈ W (B X), rows of W and of B sum to 1.
  case archetypal
}

/// One of something for W and one for H.
package struct PerFactor<T: Sendable>: Sendable {
  package var w: T
  package var h: T

  package init(w: T, h: T) {
    self.w = w
    self.h = h
  }

  package init(_ both: T) { self.init(w: both, h: both) }
}

/// Everything that a run of `nmf` depends on, besides X.
package struct NMFOptions: Sendable {
  package var rank: Int
  package var form = NMFForm.standard
  package var loss = NMFLoss.frobenius
  package var solver = NMFSolver.auto
  package var start = NMFStart.nndsvda
  package var iterations = 200
  package var tolerance = 1e-4
  /// Penalties and limits of W and of Hᵀ.
  package var terms = PerFactor(FactorTerms())
  /// Whether the rows of H are brought to sum 1 in the end.
  package var partsSumToOne = false
  package var restarts = 1
  package var seed = 0
  package var tile: Shape?

  package init(rank: Int) { self.rank = rank }

  package var isRegularized: Bool { terms.w.arePenalties || terms.h.arePenalties }

  /// Whether W and H may share their scale in any way.
  package var isScaleFree: Bool {
    form == .standard && !isRegularized && !terms.w.areLimits && !terms.h.areLimits
  }

  /// What the penalties add to the loss.
  package func penalty(_ factors: NMFFactors) -> Double {
    terms.w.penalty(factors.w) + terms.h.penalty(factors.ht)
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
    rescale(zip(a, b).map { $0 > 0 && $1 > 0 ? ($1 / $0).squareRoot().squareRoot() : 1 })
  }

  /// Empties columns of W whose row of H is empty, and the other way round: they rebuild nothing, and
  /// cost penalties.
  mutating func clearUnused(_ terms: PerFactor<FactorTerms>) {
    let empty = { (factor: Matrix) in
      factor.reduced(.sumOfSquares, along: .rows).elements.map { $0 == 0 }
    }
    let (emptyW, emptyH) = (empty(w), empty(ht))
    for r in emptyW.indices where emptyW[r] != emptyH[r] {
      let nothing = Matrix.zeros(1, 1, w.precision)
      if emptyH[r] {
        w.replace(rows: Array(0..<w.rows), columns: [r], with: nothing.within(terms.w))
      } else {
        ht.replace(rows: Array(0..<ht.rows), columns: [r], with: nothing.within(terms.h))
      }
    }
  }

  /// The same with empty components where W or H has no more of them than multiplications leave of what
  /// goes to 0; `nil` where there are none.
  func withoutTraces(_ terms: PerFactor<FactorTerms>) -> NMFFactors? {
    let most = 100 * leastEntry(w.precision)
    let isTrace = { (factor: Matrix) in
      factor.reduced(.maximum, along: .rows).elements.map { $0 <= most }
    }
    let (inW, inH) = (isTrace(w), isTrace(ht))
    let traces = inW.indices.filter { inW[$0] || inH[$0] }
    if traces.isEmpty { return nil }
    var result = self
    let nothing = Matrix.zeros(1, 1, w.precision)
    result.w.replace(rows: Array(0..<w.rows), columns: traces, with: nothing.within(terms.w))
    result.ht.replace(rows: Array(0..<ht.rows), columns: traces, with: nothing.within(terms.h))
    return result
  }

  /// Brings every part, a row of H, to sum 1.
  package mutating func normalizeParts() {
    rescale(ht.reduced(.sum, along: .rows).elements.map { $0 > 0 ? $0 : 1 })
  }

  /// Multiplies the columns of W and divides the rows of H.
  private mutating func rescale(_ scale: [Double]) {
    let (forW, forH) = (
      Matrix(row: scale).converted(to: w.precision), Matrix(row: scale).converted(to: ht.precision)
    )
    w.replaceRows { Matrix.combine(.multiply, $0, forW) }
    ht.replaceRows { Matrix.combine(.divide, $0, forH) }
  }
}
