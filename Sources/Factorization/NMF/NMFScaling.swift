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
    let known = weights.map { x.choosing(where: $0) } ?? x.known
    let census = known.census
    var level = (census.sumOfSquares / Double(max(census.nonZeros, 1))).squareRoot()
    if Self.comfortable.contains(level) { return nil }
    if !level.isNormal { level = max(known.total(.maximum), -known.total(.minimum)) }
    guard level.isNormal else { return nil }
    // An even exponent has a root that is a power of two.
    let exponent = Int((Double(level.exponent) / 2).rounded(.down))
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

  private func scale(_ terms: inout FactorTerms, by factor: Double, _ unit: Double) {
    if terms.l1 > 0 { terms.l1 *= factor / unit }
    if terms.l2 > 0 { terms.l2 *= factor / unit * factor }
    if terms.orthogonality > 0 { terms.orthogonality *= factor / unit * factor }
    if !terms.rowsSumToOne {
      terms.lowest /= factor
      terms.highest /= factor
    }
  }

  func scaled(_ x: AnyMatrix) -> AnyMatrix {
    switch x {
    case .dense(let x): .dense(x * (1 / size))
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
