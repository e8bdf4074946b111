import Matrices

infix operator .* : MultiplicationPrecedence
infix operator ./ : MultiplicationPrecedence

/// Operations on elements; rows and columns of length 1 are repeated.
extension Trace {
  package static func + (a: Trace, b: Trace) -> Trace { combine(.add, a, b) }
  package static func - (a: Trace, b: Trace) -> Trace { combine(.subtract, a, b) }
  package static func .* (a: Trace, b: Trace) -> Trace { combine(.multiply, a, b) }
  package static func ./ (a: Trace, b: Trace) -> Trace { combine(.divide, a, b) }
  package static func .* (a: Double, b: Trace) -> Trace { combine(.multiply, Trace(a), b) }
  package static func .* (a: Trace, b: Double) -> Trace { combine(.multiply, a, Trace(b)) }
  package static func ./ (a: Trace, b: Double) -> Trace { combine(.divide, a, Trace(b)) }
  package static func + (a: Trace, b: Double) -> Trace { combine(.add, a, Trace(b)) }
  package static func - (a: Double, b: Trace) -> Trace { combine(.subtract, Trace(a), b) }
  package static prefix func - (a: Trace) -> Trace { -1 .* a }

  /// `a ∘ b`, one element at a time.
  package static func combine(_ operation: ElementwiseOperation, _ a: Trace, _ b: Trace)
    -> Trace
  { record(.combine(operation, a.value, b.value), a, b, by: .combination(operation)) }

  /// The function of every element.
  package func mapped(_ function: ElementwiseFunction) -> Trace {
    Self.record(value.mapped(function), self, by: .map(function))
  }

  /// 1 where the comparison of two values holds, else 0: a constant.
  package static func marks(_ operation: ElementwiseOperation, _ a: Trace, _ b: Trace)
    -> Trace
  {
    switch Quantity.combine(operation, a.value, b.value) {
    case .number(let number): return Trace(number)
    case .matrix(var matrix):
      matrix.isLogical = false
      return Trace(matrix)
    }
  }

  /// 1 where the elements are larger than a number, else 0: a constant.
  package func above(_ limit: Double) -> Trace { Self.marks(.greater, self, Trace(limit)) }
}

extension Rule {
  /// The rule of an operation on elements.
  package static func combination(_ operation: ElementwiseOperation) -> Rule {
    switch operation {
    case .add: plus
    case .subtract: minus
    case .multiply: times
    case .divide: over
    case .power: power
    case .remainder: remainder
    case .minimum: minimum
    case .maximum: maximum
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual, .and, .or: nothing
    }
  }

  /// Steps do not change with what they are made of, except at jumps.
  static let nothing = Rule({ $0.a.zero }, { $0.b.zero })

  /// `d(a + b) = da + db`.
  static let plus = Rule({ $0.toLeft($0.slope) }, { $0.toRight($0.slope) })

  /// `d(a − b) = da − db`.
  static let minus = Rule({ $0.toLeft($0.slope) }, { $0.toRight(-$0.slope) })

  /// `d(a b) = b da + a db`.
  static let times = Rule(
    { $0.toLeft($0.slope .* $0.b) }, { $0.toRight($0.slope .* $0.a) })

  /// `d(a / b) = da / b − y db / b`.
  static let over = Rule(
    { $0.toLeft($0.slope ./ $0.b) }, { $0.toRight(-$0.slope .* $0.y ./ $0.b) })

  /// `d(aᵇ) = b aᵇ⁻¹ da + y ln a db`; where a is not positive the exponent stays.
  static let power = Rule(
    { p in
      if case .number(2) = p.b.value, !p.b.isTraced { return p.toLeft((2 .* p.slope) .* p.a) }
      let steepness = p.b .* Trace.combine(.power, p.a, p.b - Trace(1))
      return p.toLeft(p.slope .* steepness)
    },
    { p in
      let isPositive = p.a.above(0)
      // Where the logarithm does not exist, 1 takes the place of the base.
      let base = isPositive .* p.a + (1 - isPositive)
      return p.toRight(p.slope .* (isPositive .* p.y .* base.mapped(.log)))
    })

  /// `d(a mod b) = da − ⌊a / b⌋ db`.
  static let remainder = Rule(
    { $0.toLeft($0.slope) },
    { $0.toRight(-$0.slope .* ($0.a.constant ./ $0.b.constant).mapped(.floor)) })

  /// The slope belongs to the smaller one; of equal ones each gets half.
  static let minimum = Rule(
    { $0.toLeft($0.slope .* Trace.share(.less, $0.a, $0.b)) },
    { $0.toRight($0.slope .* Trace.share(.less, $0.b, $0.a)) })

  /// The slope belongs to the larger one; of equal ones each gets half.
  static let maximum = Rule(
    { $0.toLeft($0.slope .* Trace.share(.greater, $0.a, $0.b)) },
    { $0.toRight($0.slope .* Trace.share(.greater, $0.b, $0.a)) })

  /// The rule of a function of one element.
  package static func map(_ function: ElementwiseFunction) -> Rule {
    switch function {
    case .exp: exp
    case .log: log
    case .sqrt: sqrt
    case .square: square
    case .reciprocal: reciprocal
    case .negate: negate
    case .abs: abs
    case .sin: sin
    case .cos: cos
    case .tan: tan
    case .tanh: tanh
    case .sigmoid: sigmoid
    case .relu: relu
    case .asin: asin
    case .acos: acos
    case .atan: atan
    case .sinh: sinh
    case .cosh: cosh
    case .erf: erf
    case .log1p: log1p
    case .expm1: expm1
    case .softplus: softplus
    case .sign, .floor, .ceil, .round, .not, .isNaN, .isFinite: nothing
    }
  }

  /// `d eᵃ = y da`.
  static let exp = Rule { $0.slope .* $0.y }
  /// `d ln a = da / a`.
  static let log = Rule { $0.slope ./ $0.a }
  /// `d √a = da / 2y`.
  static let sqrt = Rule { $0.slope ./ (2 .* $0.y) }
  /// `d a² = 2a da`.
  static let square = Rule { (2 .* $0.slope) .* $0.a }
  /// `d (1/a) = −y² da`.
  static let reciprocal = Rule { -$0.slope .* $0.y .* $0.y }
  /// `d (−a) = −da`.
  static let negate = Rule { -$0.slope }
  /// `d |a| = sign(a) da`.
  static let abs = Rule { $0.slope .* $0.a.constant.mapped(.sign) }
  /// `d sin a = cos(a) da`.
  static let sin = Rule { $0.slope .* $0.a.mapped(.cos) }
  /// `d cos a = −sin(a) da`.
  static let cos = Rule { -$0.slope .* $0.a.mapped(.sin) }
  /// `d tan a = (1 + y²) da`.
  static let tan = Rule { $0.slope .* ($0.y .* $0.y + 1) }
  /// `d tanh a = (1 − y²) da`.
  static let tanh = Rule { $0.slope .* (1 - $0.y .* $0.y) }
  /// `d σ(a) = y (1 − y) da`.
  static let sigmoid = Rule { $0.slope .* ($0.y .* (1 - $0.y)) }
  /// `d max(a, 0) = [a > 0] da`.
  static let relu = Rule { $0.slope .* $0.a.above(0) }
  /// `d asin a = da / √(1 − a²)`.
  static let asin = Rule { $0.slope ./ (1 - $0.a .* $0.a).mapped(.sqrt) }
  /// `d acos a = −da / √(1 − a²)`.
  static let acos = Rule { -$0.slope ./ (1 - $0.a .* $0.a).mapped(.sqrt) }
  /// `d atan a = da / (1 + a²)`.
  static let atan = Rule { $0.slope ./ ($0.a .* $0.a + 1) }
  /// `d sinh a = cosh(a) da`.
  static let sinh = Rule { $0.slope .* $0.a.mapped(.cosh) }
  /// `d cosh a = sinh(a) da`.
  static let cosh = Rule { $0.slope .* $0.a.mapped(.sinh) }
  /// `d erf a = (2 / √π) e^(−a²) da`.
  static let erf = Rule {
    $0.slope .* ((2 / Double.pi.squareRoot()) .* (-($0.a .* $0.a)).mapped(.exp))
  }
  /// `d ln(1 + a) = da / (1 + a)`.
  static let log1p = Rule { $0.slope ./ ($0.a + 1) }
  /// `d (eᵃ − 1) = (y + 1) da`.
  static let expm1 = Rule { $0.slope .* ($0.y + 1) }
  /// `d ln(1 + eᵃ) = σ(a) da`.
  static let softplus = Rule { $0.slope .* $0.a.mapped(.sigmoid) }

  /// `a` brought between two bounds: `[low ≤ a ≤ high] da`.
  package static func clamp(_ low: Double, _ high: Double) -> Rule {
    Rule { p in
      let inside =
        Trace.marks(.greaterOrEqual, p.a, Trace(low))
        .* Trace.marks(.lessOrEqual, p.a, Trace(high))
      return p.slope .* inside
    }
  }

  /// `a` where a condition holds, else `b`.
  package static func choice(_ condition: Quantity) -> Rule {
    let mask = Trace.marks(.unequal, Trace(condition), Trace(0))
    return Rule({ $0.toLeft($0.slope .* mask) }, { $0.toRight($0.slope .* (1 - mask)) })
  }

  /// The same numbers in another precision: the slope comes back in the old one.
  package static let conversion = Rule { p in p.full.converted(to: p.a.value.precision) }
}

extension Trace {
  /// 0 for each element.
  var zero: Trace { Trace(.number(0)) }

  /// 1 where `a` wins a comparison with `b`, ½ where they are equal: a constant.
  fileprivate static func share(_ operation: ElementwiseOperation, _ a: Trace, _ b: Trace)
    -> Trace
  { marks(operation, a, b) + 0.5 .* marks(.equal, a, b) }

  /// The same numbers in another precision.
  package func converted(to precision: Precision) -> Trace {
    if case .matrix(let matrix) = value, matrix.precision == precision { return self }
    if case .number = value { return self }
    return Self.record(value.converted(to: precision), self, by: .conversion)
  }
}
