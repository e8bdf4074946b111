/// Bounds of the gradient of a step: of its norm over all parameters, of each number.
package struct Clip: Sendable {
  package var norm: Double?
  package var value: Double?

  package init(norm: Double? = nil, value: Double? = nil) {
    self.norm = norm
    self.value = value
  }
}
