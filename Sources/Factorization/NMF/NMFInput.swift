import Matrices
import Vocabulary

/// What a matrix must be before it can be factorized into non-negative parts.
enum NMFInput {
  /// Throws where X is empty, not finite or negative somewhere.
  static func check(_ x: Matrix, at parameter: String) throws {
    guard !x.isEmpty else {
      throw Problem(
        .shape, "a matrix with at least one element is needed", at: parameter, label: x.label)
    }
    if x.census.isClean { return }
    if let place = x.firstNonFinite {
      let number = x[place.row, place.column]
      let count = x.count - Int(x.mapped(.isFinite).total(.sum))
      throw Problem(
        .value, "every element must be a finite number", at: parameter,
        label: "\(NumberFormat.short(number)) at \(cell(place)), \(elements(count)) in all",
        help: number.isNaN
          ? "replace them, as in where(isnan(X), 0, X), or leave their rows out" : nil)
    }
    if let place = x.firstNegative {
      let count = Int(Matrix.combine(.less, x, 0).total(.sum))
      throw Problem(
        .value, "every element must be at least 0", at: parameter,
        label:
          "\(NumberFormat.short(x[place.row, place.column])) at \(cell(place)), "
          + "\(elements(count)) below 0 in all",
        help: "shift it, as in X - min(X), cut it off, as in relu(X), or use svd or pca")
    }
  }

  /// Throws where the rank or the start do not suit X.
  static func check(_ options: NMFOptions, for x: Matrix) throws {
    let most = min(x.rows, x.columns)
    if options.rank > most, options.start != .random {
      throw Problem(
        .value,
        "init=\"\(options.start.rawValue)\" needs a rank of at most \(most), the smaller size of X",
        mentioning: [
          Problem.Mention(parameter: "x", label: x.label),
          Problem.Mention(parameter: "rank", label: "rank \(options.rank)"),
        ],
        help: "lower the rank, or start from init=\"random\"")
    }
    if options.loss == .kl, options.solver == .hals {
      throw Problem(
        .value, "solver=\"hals\" is for loss=\"frobenius\"", at: "solver",
        label: "with loss=\"kl\"",
        help: "leave the solver out, or write solver=\"mu\"")
    }
    if options.start == .nndsvd, options.solver == .mu || options.loss == .kl {
      throw Problem(
        .value, "multiplicative updates cannot leave the zeros of init=\"nndsvd\"", at: "init",
        label: "has zeros", help: "use init=\"nndsvda\", which fills them")
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
