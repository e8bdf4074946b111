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
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a.isNaN || a < b ? a : b }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    S.keeping(S.smaller(a, b), unlessNaN: a, else: a)
  }
}

enum Maximum: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a.isNaN || a > b ? a : b }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    S.keeping(S.larger(a, b), unlessNaN: a, else: a)
  }
}

enum Equal: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a == b ? 1 : 0 }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    S.marks(a, equal: b)
  }
}

enum Unequal: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a != b ? 1 : 0 }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    1 - S.marks(a, equal: b)
  }
}

enum Less: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a < b ? 1 : 0 }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    S.marks(a, below: b)
  }
}

enum LessOrEqual: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a <= b ? 1 : 0 }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    S.marks(a, atMost: b)
  }
}

enum Greater: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a > b ? 1 : 0 }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    S.marks(b, below: a)
  }
}

enum GreaterOrEqual: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a >= b ? 1 : 0 }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    S.marks(b, atMost: a)
  }
}

enum And: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a != 0 && b != 0 ? 1 : 0 }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    S.marks(a) * S.marks(b)
  }
}

enum Or: Combination {
  @inline(__always) static func apply<S: Scalar>(_ a: S, _ b: S) -> S { a != 0 || b != 0 ? 1 : 0 }
  @inline(__always)
  static func apply<S: Scalar>(_ a: S.Vector, _ b: S.Vector, _: S.Type) -> S.Vector {
    S.larger(S.marks(a), S.marks(b))
  }
}
