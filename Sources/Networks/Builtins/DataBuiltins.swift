import Matrices
import Vocabulary

let oneHotBuiltin = Builtin(
  "one_hot", in: .train, "A column for every class, with 1 where a row is of that class.",
  Parameter<Matrix>("y", "a column of classes"),
  Parameter<Matrix?>("classes", "the classes, in the order of the columns; those of y, sorted"),
  shapes: "m×1 → m×k",
  seeAlso: ["train", "accuracy"],
  examples: [Example("one_hot([2; 0; 2], classes=0:2)", prints: "0  0  1\n1  0  0\n0  0  1")]
) { (y: Matrix, classes: Matrix?) -> Matrix in
  guard y.shape.isVector, y.count > 0 else {
    throw Problem(.shape, "classes are one column", at: "y", label: y.label)
  }
  let labels = try finite(y, at: "y").elements
  let wanted = classes?.elements ?? Set(labels).sorted()
  guard Set(wanted).count == wanted.count else {
    throw Problem(.value, "every class is listed once", at: "classes")
  }
  guard Matrix.canAllocate(Shape(labels.count, wanted.count)), wanted.count <= 1 << 20 else {
    throw Problem(
      .value, "\(wanted.count) classes are too many for a column each", at: "y", label: y.label)
  }
  let places = Dictionary(uniqueKeysWithValues: wanted.enumerated().map { ($1, $0) })
  let rows = try labels.enumerated().map { row, label in
    guard let place = places[label] else {
      throw Problem(
        .value, "row \(row + 1) is \(NumberFormat.short(label)), which is not among the classes",
        at: "classes", label: classes?.label ?? "")
    }
    return place
  }
  return Matrix.identity(wanted.count).selecting(rows: rows)
}

let splitBuiltin = Builtin(
  "split", in: .train, "Parts the rows, or a table, at random into a large part and the rest.",
  Parameter<Value>("X", "one sample a row, or ratings"),
  Parameter<Matrix?>(positional: "y", "targets, parted like X"),
  Parameter<Double>("fraction", "how much goes into the first part", default: 0.8),
  Parameter<Int?>("seed", "which rows; the next draw of the session when left out"),
  Parameter<String?>(
    "by", "of ratings: random; user: so much of each user's; last: the later ones of each user's"),
  shapes: "m×n → list; ratings → list",
  math: "Rows keep their order within each part.",
  seeAlso: ["train", "standardize", "ratings", "ranking"],
  examples: [
    Example(
      "(Xtrain, ytrain, Xtest, ytest) = split(rand(10, 3), ones(10, 1), seed=1)\nrows(Xtrain)",
      prints: "8"),
    Example(
      """
      r = ratings([1, 1, 5; 1, 2, 4; 1, 3, 3; 2, 1, 5; 2, 2, 4; 2, 3, 3])
      (known, later) = split(r, by="last", fraction=0.7)
      later.items
      """, prints: "3"),
  ],
  using: {
    (context: Context, whole: Value, y: Matrix?, fraction: Double, seed: Int?, way: String?)
      -> [Value] in
    guard fraction > 0 && fraction < 1 else {
      throw Problem(
        .value, "'fraction' must be above 0 and below 1", at: "fraction",
        label: "the number \(NumberFormat.short(fraction))",
        help: fraction > 1 && fraction < 100
          ? "for \(NumberFormat.short(fraction)) % write \(NumberFormat.short(fraction / 100))"
          : nil)
    }
    if case .object(let object) = whole, let table = object as? any Splitting {
      if let y {
        throw Problem(
          .value, "a table is parted alone, without 'y'", at: "y", label: y.label,
          help: "fraction=0.8 says how much goes into the first part")
      }
      let (first, rest) = try part(table, fraction, way, context.generator(seed: seed).random)
      return [first, rest]
    }
    guard let x = Matrix.from(whole) else {
      throw Problem(.type, "'X' needs a matrix or ratings", at: "X", label: whole.label)
    }
    if way != nil {
      throw Problem(
        .value, "'by' is for ratings; rows of a matrix are parted at random", at: "by")
    }
    if let y, y.rows != x.rows {
      throw Problem(
        .shape, "X and y need the same number of rows",
        mentioning: [.init(parameter: "X", label: x.label), .init(parameter: "y", label: y.label)])
    }
    guard x.rows >= 2 else {
      throw Problem(.shape, "at least two rows are needed", at: "X", label: x.label)
    }
    var random = context.generator(seed: seed).random
    let order = random.permutation(x.rows)
    let count = min(max(Int((Double(x.rows) * fraction).rounded()), 1), x.rows - 1)
    let (first, rest) = (order.prefix(count).sorted(), order.dropFirst(count).sorted())
    return [first, rest].flatMap { rows in
      [x, y].compactMap { $0.map { .matrix($0.selecting(rows: rows)) } }
    }
  })

private func part(_ table: any Splitting, _ fraction: Double, _ way: String?, _ random: Random)
  throws -> (Value, Value)
{
  let ways = type(of: table).waysToSplit
  let way = way ?? ways[0]
  guard ways.contains(way) else {
    throw Problem(
      .value, "'by' is one of \(ways.map { "\"\($0)\"" }.joined(separator: ", "))", at: "by",
      label: "\"\(way)\"",
      help: Spelling.nearest(way, among: ways).map { "did you mean \"\($0)\"?" })
  }
  return try table.split(fraction, by: way, random)
}

let standardizeBuiltin = Builtin(
  "standardize", in: .train, "Shifts and scales every column to mean 0 and deviation 1.",
  Parameter<Matrix>("X", "one sample a row"),
  Parameter<Matrix?>("like", "data whose means and deviations to use: the training data"),
  shapes: "m×n → m×n",
  math: "(x − mean) / std of every column; a constant column becomes 0.",
  seeAlso: ["mean", "std", "train"],
  examples: [
    Example("standardize([1; 2; 3])'", prints: "-1  0  1"),
    Example("standardize([4; 5], like=[1; 2; 3])'", prints: "2  3"),
  ]
) { (x: Matrix, like: Matrix?) -> Matrix in
  let known = like ?? x
  guard known.columns == x.columns else {
    throw Problem(
      .shape, "both need the same number of columns",
      mentioning: [
        .init(parameter: "X", label: x.label), .init(parameter: "like", label: known.label),
      ])
  }
  guard known.rows >= 2 else {
    throw Problem(
      .shape, "a deviation needs at least two rows", at: like == nil ? "X" : "like",
      label: known.label)
  }
  let mean = known.reduced(.mean, along: .rows)
  let deviation = known.variance(along: .rows).mapped(.sqrt)
  let divisor = deviation + Matrix.combine(.equal, deviation, 0).converted(to: x.precision)
  return (x - mean).over(divisor)
}
