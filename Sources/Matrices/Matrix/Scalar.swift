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
protocol Scalar: BinaryFloatingPoint, SIMDScalar, Sendable, Codable
where SIMDMaskScalar: FixedWidthInteger & SignedInteger {
  /// The vector that fills one 512-bit step of a kernel: 16 floats or 8 doubles.
  associatedtype Vector: SIMD where Vector.Scalar == Self
  static var precision: Precision { get }
}

extension Float: Scalar {
  typealias Vector = SIMD16<Float>
  static var precision: Precision { .single }
}

extension Double: Scalar {
  typealias Vector = SIMD8<Double>
  static var precision: Precision { .double }
}
