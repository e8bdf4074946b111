import CProcessor

/// A vector whose products and choices are done whole.
///
/// Those of the standard library (`addingProduct`, `replacing(with:where:)`) go number by number.
/// The optimizer makes vectors of them again, but not always: in the gates of `lstm` many stayed single
/// numbers, and training took a quarter more time. The functions here have the same names and results,
/// and take their place.
protocol WholeVector: SIMD where Scalar: BinaryFloatingPoint {
  /// `self + a · b`, rounded once.
  func plus(_ a: Self, times b: Self) -> Self
  /// `other` where the mask is set, else `self`.
  func giving(way other: Self, where mask: SIMDMask<MaskStorage>) -> Self
}

extension WholeVector {
  @inline(__always)
  func addingProduct(_ a: Self, _ b: Self) -> Self { plus(a, times: b) }
  @inline(__always)
  func addingProduct(_ a: Scalar, _ b: Self) -> Self { plus(Self(repeating: a), times: b) }
  @inline(__always)
  func addingProduct(_ a: Self, _ b: Scalar) -> Self { plus(a, times: Self(repeating: b)) }
  @inline(__always)
  mutating func addProduct(_ a: Self, _ b: Self) { self = plus(a, times: b) }
  @inline(__always)
  mutating func addProduct(_ a: Scalar, _ b: Self) { self = plus(Self(repeating: a), times: b) }
  @inline(__always)
  mutating func addProduct(_ a: Self, _ b: Scalar) { self = plus(a, times: Self(repeating: b)) }

  @inline(__always)
  func replacing(with other: Self, where mask: SIMDMask<MaskStorage>) -> Self {
    giving(way: other, where: mask)
  }
  @inline(__always)
  func replacing(with other: Scalar, where mask: SIMDMask<MaskStorage>) -> Self {
    giving(way: Self(repeating: other), where: mask)
  }
  @inline(__always)
  mutating func replace(with other: Self, where mask: SIMDMask<MaskStorage>) {
    self = giving(way: other, where: mask)
  }
  @inline(__always)
  mutating func replace(with other: Scalar, where mask: SIMDMask<MaskStorage>) {
    self = giving(way: Self(repeating: other), where: mask)
  }
}

extension SIMD8: WholeVector where Scalar == Double {
  @inline(__always)
  func plus(_ a: Self, times b: Self) -> Self { mfs_fused_d8(a, b, self) }
  @inline(__always)
  func giving(way other: Self, where mask: SIMDMask<SIMD8<Int64>>) -> Self {
    mfs_chosen_d8(unsafeBitCast(mask, to: SIMD8<Int64>.self), other, self)
  }
}

/// The numbers of which vectors of 16 are whole.
protocol WholeScalar: SIMDScalar, BinaryFloatingPoint, Codable {
  static func fused(_ a: SIMD16<Self>, _ b: SIMD16<Self>, _ sum: SIMD16<Self>) -> SIMD16<Self>
  static func chosen(
    _ mask: SIMDMask<SIMD16<SIMDMaskScalar>>, _ yes: SIMD16<Self>, _ no: SIMD16<Self>
  ) -> SIMD16<Self>
}

extension SIMD16: WholeVector where Scalar: WholeScalar {
  @inline(__always)
  func plus(_ a: Self, times b: Self) -> Self { Scalar.fused(a, b, self) }
  @inline(__always)
  func giving(way other: Self, where mask: SIMDMask<MaskStorage>) -> Self {
    Scalar.chosen(mask, other, self)
  }
}

extension Float: WholeScalar {
  @inline(__always)
  static func fused(_ a: SIMD16<Float>, _ b: SIMD16<Float>, _ sum: SIMD16<Float>) -> SIMD16<Float> {
    mfs_fused_f16(a, b, sum)
  }
  @inline(__always)
  static func chosen(
    _ mask: SIMDMask<SIMD16<Int32>>, _ yes: SIMD16<Float>, _ no: SIMD16<Float>
  ) -> SIMD16<Float> { mfs_chosen_f16(unsafeBitCast(mask, to: SIMD16<Int32>.self), yes, no) }
}

extension Double: WholeScalar {
  @inline(__always)
  static func fused(
    _ a: SIMD16<Double>, _ b: SIMD16<Double>, _ sum: SIMD16<Double>
  ) -> SIMD16<Double> { mfs_fused_d16(a, b, sum) }
  @inline(__always)
  static func chosen(
    _ mask: SIMDMask<SIMD16<Int64>>, _ yes: SIMD16<Double>, _ no: SIMD16<Double>
  ) -> SIMD16<Double> { mfs_chosen_d16(unsafeBitCast(mask, to: SIMD16<Int64>.self), yes, no) }
}
