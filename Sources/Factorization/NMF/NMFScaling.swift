import Matrices

/// Powers of two by which X and the factors are brought near 1, where the squares and quotients of a
/// run would leave the range of the arithmetic: `X = s X'`, `W = a W'`, `H = (s / a) H'`. The factors
/// of X' are those of X, to the last bit but for the powers.
struct NMFScaling {
  /// What X is divided by.
  let size: Double
  let ofW: Double
  let ofH: Double

  /// Numbers of this size, in the quadratic mean of those that are not 0, need no scaling.
  private static let comfortable = 1e-3...1e5

  /// `nil` where X is of a comfortable size, or 0.
  init?(_ x: AnyMatrix, _ options: NMFOptions, weights: AnyMatrix? = nil) {
    self.init(level: Self.level(x, weights: weights), options)
  }

  /// The quadratic mean of the known elements that are not 0; the largest where squares leave the
  /// range of the arithmetic.
  static func level(_ x: AnyMatrix, weights: AnyMatrix?) -> Double {
    let known = weights.map { x.choosing(where: $0) } ?? x.known
    let census = known.census
    let level = (census.sumOfSquares / Double(max(census.nonZeros, 1))).squareRoot()
    return level.isNormal ? level : max(known.total(.maximum), -known.total(.minimum))
  }

  /// The same for numbers of a size.
  init?(level: Double, _ options: NMFOptions) {
    guard level.isNormal, !Self.comfortable.contains(level) else { return nil }
    // An even exponent has a root that is a power of two; the power itself must not underflow.
    let exponent = max(-511, Int((Double(level.exponent) / 2).rounded(.down)))
    let root = Double(sign: .plus, exponent: exponent, significand: 1)
    size = root * root
    // Rows that sum to 1 leave the size to the other factor.
    let fixesW = options.terms.w.rowsSumToOne || options.form == .archetypal
    ofW = fixesW ? 1 : options.partsSumToOne ? size : root
    ofH = fixesW ? size : options.partsSumToOne ? 1 : root
  }

  /// What a loss is multiplied by.
  func ofLoss(_ loss: NMFLoss) -> Double {
    switch loss.entries {
    case .beta(let beta): Matrix.combine(.power, size, Matrix(beta))[0, 0]
    case .huber: size * size
    }
  }

  /// The loss for X from that for X'; infinite where squares of X leave the range of the arithmetic.
  func restored(_ loss: Double, of kind: NMFLoss) -> Double {
    loss > 0 ? loss * ofLoss(kind) : loss
  }

  /// The options for X'.
  func scaled(_ options: NMFOptions) -> NMFOptions {
    var options = options
    let unit = ofLoss(options.loss)
    if case .huber(let delta?) = options.loss { options.loss = .huber(delta / size) }
    scale(&options.terms.w, by: ofW, unit)
    scale(&options.terms.h, by: ofH, unit)
    return options
  }

  /// A penalty that leaves nothing of a factor; a larger one would leave the range of the arithmetic.
  private static let overwhelming = 1e15

  private func scale(_ terms: inout FactorTerms, by factor: Double, _ unit: Double) {
    let scaled = { (penalty: Double, power: Double) in
      penalty > 0 ? min(Self.overwhelming, penalty * factor / unit * power) : penalty
    }
    terms.l1 = scaled(terms.l1, 1)
    terms.l2 = scaled(terms.l2, factor)
    terms.orthogonality = scaled(terms.orthogonality, factor)
    if !terms.rowsSumToOne {
      terms.lowest /= factor
      terms.highest /= factor
    }
  }

  func scaled(_ x: Matrix) -> Matrix { x * (1 / size) }

  func scaled(_ x: AnyMatrix) -> AnyMatrix {
    switch x {
    case .dense(let x): .dense(scaled(x))
    case .sparse(let x): .sparse(SparseMatrix.combine(.multiply, x, 1 / size))
    }
  }

  func scaled(_ factors: NMFFactors) -> NMFFactors {
    NMFFactors(w: factors.w * (1 / ofW), ht: factors.ht * (1 / ofH))
  }

  /// The result for X from that for X'.
  func restored(_ finish: NMFProcess.Finish, _ options: NMFOptions) -> NMFProcess.Finish {
    var finish = finish
    finish.loss = restored(finish.loss, of: finish.options.loss)
    if case .huber(let delta?) = finish.options.loss {
      finish.options = options
      finish.options.loss = .huber(delta * size)
    } else {
      finish.options = options
    }
    finish.factors = NMFFactors(w: finish.factors.w * ofW, ht: finish.factors.ht * ofH)
    finish.residual = restored(finish.residual, of: .frobenius)
    return finish
  }
}
