/// How examples are to be protected in training.
package struct PrivacySettings: Sendable, Equatable {
  /// What decides how much noise is added.
  package enum Amount: Sendable, Equatable {
    /// So many times the bound of a contribution.
    case noise(Double)
    /// As much as keeps all steps to this ε.
    case epsilon(Double)
  }

  package var amount: Amount
  /// The largest norm of what one example contributes.
  package var clip: Double
  package var delta: Double
  /// Draws noise and samples that can be repeated, and therefore protect nobody.
  package var insecureSeed: Int?

  package init(
    _ amount: Amount, clip: Double = 1, delta: Double = 1e-5, insecureSeed: Int? = nil
  ) {
    self.amount = amount
    self.clip = clip
    self.delta = delta
    self.insecureSeed = insecureSeed
  }

  /// The noise for so many steps; nothing where none keeps to ε, together with earlier ones.
  package func noise(
    rate: Double, steps: Int, after earlier: PrivacyLoss? = nil
  ) throws -> Double? {
    switch amount {
    case .noise(let noise): noise
    case .epsilon(let epsilon):
      try PrivacyLoss.noise(
        epsilon: epsilon, delta: delta, rate: rate, steps: steps, after: earlier)
    }
  }
}

/// The private steps that a model has been trained with, over all its runs.
package struct PrivacyLedger: Sendable, Equatable {
  package private(set) var loss = PrivacyLoss()
  package private(set) var steps = 0
  /// The settings of the newest run, with the noise that was found for it.
  package var settings: PrivacySettings
  package var mechanism: SampledGaussian {
    didSet { step = PrivacyLoss(1, of: mechanism) }
  }
  /// Whether noise of some run could be repeated.
  package private(set) var isInsecure = false
  private var step: PrivacyLoss

  package init(_ settings: PrivacySettings, _ mechanism: SampledGaussian) {
    self.settings = settings
    self.mechanism = mechanism
    step = PrivacyLoss(1, of: mechanism)
    isInsecure = settings.insecureSeed != nil
  }

  /// What an earlier run has noted.
  package init(
    _ settings: PrivacySettings, _ mechanism: SampledGaussian, loss: PrivacyLoss, steps: Int,
    isInsecure: Bool
  ) {
    self.init(settings, mechanism)
    self.loss = loss
    self.steps = steps
    self.isInsecure = isInsecure
  }

  /// Goes on with other settings.
  package mutating func continued(_ settings: PrivacySettings, _ mechanism: SampledGaussian) {
    self.settings = settings
    self.mechanism = mechanism
    isInsecure = isInsecure || settings.insecureSeed != nil
  }

  /// Notes one step.
  package mutating func spend() {
    loss += step
    steps += 1
  }

  package var guarantee: PrivacyLoss.Guarantee { loss.guarantee(delta: settings.delta) }
}
