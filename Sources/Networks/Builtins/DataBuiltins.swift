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
  "split", in: .train, "Parts the rows at random into a large part and the rest.",
  Parameter<Matrix>("X", "one sample a row"),
  Parameter<Matrix?>(positional: "y", "targets, parted like X"),
  Parameter<Double>("fraction", "how much goes into the first part", default: 0.8),
  Parameter<Int?>("seed", "which rows; the next draw of the session when left out"),
  shapes: "m×n → list",
  math: "Rows keep their order within each part.",
  seeAlso: ["train", "standardize"],
  examples: [
    Example(
      "(Xtrain, ytrain, Xtest, ytest) = split(rand(10, 3), ones(10, 1), seed=1)\nrows(Xtrain)",
      prints: "8")
  ],
  using: { (context: Context, x: Matrix, y: Matrix?, fraction: Double, seed: Int?) -> [Value] in
    guard fraction > 0 && fraction < 1 else {
      throw Problem(
        .value, "'fraction' must be above 0 and below 1", at: "fraction",
        label: "the number \(NumberFormat.short(fraction))",
        help: fraction > 1 && fraction < 100
          ? "for \(NumberFormat.short(fraction)) % write \(NumberFormat.short(fraction / 100))"
          : nil)
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
