import Glibc

/// One operation on two elements: on vectors where the processor has it, on single elements else.
protocol Combination {
  static func apply<S: Scalar>(_ a: S, _ b: S) -> S
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector
}

enum Add: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a + b }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector { a + b }
}

enum Subtract: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a - b }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector { a - b }
}

enum Multiply: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a * b }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector { a * b }
}

enum Divide: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a / b }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector { a / b }
}

/// An operation that only the C library has: one element after the other.
protocol ScalarCombination: Combination {}

extension ScalarCombination {
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    var result = a
    for i in 0..<S.Vector.scalarCount { result[i] = apply(a[i], b[i]) }
    return result
  }
}

/// An operation whose result is 1 where it holds, else 0.
protocol Comparison: Combination {
  static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
}

extension Comparison {
  @inline(__always)
  static func apply<S: Scalar>(_ a: S, _ b: S) -> S { holds(a, b) ? 1 : 0 }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    S.Vector(repeating: 0).replacing(with: 1, where: holds(a, b, S.self))
  }
}

enum Power: ScalarCombination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S {
    if b == 2 { return a * a }
    return S(Glibc.pow(Double(a), Double(b)))
  }
}

/// The remainder with the sign of the divisor: `-1 % 3` is 2.
enum Remainder: ScalarCombination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S {
    let rest = a.truncatingRemainder(dividingBy: b)
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
  }
}

/// The smaller one; NaN wins, so that it is never lost.
enum Minimum: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S {
    a.isNaN || a < b ? a : b
  }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    b.replacing(with: a, where: a .< b .| a .!= a)
  }
}

enum Maximum: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S {
    a.isNaN || a > b ? a : b
  }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    b.replacing(with: a, where: a .> b .| a .!= a)
  }
}

enum Equal: Comparison {
  @inline(__always) static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool { a == b }
  @inline(__always)
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
  { a .== b }
}

enum Unequal: Comparison {
  @inline(__always) static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool { a != b }
  @inline(__always)
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
  { a .!= b }
}

enum Less: Comparison {
  @inline(__always) static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool { a < b }
  @inline(__always)
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
  { a .< b }
}

enum LessOrEqual: Comparison {
  @inline(__always) static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool { a <= b }
  @inline(__always)
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
  { a .<= b }
}

enum Greater: Comparison {
  @inline(__always) static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool { a > b }
  @inline(__always)
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
  { a .> b }
}

enum GreaterOrEqual: Comparison {
  @inline(__always) static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool { a >= b }
  @inline(__always)
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
  { a .>= b }
}

enum And: Comparison {
  @inline(__always) static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool { a != 0 && b != 0 }
  @inline(__always)
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
  { a .!= 0 .& b .!= 0 }
}

enum Or: Comparison {
  @inline(__always) static func holds<S: Scalar>(_ a: S, _ b: S) -> Bool { a != 0 || b != 0 }
  @inline(__always)
  static func holds<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type)
    -> SIMDMask<S.Vector.MaskStorage>
  { a .!= 0 .| b .!= 0 }
}
