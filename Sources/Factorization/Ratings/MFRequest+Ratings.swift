import Matrices
import Training
import Vocabulary

extension MFRequest {
  func factorize(_ table: RatingsTable, _ loop: TrainingLoop) throws -> RatingsModel {
    try refuse(weights != nil, "'weights' is for form=\"whw\"", at: "weights")
    try refuse(form == .whw, "form=\"whw\" needs a whole square matrix", at: "form")
    try refuse(bias.core != nil, "such a bias is for form=\"whw\"", at: "bias")
    try refuse(isSymmetric, "'symmetric' is for form=\"whw\"", at: "symmetric")
    let implicit = try implicitOptions()
    if let privacy { try check(privacy, table) }
    try refuse(
      privacy == nil && method == "dpals", "\"dpals\" is for private ratings", at: "method",
      help: "as in mf(ratings, private=dp(epsilon=10))")
    let rule = try ratingsMethod()
    try refuse(
      rate != nil && !rule.abilities.contains(.rate), "'rate' is for \"sgd\", \"bpr\" and \"gd\"",
      at: "rate")
    try refuse(
      block != nil && !rule.abilities.contains(.block),
      "'block' is for implicit ratings by \"als++\"", at: "block")
    try refuseNegative(table)
    try refuse(
      rank == 0 && (isImplicit || !bias.isWanted || hasFeedback),
      "rank 0 is for biases alone, of explicit ratings",
      at: "rank")
    var options = MFOptions(
      rank: rank ?? (privacy == nil ? 32 : 4),
      l2: l2 ?? (hasFeedback ? MFOptions.feedbackPenalty : rule.l2),
      iterations: iterations ?? rule.iterations,
      tolerance: tolerance ?? rule.tolerance)
    try NMFInput.checkRoom(options.rank, Shape(table.users.count, table.items.count))
    options.bias = bias.isWanted
    options.implicit = implicit
    options.frequency = frequency ?? options.frequency
    options.isNonnegative = isNonnegative
    options.hasFeedback = hasFeedback
    options.rate = rate
    options.block = block ?? options.block
    options.privacy = privacy
    options.range = try bounds()
    options.seed = seed
    do {
      return try RatingsModel.fit(table, options, by: rule, loop: loop)
    } catch TrainingError.diverged(let step) {
      throw diverged(step, table)
    }
  }

  /// Why a loss is no number any more: ratings beyond all squares, or steps that are too long.
  private func diverged(_ step: Int, _ table: RatingsTable) -> Problem {
    let message = "the loss became infinite in step \(step)"
    let largest = table.entries.values.reduce(0) { max($0, abs($1)) }
    if rate == nil && largest > 1e4 {
      return Problem(
        .computation, message, at: "r", label: "up to \(NumberFormat.short(largest, digits: 3))",
        help: "scale the ratings, so that they are nearer to 1")
    }
    return Problem(
      .computation, message, at: "rate", label: "too long for these ratings",
      help: rate.map { "try rate=\($0 / 10)" })
  }

  /// What `method=` names, or the usual one, of those that can do what is asked.
  private func ratingsMethod() throws -> RatingsMethod {
    let ratings: RatingsMethod.Ratings = isImplicit ? .implicit : .explicit
    var needed: Set<RatingsMethod.Ability> = []
    if isNonnegative { needed.insert(.nonnegative) }
    if hasFeedback { needed.insert(.feedback) }
    if privacy != nil { needed.insert(.privacy) }
    let able = RatingsMethod.all.filter {
      $0.ratings == ratings && $0.abilities.isSuperset(of: needed)
        && (privacy != nil || !$0.abilities.contains(.privacy))
    }
    guard isNonnegative && hasFeedback || able.isEmpty else {
      let wanted = method ?? RatingsMethod.usual(ratings).name
      if let found = able.first(where: { $0.name == wanted }) ?? (method == nil ? able.first : nil)
      {
        return found
      }
      let what = (isNonnegative ? "non-negative " : "") + (isImplicit ? "implicit " : "")
      throw Problem(
        .value,
        "\(what)ratings\(hasFeedback ? " with feedback" : "") are factorized by "
          + able.map { "\"\($0.name)\"" }.joined(separator: ", "), at: "method",
        label: method ?? "", help: implicitHelp,
        remedy: implicitHelp == nil ? nil : .adding("implicit=true"))
    }
    throw Problem(
      .value, "'feedback' is for ratings that say how good, of factors of any sign", at: "feedback")
  }

  /// The way out for methods of the other kind of ratings.
  private var implicitHelp: String? {
    guard !isImplicit, let method, RatingsMethod.named(method, for: .implicit) != nil else {
      return nil
    }
    return "implicit=true reads ratings as how often something was chosen"
  }

  /// The options of implicit ratings; those given without `implicit=true` are refused.
  private func implicitOptions() throws -> ImplicitOptions? {
    guard isImplicit else {
      for (name, value) in [("alpha", alpha), ("unobserved", unobserved)] {
        try refuse(value != nil, "'\(name)' is for implicit=true", at: name)
      }
      return nil
    }
    var options = ImplicitOptions()
    options.alpha = alpha ?? options.alpha
    options.unobserved = unobserved ?? options.unobserved
    options.frequency = frequency ?? options.frequency
    return options
  }

  /// A confidence is not negative.
  private func refuseNegative(_ table: RatingsTable) throws {
    guard isImplicit, let place = table.entries.values.firstIndex(where: { $0 < 0 }) else {
      return
    }
    throw Problem(
      .value, "implicit ratings say how often, and must be at least 0", at: "r",
      label: "\(NumberFormat.short(table.entries.values[place])) in row \(place + 1)")
  }
}
