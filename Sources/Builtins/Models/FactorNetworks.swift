import Autodiff
import Factorization
import Matrices
import Networks
import Vocabulary

extension StandardLibrary {
  /// From a factor model to a network that goes on from there.
  static let network = Builtin(remembered: start)

  private static let start = Builtin(
    "network", in: .layers, "The network of non-negative dense layers that starts at an nmf model.",
    Parameter<Value>("model", "what nmf or deep_nmf returned"),
    Parameter<Bool>(
      "nonnegative", "whether every step leads the weights back to W ≥ 0", default: true),
    Parameter<Int?>(
      "seed", "what initial weights of further layers, order and dropout are drawn from"),
    shapes: "value → network",
    math: """
      The first layer reads rows like those of X: relu(x H₁ᵀ s) with H₁ the parts of the first level, \
      scaled so that its outputs are nearest to the codes W₁ of the rows of training. The next ones \
      multiply with W₂, W₃ …, as the model does, so the last gives the codes of the deepest parts.
      """,
    seeAlso: ["deep_nmf", "nmf", "dense"],
    examples: [
      Example(
        """
        m = deep_nmf([1, 2, 3; 2, 4, 6; 1, 0, 1; 2, 0, 2], {2, 1}, seed=1)
        (network(m) |> dense(2, softmax)).layers[2].layer
        """, prints: "\"dense 1 relu nonnegative\"")
    ],
    using: { (context: Context, model: Value, isNonnegative: Bool, seed: Int?) -> Network in
      guard case .object(let object) = model, let factors = Factors(object) else {
        throw Problem(
          .type, "'model' needs what nmf or deep_nmf returned", at: "model", label: model.label)
      }
      let rules = WeightRules(constraint: isNonnegative ? .nonnegative : nil)
      return ([factors.encoder] + factors.deeper).reduce(
        Network(
          input: Geometry(factors.parts.columns), graph: Graph(),
          seed: context.generator(seed: seed).seed)
      ) { net, weights in
        net.adding(
          Dense(
            inputs: weights.rows, outputs: weights.columns, activation: .relu, rules: rules,
            start: weights))
      }
    })

  /// `X ≈ codes · parts`, and what leads from the codes to those of deeper levels.
  private struct Factors {
    var codes: Matrix
    var parts: Matrix
    var deeper: [Matrix] = []

    init?(_ object: any Object) {
      switch object {
      case let model as NMFModel: (codes, parts) = (model.w, model.h)
      case let model as DeepModel:
        (codes, parts) = (model.layers[0], model.parts[0])
        deeper = Array(model.layers.dropFirst())
      default: return nil
      }
    }

    /// The transposed parts, each scaled by what leads `x̂·hⱼ` to the codes: ⟨wⱼ, tⱼ⟩ / ⟨tⱼ, tⱼ⟩ with
    /// `T = W (H Hᵀ)`.
    var encoder: Matrix {
      let found = codes * (parts * parts.transposed)
      let shares = codes.times(found).reduced(.sum, along: .rows)
      let squares = found.times(found).reduced(.sum, along: .rows)
      // A part that nothing uses stays without weight.
      let scales = shares.over(squares + 1e-300)
      return parts.transposed.rowMajor().times(scales)
    }
  }
}
