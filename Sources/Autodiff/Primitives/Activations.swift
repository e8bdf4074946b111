import Matrices

extension Activation {
  /// Turns `dy` into `dz` in place, for `y = f(z)`. The derivatives need the outputs alone:
  /// relu `[y > 0]`, sigmoid `y(1 − y)`, tanh `1 − y²`, softmax `dz = y ∘ (dy − ⟨dy, y⟩)`.
  package func gradient(_ dy: Block, outputs y: Block) { dy.pullBack(self, outputs: y) }

  /// `y = f(z)` in place: relu `max(z, 0)`, sigmoid `1 / (1 + e⁻ᶻ)`, tanh,
  /// softmax `e^{zᵢ} / Σⱼ e^{zⱼ}` of every row.
  package func forward(_ z: Block) { z.activate(self) }
}
