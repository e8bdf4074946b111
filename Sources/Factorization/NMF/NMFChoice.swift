import Matrices

/// Which solver runs, and why.
package struct NMFChoice: Sendable, Equatable {
  package var solver: NMFSolver
  package var reason: String
  /// The name in results.
  package var name: String

  /// What the options ask for, or what suits the matrix where they leave it open.
  package init(_ options: NMFOptions, _ x: Observations) {
    if options.solver != .auto {
      self.init(options.solver, "as asked")
    } else {
      self = Self.fastest(options, x)
    }
    if solver == .extrapolated {
      name = options.loss == .kl ? "extrapolated mu" : "extrapolated hals"
    }
  }

  init(_ solver: NMFSolver, _ reason: String, name: String? = nil) {
    self.solver = solver
    self.reason = reason
    self.name = name ?? solver.rawValue
  }

  private static func fastest(_ options: NMFOptions, _ x: Observations) -> NMFChoice {
    switch options.loss {
    case .beta: return NMFChoice(.mu, "the solver for this divergence")
    case .huber: return NMFChoice(.mu, "the solver for huber")
    case .kl:
      return NMFChoice(
        .extrapolated,
        x.skipsZeros
          ? "updates that reach ahead, only where X is not 0" : "updates that reach ahead")
    case .frobenius: break
    }
    switch options.form {
    case .standard, .semi: break
    case .symmetric:
      return NMFChoice(.hals, "the solver for this form", name: "cubic coordinate descent")
    case .archetypal:
      return NMFChoice(.hals, "the solver for this form", name: "pairwise Frank–Wolfe")
    }
    if options.form == .semi { return NMFChoice(.extrapolated, "the solver for this form") }
    if x.isPartial {
      return NMFChoice(.extrapolated, "solves every row with its own weights")
    }
    let least = min(x.shape.rows, x.shape.columns)
    if x.skipsZeros {
      return NMFChoice(.extrapolated, "products skip the zeros of X")
    }
    if x.matrix.count >= Double(largeCount), least >= 12 * (options.rank + 20),
      !options.isRegularized
    {
      return NMFChoice(.randomized, "X is large, full and much wider than the rank")
    }
    return NMFChoice(.extrapolated, "fewest iterations for a full X")
  }

  /// From here on a sketch is worth its making.
  private static let largeCount = 1 << 21
}
