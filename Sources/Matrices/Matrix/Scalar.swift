import KernelTables

/// The width of the numbers in a matrix.
package enum Precision: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  case single
  case double

  package var bytes: Int { self == .single ? 4 : 8 }
  package var description: String { self == .single ? "f32" : "f64" }

  /// The distance from 1 to the next number.
  package var epsilon: Double { self == .single ? Double(Float.ulpOfOne) : Double.ulpOfOne }

  /// The precision of a result that joins both: the wider one.
  static func joined(_ a: Precision, _ b: Precision) -> Precision {
    a == .double || b == .double ? .double : .single
  }
}

/// What a kernel needs from its element type: `Float` and `Double`, nothing else.
protocol Scalar: VectorScalar, OrderedBits
where SIMDMaskScalar: FixedWidthInteger & SignedInteger {
  /// A vector of as many 64-bit numbers, in which sums are kept.
  associatedtype Wide: WideVector
  static var precision: Precision { get }
  /// The kernels for the vectors of this processor.
  static var chosenKernels: KernelTable<Self> { get }
  static func widened(_ vector: Vector) -> Wide
}

extension Float: Scalar {
  typealias Vector = SIMD16<Float>
  typealias Wide = SIMD16<Double>
  static var precision: Precision { .single }
  @inline(__always)
  static func widened(_ vector: SIMD16<Float>) -> SIMD16<Double> { SIMD16<Double>(vector) }
}

extension Double: Scalar {
  typealias Vector = SIMD8<Double>
  typealias Wide = SIMD8<Double>
  static var precision: Precision { .double }
  @inline(__always)
  static func widened(_ vector: SIMD8<Double>) -> SIMD8<Double> { vector }
}
