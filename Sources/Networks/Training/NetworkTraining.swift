import Autodiff
import Matrices
import Training

/// The training of a network on minibatches: one epoch a step.
///
/// Epochs are numbered over all runs of a network and draw from their number, so that training in
/// two runs gives what one long run gives.
package struct NetworkTraining: TrainingProcess {
  package let plan: TrainingPlan
  package private(set) var history: History
  let network: Network
  let request: TrainingRequest
  let data: TrainingData
  private let validation: TrainingData?
  let parameters: Parameters
  let machine: Machine
  private let validator: Machine?
  private let start: Double
  private let clock = ContinuousClock()
  private let began: ContinuousClock.Instant
  /// Steps of the optimizer so far, or the moves that it remembers.
  var steps: Int
  private var order: [Int]
  private var best: Best?
  private var privately: PrivateSteps?
  /// Whether the validation of the last epoch was given up.
  private var isUnvalidated = false
  /// What the last finished epoch of this run has left.
  let good: Snapshot
  /// Where the run met numbers that are none.
  var divergence: Divergence?
  /// Where an optimizer that moves all parameters at once may go.
  let bounds: Bounds?
  /// What is known of all rows with the parameters as they are, where the optimizer asks for that.
  var whole: LBFGS.Place?

  /// The state to which early stopping returns.
  private struct Best {
    var loss: Double
    var epoch: Int
    var standing: Network.Standing
  }

  package init(
    _ network: Network, _ request: TrainingRequest, data: TrainingData,
    validation: TrainingData? = nil
  ) {
    self.network = network
    self.request = request
    self.data = data
    self.validation = validation
    let earlier = network.trained
    let standing = earlier.map { $0.latest ?? $0.kept }
    let parameters = Parameters(
      standing?.parameters
        ?? network.initialParameters(
          for: data, order: Self.order(request, epoch: 0, rows: data.rows), seed: request.seed),
      request.precision)
    self.parameters = parameters
    let movesAll = request.optimizer is LBFGS
    let looksAtBatch = network.layers.contains { $0 is any BatchLayer }
    machine = Machine(
      training: network.graph, parameters,
      rows: movesAll && !looksAtBatch ? min(request.batch, Network.forwardRows) : request.batch,
      targetColumns: data.targets.columns, slots: request.optimizer.slots)
    machine.seesAllRows = movesAll
    bounds = movesAll ? network.bounds(of: parameters) : nil
    good = Snapshot(machine)
    validator = validation.map {
      Machine(network.graph, parameters, rows: min($0.rows, Network.forwardRows))
    }
    steps = 0
    if let earlier, let standing, earlier.optimizer.name == request.optimizer.name {
      machine.restore(standing.state)
      steps = standing.steps
    }
    if let privacy = request.privacy {
      privately = PrivateSteps(
        privacy, machine, rows: data.rows, batch: request.batch, epochs: request.epochs,
        targetColumns: data.targets.columns, earlier: earlier?.privacy)
    }
    history = earlier?.history ?? History()
    if request.patience != nil, let earlier, earlier.reason != StopReason.patience.words,
      let epoch = earlier.bestEpoch, history.validationLoss.indices.contains(epoch - 1),
      let validation
    {
      // Losses of other rows say nothing about how well these can be learnt.
      let loss = history.validationLoss[epoch - 1]
      let again = Self.loss(of: earlier.kept, network, request, validation)
      if abs(again - loss) <= 1e-4 * abs(loss) {
        best = Best(loss: loss, epoch: epoch, standing: earlier.kept)
      }
    }
    start = history.seconds.last ?? 0
    began = clock.now
    order = Array(0..<data.rows)
    var metrics = request.classifies ? ["accuracy"] : []
    if validation != nil {
      metrics.append("validation loss")
      if request.classifies { metrics.append("validation accuracy") }
    }
    if privately != nil { metrics.append("epsilon") }
    plan = TrainingPlan(
      "network \(network.flow), \(data.rows) rows", unit: .epoch, total: request.epochs,
      objective: "loss", metrics: metrics)
  }

  /// The order in which an epoch takes the rows.
  private static func order(_ request: TrainingRequest, epoch: Int, rows: Int) -> [Int] {
    guard request.shuffle else { return Array(0..<rows) }
    var random = Chance.order(request.seed, epoch: epoch)
    return random.permutation(rows)
  }

  package mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
    if let rule = request.optimizer as? LBFGS { return try advance(by: rule, index, monitor) }
    let epoch = history.epochs
    if request.shuffle { order = Self.order(request, epoch: epoch, rows: data.rows) }
    let isValidated = validation != nil && history.validationLoss.contains { !$0.isNaN }
    let before = isValidated ? history.validationLoss : history.loss
    let optimizer =
      request.schedule.map {
        request.optimizer.scaled(by: $0.factor(epoch: epoch, losses: before))
      } ?? request.optimizer
    let batches = (data.rows + request.batch - 1) / request.batch
    let reporting = max(1, batches / 100)
    var chance = RowChance(
      seed: UInt64(bitPattern: Int64(request.seed)), stream: Chance.dropoutStream,
      firstRow: UInt64(epoch) * UInt64(data.rows))
    var sum = LossSum()
    var rows = 0
    for batch in 0..<batches {
      if batch > 0 && batch % reporting == 0 {
        if monitor.isStopRequested { break }
        monitor.report(Double(index - 1) + Double(batch) / Double(batches))
      }
      let range = batch * request.batch..<min(data.rows, (batch + 1) * request.batch)
      steps += 1
      if let found = privately?.step(
        of: data, loss: request.loss, chance: chance, optimizer: optimizer, time: steps)
      {
        guard found.sum.loss.isFinite else { return diverged(step: batch + 1, rows: order[range]) }
        sum += found.sum
        chance.firstRow += UInt64(found.rows)
        rows += found.rows
        continue
      }
      let found = machine.step(
        on: order[range], of: data, loss: request.loss, chance: chance,
        optimizer: optimizer, time: steps, clip: request.clip, control: monitor.control)
      guard found.loss.isFinite else {
        if !monitor.isStopRequested { return diverged(step: batch + 1, rows: order[range]) }
        // The step was left before it changed anything.
        steps -= 1
        break
      }
      sum += found
      chance.firstRow += UInt64(range.count)
      rows += range.count
    }
    // An epoch without a step does not count.
    if rows == 0 && monitor.isStopRequested { return TrainingProgress(objective: .nan) }
    if rows == 0 && privately != nil {
      // Nobody was drawn in the whole epoch: the numbers are those of all.
      return try close(machine.evaluate(data, loss: request.loss), data.rows, monitor)
    }
    return try close(sum, rows, monitor)
  }

  /// Notes the numbers of an epoch and decides whether it was the last. A validation that takes long
  /// is given up where a stop is asked for.
  mutating func close(
    _ sum: LossSum, _ rows: Int, _ monitor: TrainingMonitor
  ) throws -> TrainingProgress {
    // The last step of an epoch may leave what the next one would have found.
    let weights = withExtendedLifetime(parameters) { parameters.all.sumOfSquares }
    guard weights.isFinite else {
      let last = (data.rows + request.batch - 1) / request.batch
      return diverged(step: last, rows: order.prefix(1))
    }
    let loss = sum.loss / Double(rows)
    let accuracy = request.classifies ? Double(sum.hits) / Double(rows) : .nan
    var (validationLoss, validationAccuracy) = (Double.nan, Double.nan)
    if let validator, let validation {
      let found = validator.evaluate(
        validation, loss: request.loss,
        control: validator.takesLong(forward: validation.rows) ? monitor.control : nil)
      isUnvalidated = found.loss.isNaN && monitor.isStopRequested
      validationLoss = found.loss / Double(validation.rows)
      if request.classifies && !isUnvalidated {
        validationAccuracy = Double(found.hits) / Double(validation.rows)
      }
    }
    history.loss.append(loss)
    history.accuracy.append(accuracy)
    history.validationLoss.append(validationLoss)
    history.validationAccuracy.append(validationAccuracy)
    history.epsilon.append(privately?.epsilon ?? .nan)
    history.seconds.append(start + (clock.now - began).inSeconds)
    var metrics = request.classifies ? [accuracy] : []
    if validation != nil {
      metrics.append(validationLoss)
      if request.classifies { metrics.append(validationAccuracy) }
    }
    if let privately { metrics.append(privately.epsilon) }
    good.take(steps: steps)
    let isOver = !isUnvalidated && hasLostPatience(validationLoss)
    if let checkpoint = request.checkpoint, history.epochs % checkpoint.every == 0 {
      try checkpoint.keep(.object(result(isOver ? .patience : .stopped)))
    }
    return TrainingProgress(
      objective: loss, metrics: metrics, end: isOver ? .patience : nil)
  }

  /// Keeps the best state, and says whether there was none better for too long.
  private mutating func hasLostPatience(_ loss: Double) -> Bool {
    guard let patience = request.patience else { return false }
    if let best, !(loss < best.loss) { return history.epochs - best.epoch >= patience }
    best = Best(loss: loss, epoch: history.epochs, standing: standing)
    return false
  }

  /// The validation loss of a network that stands there.
  private static func loss(
    of standing: Network.Standing, _ network: Network, _ request: TrainingRequest,
    _ validation: TrainingData
  ) -> Double {
    let parameters = Parameters(standing.parameters, request.precision)
    let machine = Machine(
      network.graph, parameters, rows: min(validation.rows, Network.forwardRows))
    return machine.evaluate(validation, loss: request.loss).loss / Double(validation.rows)
  }

  /// Where training stands.
  private var standing: Network.Standing {
    Network.Standing(parameters: parameters.values, state: machine.state, steps: steps)
  }

  /// The weights of the first layer, one tile a unit.
  package func picture() -> FactorPicture? {
    guard let index = network.layers.firstIndex(where: { !$0.parameterShape.isEmpty }) else {
      return nil
    }
    let layer = network.layers[index]
    guard let weights = layer.named(parameters.values[index]).first else { return nil }
    return FactorPicture(
      title: "weights of \(layer.title)", rows: weights.value.transposed, isSigned: true)
  }

  /// The trained network.
  package func result(_ end: StopReason) -> Network {
    // A run that lost its patience ends where it was best. One that ended before goes on where it
    // is, and returns to the best if nothing better comes.
    let isBack = end == .patience || best.map { $0.epoch == history.epochs } ?? true
    return network.with(
      Network.Trained(
        kept: best?.standing ?? standing, latest: isBack ? nil : standing,
        optimizer: request.optimizer, schedule: request.schedule, clip: request.clip,
        shuffle: request.shuffle, classWeights: request.classWeights,
        augmentation: request.augmentation, loss: request.loss.name, precision: request.precision,
        batch: request.batch, classes: request.classes, history: history,
        reason: divergence.map { "\($0.words): those before are kept" }
          ?? end.words + (isUnvalidated ? "; the last epoch was not validated" : ""),
        bestEpoch: best?.epoch, privacy: privately?.ledger ?? network.trained?.privacy),
      seed: request.seed)
  }
}
