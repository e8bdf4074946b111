import Vocabulary

/// Arguments by name as other libraries have them, and what is written here.
extension Diagnostic {
  /// Parameters as they are called elsewhere, with those that may be meant.
  private static let parameters: [String: [String]] = [
    "n_components": ["rank", "k"], "components": ["rank", "k"], "k": ["rank"],
    "ncomp": ["rank", "k"],
    "lr": ["rate"], "learning_rate": ["rate"], "max_iter": ["iterations", "epochs"],
    "maxiter": ["iterations", "epochs"], "niter": ["iterations", "epochs"],
    "n_iter": ["iterations", "epochs"], "tol": ["tolerance"], "eps": ["tolerance"],
    "random_state": ["seed"], "rng": ["seed"], "batch_size": ["batch"], "reverse": ["descending"],
    "descend": ["descending"], "validation_data": ["validation"], "verbose": ["view"],
    "decimals": ["digits"], "opt": ["optimizer"], "num_classes": ["classes"], "n": ["count"],
    "weight_decay": ["decay", "l2"], "filters": ["channels"], "kernel_size": ["size"],
    "alpha": ["l1", "l2"], "axis": ["dim"], "dtype": ["precision"], "rate": ["p"],
    "pool_size": ["size"], "beta_loss": ["loss"], "validation_split": ["validation"],
    "train_size": ["fraction"], "hidden_size": ["units"], "out_features": ["units"],
    "out_channels": ["filters"], "negative_slope": ["slope"],
  ]

  /// Arguments that are others here: beside a parameter that the function has, the code of what is
  /// meant, `$` for the value that was given.
  private static let arguments: [String: [(parameter: String, code: String)]] = [
    "lr": [("optimizer", "optimizer=adam($)")],
    "learning_rate": [("optimizer", "optimizer=adam($)")],
    "momentum": [("optimizer", "optimizer=sgd(0.01, momentum=$)")],
    "weight_decay": [("optimizer", "optimizer=adamw(decay=$)")],
    "return_sequences": [("return", "return=\"sequence\"")],
    "alpha_W": [("l1", "l1={W = $}")], "alpha_H": [("l1", "l1={H = $}")],
    "test_size": [("fraction", "fraction=1 - $")],
  ]

  /// Arguments that are not needed here, with the reason.
  private static let needless: [String: String] = [
    "n_jobs": "all threads are used", "metrics": "a training shows them by itself",
    "full_matrices": "the factors are thin", "device": "everything runs on the processor",
    "copy": "values are never shared", "inplace": "values are never shared",
    "keepdims": "a result has two dimensions as well",
  ]

  /// What `dim` means.
  static let dimensions = "dim=1 goes down the rows, dim=2 along them"

  /// What is said of an argument that a function does not have, and the edits that put it right.
  /// - Parameter place: its name, as it was written.
  static func unknownArgument(
    _ name: String, _ nearest: String?, _ known: [String], at place: SourceRange?
  ) -> (help: String?, edits: [Edit]) {
    func renamed(_ ours: String) -> [Edit] { place.map { [Edit($0, ours)] } ?? [] }
    if name == "axis", known.contains("dim") {
      return (dimensions, place.map(axis) ?? [])
    }
    if let ours = parameters[name]?.first(where: known.contains) {
      return ("it is '\(ours)' here", renamed(ours))
    }
    let value = place.flatMap(argumentValue)
    if let meant = arguments[name]?.first(where: { known.contains($0.parameter) }) {
      let code = meant.code.split(separator: "$", omittingEmptySubsequences: false)
        .joined(separator: value?.text ?? "…")
      if place.map({ isGiven(meant.parameter, beside: $0) }) ?? false {
        return ("write \(code)", [])
      }
      // A value that the code does not speak of was true.
      let isMeant = meant.code.contains("$") || value?.text == "true"
      let edits = place.flatMap { place in value.map { [Edit(place.joined($0), code)] } }
      return ("write \(code)", isMeant ? edits ?? [] : [])
    }
    if let reason = needless[name] {
      return ("\(reason): leave it out", place.map { leavingOut($0, value) } ?? [])
    }
    if ["input_shape", "input_dim", "in_features", "in_channels", "input_size"].contains(name),
      known.contains("net")
    {
      return (
        "a network begins with it: input(784) |> dense(10)",
        place.map { isPiped($0) ? leavingOut($0, value) : [] } ?? []
      )
    }
    if let nearest { return ("did you mean '\(nearest)'?", renamed(nearest)) }
    // `exp` may stand for `exponent`, if for nothing else.
    let longer = known.filter { $0.hasPrefix(name) && name.count > 1 }
    return (
      known.isEmpty ? nil : "it has \(list(known))",
      longer.count == 1 ? renamed(longer[0]) : []
    )
  }

  /// `axis=0` goes down the rows, as `dim=1` does.
  private static func axis(_ place: SourceRange) -> [Edit] {
    let all = SourceTokens(place.source)
    let index = all.index(at: place.lower)
    guard index + 2 < all.tokens.count, case .number(let axis) = all.tokens[index + 2].kind,
      axis == 0 || axis == 1
    else { return [] }
    return [Edit(place, "dim"), Edit(all.tokens[index + 2].range, axis == 0 ? "1" : "2")]
  }

  /// What stands behind the name of an argument and its `=`.
  private static func argumentValue(_ name: SourceRange) -> SourceRange? {
    let all = SourceTokens(name.source)
    let first = all.index(at: name.lower) + 2
    guard first < all.tokens.count, all.tokens[first - 1].is(.assign) else { return nil }
    var depth = 0
    for place in first..<all.tokens.count {
      guard case .symbol(let symbol) = all.tokens[place].kind else { continue }
      if symbol.closing != nil { depth += 1 }
      if depth == 0, symbol == .comma || symbol.isClosing {
        return place > first ? all.tokens[first].range.joined(all.tokens[place - 1].range) : nil
      }
      if symbol.isClosing { depth -= 1 }
    }
    return nil
  }

  /// Whether a call has an argument of this name beside another one.
  private static func isGiven(_ parameter: String, beside argument: SourceRange) -> Bool {
    let all = SourceTokens(argument.source)
    guard let (open, close) = all.brackets(.openRound, around: argument.lower) else { return false }
    return all.tokens.indices.dropLast().contains { place in
      all.tokens[place].kind == .name(parameter) && all.tokens[place + 1].is(.assign)
        && all.tokens[place].range.lower > open.range.lower
        && all.tokens[place].range.upper < close.range.lower
    }
  }

  /// Whether the call around an argument stands behind `|>`.
  private static func isPiped(_ argument: SourceRange) -> Bool {
    let all = SourceTokens(argument.source)
    guard let open = all.brackets(.openRound, around: argument.lower)?.open else { return false }
    let name = all.index(at: open.range.lower) - 1
    return name > 0 && all.tokens[name - 1].is(.pipe)
  }

  /// The edit that takes an argument out, and the comma before or behind it.
  private static func leavingOut(_ name: SourceRange, _ value: SourceRange?) -> [Edit] {
    guard let value else { return [] }
    let all = SourceTokens(name.source)
    let (first, next) = (all.index(at: name.lower), all.index(at: value.upper))
    let lower =
      first > 0 && all.tokens[first - 1].is(.comma) ? all.tokens[first - 1].range.lower : nil
    let upper =
      lower == nil && all.tokens[next].is(.comma) && next + 1 < all.tokens.count
      ? all.tokens[next + 1].range.lower : value.upper
    return [Edit(SourceRange(name.source, lower ?? name.lower, upper), "")]
  }
}
