import Matrices
import Vocabulary

extension StandardLibrary {
  /// Functions of every element.
  static let mapping: [Builtin] = functions.map(\.builtin) + pairs + choices

  /// A function of one element as a line of a table.
  private struct Entry {
    var function: ElementwiseFunction
    var name: String
    var summary: String
    var math = ""
    var related: [String] = []
    var examples: [Example]

    var builtin: Builtin {
      Builtin(
        name, in: .map, summary, Parameter<Numbers>("x", "a number or matrix"),
        shapes: "m×n → m×n", math: math, seeAlso: related, examples: examples,
        elementwise: function
      ) { [function] x in x.mapped(function) }
    }
  }

  private static let functions: [Entry] = [
    Entry(
      function: .exp, name: "exp", summary: "Powers of e.", math: "eˣ", related: ["log"],
      examples: [
        Example("exp(0)", prints: "1"), Example("exp([0, 1])", prints: "1.0000  2.7183"),
      ]),
    Entry(
      function: .log, name: "log", summary: "Natural logarithms; NaN below 0.", math: "ln x",
      related: ["exp"],
      examples: [Example("log(exp(2))", prints: "2"), Example("log(0)", prints: "-Inf")]),
    Entry(
      function: .expm1, name: "expm1", summary: "Powers of e less 1, exact near 0.",
      math: "eˣ − 1", related: ["exp", "log1p"],
      examples: [Example("expm1(1e-12)", prints: "1e-12")]),
    Entry(
      function: .log1p, name: "log1p",
      summary: "Natural logarithms of 1 + x, exact near 0; NaN below −1.", math: "ln(1 + x)",
      related: ["log", "expm1"],
      examples: [Example("log1p(1e-12)", prints: "1e-12")]),
    Entry(
      function: .sqrt, name: "sqrt", summary: "Square roots; NaN below 0.", math: "√x",
      related: ["pow"],
      examples: [Example("sqrt([4, 9])", prints: "2  3")]),
    Entry(
      function: .abs, name: "abs", summary: "Values without their sign.", math: "|x|",
      related: ["sign", "norm"],
      examples: [Example("abs([-2, 3])", prints: "2  3")]),
    Entry(
      function: .sign, name: "sign", summary: "−1 below 0, 0 at 0, 1 above.", related: ["abs"],
      examples: [Example("sign([-2, 0, 3])", prints: "-1  0  1")]),
    Entry(
      function: .floor, name: "floor", summary: "The next whole number below.", math: "⌊x⌋",
      related: ["ceil", "round"],
      examples: [Example("floor([-1.5, 1.5])", prints: "-2  1")]),
    Entry(
      function: .ceil, name: "ceil", summary: "The next whole number above.", math: "⌈x⌉",
      related: ["floor", "round"],
      examples: [Example("ceil([-1.5, 1.5])", prints: "-1  2")]),
    Entry(
      function: .sin, name: "sin", summary: "Sines of angles in radians.",
      related: ["cos", "tan"],
      examples: [Example("round(sin([0, pi/2]))", prints: "0  1")]),
    Entry(
      function: .cos, name: "cos", summary: "Cosines of angles in radians.",
      related: ["sin", "tan"],
      examples: [Example("cos([0, pi])", prints: "1  -1")]),
    Entry(
      function: .tan, name: "tan", summary: "Tangents of angles in radians.",
      related: ["sin", "cos", "tanh"],
      examples: [Example("round(tan(pi/4))", prints: "1")]),
    Entry(
      function: .asin, name: "asin", summary: "Angles whose sine it is; NaN beyond −1 and 1.",
      related: ["sin", "acos"],
      examples: [Example("asin([0, 1]) / pi", prints: "0  0.5")]),
    Entry(
      function: .acos, name: "acos", summary: "Angles whose cosine it is; NaN beyond −1 and 1.",
      related: ["cos", "asin"],
      examples: [Example("acos([-1, 1]) / pi", prints: "1  0")]),
    Entry(
      function: .atan, name: "atan", summary: "Angles whose tangent it is, between −π/2 and π/2.",
      related: ["tan", "asin"],
      examples: [Example("atan([0, inf]) / pi", prints: "0  0.5")]),
    Entry(
      function: .sinh, name: "sinh", summary: "Hyperbolic sines.", math: "(eˣ − e⁻ˣ) / 2",
      related: ["cosh", "tanh"],
      examples: [Example("sinh(0)", prints: "0")]),
    Entry(
      function: .cosh, name: "cosh", summary: "Hyperbolic cosines.", math: "(eˣ + e⁻ˣ) / 2",
      related: ["sinh", "tanh"],
      examples: [Example("cosh(0)", prints: "1")]),
    Entry(
      function: .tanh, name: "tanh", summary: "Hyperbolic tangents, between −1 and 1.",
      math: "(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)", related: ["sigmoid", "relu"],
      examples: [
        Example("tanh(0)", prints: "0"), Example("tanh([-100, 100])", prints: "-1  1"),
      ]),
    Entry(
      function: .erf, name: "erf",
      summary: "The error function: the share of a normal distribution within x √2 deviations.",
      math: "2/√π times the integral of e^(−t²) from 0 to x", related: ["exp", "randn"],
      examples: [Example("erf([0, 10])", prints: "0  1")]),
    Entry(
      function: .sigmoid, name: "sigmoid", summary: "The logistic function, between 0 and 1.",
      math: "1 / (1 + e⁻ˣ)", related: ["tanh", "softmax"],
      examples: [Example("sigmoid([-1000, 0, 1000])", prints: "0  0.5  1.0")]),
    Entry(
      function: .softplus, name: "softplus",
      summary: "A smooth positive part: near 0 far below 0, x far above.",
      math: "ln(1 + eˣ)", related: ["relu", "sigmoid", "logsumexp"],
      examples: [Example("softplus([-1000, 1000])", prints: "0  1000")]),
    Entry(
      function: .relu, name: "relu", summary: "The positive part: 0 below 0.",
      math: "max(x, 0)", related: ["sigmoid", "clamp"],
      examples: [Example("relu([-2, 3])", prints: "0  3")]),
  ]

  private static let pairs: [Builtin] = [
    Builtin(
      "pow", in: .map, "Powers, element by element; a row or a column is repeated.",
      Parameter<Numbers>("x", "the base"),
      Parameter<Numbers>("y", "the exponent"),
      shapes: "m×n, p×q → m×n ∘ p×q", math: "xʸ", seeAlso: ["exp", "sqrt"],
      examples: [
        Example("pow(2, 10)", prints: "1024"), Example("pow([1, 2, 3], 2)", prints: "1  4  9"),
      ], operation: .power
    ) { x, y in try Numbers.combined(.power, x, y) },
    Builtin(
      "mod", in: .map, "The remainder of a division, with the sign of the divisor.",
      Parameter<Numbers>("x", "what is divided"),
      Parameter<Numbers>("y", "the divisor; the remainder by 0 is NaN"),
      shapes: "m×n, p×q → m×n ∘ p×q", math: "x − y ⌊x / y⌋", seeAlso: ["floor"],
      examples: [
        Example("mod(-1, 3)", prints: "2"), Example("mod(1:5, 2)", prints: "1  0  1  0  1"),
      ], operation: .remainder
    ) { x, y in try Numbers.combined(.remainder, x, y) },
  ]

  private static let choices: [Builtin] = [
    Builtin(
      "round", in: .map, "The nearest whole number, or decimal; halves go away from 0.",
      Parameter<Numbers>("x", "a number or matrix"),
      Parameter<Int>(
        "digits", "decimals to keep; −2 rounds to hundreds", default: 0, in: .between(-15, 15),
        positional: true),
      shapes: "m×n → m×n", seeAlso: ["floor", "ceil", "format"],
      examples: [
        Example("round([-2.5, 0.4, 2.5])", prints: "-3  0  3"),
        Example("round(pi, 2)", prints: "3.14"), Example("round(1234, -2)", prints: "1200"),
      ]
    ) { x, digits -> Value in
      if digits == 0 { return x.mapped(.round) }
      // Powers of ten up to 10¹⁵ are exact; dividing by one rounds once, multiplying by 0.01 twice.
      let unit = Numbers.single((0..<abs(digits)).reduce(1) { power, _ in power * 10 })
      let (up, down) =
        digits > 0
        ? (ElementwiseOperation.multiply, ElementwiseOperation.divide) : (.divide, .multiply)
      guard let scaled = Numbers.from(try Numbers.combined(up, x, unit)),
        let whole = Numbers.from(scaled.mapped(.round))
      else { return x.value }
      return try Numbers.combined(down, whole, unit)
    },
    Builtin(
      "softmax", in: .map,
      "Positive shares that sum to 1: of every row of a matrix (one sample a row), of all elements of a vector.",
      Parameter<Matrix>("x", "scores"),
      Parameter<Int?>("dim", "1 makes columns sum to 1, 2 rows", in: .between(1, 2)),
      shapes: "m×n → m×n", math: "eˣⁱ / Σ eˣʲ, the largest subtracted first",
      seeAlso: ["sigmoid", "exp"],
      examples: [
        Example("softmax([0, 0])", prints: "0.5  0.5"),
        Example("sum(softmax([1, 2, 3; 1, 5, 9]), dim=2)'", prints: "1  1"),
      ]
    ) { x, dimension in
      let axis = dimension.flatMap(Axis.init) ?? (x.columns == 1 ? .rows : .columns)
      return x.softmax(along: axis)
    },
    Builtin(
      "logsumexp", in: .map,
      "The logarithm of the sum of exponentials, without overflow on the way.",
      Parameter<Matrix>("x", "scores"), Parameter.dimension,
      shapes: "m×n, dim=1 → 1×n; m×n, dim=2 → m×1; m×n → number",
      math: "ln Σ eˣ = c + ln Σ eˣ⁻ᶜ, where c is the largest element",
      seeAlso: ["softmax", "exp", "log"],
      examples: [
        Example("logsumexp([0, 0]) == log(2)", prints: "true"),
        Example("round(logsumexp([1000, 1000]) - 1000, 3)", prints: "0.693"),
      ]
    ) { x, dimension -> Value in
      let axis = dimension.flatMap(Axis.init)
      try need(1, of: x, axis, for: "logsumexp")
      guard let axis else {
        let most = x.total(.maximum)
        if !most.isFinite { return .number(most) }
        return .number(most + ElementwiseFunction.log((x - most).mapped(.exp).total(.sum)))
      }
      var most = x.reduced(.maximum, along: axis)
      most.clamp(-Double.greatestFiniteMagnitude, .greatestFiniteMagnitude)
      let sums = Matrix.combine(.subtract, x, most).mapped(.exp).reduced(.sum, along: axis)
      return .matrix(most + sums.mapped(.log))
    },
    Builtin(
      "clamp", in: .map, "Every element brought between two bounds; NaN stays.",
      Parameter<Numbers>("x", "a number or matrix"),
      Parameter<Double>("low", "the smallest result"),
      Parameter<Double>("high", "the largest result"),
      shapes: "m×n → m×n", seeAlso: ["relu", "min", "max"],
      examples: [
        Example("clamp([-1, 0.5, 7], 0, 1)", prints: "0  0.5  1.0"),
        Example("clamp(5, 0, 3)", prints: "3"),
      ]
    ) { x, low, high -> Value in
      guard low <= high else {
        throw Problem(
          .value, "'low' must not be above 'high'", at: "low",
          label: "the number \(NumberFormat.short(low))")
      }
      switch x {
      case .single(let number): return .number(Matrix(number).clamped(low, high)[0, 0])
      case .matrix(let matrix): return .matrix(matrix.clamped(low, high))
      }
    },
    Builtin(
      "where", in: .map,
      "Elements of one matrix where a condition holds, of another elsewhere; rows, columns and numbers are repeated.",
      Parameter<Numbers>("condition", "true or not 0 chooses the first"),
      Parameter<Numbers>("x", "taken where the condition holds"),
      Parameter<Numbers>("y", "taken elsewhere"),
      shapes: "m×n, p×q, r×s → m×n ∘ p×q ∘ r×s", seeAlso: ["find", "clamp"],
      examples: [
        Example("where([1, 2, 3] > 1, 10, 0)", prints: "0  10  10"),
        Example("where(true, 1, 2)", prints: "1"),
      ]
    ) { condition, x, y -> Value in
      if case (.single(let truth), .single, .single) = (condition, x, y) {
        return truth != 0 ? x.value : y.value
      }
      let (mask, a, b) = (condition.matrix, x.matrix, y.matrix)
      _ = try Shape.broadcast(mask.shape, try Shape.broadcast(a.shape, b.shape))
      // A number beside a matrix does not change its precision.
      let precision: Precision =
        switch (x, y) {
        case (.matrix(let a), .single): a.precision
        case (.single, .matrix(let b)): b.precision
        case (.single, .single): .double
        case (.matrix(let a), .matrix(let b)):
          a.precision == b.precision ? a.precision : .double
        }
      return .matrix(.choose(mask, a.converted(to: precision), b.converted(to: precision)))
    },
  ]
}
