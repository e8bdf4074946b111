import Matrices
import Training
import Vocabulary

/// What a matrix must be before it can be factorized into non-negative parts.
enum NMFInput {
  /// What a builtin can be asked to do about entries that it refuses.
  struct Offers: OptionSet {
    let rawValue: Int
    /// `missing="nan"`
    static let missing = Offers(rawValue: 1)
    /// `form="semi"`
    static let semi = Offers(rawValue: 2)
  }

  /// Throws where X is empty, not finite or, unless `anySign`, negative somewhere. Entries of
  /// weight 0 may be anything.
  static func check(_ x: Matrix, at parameter: String, anySign: Bool = false) throws {
    try check(AnyMatrix(x), at: parameter, anySign: anySign)
  }

  static func check(
    _ x: AnyMatrix, at parameter: String, weights: AnyMatrix? = nil, anySign: Bool = false,
    skipsNaN: Bool = false, offers: Offers = []
  ) throws {
    guard !x.isEmpty else {
      throw Problem(
        .shape, "a matrix with at least one element is needed", at: parameter, label: x.label)
    }
    let known = weights.map { x.choosing(where: $0) } ?? (skipsNaN ? x.known : x)
    if known.census.isClean { return }
    if let place = known.firstNonFinite {
      let number = known[place.row, place.column]
      let count = known.nonFiniteCount
      throw Problem(
        .value, "every element must be a finite number", at: parameter,
        label: "\(NumberFormat.short(number)) at \(cell(place)), \(elements(count)) in all",
        help: number.isNaN ? waysOutOfNaN(offers, isSparse: x.sparse != nil) : nil,
        remedy: number.isNaN && offers.contains(.missing) ? .adding("missing=\"nan\"") : nil)
    }
    if !anySign, let place = known.firstNegative {
      let count = known.negativeCount
      throw Problem(
        .value, "every element must be at least 0", at: parameter,
        label:
          "\(NumberFormat.short(known[place.row, place.column])) at \(cell(place)), "
          + "\(elements(count)) below 0 in all",
        help: "shift it, as in X - min(X), cut it off, as in relu(X), or use "
          + (offers.contains(.semi) ? "form=\"semi\", svd or pca" : "svd or pca"),
        remedy: offers.contains(.semi) ? .adding("form=\"semi\"") : nil)
    }
  }

  private static func waysOutOfNaN(_ offers: Offers, isSparse: Bool) -> String? {
    let ways = [
      offers.contains(.missing) ? "missing=\"nan\" leaves them out of the loss" : nil,
      isSparse ? nil : "where(isnan(X), 0, X) makes them 0",
    ].compactMap { $0 }
    return ways.isEmpty ? nil : ways.joined(separator: "; ")
  }

  /// The weights of the entries from what the user gave: `nil` when every entry counts 1, and where
  /// only the NaN that a sparse X stores are missing.
  static func weights(
    _ given: AnyMatrix?, _ x: AnyMatrix, skipsNaN: Bool, of parameter: String = "x"
  ) throws -> AnyMatrix? {
    if let given {
      guard given.shape == x.shape else {
        throw Problem(
          .shape, "one weight an element is needed",
          mentioning: [
            Problem.Mention(parameter: parameter, label: x.label),
            Problem.Mention(parameter: "weights", label: given.label),
          ])
      }
      if let place = given.firstNonFinite ?? given.firstNegative {
        throw Problem(
          .value, "a weight is a finite number of at least 0", at: "weights",
          label: "\(NumberFormat.short(given[place.row, place.column])) at \(cell(place))")
      }
      let largest = given.total(.maximum)
      guard largest == 0 || x.precision.sizes(for: .weights).contains(largest) else {
        throw Problem(
          .value, "weights leave the range of the arithmetic", at: "weights",
          label: "up to \(NumberFormat.short(largest, digits: 3))",
          help: "without penalties only their proportions matter: divide them by the largest",
          remedy: .rewriting("weights", as: "$ / max($)"))
      }
    }
    var weights = given.map { $0.converted(to: x.precision) }
    if skipsNaN, let full = x.dense, full.firstNaN != nil {
      let known = Matrix.combine(.subtract, 1, full.mapped(.isNaN).converted(to: x.precision))
      weights = .dense(weights.map { $0.full.times(known) } ?? known)
    }
    if skipsNaN, let sparse = x.sparse, sparse.first(where: \.isNaN) != nil {
      let missing = sparse.mapped(.isNaN).converted(to: x.precision)
      switch weights {
      case nil: break
      case .dense(let full):
        weights = .dense(full.times(Matrix.combine(.subtract, 1, missing.full)))
      case .sparse(let sparse):
        let left = SparseMatrix.combine(
          .subtract, SparseMatrix.combine(.greater, sparse, 0), missing)
        weights = .sparse(sparse.choosing(where: SparseMatrix.combine(.greater, left, 0)))
      }
    }
    let nothing =
      weights.map { $0.total(.maximum) == 0 }
      ?? (skipsNaN && Double(x.sparse?.mapped(.isNaN).count ?? 0) == x.count && !x.isEmpty)
    if nothing {
      throw Problem(
        .value, "at least one element must be known", at: parameter,
        label: "all \(NumberFormat.short(x.count)) are missing")
    }
    return weights
  }

  /// Throws where the squares of the elements leave the range of the arithmetic, for what does not
  /// scale X as `nmf` does.
  static func checkRange(_ x: AnyMatrix, weights: AnyMatrix? = nil, at parameter: String) throws {
    let level = NMFScaling.level(x, weights: weights)
    guard level.isNormal, !x.precision.sizes(for: .products).contains(level) else { return }
    throw Problem(
      .value, "the squares of these numbers leave the range of the arithmetic", at: parameter,
      label: "about \(NumberFormat.short(level, digits: 2))",
      help: "scale them, so that they are nearer to 1")
  }

  /// Says what it means for a run on X, or from given factors, when its loss is no number any more.
  static func explainingDivergence<R>(
    _ loss: NMFLoss, of x: AnyMatrix, start: NMFFactors? = nil, _ run: () throws -> R
  ) throws -> R {
    do { return try run() } catch TrainingError.diverged(let step) {
      let largest = start.map { max($0.w.total(.maximum), $0.ht.total(.maximum)) } ?? 0
      if largest > 1e3 * max(x.known.total(.maximum), 1) {
        throw Problem(
          .computation, "the \(loss.name) loss became infinite in step \(step)", at: "init",
          label: "up to \(NumberFormat.short(largest, digits: 3))",
          help: "scale the factors, so that their product is near X")
      }
      let known = x.known
      throw Problem(
        .computation, "the \(loss.name) loss became infinite in step \(step)", at: "x",
        label: "from \(NumberFormat.short(known.total(.minimum))) to "
          + NumberFormat.short(known.total(.maximum)),
        help: "its elements are too far apart for this loss; clamp(x, low, high) cuts them off")
    }
  }

  private static func cell(_ place: (row: Int, column: Int)) -> String {
    "[\(place.row + 1), \(place.column + 1)]"
  }

  private static func elements(_ count: Int) -> String {
    count == 1 ? "1 element" : "\(count) elements"
  }

  /// The shape of one picture from `tile={height, width}`, which must cover a row of H.
  static func tile(_ list: [Value]?, columns: Int) throws -> Shape? {
    guard let list else { return nil }
    let sizes = list.compactMap(Int.from)
    guard sizes.count == 2, list.count == 2, sizes.allSatisfy({ $0 > 0 }) else {
      throw Problem(
        .value, "'tile' needs a height and a width, as in tile={28, 28}", at: "tile",
        label: "list of \(list.count)")
    }
    let shape = Shape(sizes[0], sizes[1])
    guard shape.count == columns else {
      throw Problem(
        .shape, "the tile must have as many elements as a row of X: \(columns)", at: "tile",
        label: "\(shape), \(shape.count) elements")
    }
    return shape
  }
}

extension AnyMatrix {
  /// The same without the NaN that a sparse matrix stores.
  var known: AnyMatrix { sparse.map { .sparse($0.withoutNaN) } ?? self }

  /// The elements of weight above 0, zeros elsewhere.
  func choosing(where weights: AnyMatrix) -> AnyMatrix {
    if let x = sparse, let weights = weights.sparse {
      return .sparse(x.choosing(where: SparseMatrix.combine(.greater, weights, 0)))
    }
    return .dense(Matrix.choose(Matrix.combine(.greater, weights.full, 0), full, Matrix(0)))
  }
}
