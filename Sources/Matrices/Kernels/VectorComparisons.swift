/// Comparisons of vectors for generic kernels.
///
/// `x .< y` on a generic `S.Vector` compiles to a loop over single elements; on a concrete vector
/// it is one instruction. These requirements carry the concrete form into generic code.
protocol VectorComparisons: SIMDScalar, Codable, Hashable {
  associatedtype Vector: SIMD where Vector.Scalar == Self
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
}
