import Matrices
import Vocabulary

extension NMFInput {
  /// Throws where options do not suit X or each other, and names one that does.
  static func check(_ options: NMFOptions, for x: Matrix, weights: Matrix?) throws {
    try check(options, for: AnyMatrix(x), weights: weights.map { AnyMatrix($0) })
  }

  static func check(_ options: NMFOptions, for x: AnyMatrix, weights: AnyMatrix?) throws {
    let isWeighted = weights != nil || x.sparse?.first(where: \.isNaN) != nil
    try checkStart(options, x.shape, x.label)
    try checkRoom(options.rank, x.shape)
    try checkLoss(options, x, weights)
    try checkSolver(options, isWeighted: isWeighted)
    try checkLimits(options)
    try checkForm(options, x, isWeighted: isWeighted)
  }

  /// The same for rows that are looked at in blocks.
  static func check(_ options: NMFOptions, for shape: Shape, label: String) throws {
    try checkStart(options, shape, label)
    try checkRoom(options.rank, shape)
    try checkLimits(options)
  }

  /// Throws where memory has no room for two factors of X, their Gram matrices and a few such.
  static func checkRoom(_ rank: Int, _ x: Shape) throws {
    let (rows, isBeyond) = (x.rows + x.columns).addingReportingOverflow(min(rank, 1 << 40) * 4)
    if !isBeyond, Matrix.canAllocate(Shape(rows, rank)) { return }
    throw Problem(
      .value, "memory has no room for factors of this rank", at: "rank", label: "rank \(rank)")
  }

  private static func checkStart(_ options: NMFOptions, _ x: Shape, _ label: String) throws {
    guard options.form == .standard || options.form == .symmetric else { return }
    let most = options.start.needsSingularVectors ? min(x.rows, x.columns) : x.rows
    let bounded = options.start != .random && options.start != .given || options.solver == .spa
    if bounded, options.rank > most {
      let name = options.solver == .spa ? "solver=\"spa\"" : "init=\"\(options.start.rawValue)\""
      let what = options.start.needsSingularVectors ? "the smaller size of X" : "the rows of X"
      throw Problem(
        .value, "\(name) needs a rank of at most \(most), \(what)",
        mentioning: [
          Problem.Mention(parameter: "x", label: label),
          Problem.Mention(parameter: "rank", label: "rank \(options.rank)"),
        ],
        help: "lower the rank, or start from init=\"random\"")
    }
    if options.start == .nndsvd,
      options.solver == .mu || options.solver == .newton || !options.loss.isSquared
    {
      throw Problem(
        .value, "multiplicative updates cannot leave the zeros of init=\"nndsvd\"", at: "init",
        label: "has zeros", help: "use init=\"nndsvda\", which fills them")
    }
  }

  private static func checkLoss(_ options: NMFOptions, _ x: AnyMatrix, _ weights: AnyMatrix?) throws
  {
    guard case .beta(let beta) = options.loss, beta <= 0 else { return }
    try checkLoss(
      options,
      zeros: weights.map { $0.total(.count) - x.choosing(where: $0).total(.count) }
        ?? x.count - x.total(.count))
  }

  /// Throws where X has zeros that the loss is endlessly far from.
  static func checkLoss(_ options: NMFOptions, zeros: Double) throws {
    guard case .beta(let beta) = options.loss, beta <= 0, zeros > 0 else { return }
    throw Problem(
      .value, "the \(options.loss.name) divergence needs every element above 0", at: "x",
      label: zeros == 1 ? "1 element is 0" : "\(NumberFormat.short(zeros)) elements are 0",
      help: "add a little, as in X .+ 0.01, or leave zeros out by weights=X > 0",
      remedy: .rewriting("x", as: "$ .+ 0.01"))
  }

  private static func checkSolver(_ options: NMFOptions, isWeighted: Bool) throws {
    let refuse = { (need: String, label: String, other: String) in
      throw Problem(
        .value, "solver=\"\(options.solver.rawValue)\" \(need)", at: "solver", label: label,
        help: "leave the solver out, or write solver=\"\(other)\"",
        remedy: .rewriting("solver", as: "\"\(other)\""))
    }
    switch options.solver {
    case .auto, .mu: return
    case .newton:
      if options.loss != .kl { try refuse("is for loss=\"kl\"", "with \(options.loss.name)", "mu") }
    case .extrapolated where options.loss == .kl: break
    case .extrapolated, .hals, .bpp, .gcd, .randomized, .spa:
      if !options.loss.isSquared {
        try refuse("is for loss=\"frobenius\"", "with \(options.loss.name)", "mu")
      }
    }
    let (w, h) = (options.terms.w, options.terms.h)
    if options.solver == .bpp {
      if w.orthogonality > 0 || h.orthogonality > 0 {
        try refuse("cannot make factors orthogonal", "with orthogonal", "hals")
      }
      if [w, h].contains(where: { $0.areLimits && !$0.rowsSumToOne }) {
        try refuse("knows no bounds but 0", "with box", "hals")
      }
    }
    if options.solver == .randomized && isWeighted {
      try refuse("cannot leave entries out", "with weights or missing", "hals")
    }
    if options.solver == .spa {
      if isWeighted { try refuse("cannot leave entries out", "with weights or missing", "hals") }
      if options.isRegularized || w.areLimits || h.areLimits {
        try refuse("takes rows of X as they are", "with penalties or limits", "hals")
      }
    }
  }

  private static func checkLimits(_ options: NMFOptions) throws {
    let (w, h) = (options.terms.w, options.terms.h)
    if w.rowsSumToOne {
      if !options.loss.isSquared || options.solver == .mu || options.solver == .newton {
        throw Problem(
          .value, "rows of W that sum to 1 need loss=\"frobenius\" and no multiplication",
          at: "simplex", help: "leave loss and solver out, or write solver=\"hals\"",
          remedy: .leavingOut(options.loss.isSquared ? "solver" : "loss"))
      }
      if w.lowest != 0 || w.highest != .infinity || w.orthogonality > 0 {
        throw Problem(
          .value, "rows of W that sum to 1 have their bounds already", at: "simplex",
          help: "leave 'box' and 'orthogonal' of W out")
      }
    }
    if options.partsSumToOne, options.isRegularized || w.areLimits || h.areLimits {
      throw Problem(
        .value, "rows of H can only be brought to sum 1 where W may take up their size",
        at: "simplex", help: "leave penalties and other limits out")
    }
  }

  private static func checkForm(_ options: NMFOptions, _ x: AnyMatrix, isWeighted: Bool) throws {
    guard options.form != .standard else { return }
    let name = "form=\"\(options.form.rawValue)\""
    if !options.loss.isSquared {
      throw Problem(
        .value, "\(name) is for loss=\"frobenius\"", at: "loss",
        label: "with \(options.loss.name)")
    }
    if options.solver != .auto {
      throw Problem(
        .value, "\(name) has one solver", at: "solver", help: "leave the solver out")
    }
    if isWeighted && options.form != .semi {
      throw Problem(
        .value, "\(name) needs every entry", at: "form",
        help: "form=\"standard\" and form=\"semi\" leave entries out")
    }
    if options.isRegularized || options.terms.w.areLimits || options.partsSumToOne
      || options.terms.h.areLimits && options.form != .semi
    {
      throw Problem(
        .value, "\(name) has no penalties and no limits but its own", at: "form",
        help: "form=\"standard\" has them")
    }
    if options.form == .symmetric {
      guard x.shape.isSquare else {
        throw Problem(.shape, "\(name) needs a square matrix", at: "x", label: x.label)
      }
      if let place = x.firstAsymmetry {
        throw Problem(
          .value, "\(name) needs a symmetric matrix", at: "x",
          label: "[\(place.row + 1), \(place.column + 1)] differs from its mirror image",
          help: "(X + X') / 2 is symmetric", remedy: .rewriting("x", as: "($ + $') / 2"))
      }
    }
    if options.form == .archetypal, options.rank > x.rows {
      throw Problem(
        .value, "\(name) needs a rank of at most \(x.rows), the rows of X", at: "rank",
        label: "rank \(options.rank)")
    }
  }
}
