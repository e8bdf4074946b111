import Matrices

/// An object that a file can keep: it says what it is made of, and is made of that again.
package protocol Storable: Object {
  /// The name of its kind in files: it stays when what users see is renamed.
  static var storedKind: String { get }
  /// Everything that it is made of: matrices, numbers, texts, lists, records, further objects.
  var stored: Record { get throws }
  /// The object that such parts describe; throws a `Problem` where they describe none.
  static func restored(from parts: Parts, _ context: Context) throws -> Self
}

/// The parts of an object on their way back from a file.
package struct Parts: Sendable {
  package let record: Record
  /// The builtins that may make parts again.
  package let library: Library

  package init(_ record: Record, library: Library = Library([])) {
    self.record = record
    self.library = library
  }

  /// The part of a name; `nil` may be asked for as an optional where it may be missing.
  package func callAsFunction<T: Argument>(_ name: String, as _: T.Type = T.self) throws -> T {
    guard let value = record[name] else {
      if let absent = T.absent { return absent }
      throw Self.damage("the part '\(name)' is missing")
    }
    guard let part = T.from(value) else {
      throw Self.damage("the part '\(name)' is \(value.label), and not \(T.takes)")
    }
    return part
  }

  /// A whole number of at least so much.
  package func count(_ name: String, atLeast least: Int = 0) throws -> Int {
    let number: Int = try self(name)
    guard number >= least else { throw Self.damage("the part '\(name)' is \(number)") }
    return number
  }

  /// The part of a name as a case of an enumeration.
  package func choice<T: RawRepresentable>(_ name: String, as _: T.Type = T.self) throws -> T
  where T.RawValue == String {
    let word: String = try self(name)
    guard let found = T(rawValue: word) else {
      throw Self.damage("'\(name)' is \"\(word.prefix(40))\", which this version does not know")
    }
    return found
  }

  /// The numbers of a part, whatever their shape.
  package func numbers(_ name: String) throws -> [Double] {
    try self(name, as: Matrix.self).elements
  }

  /// A matrix of a part whose shape is known.
  package func matrix(_ name: String, _ shape: Shape) throws -> Matrix {
    let matrix: Matrix = try self(name)
    guard matrix.shape == shape else {
      throw Self.damage("the part '\(name)' is \(matrix.shape), and not \(shape)")
    }
    return matrix
  }

  /// What is said of parts that make nothing.
  package static func damage(_ reason: String) -> Problem {
    Problem(.file, "the file is damaged or made by another version: \(reason)")
  }
}
