import Matrices

extension Activation {
  /// Turns `dy` into `dz` in place, for `y = f(z)`. The derivatives need the outputs alone:
  /// relu `[y > 0]`, leaky_relu the same or 0.01, sigmoid `y(1 − y)`, tanh `1 − y²`,
  /// elu `1 + min(0, y)`, softplus `1 − e⁻ʸ`, softmax `dz = y ∘ (dy − ⟨dy, y⟩)`. Two need z:
  /// silu `σ + zσ(1 − σ)` and gelu `Φ(z) + zφ(z)`.
  package func gradient(_ dy: Block, outputs y: Block, inputs z: Block? = nil) {
    dy.pullBack(self, outputs: y, inputs: z)
  }

  /// `y = f(z)` in place: relu `max(z, 0)`, sigmoid `1 / (1 + e⁻ᶻ)`, tanh,
  /// softmax `e^{zᵢ} / Σⱼ e^{zⱼ}` of every row, leaky_relu `max(z, 0.01 z)`, elu `z` or `eᶻ − 1`
  /// below 0 (Clevert et al. 2016), softplus `log(1 + eᶻ)`, silu `zσ(z)` and gelu `zΦ(z)` with the
  /// normal distribution (Hendrycks & Gimpel 2016).
  package func forward(_ z: Block) { z.activate(self) }
}
