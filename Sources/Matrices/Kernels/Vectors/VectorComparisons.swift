/// Comparisons of vectors for generic kernels.
///
/// `x .< y` on a generic `S.Vector` compiles to a loop over single elements; on a concrete vector
/// it is one instruction. These requirements carry the concrete form into generic code.
protocol VectorComparisons: SIMDScalar, BinaryFloatingPoint, Codable {
  associatedtype Vector: WholeVector where Vector.Scalar == Self
  /// The larger of each pair of elements; `b` where one is NaN.
  static func larger(_ a: Vector, _ b: Vector) -> Vector
  /// The smaller of each pair of elements; `b` where one is NaN.
  static func smaller(_ a: Vector, _ b: Vector) -> Vector
  /// `value` where `x` is above 0, else 0.
  static func keeping(_ value: Vector, whereAboveZero x: Vector) -> Vector
  /// `value` where `x` is not 0, else `other`.
  static func keeping(_ value: Vector, whereNotZero x: Vector, else other: Vector) -> Vector
  /// 1 where `x` is not 0, else 0.
  static func marks(_ x: Vector) -> Vector
  /// 1 where both are equal, else 0.
  static func marks(_ a: Vector, equal b: Vector) -> Vector
  /// 1 where `a` is below `b`, else 0.
  static func marks(_ a: Vector, below b: Vector) -> Vector
  /// 1 where `a` is at most `b`, else 0.
  static func marks(_ a: Vector, atMost b: Vector) -> Vector
  /// `other` where `x` is NaN, else `value`.
  static func keeping(_ value: Vector, unlessNaN x: Vector, else other: Vector) -> Vector
  /// Whether all elements are 0.
  static func isZero(_ x: Vector) -> Bool
}

extension Float: VectorComparisons {
  @inline(__always)
  static func larger(_ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> {
    b.replacing(with: a, where: a .> b)
  }
  @inline(__always)
  static func smaller(_ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> {
    b.replacing(with: a, where: a .< b)
  }
  @inline(__always)
  static func keeping(_ value: SIMD16<Float>, whereAboveZero x: SIMD16<Float>) -> SIMD16<Float> {
    SIMD16<Float>(repeating: 0).replacing(with: value, where: x .> SIMD16<Float>(repeating: 0))
  }
  @inline(__always)
  static func keeping(
    _ value: SIMD16<Float>, whereNotZero x: SIMD16<Float>, else other: SIMD16<Float>
  ) -> SIMD16<Float> {
    other.replacing(with: value, where: x .!= SIMD16<Float>(repeating: 0))
  }
  @inline(__always)
  static func marks(_ x: SIMD16<Float>) -> SIMD16<Float> {
    keeping(SIMD16(repeating: 1), whereNotZero: x, else: SIMD16(repeating: 0))
  }
  @inline(__always)
  static func marks(_ a: SIMD16<Float>, equal b: SIMD16<Float>) -> SIMD16<Float> {
    SIMD16<Float>(repeating: 0).replacing(with: SIMD16<Float>(repeating: 1), where: a .== b)
  }
  @inline(__always)
  static func marks(_ a: SIMD16<Float>, below b: SIMD16<Float>) -> SIMD16<Float> {
    SIMD16<Float>(repeating: 0).replacing(with: SIMD16<Float>(repeating: 1), where: a .< b)
  }
  @inline(__always)
  static func marks(_ a: SIMD16<Float>, atMost b: SIMD16<Float>) -> SIMD16<Float> {
    SIMD16<Float>(repeating: 0).replacing(with: SIMD16<Float>(repeating: 1), where: a .<= b)
  }
  @inline(__always)
  static func keeping(
    _ value: SIMD16<Float>, unlessNaN x: SIMD16<Float>, else other: SIMD16<Float>
  ) -> SIMD16<Float> {
    value.replacing(with: other, where: x .!= x)
  }
  @inline(__always)
  static func isZero(_ x: SIMD16<Float>) -> Bool { all(x .== SIMD16<Float>(repeating: 0)) }
}

extension Double: VectorComparisons {
  @inline(__always)
  static func larger(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> {
    b.replacing(with: a, where: a .> b)
  }
  @inline(__always)
  static func smaller(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> {
    b.replacing(with: a, where: a .< b)
  }
  @inline(__always)
  static func keeping(_ value: SIMD8<Double>, whereAboveZero x: SIMD8<Double>) -> SIMD8<Double> {
    SIMD8<Double>(repeating: 0).replacing(with: value, where: x .> SIMD8<Double>(repeating: 0))
  }
  @inline(__always)
  static func keeping(
    _ value: SIMD8<Double>, whereNotZero x: SIMD8<Double>, else other: SIMD8<Double>
  ) -> SIMD8<Double> {
    other.replacing(with: value, where: x .!= SIMD8<Double>(repeating: 0))
  }
  @inline(__always)
  static func marks(_ x: SIMD8<Double>) -> SIMD8<Double> {
    keeping(SIMD8(repeating: 1), whereNotZero: x, else: SIMD8(repeating: 0))
  }
  @inline(__always)
  static func marks(_ a: SIMD8<Double>, equal b: SIMD8<Double>) -> SIMD8<Double> {
    SIMD8<Double>(repeating: 0).replacing(with: SIMD8<Double>(repeating: 1), where: a .== b)
  }
  @inline(__always)
  static func marks(_ a: SIMD8<Double>, below b: SIMD8<Double>) -> SIMD8<Double> {
    SIMD8<Double>(repeating: 0).replacing(with: SIMD8<Double>(repeating: 1), where: a .< b)
  }
  @inline(__always)
  static func marks(_ a: SIMD8<Double>, atMost b: SIMD8<Double>) -> SIMD8<Double> {
    SIMD8<Double>(repeating: 0).replacing(with: SIMD8<Double>(repeating: 1), where: a .<= b)
  }
  @inline(__always)
  static func keeping(
    _ value: SIMD8<Double>, unlessNaN x: SIMD8<Double>, else other: SIMD8<Double>
  ) -> SIMD8<Double> {
    value.replacing(with: other, where: x .!= x)
  }
  @inline(__always)
  static func isZero(_ x: SIMD8<Double>) -> Bool { all(x .== SIMD8<Double>(repeating: 0)) }
}

/// What folds need of the vectors of 64-bit numbers in which they run.
protocol WideVector: WholeVector where Scalar == Double {
  /// The smaller of each pair of elements; NaN wins.
  func least(_ x: Self) -> Self
  /// The larger of each pair of elements; NaN wins.
  func greatest(_ x: Self) -> Self
  /// The elements without their sign.
  var magnitudes: Self { get }
  /// 1 where an element is not 0, else 0.
  var marks: Self { get }
}

extension SIMD8: WideVector where Scalar == Double {
  @inline(__always)
  func least(_ x: Self) -> Self {
    replacing(with: x, where: x .< self).replacing(with: x, where: x .!= x)
  }
  @inline(__always)
  func greatest(_ x: Self) -> Self {
    replacing(with: x, where: x .> self).replacing(with: x, where: x .!= x)
  }
  @inline(__always)
  var magnitudes: Self { replacing(with: -self, where: self .< Self(repeating: 0)) }
  @inline(__always)
  var marks: Self {
    Self(repeating: 0).replacing(with: Self(repeating: 1), where: self .!= Self(repeating: 0))
  }
}

extension SIMD16: WideVector where Scalar == Double {
  @inline(__always)
  func least(_ x: Self) -> Self {
    replacing(with: x, where: x .< self).replacing(with: x, where: x .!= x)
  }
  @inline(__always)
  func greatest(_ x: Self) -> Self {
    replacing(with: x, where: x .> self).replacing(with: x, where: x .!= x)
  }
  @inline(__always)
  var magnitudes: Self { replacing(with: -self, where: self .< Self(repeating: 0)) }
  @inline(__always)
  var marks: Self {
    Self(repeating: 0).replacing(with: Self(repeating: 1), where: self .!= Self(repeating: 0))
  }
}
