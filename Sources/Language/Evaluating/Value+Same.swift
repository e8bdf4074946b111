import Vocabulary

extension Value {
  /// Whether `==` calls both the same: values that cannot be compared are not.
  package func isSame(as other: Value) -> Bool { Arithmetic.areEqual(self, other) ?? false }
}
