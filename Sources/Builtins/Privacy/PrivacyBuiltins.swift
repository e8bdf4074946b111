import Matrices
import Training
import Vocabulary

extension StandardLibrary {
  /// Private training and what it costs; identifiers made unreadable.
  static let privacy: [Builtin] = [dpBuiltin, privacyBuiltin] + masking
}

private let dpBuiltin = Builtin(
  "dp", in: .train, "How training protects every example: its part is bounded, and noise is added.",
  Parameter<Double?>("noise", "the deviation of the noise, σ, in units of clip; 1.1 when left out"),
  Parameter<Double?>(
    "epsilon", "in place of noise: as much as keeps all epochs, earlier ones too, to this ε"),
  Parameter<Double>("clip", "the largest norm of what one example contributes, C", default: 1),
  Parameter<Double>(
    "delta", "the probability δ that ε does not hold; well below 1 / rows", default: 1e-5),
  Parameter<Int?>(
    "insecure_seed", "draws noise that can be repeated, for tests: it protects nobody"),
  shapes: "→ privacy",
  math: """
    g ← (Σ gᵢ min(1, C / ‖gᵢ‖) + N(0, σ²C² I)) / (q n), each example taken with the probability \
    q = batch / n (Abadi et al., CCS 2016). What is protected are the weights, whatever is computed \
    from them. Loss and accuracy in the history, and a validation set, are numbers of the data \
    themselves: keep them. Noise comes from the system's generator and differs in every run.
    """,
  seeAlso: ["train", "privacy", "pseudonymize"],
  examples: [
    Example("dp(noise=1.1)", prints: "dp(noise=1.1, clip=1, delta=1e-05)"),
    Example("dp(epsilon=3, clip=0.5).epsilon", prints: "3"),
  ]
) {
  (noise: Double?, epsilon: Double?, clip: Double, delta: Double, seed: Int?) -> PrivacyValue in
  try refuseBoth(noise, epsilon)
  let amount: PrivacySettings.Amount =
    try epsilon.map { .epsilon(try above0($0, "epsilon")) } ?? .noise(try checked(noise ?? 1.1))
  return PrivacyValue(
    PrivacySettings(
      amount, clip: try above0(clip, "clip"), delta: try checked(delta: delta), insecureSeed: seed))
}

private let privacyBuiltin = Builtin(
  "privacy", in: .train, "The ε that private training would reach, or the noise that an ε takes.",
  Parameter<Double?>("noise", "the deviation of the noise, σ, in units of the bound"),
  Parameter<Double?>("epsilon", "in place of noise: the noise that keeps to this ε is sought"),
  Parameter<Double>("rate", "the part of the rows in a step, q: batch / rows", default: 0.01),
  Parameter<Int>(
    "steps", "how many steps: epochs · rows / batch", default: 1000, in: .between(0, 1e12)),
  Parameter<Double>("delta", "the probability δ that ε does not hold", default: 1e-5),
  shapes: "→ record",
  math: """
    Rényi divergence of the sampled Gaussian at orders α from 1.1 to 1024 (Mironov, Talwar & Zhang \
    2019), summed over the steps; ε = min over α of ρ + log((α−1)/α) − (log δ + log α)/(α−1) (Balle \
    et al. 2020). The field classic is ρ − log δ/(α−1), which older tables print.
    """,
  seeAlso: ["dp", "train"],
  examples: [
    Example("round(privacy(noise=1, rate=0.01, steps=1000).epsilon, 4)", prints: "2.1014"),
    Example("round(privacy(epsilon=2, rate=0.01, steps=1000).noise, 2)", prints: "1.02"),
  ]
) { (noise: Double?, epsilon: Double?, rate: Double, steps: Int, delta: Double) -> Record in
  try refuseBoth(noise, epsilon)
  guard rate > 0 && rate <= 1 else {
    throw Problem(
      .value, "'rate' is a part of the rows: above 0, at most 1", at: "rate",
      label: "the number \(NumberFormat.short(rate))",
      help: "for batches of 64 of 8000 rows 64 / 8000")
  }
  let delta = try checked(delta: delta)
  let found: Double
  if let epsilon {
    let wanted = try above0(epsilon, "epsilon")
    guard
      let sought = try PrivacyLoss.noise(
        epsilon: wanted, delta: delta, rate: rate, steps: steps)
    else { throw unreachable(wanted) }
    found = sought
  } else {
    guard let noise else {
      throw Problem(
        .type, "'noise' or 'epsilon' is needed", at: "noise", help: "write privacy(noise=1.1, …)")
    }
    found = try checked(noise)
  }
  let guarantee = PrivacyLoss(steps, of: SampledGaussian(rate: rate, noise: found))
    .guarantee(delta: delta)
  var record = Record([
    ("epsilon", .number(guarantee.epsilon)), ("delta", .number(delta)), ("noise", .number(found)),
    ("rate", .number(rate)), ("steps", .number(Double(steps))), ("order", .number(guarantee.order)),
    ("classic", .number(guarantee.classic)),
  ])
  if let warning = guarantee.warning { record["warning"] = .text(warning) }
  return record
}

private func refuseBoth(_ noise: Double?, _ epsilon: Double?) throws {
  if noise != nil && epsilon != nil {
    throw Problem(
      .value, "noise and epsilon decide the same: give one of them", at: "epsilon",
      help: "leave noise out, and it is found")
  }
}

private func checked(_ noise: Double) throws -> Double {
  guard noise >= 0 && noise.isFinite else {
    throw Problem(
      .value, "'noise' must be at least 0 and finite", at: "noise",
      label: "the number \(NumberFormat.short(noise))")
  }
  return noise
}

private func above0(_ number: Double, _ name: String) throws -> Double {
  guard number > 0 && number.isFinite else {
    throw Problem(
      .value, "'\(name)' must be above 0 and finite", at: name,
      label: "the number \(NumberFormat.short(number))")
  }
  return number
}

private func checked(delta: Double) throws -> Double {
  guard delta > 0 && delta < 1 else {
    throw Problem(
      .value, "'delta' is a small probability: above 0 and below 1", at: "delta",
      label: "the number \(NumberFormat.short(delta))", help: "use delta=1e-5")
  }
  return delta
}

private func unreachable(_ epsilon: Double) -> Problem {
  Problem(
    .value, "no noise keeps to so small an ε", at: "epsilon",
    label: "the number \(NumberFormat.short(epsilon))",
    help: "fewer steps, a lower rate or a larger ε")
}
