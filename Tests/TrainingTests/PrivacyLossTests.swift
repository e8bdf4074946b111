import Matrices
import Testing
import Training

/// The accountant against published tables, other accountants' values, and integrals.
@Suite struct PrivacyLossTests {
  struct Published: Sendable {
    var rate: Double
    var noise: Double
    var steps: Int
    var classic: Double?
    var epsilon: Double
    var order: Double?
  }

  /// TensorFlow Privacy's table and Opacus' tutorials, δ = 1e-5; digits as Opacus' accountant gives
  /// them.
  static let published = [
    Published(
      rate: 256.0 / 60000, noise: 1.12, steps: 14062, classic: 2.922, epsilon: 2.5186, order: 8.3),
    Published(rate: 256.0 / 60000, noise: 0.6, steps: 7031, classic: 9.753, epsilon: 8.7695),
    Published(rate: 256.0 / 60000, noise: 1.2, steps: 2343, classic: 1.198, epsilon: 0.9316),
    Published(rate: 0.004, noise: 1.1, steps: 15000, classic: 2.905, epsilon: 2.5029),
    Published(rate: 0.01, noise: 1, steps: 1000, epsilon: 2.1014, order: 7.8),
  ]

  @Test(arguments: published) func epsilonIsThePublishedOne(_ row: Published) {
    let loss = PrivacyLoss(row.steps, of: SampledGaussian(rate: row.rate, noise: row.noise))
    let found = loss.guarantee(delta: 1e-5)
    #expect(abs(found.epsilon - row.epsilon) < 1e-4)
    if let classic = row.classic { #expect(abs(found.classic - classic) < 1e-3) }
    if let order = row.order { #expect(found.order == order) }
    #expect(!found.isAtEnd)
  }

  @Test func lossesOfDifferentStepsAddUp() {
    let orders = (2...32).map(Double.init)
    var loss = PrivacyLoss(10, of: SampledGaussian(rate: 1e-5, noise: 1), orders: orders)
    loss += PrivacyLoss(4, of: SampledGaussian(rate: 1e-4, noise: 3), orders: orders)
    let found = loss.guarantee(delta: 1e-5)
    #expect(abs(found.epsilon - 0.33634) < 1e-5)
    #expect(found.order == 23)
  }

  /// `log E[((1 − q) + q e^{(2z − 1) / 2σ²})^α] / (α − 1)` for z ~ N(0, σ²), by SciPy's `quad`.
  @Test(
    arguments: [
      (0.01, 1.0, 1.5, 0.0001272537433274491), (0.01, 1, 2, 0.0001718134220745432),
      (0.01, 1, 7.8, 0.0008475661385626598),
      (256.0 / 60000, 1.12, 8.3, 9.669719007856609e-05), (0.2, 2, 1.1, 0.005966332621559228),
      (0.2, 2, 3.7, 0.02273191948676392), (0.6, 1.5, 4.5, 0.5355994072870475),
      (0.004, 1.1, 10.9, 0.00012043444723240085), (0.5, 4, 12, 0.11379020346804382),
    ] as [(Double, Double, Double, Double)])
  func divergencesAreTheIntegrals(_ rate: Double, _ noise: Double, _ order: Double, _ value: Double)
  {
    let found = SampledGaussian(rate: rate, noise: noise).divergence(order: order)
    #expect(abs(found / value - 1) < 1e-8)
  }

  @Test func bordersAreThoseOfThePlainGaussian() {
    #expect(SampledGaussian(rate: 1, noise: 2).divergence(order: 3.5) == 3.5 / 8)
    #expect(SampledGaussian(rate: 0, noise: 2).divergence(order: 3.5) == 0)
    #expect(SampledGaussian(rate: 0.1, noise: 0).divergence(order: 2) == .infinity)
    // Whole and fractional orders belong to one curve, whatever the rate and the noise.
    for rate in [1e-6, 1e-3, 0.1, 0.5, 0.9, 0.999] {
      for noise in [0.3, 1, 5, 80.0] {
        let mechanism = SampledGaussian(rate: rate, noise: noise)
        let curve = [1.9, 2, 2.1, 4.9, 5, 5.1, 10.9, 12].map { mechanism.divergence(order: $0) }
        #expect(zip(curve, curve.dropFirst()).allSatisfy { $0 <= $1 * (1 + 1e-6) + 1e-15 })
      }
    }
  }

  @Test func anEndOfTheOrdersIsSaid() {
    let mechanism = SampledGaussian(rate: 0.01, noise: 0.3)
    #expect(PrivacyLoss(100_000, of: mechanism).guarantee(delta: 1e-5).isAtEnd)
    #expect(PrivacyLoss(0, of: mechanism).guarantee(delta: 1e-5).epsilon == 0)
    #expect(
      PrivacyLoss(1, of: SampledGaussian(rate: 0.5, noise: 0)).guarantee(delta: 1e-5).epsilon
        == .infinity)
  }

  @Test(arguments: [0.2, 1.0, 3, 8, 50]) func theNoiseForAnEpsilonKeepsToIt(_ epsilon: Double)
    throws
  {
    let noise = try #require(
      try PrivacyLoss.noise(epsilon: epsilon, delta: 1e-5, rate: 0.02, steps: 500))
    func found(_ noise: Double) -> Double {
      PrivacyLoss(500, of: SampledGaussian(rate: 0.02, noise: noise)).guarantee(delta: 1e-5).epsilon
    }
    #expect(found(noise) <= epsilon)
    #expect(found(noise * 0.999) > epsilon)
  }

  @Test func noNoiseKeepsToAnEpsilonThatNoOrderShows() throws {
    #expect(try PrivacyLoss.noise(epsilon: 1e-4, delta: 1e-5, rate: 0.02, steps: 500) == nil)
  }

  @Test func aStopEndsTheSearchForTheNoise() {
    Interrupt.request()
    defer { Interrupt.clear() }
    #expect(throws: Interrupted.self) {
      try PrivacyLoss.noise(epsilon: 0.5, delta: 1e-5, rate: 0.02, steps: 500)
    }
  }

  @Test func theLedgerRemembersAllRuns() {
    let mild = SampledGaussian(rate: 0.01, noise: 1)
    var ledger = PrivacyLedger(PrivacySettings(.noise(1)), mild)
    for _ in 0..<600 { ledger.spend() }
    ledger.continued(PrivacySettings(.noise(1), insecureSeed: 3), mild)
    for _ in 0..<400 { ledger.spend() }
    #expect(ledger.steps == 1000 && ledger.isInsecure)
    #expect(abs(ledger.guarantee.epsilon - 2.1014) < 1e-4)
  }
}
