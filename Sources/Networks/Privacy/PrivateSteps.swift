import Autodiff
import Matrices
import Training

/// The private steps of one training run: draws the examples, adds the noise, keeps the account.
final class PrivateSteps {
  private(set) var ledger: PrivacyLedger
  private let machine: PrivateMachine
  private let generator: ChaCha
  private let settings: PrivacySettings
  private let batch: Int
  private let rate: Double
  private var taken: [Int] = []

  /// Nothing when no noise keeps to the ε that is asked for, or a stop came while one was sought.
  init?(
    _ settings: PrivacySettings, _ machine: Machine, rows: Int, batch: Int, epochs: Int,
    targetColumns: Int, earlier: PrivacyLedger?
  ) {
    let steps = epochs * ((rows + batch - 1) / batch)
    rate = min(1, Double(batch) / Double(rows))
    guard let noise = try? settings.noise(rate: rate, steps: steps, after: earlier?.loss),
      let own = PrivateMachine(machine, rows: min(rows, 2 * batch), targetColumns: targetColumns)
    else { return nil }
    let mechanism = SampledGaussian(rate: rate, noise: noise)
    var ledger = earlier ?? PrivacyLedger(settings, mechanism)
    ledger.continued(settings, mechanism)
    self.ledger = ledger
    self.machine = own
    self.settings = settings
    self.batch = batch
    generator =
      settings.insecureSeed.map { ChaCha(insecureSeed: UInt64(bitPattern: Int64($0))) }
      ?? ChaCha()
  }

  /// ε of all steps so far.
  var epsilon: Double { ledger.guarantee.epsilon }

  /// One step; returns the sums over the examples that took part, and how many did.
  func step(
    of data: TrainingData, loss: any Loss, chance: RowChance, optimizer: any Optimizer, time: Int
  ) -> (sum: LossSum, rows: Int) {
    // Two streams a step: one draws examples, one noise. Steps are numbered over all runs.
    let stream = 2 * UInt64(ledger.steps)
    generator.sample(data.rows, probability: rate, stream: stream, into: &taken)
    let sum = machine.step(
      on: taken, of: data, loss: loss, chance: chance,
      noise: PrivateMachine.Noise(
        generator: generator, stream: stream + 1, deviation: ledger.mechanism.noise,
        clip: settings.clip, batch: Double(batch)),
      optimizer: optimizer, time: time)
    ledger.spend()
    return (sum, taken.count)
  }
}
