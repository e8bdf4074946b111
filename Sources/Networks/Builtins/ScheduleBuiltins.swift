import Matrices
import Vocabulary

let stepBuiltin = Builtin(
  "step", in: .optimizers, "A schedule: the rate falls by a factor after every so many epochs.",
  Parameter<Int>("every", "epochs from one fall to the next", in: .between(1, 1e9)),
  Parameter<Double>("factor", "what the rate is multiplied with", default: 0.1),
  shapes: "→ schedule",
  math: "η factor^⌊epoch / every⌋",
  seeAlso: ["cosine", "warmup", "plateau", "train"],
  examples: [Example("step(10)", prints: "step(10, factor=0.1)")]
) { (every: Int, factor: Double) -> ScheduleValue in
  ScheduleValue(.step(every: every, factor: try checked(factor)))
}

let cosineBuiltin = Builtin(
  "cosine", in: .optimizers, "A schedule: the rate falls along half a wave.",
  Parameter<Int>("epochs", "how long it falls", in: .between(1, 1e9)),
  Parameter<Double>("least", "the part of the rate that remains", default: 0),
  shapes: "→ schedule",
  math: "η (least + (1 − least)(1 + cos(π epoch / epochs)) / 2) (Loshchilov & Hutter 2017)",
  seeAlso: ["step", "warmup", "plateau", "train"],
  examples: [Example("cosine(20)", prints: "cosine(20, least=0)")]
) { (epochs: Int, least: Double) -> ScheduleValue in
  guard least >= 0 && least <= 1 else {
    throw Problem(
      .value, "'least' must be from 0 to 1", at: "least",
      label: "the number \(NumberFormat.short(least))")
  }
  return ScheduleValue(.cosine(epochs: epochs, least: least))
}

let warmupBuiltin = Builtin(
  "warmup", in: .optimizers, "A schedule: the rate grows evenly over the first epochs.",
  Parameter<Int>("epochs", "how long it grows", in: .between(1, 1e9)),
  Parameter<ScheduleValue?>("then", "the schedule that follows; the rate stays when left out"),
  shapes: "→ schedule",
  math: "η (epoch + 1) / (epochs + 1) for the first epochs",
  seeAlso: ["cosine", "step", "train"],
  examples: [
    Example("warmup(2, then=cosine(20))", prints: "warmup(2, then=cosine(20, least=0))")
  ]
) { (epochs: Int, next: ScheduleValue?) -> ScheduleValue in
  ScheduleValue(.warmup(epochs: epochs, then: next?.schedule))
}

let plateauBuiltin = Builtin(
  "plateau", in: .optimizers, "A schedule: the rate falls when the loss has stopped falling.",
  Parameter<Int>(
    "patience", "epochs without a lower loss", default: 3, in: .between(1, 1e9),
    positional: true),
  Parameter<Double>("factor", "what the rate is multiplied with", default: 0.5),
  shapes: "→ schedule",
  math: "The loss is that of the validation rows, where there are any.",
  seeAlso: ["step", "cosine", "train"],
  examples: [Example("plateau(5)", prints: "plateau(5, factor=0.5)")]
) { (patience: Int, factor: Double) -> ScheduleValue in
  ScheduleValue(.plateau(patience: patience, factor: try checked(factor)))
}

private func checked(_ factor: Double) throws -> Double {
  guard factor > 0 && factor < 1 else {
    throw Problem(
      .value, "'factor' must be above 0 and below 1", at: "factor",
      label: "the number \(NumberFormat.short(factor))")
  }
  return factor
}
