import Matrices
import Training
import Vocabulary

extension PrivacySettings {
  /// These settings, if a network can be trained with them.
  func checked(for net: Network, _ request: TrainingRequest, _ rows: Int) throws -> PrivacySettings
  {
    if let index = net.layers.firstIndex(where: { $0 is any BatchLayer }) {
      throw Problem(
        .value,
        "layer \(index + 1), \(net.layers[index].title), mixes the rows of a batch: what one of them "
          + "contributes can't be bounded", at: "net", label: net.flow,
        help: "use layernorm() in its place",
        remedy: .replacing("batchnorm()", in: "net", with: "layernorm()"))
    }
    if let index = net.graph.ties.firstIndex(where: { $0 != nil }) {
      throw Problem(
        .value,
        "layer \(index + 1) uses the weights of another: private training bounds each alone",
        at: "net", label: net.flow, help: "give it weights of its own")
    }
    if let index = net.layers.firstIndex(where: { ($0 as? NMFLayer)?.startsFromData ?? false }),
      net.trained == nil
    {
      throw Problem(
        .value, "the dictionary of layer \(index + 1) starts from the rows themselves", at: "net",
        label: net.flow, help: "leave its start out, or give it one made of public rows")
    }
    if request.clip.norm != nil || request.clip.value != nil {
      throw Problem(
        .value, "private training bounds every row by itself, not the gradient of a step",
        at: request.clip.norm != nil ? "clip" : "clip_value",
        help: "leave it out: the bound is \(changed { $0.clip = request.clip.norm ?? clip }.title)",
        remedy: .leavingOut(request.clip.norm != nil ? "clip" : "clip_value"))
    }
    if !request.shuffle {
      throw Problem(
        .value, "private training draws the rows of every step by chance", at: "shuffle",
        help: "leave shuffle out")
    }
    if delta * Double(rows) >= 1 {
      let meant = changed { $0.delta = Self.rounded(0.1 / Double(rows)) }.title
      throw Problem(
        .value, "delta must be below 1 / rows, else giving away a whole row would be private",
        at: "private", label: title,
        help: "use \(meant)", remedy: .rewriting("private", as: meant))
    }
    let steps = request.epochs * ((rows + request.batch - 1) / request.batch)
    let earlier = net.trained?.privacy
    if let earlier { try leavesRoom(after: earlier) }
    let rate = min(1, Double(request.batch) / Double(rows))
    guard try noise(rate: rate, steps: steps, after: earlier?.loss) != nil else {
      throw Problem(
        .value, "no noise keeps \(steps) steps to so small an ε", at: "private", label: title,
        help: "take fewer epochs, smaller batches, or a larger ε")
    }
    return self
  }

  /// Where earlier epochs have given away nearly all of an ε, noise that keeps to it would undo what
  /// was learnt.
  private func leavesRoom(after earlier: PrivacyLedger) throws {
    guard case .epsilon(let wanted) = amount else { return }
    let spent = earlier.loss.guarantee(delta: delta).epsilon
    if spent < 0.99 * wanted { return }
    throw Problem(
      .value, "the epochs so far have given away ε \(NumberFormat.short(spent)) already",
      at: "private", label: title,
      help: "ask for a larger ε, which counts all epochs, or start from an untrained network")
  }

  private func changed(_ change: (inout PrivacySettings) -> Void) -> PrivacySettings {
    var copy = self
    change(&copy)
    return copy
  }

  /// The power of ten at or below a number.
  private static func rounded(_ number: Double) -> Double {
    var power = 1.0
    while power > number { power /= 10 }
    return power
  }
}

extension Network {
  /// What the summary says of how single rows were protected, or not.
  func protection(_ trained: Trained) -> [String] {
    func short(_ number: Double) -> String { NumberFormat.short(number, digits: 4) }
    guard let ledger = trained.privacy else {
      guard let limit = trained.clip.norm ?? trained.clip.value else { return [] }
      return ["gradients clipped at \(short(limit)): by itself no privacy, see dp"]
    }
    let found = ledger.guarantee
    var lines = [
      "private: ε \(short(found.epsilon)) at δ \(short(found.delta)), \(ledger.steps) steps, "
        + "noise \(short(ledger.mechanism.noise)), clip \(short(ledger.settings.clip))"
    ]
    let plain = trained.history.epsilon.count(where: \.isNaN)
    if plain > 0 {
      lines.append(
        "\(plain) of \(trained.history.epochs) epochs were not private: ε leaves them out")
    }
    if !found.epsilon.isFinite { lines.append("without noise nothing is protected") }
    if ledger.isInsecure { lines.append("the noise can be repeated (insecure_seed): no privacy") }
    if let warning = found.warning { lines.append("ε may be smaller: \(warning)") }
    return lines
  }
}
