import Glibc

/// A function of one element, written for a vector. Tails are padded to a vector, so that an
/// element gives the same bits wherever it stands.
private protocol Mapping {
  static func apply<S: Scalar>(_ x: S.Vector, _: S.Type) -> S.Vector
}

/// A function that only the C library has: one element after the other.
private protocol ScalarMapping: Mapping {
  static func apply<S: Scalar>(_ x: S) -> S
}

extension ScalarMapping {
  @inline(__always)
  static func apply<S: Scalar>(_ x: S.Vector, _: S.Type) -> S.Vector {
    var result = x
    for i in 0..<S.Vector.scalarCount { result[i] = apply(x[i]) }
    return result
  }
}

private enum SquareRoot: Mapping {
  @inline(__always)
  static func apply<S: Scalar>(_ x: S.Vector, _: S.Type) -> S.Vector { x.squareRoot() }
}

private enum Square: Mapping {
  @inline(__always)
  static func apply<S: Scalar>(_ x: S.Vector, _: S.Type) -> S.Vector { x * x }
}

private enum Reciprocal: Mapping {
  @inline(__always)
  static func apply<S: Scalar>(_ x: S.Vector, _: S.Type) -> S.Vector { 1 / x }
}

private enum Negate: Mapping {
  @inline(__always)
  static func apply<S: Scalar>(_ x: S.Vector, _: S.Type) -> S.Vector { -x }
}

private enum Magnitude: Mapping {
  @inline(__always)
  static func apply<S: Scalar>(_ x: S.Vector, _: S.Type) -> S.Vector {
    // 0 − x turns −0 into 0 as well.
    S.larger(0 - x, x) + S.Vector(repeating: 0)
  }
}

private enum Sign: Mapping {
  @inline(__always)
  static func apply<S: Scalar>(_ x: S.Vector, _: S.Type) -> S.Vector {
    let zero = S.Vector(repeating: 0)
    return S.keeping(S.marks(zero, below: x) - S.marks(x, below: zero), unlessNaN: x, else: x)
  }
}

private enum Floor: Mapping {
  @inline(__always)
  static func apply<S: Scalar>(_ x: S.Vector, _: S.Type) -> S.Vector { x.rounded(.down) }
}

private enum Ceil: Mapping {
  @inline(__always)
  static func apply<S: Scalar>(_ x: S.Vector, _: S.Type) -> S.Vector { x.rounded(.up) }
}

/// Halves go away from zero, as in school.
private enum Round: Mapping {
  @inline(__always)
  static func apply<S: Scalar>(_ x: S.Vector, _: S.Type) -> S.Vector {
    x.rounded(.toNearestOrAwayFromZero)
  }
}

private enum Relu: Mapping {
  @inline(__always)
  static func apply<S: Scalar>(_ x: S.Vector, _: S.Type) -> S.Vector {
    // What is NaN stays NaN; −0 becomes 0.
    S.larger(S.Vector(repeating: 0), x) + S.Vector(repeating: 0)
  }
}

private enum Sin: ScalarMapping {
  @inline(__always) static func apply<S: Scalar>(_ x: S) -> S { S(Glibc.sin(Double(x))) }
}

private enum Cos: ScalarMapping {
  @inline(__always) static func apply<S: Scalar>(_ x: S) -> S { S(Glibc.cos(Double(x))) }
}

private enum Tan: ScalarMapping {
  @inline(__always) static func apply<S: Scalar>(_ x: S) -> S { S(Glibc.tan(Double(x))) }
}

private enum Asin: ScalarMapping {
  @inline(__always) static func apply<S: Scalar>(_ x: S) -> S { S(Glibc.asin(Double(x))) }
}

private enum Acos: ScalarMapping {
  @inline(__always) static func apply<S: Scalar>(_ x: S) -> S { S(Glibc.acos(Double(x))) }
}

private enum Atan: ScalarMapping {
  @inline(__always) static func apply<S: Scalar>(_ x: S) -> S { S(Glibc.atan(Double(x))) }
}

private enum Sinh: ScalarMapping {
  @inline(__always) static func apply<S: Scalar>(_ x: S) -> S { S(Glibc.sinh(Double(x))) }
}

private enum Cosh: ScalarMapping {
  @inline(__always) static func apply<S: Scalar>(_ x: S) -> S { S(Glibc.cosh(Double(x))) }
}

private enum Erf: ScalarMapping {
  @inline(__always) static func apply<S: Scalar>(_ x: S) -> S { S(Glibc.erf(Double(x))) }
}

private enum Log1p: ScalarMapping {
  @inline(__always) static func apply<S: Scalar>(_ x: S) -> S { S(Glibc.log1p(Double(x))) }
}

private enum Expm1: ScalarMapping {
  @inline(__always) static func apply<S: Scalar>(_ x: S) -> S { S(Glibc.expm1(Double(x))) }
}

/// `ln(1 + eˣ)` without overflow.
private enum Softplus: ScalarMapping {
  @inline(__always) static func apply<S: Scalar>(_ x: S) -> S {
    let wide = Double(x)
    return S((wide > 0 ? wide : 0) + Glibc.log1p(Glibc.exp(-Swift.abs(wide))))
  }
}

private enum Not: Mapping {
  @inline(__always)
  static func apply<S: Scalar>(_ x: S.Vector, _: S.Type) -> S.Vector {
    S.marks(x, equal: S.Vector(repeating: 0))
  }
}

private enum IsNaN: Mapping {
  @inline(__always)
  static func apply<S: Scalar>(_ x: S.Vector, _: S.Type) -> S.Vector {
    1 - S.marks(x, equal: x)
  }
}

private enum IsFinite: Mapping {
  @inline(__always)
  static func apply<S: Scalar>(_ x: S.Vector, _: S.Type) -> S.Vector {
    S.marks(x - x, equal: S.Vector(repeating: 0))
  }
}

extension Kernels {
  static func map<S: Scalar>(
    _ matrix: Matrix, _ function: ElementwiseFunction, into result: inout Matrix, _: S.Type
  ) {
    let count = matrix.count
    result.write(S.self) { target in
      matrix.read(S.self) { map($0, function, target, count) }
    }
  }

  static func map<S: Scalar>(_ matrix: inout Matrix, _ function: ElementwiseFunction, _: S.Type) {
    let count = matrix.count
    matrix.write(S.self) { map(UnsafePointer($0), function, $0, count) }
  }

  static func mapped(_ x: Double, _ function: ElementwiseFunction) -> Double {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 1) { cell in
      guard let address = cell.baseAddress else { return .nan }
      address.initialize(to: x)
      map(UnsafePointer(address), function, address, 1)
      return address.pointee
    }
  }

  /// The loop of one function over contiguous elements.
  typealias Mapper<S> = (UnsafePointer<S>, UnsafeMutablePointer<S>, Int) -> Void

  private static func map<S: Scalar>(
    _ x: UnsafePointer<S>, _ function: ElementwiseFunction, _ y: UnsafeMutablePointer<S>,
    _ count: Int
  ) {
    let mapper: Mapper<S> = mapper(function)
    inChunks(count) { mapper(x + $0.lowerBound, y + $0.lowerBound, $0.count) }
  }

  static func mapper<S: Scalar>(_ function: ElementwiseFunction) -> Mapper<S> {
    switch function {
    case .exp: S.chosenKernels.exp
    case .log: S.chosenKernels.log
    case .sqrt: mapper(SquareRoot.self)
    case .square: mapper(Square.self)
    case .reciprocal: mapper(Reciprocal.self)
    case .negate: mapper(Negate.self)
    case .abs: mapper(Magnitude.self)
    case .sign: mapper(Sign.self)
    case .floor: mapper(Floor.self)
    case .ceil: mapper(Ceil.self)
    case .round: mapper(Round.self)
    case .sin: mapper(Sin.self)
    case .cos: mapper(Cos.self)
    case .tan: mapper(Tan.self)
    case .tanh: S.chosenKernels.tanh
    case .sigmoid: S.chosenKernels.sigmoid
    case .relu: mapper(Relu.self)
    case .asin: mapper(Asin.self)
    case .acos: mapper(Acos.self)
    case .atan: mapper(Atan.self)
    case .sinh: mapper(Sinh.self)
    case .cosh: mapper(Cosh.self)
    case .erf: mapper(Erf.self)
    case .log1p: mapper(Log1p.self)
    case .expm1: mapper(Expm1.self)
    case .softplus: mapper(Softplus.self)
    case .not: mapper(Not.self)
    case .isNaN: mapper(IsNaN.self)
    case .isFinite: mapper(IsFinite.self)
    }
  }

  private static func mapper<M: Mapping, S: Scalar>(_: M.Type) -> Mapper<S> {
    { x, y, count in
      @inline(__always) func apply(_ x: S.Vector) -> S.Vector { M.apply(x, S.self) }
      transform(x, y, count, apply)
    }
  }

  static func clamp<S: Scalar>(_ matrix: inout Matrix, _ lowest: S, _ highest: S) {
    let count = matrix.count
    matrix.write(S.self) { target in
      inChunks(count) { range in
        let width = S.Vector.scalarCount
        var i = range.lowerBound
        while i + width <= range.upperBound {
          var x = load(UnsafePointer(target), i) as S.Vector
          x = S.larger(S.Vector(repeating: lowest), x)
          x = S.smaller(S.Vector(repeating: highest), x)
          store(x, target, i)
          i += width
        }
        while i < range.upperBound {
          if target[i] < lowest { target[i] = lowest }
          if target[i] > highest { target[i] = highest }
          i += 1
        }
      }
    }
  }

  /// Elements of one matrix or of another, each of which may be a single number.
  static func choose<S: Scalar>(
    _ mask: Matrix, _ a: Matrix, _ b: Matrix, into result: inout Matrix, _: S.Type
  ) {
    let count = result.count
    result.write(S.self) { target in
      mask.read(S.self) { wanted in
        a.read(S.self) { x in
          b.read(S.self) { y in
            let (first, second) = (x[0], y[0])
            switch (a.count == 1, b.count == 1) {
            case (true, true):
              inChunks(count) { for i in $0 { target[i] = wanted[i] != 0 ? first : second } }
            case (true, false):
              inChunks(count) { for i in $0 { target[i] = wanted[i] != 0 ? first : y[i] } }
            case (false, true):
              inChunks(count) { for i in $0 { target[i] = wanted[i] != 0 ? x[i] : second } }
            case (false, false):
              inChunks(count) { for i in $0 { target[i] = wanted[i] != 0 ? x[i] : y[i] } }
            }
          }
        }
      }
    }
  }

  /// Softmax of every row of a row-major matrix.
  static func softmax<S: Scalar>(_ matrix: Matrix, into result: inout Matrix, _: S.Type) {
    let (rows, columns) = (matrix.rows, matrix.columns)
    guard columns > 0 else { return }
    result.write(S.self) { target in
      matrix.read(S.self) { source in softmax(source, target, rows, columns) }
    }
  }

  /// Softmax of every row of a row-major matrix, in place.
  static func softmax<S: Scalar>(_ matrix: inout Matrix, _: S.Type) {
    let (rows, columns) = (matrix.rows, matrix.columns)
    guard columns > 0 else { return }
    matrix.write(S.self) { softmax(UnsafePointer($0), $0, rows, columns) }
  }

  private static func softmax<S: Scalar>(
    _ source: UnsafePointer<S>, _ target: UnsafeMutablePointer<S>, _ rows: Int, _ columns: Int
  ) {
    let loop = S.chosenKernels.softmax
    ThreadPool.shared.run(rows, by: max(1, chunk / 4 / columns)) { range in
      if Interrupt.abandonsKernels { return }
      let start = range.lowerBound * columns
      loop(source + start, target + start, range.count, columns)
    }
  }
}
