import Matrices
import Training
import Vocabulary

/// The error of held-out entries for every rank: what `rank_scan` returns.
package final class RankScan: Object {
  package let ranks: [Int]
  /// One row a rank, one column a mask: the relative error of entries that the fit did not see.
  package let held: Matrix
  /// The relative error of the entries that it saw, the mean over the masks.
  package let seen: [Double]
  package let part: Double
  package let seed: Int

  init(ranks: [Int], held: Matrix, seen: [Double], part: Double, seed: Int) {
    self.ranks = ranks
    self.held = held
    self.seen = seen
    self.part = part
    self.seed = seed
  }

  /// The mean over the masks.
  package var errors: [Double] { held.reduced(.mean, along: .columns).elements }

  /// The standard error of that mean.
  package var deviations: [Double] {
    held.variance(along: .columns).elements.map { ($0 / Double(held.columns)).squareRoot() }
  }

  /// The rank with the smallest error.
  package var lowest: Int { errors.indices.min { errors[$0] < errors[$1] } ?? 0 }

  /// The smallest rank whose error is within one standard error of the smallest.
  package var best: Int {
    let (errors, deviations, lowest) = (errors, deviations, lowest)
    let limit = errors[lowest] + (deviations[lowest].isNaN ? 0 : deviations[lowest])
    let within = errors.indices.filter { errors[$0] <= limit }
    return within.map { ranks[$0] }.min() ?? ranks[lowest]
  }

  package var kind: String { "rank scan" }
  package var fieldNames: [String] {
    ["best", "ranks", "errors", "deviations", "held", "seen", "part", "seed"]
  }

  package func field(_ name: String) -> Value? {
    switch name {
    case "best": .number(Double(best))
    case "ranks": .matrix(Matrix(column: ranks.map(Double.init)))
    case "errors": .matrix(Matrix(column: errors))
    case "deviations": .matrix(Matrix(column: deviations))
    case "held": .matrix(held)
    case "seen": .matrix(Matrix(column: seen))
    case "part": .number(part)
    case "seed": .number(Double(seed))
    default: nil
    }
  }

  package func summary(width: Int) -> String {
    let (errors, deviations, best) = (errors, deviations, best)
    var lines = [
      "rank scan: rank \(best) is the smallest within one standard error of the best",
      "  rank  held out             seen     ",
    ]
    let largest = errors.max() ?? 1
    let least = min(errors.min() ?? 0, seen.min() ?? 0)
    let room = max(8, width - 48)
    for (place, rank) in ranks.enumerated() {
      let share = largest > least ? (errors[place] - least) / (largest - least) : 1
      let bar = String(repeating: "█", count: max(1, Int((share * Double(room)).rounded())))
      let error = padded(NumberFormat.short(errors[place], digits: 4), 8)
      let spread = padded("± " + NumberFormat.short(deviations[place], digits: 2), 11)
      let mark = rank == best ? " ←" : ""
      let fit = padded(NumberFormat.short(seen[place], digits: 4), 8)
      lines.append("  \(padded("\(rank)", 4))  \(error) \(spread) \(fit) \(bar)\(mark)")
    }
    lines.append(
      "  \(held.columns) masks of \(NumberFormat.short(100 * part, digits: 3)) % of the elements, "
        + "seed \(seed)")
    return lines.map { String($0.prefix(max(width, 20))) }.joined(separator: "\n")
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

extension RankScan: Returnable {
  package var value: Value { .object(self) }
}

/// Fits for all ranks and masks, a few beside each other; a step is one rank.
struct RankScanProcess: TrainingProcess {
  private let x: AnyMatrix
  private let known: AnyMatrix?
  private let options: NMFOptions
  private let ranks: [Int]
  private let masks: [RankMask]
  private let control: TrainingControl
  /// The error of held-out entries, a row a rank.
  private(set) var held: [[Double]] = []
  private(set) var seen: [Double] = []

  init(
    _ x: AnyMatrix, known: AnyMatrix?, _ options: NMFOptions, ranks: [Int], masks: Int,
    part: Double, control: TrainingControl
  ) {
    self.x = x
    self.known = known
    self.options = options
    self.ranks = ranks
    self.control = control
    self.masks = (0..<masks).map {
      RankMask(x, known: known, part, seed: options.seed, number: $0)
    }
  }

  var plan: TrainingPlan {
    TrainingPlan(
      "rank scan \(x.shape)", unit: .iteration, total: ranks.count,
      objective: "held-out error", metrics: ["rank"])
  }

  mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
    let rank = ranks[index - 1]
    var results = [Result<(held: Double, seen: Double), any Error>?](
      repeating: nil, count: masks.count)
    results.withUnsafeMutableBufferPointer { results in
      let results = results
      ThreadPool.shared.run(masks.count) { place in
        results[place] = Result { try fit(rank, masks[place]) }
      }
    }
    let errors = try results.compactMap { try $0?.get() }
    // A fit that was cut short says nothing about its rank.
    if monitor.isStopRequested { return TrainingProgress(objective: .nan) }
    held.append(errors.map(\.held))
    seen.append(errors.map(\.seen).reduce(0, +) / Double(errors.count))
    let mean = errors.map(\.held).reduce(0, +) / Double(errors.count)
    return TrainingProgress(objective: mean, metrics: [Double(rank)])
  }

  func picture() -> FactorPicture? { nil }

  /// One fit that sees what its mask shows, as with `weights=`, and its errors on both parts.
  private func fit(_ rank: Int, _ mask: RankMask) throws -> (held: Double, seen: Double) {
    var options = options
    options.rank = rank
    let split = mask.split(x, known: known)
    let model = try NMFModel.once(
      split.x, options, loop: .within(control), start: nil, weights: split.shown)
    let rest = Observations(x, rank: rank, weights: split.hidden)
    let factors = NMFFactors(w: model.w, ht: model.ht)
    if options.loss.isSquared {
      // Zeros alone have no length to compare with: that of as many elements of X on the average.
      let all = Observations(x, rank: rank, weights: known)
      let usual = all.squares * rest.knownCount / max(all.knownCount, 1)
      let squares = max(rest.squares > 0 ? rest.squares : usual, .leastNormalMagnitude)
      let most = Observations(split.x, rank: rank, weights: split.shown).matrix.total(.maximum)
      return (
        (rest.squaredResidual(factors, upTo: most) / squares).squareRoot(), model.error
      )
    }
    let shownCount = Observations(split.x, rank: rank, weights: split.shown).knownCount
    return (
      rest.divergence(model.options.loss.entries, factors) / max(rest.knownCount, 1),
      model.loss / max(shownCount, 1)
    )
  }
}

extension Observations {
  /// `Σ m (x − min(ŷ, most))²` of weighted elements. Where a fit sees fewer elements of a row or column
  /// than it has parts, what it makes of the others may be any number: held to the largest that it
  /// saw, as predictions of ratings are, it counts as no more than wrong.
  fileprivate func squaredResidual(_ factors: NMFFactors, upTo most: Double) -> Double {
    if let x = matrix.sparse, let weights = weights?.sparse {
      let places = SparseMatrix.combine(.greater, weights, 0).converted(to: x.precision)
      let predicted = SparseMatrix.combine(
        .minimum, places.timesApproximation(factors.w, factors.ht), most)
      let rest = SparseMatrix.combine(.subtract, x, predicted)
      return SparseMatrix.combine(
        .multiply, weights, SparseMatrix.combine(.multiply, rest, rest)
      ).total(.sum)
    }
    var sum = 0.0
    forBlocks { range in
      let predicted = factors.w.rows(in: range) * factors.ht.transposed
      let rest = matrix.rows(in: range) - predicted.clamped(-.infinity, most)
      sum += weights(in: range).map { rest.times(rest).dot($0) } ?? rest.sumOfSquares
    }
    return sum
  }
}

extension FactorizationLibrary {
  static let rankScan = Builtin(
    "rank_scan", in: .factorize,
    "Which rank suits a matrix: how well nmf rebuilds elements that it has not seen.",
    Parameter<AnyMatrix>("x", "m×n, every element at least 0"),
    Parameter<Matrix>("ranks", "the ranks to try, as in 2:12"),
    Parameter<Int>(
      "masks", "how many random masks every rank is tried on", default: 5, in: .between(3, 100)),
    Parameter<Double>(
      "part", "the share of elements that a mask holds out", default: 0.1,
      in: .between(0.001, 0.9)),
    Parameter<LossName>(
      "loss", "the distance that is made small", default: LossName(text: "frobenius"),
      choices: NMFLoss.names),
    Parameter<FactorAmounts>("l1", "as in nmf", default: FactorAmounts()),
    Parameter<FactorAmounts>("l2", "as in nmf", default: FactorAmounts()),
    Parameter<Int>("iterations", "of every fit, at most", default: 200, in: .atLeast(1)),
    Parameter<AnyMatrix?>("weights", "m×n, how much every element counts; 0: it is missing"),
    Parameter<String>(
      "missing", "nan: elements that are NaN are left out", default: "none",
      choices: ["none", "nan"]),
    Parameter<Int?>("seed", "the chance behind masks and starts"),
    Parameter<Bool?>("view", "whether to show the live view"),
    shapes: "m×n, value → rank scan",
    math: """
      speckled cross-validation (Wold 1978; Owen & Perry 2009): a mask hides single elements all over \
      X, nmf is fitted to the others with weights 0 for the hidden ones, and the relative error (or \
      the mean divergence) of the hidden ones is taken, with predictions held to the largest element that \
      was seen. best: the smallest rank whose mean error is \
      within one standard error of the smallest (Breiman et al. 1984). Of a sparse X only the hidden \
      elements are drawn, zeros among them; it is never made full
      """,
    seeAlso: ["nmf", "consensus"],
    examples: [
      Example(
        "X = rand(30, 2) * rand(2, 20); rank_scan(X, 1:4, seed=1).best", prints: "2"),
      Example("size(rank_scan(rand(12, 9), [1, 2], masks=3).held)", prints: "2  3"),
    ],
    using: rankScanBody)

  /// Masks hide elements all over X, zeros too: throws where memory has no room for those.
  private static func checkRoom(_ x: AnyMatrix, masks: Int, part: Double) throws {
    // Hidden elements are kept a mask, and while it is used in two orders and with those of X.
    let bytes = part * x.count * 12 * Double(masks + 8)
    guard x.sparse != nil, !(bytes < 1e15 && Memory.hasRoom(for: Int(bytes))) else { return }
    throw Problem(
      .computation, "masks hide elements all over X, and memory has no room for so many",
      at: "x", label: x.label,
      help: "hide fewer, as in part=\(NumberFormat.short(part / 10)), or take a sample of X")
  }

  private static let rankScanBody:
    @Sendable (
      Context, AnyMatrix, Matrix, Int, Double, LossName, FactorAmounts, FactorAmounts, Int,
      AnyMatrix?,
      String, Int?, Bool?
    ) throws -> RankScan = {
      context, given, ranks, masks, part, loss, l1, l2, iterations, weights, missing, seed, view in
      var (x, known) = (
        given, try NMFInput.weights(weights, given, skipsNaN: missing == "nan")
      )
      try NMFInput.check(
        x, at: "x", weights: known, skipsNaN: missing == "nan", offers: .missing)
      try NMFInput.checkRange(x, weights: known, at: "x")
      if let all = x.dense ?? known?.dense.map({ _ in x.full }) {
        (x, known) = (.dense(all), known.map { .dense($0.full) })
      }
      try checkRoom(x, masks: masks, part: part)
      let wanted = ranks.elements.map { Int(exactly: $0) ?? 0 }
      guard let most = wanted.max(), wanted.allSatisfy({ $0 >= 1 }) else {
        throw Problem(
          .value, "ranks are whole numbers of at least 1", at: "ranks", label: ranks.label,
          help: "as in rank_scan(X, 2:12)",
          remedy: ranks.elements.allSatisfy { $0 >= 0.5 }
            ? .rewriting("ranks", as: "round($)") : nil)
      }
      let least = min(x.rows, x.columns)
      guard most <= least else {
        throw Problem(
          .value, "ranks are at most \(least), the smaller size of X",
          mentioning: [
            Problem.Mention(parameter: "x", label: x.label),
            Problem.Mention(parameter: "ranks", label: "up to \(most)"),
          ])
      }
      var options = NMFOptions(rank: most)
      options.loss = try NMFInput.loss(loss, beta: nil, delta: nil)
      options.terms = NMFInput.terms(l1, l2, FactorAmounts(), nil)
      options.iterations = iterations
      try NMFInput.check(options, for: x, weights: known)
      options.seed = context.generator(seed: seed).seed
      let loop = context.trainingLoop(view)
      var process = RankScanProcess(
        x, known: known, options, ranks: wanted, masks: masks, part: part, control: loop.control)
      _ = try loop.run(&process)
      guard !process.held.isEmpty else { throw Interrupted() }
      return RankScan(
        ranks: Array(wanted.prefix(process.held.count)), held: Matrix(process.held),
        seen: process.seen, part: part, seed: options.seed)
    }
}
