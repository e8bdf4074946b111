import Matrices
import Training
import Vocabulary

extension MFRequest {
  func factorize(whole r: Value, _ loop: TrainingLoop) throws -> DenseModel {
    try refuse(
      isImplicit, "implicit=true needs ratings: who, what, how often", at: "implicit",
      help: "as in mf(ratings(T), 32, implicit=true)")
    guard let given = try matrix(r) else {
      throw Problem(
        .type, "'r' needs ratings or a matrix", at: "r", label: r.label,
        help: "a table of who, what, how good becomes ratings by ratings(…)")
    }
    let forRatings = [
      ("frequency", frequency != nil), ("feedback", hasFeedback), ("block", block != nil),
      ("alpha", alpha != nil), ("unobserved", unobserved != nil), ("range", range != nil),
    ]
    try refuse(
      privacy != nil, "'private' protects the users of ratings", at: "private",
      help: "a table of who, what, how good becomes ratings by ratings(…)")
    for (name, isGiven) in forRatings {
      try refuse(isGiven, "'\(name)' is for ratings", at: name)
    }
    if form == .uv {
      try refuse(
        bias.core != nil && bias.core != .scalar, "such a bias is for form=\"whw\"", at: "bias")
      try refuse(isSymmetric, "'symmetric' is for form=\"whw\"", at: "symmetric")
    }
    let (x, weights) = try known(of: given)
    guard let rank else {
      throw Problem(.value, "a whole matrix needs a rank", at: "rank", help: "as in mf(X, 2)")
    }
    try refuse(rank == 0, "a whole matrix needs a rank of at least 1", at: "rank")
    try checkWhole(x, rank)
    guard let rule = DenseMethod.named(method ?? (form == .whw ? "gd" : "als"), for: form) else {
      let able = DenseMethod.all.filter { $0.forms.contains(form) }.map { "\"\($0.name)\"" }
      throw Problem(
        .value, "form=\"\(form.rawValue)\" is factorized by \(able.joined(separator: ", "))",
        at: "method", label: method ?? "")
    }
    try refuse(
      rate != nil && !rule.takesRate, "'rate' is for \"gd\" and \"adam\"", at: "rate")
    var options = MFOptions(
      rank: rank, l2: l2 ?? 0, iterations: iterations ?? rule.iterations,
      tolerance: tolerance ?? rule.tolerance)
    options.bias = bias.isWanted
    options.coreBias = bias.core ?? .scalar
    options.isSymmetric = isSymmetric
    options.isNonnegative = isNonnegative || rule.name == "mu"
    options.rate = rate
    options.seed = seed
    if rule.name == "mu" { try checkMultiplication(x) }
    do {
      return try DenseModel(fitting: x, weights: weights, form, options, by: rule, loop: loop)
    } catch TrainingError.diverged(let step) {
      throw Problem(
        .computation, "the loss became infinite in step \(step)", at: "rate",
        label: "too long for this matrix",
        help: "leave 'rate' out: the length of every step is then found")
    }
  }

  /// A whole matrix; of a sparse one all elements.
  private func matrix(_ r: Value) throws -> Matrix? {
    guard let sparse = r.sparse else { return Matrix.from(r) }
    guard Matrix.canAllocate(sparse.shape) else {
      throw Problem(
        .value, "form=\"whw\" works on all elements, for which there is not enough memory",
        at: "r", label: sparse.label)
    }
    return sparse.full
  }

  /// X with a number where it has none, and how much every element counts; `nil` where all are known
  /// and count alike.
  private func known(of x: Matrix) throws -> (Matrix, Matrix?) {
    try refuse(
      weights != nil && form != .whw, "'weights' is for form=\"whw\"", at: "weights",
      help: "NaN where nothing is known makes ratings of a matrix")
    guard form == .whw else { return (x, nil) }
    let all = try NMFInput.weights(
      weights.map { AnyMatrix($0) }, .dense(x), skipsNaN: true, of: "r")
    guard let all else { return (x, nil) }
    return (Matrix.choose(x.mapped(.isNaN), Matrix(0), x), all.full)
  }

  /// Quotients of what is at least 0, without anything that could be below.
  private func checkMultiplication(_ x: Matrix) throws {
    if let place = x.firstNegative {
      throw Problem(
        .value, "method=\"mu\" needs elements of at least 0", at: "r",
        label: "\(NumberFormat.short(x[place.row, place.column])) at "
          + "[\(place.row + 1), \(place.column + 1)]", help: "method=\"als\" takes any sign")
    }
    try refuse(
      bias.isWanted || isSymmetric, "method=\"mu\" knows neither a bias nor 'symmetric'",
      at: bias.isWanted ? "bias" : "symmetric", help: "bias=false, or method=\"als\"")
  }

  private func checkWhole(_ x: Matrix, _ rank: Int) throws {
    guard !x.isEmpty else {
      throw Problem(
        .shape, "a matrix with at least one element is needed", at: "r", label: x.label)
    }
    if let place = x.firstNonFinite {
      throw Problem(
        .value, "every element must be a finite number", at: "r",
        label: "\(NumberFormat.short(x[place.row, place.column])) at "
          + "[\(place.row + 1), \(place.column + 1)]",
        help: "known entries of a matrix with gaps become a table for ratings(…)")
    }
    if form == .whw, x.rows != x.columns {
      throw Problem(.shape, "form=\"whw\" needs a square matrix", at: "r", label: x.label)
    }
    let most = min(x.rows, x.columns)
    guard rank <= most else {
      throw Problem(
        .value, "the rank is at most \(most), the smaller size of the matrix",
        mentioning: [
          Problem.Mention(parameter: "r", label: x.label),
          Problem.Mention(parameter: "rank", label: "rank \(rank)"),
        ])
    }
  }
}
