import Glibc

/// One step of private training, as the accountant sees it: every example takes part with the
/// probability `rate`, and normal noise of `noise` times the largest contribution is added.
package struct SampledGaussian: Sendable, Equatable {
  /// The probability q with which an example takes part.
  package var rate: Double
  /// The deviation σ of the noise, in units of the largest contribution.
  package var noise: Double

  package init(rate: Double, noise: Double) {
    self.rate = rate
    self.noise = noise
  }

  /// A bound of the Rényi divergence of order α between the results with and without one example
  /// (Mironov, Talwar & Zhang 2019, arXiv 1908.10530, §3.3): `log A(α) / (α − 1)`, where A is the
  /// moment of the ratio of the two densities. Infinite where nothing is bounded.
  package func divergence(order alpha: Double) -> Double {
    if rate == 0 { return 0 }
    if noise == 0 { return .infinity }
    if rate >= 1 { return alpha / (2 * noise * noise) }
    let moment =
      alpha == alpha.rounded() ? wholeMoment(Int(alpha)) : fractionalMoment(alpha)
    return moment.isNaN ? .infinity : max(0, moment) / (alpha - 1)
  }

  /// `log Σᵢ C(α, i) (1 − q)^{α−i} qⁱ e^{(i² − i) / 2σ²}`, i from 0 to α.
  private func wholeMoment(_ alpha: Int) -> Double {
    var sum = -Double.infinity
    let order = Double(alpha)
    for index in 0...alpha {
      let i = Double(index)
      let binomial = lgamma(order + 1) - lgamma(i + 1) - lgamma(order - i + 1)
      let term =
        binomial + i * log(rate) + (order - i) * log1p(-rate)
        + (i * i - i) / (2 * noise * noise)
      sum = Self.logSum(sum, term)
    }
    return sum
  }

  /// Two series, one for either side of the place z₀ where the densities of the mixture's parts are
  /// equal; the terms alternate once i exceeds α. NaN where they do not settle.
  private func fractionalMoment(_ alpha: Double) -> Double {
    var (left, right) = (-Double.infinity, -Double.infinity)
    var (binomial, isPositive) = (0.0, true)
    let variance = noise * noise
    let middle = variance * (log1p(-rate) - log(rate)) + 0.5
    for index in 0..<Self.mostTerms {
      let i = Double(index)
      let j = alpha - i
      let width = 2.0.squareRoot() * noise
      let leftTerm =
        binomial + i * log(rate) + j * log1p(-rate) + (i * i - i) / (2 * variance)
        + Self.logTail((i - middle) / width)
      let rightTerm =
        binomial + j * log(rate) + i * log1p(-rate) + (j * j - j) / (2 * variance)
        + Self.logTail((middle - j) / width)
      left = Self.logSum(left, leftTerm, isPositive)
      right = Self.logSum(right, rightTerm, isPositive)
      if max(leftTerm, rightTerm) < Self.negligible { return Self.logSum(left, right) }
      // C(α, i + 1) = C(α, i) (α − i) / (i + 1)
      binomial += log(abs(j)) - log(i + 1)
      if j < 0 { isPositive.toggle() }
    }
    return .nan
  }

  private static let mostTerms = 100_000
  private static let negligible = -40.0

  /// `log(eᵃ ± eᵇ)`; NaN where a difference is negative.
  private static func logSum(_ a: Double, _ b: Double, _ adding: Bool = true) -> Double {
    let (high, low) = (max(a, b), min(a, b))
    if low == -.infinity { return adding || b == -.infinity ? high : .nan }
    if adding { return high + log1p(exp(low - high)) }
    return a > b ? a + log1p(-exp(b - a)) : (a == b ? -.infinity : .nan)
  }

  /// `log(½ erfc(x))`, by the asymptotic series where erfc is too small for a number.
  private static func logTail(_ x: Double) -> Double {
    if x < 25 { return log(0.5 * erfc(x)) }
    let square = 1 / (x * x)
    let series = square * (-0.5 + square * (0.75 - square * 1.875))
    return -x * x - log(2 * x * Double.pi.squareRoot()) + log1p(series)
  }
}
