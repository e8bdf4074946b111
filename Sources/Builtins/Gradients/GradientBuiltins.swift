import Autodiff
import Matrices
import Vocabulary

extension StandardLibrary {
  /// Derivatives of functions written in the language.
  static let gradients: [Builtin] = [
    Builtin(
      "grad", in: .train,
      "The gradient of a function that returns one number, in each of its parameters.",
      Parameter<Function>("f", "a function of the parameters that returns one number"),
      Parameter<Rest>("parameters", "where: numbers, matrices, or lists and records of them"),
      shapes: "function, value, … → value",
      math: """
        ∂f/∂x, exactly, by going back through what f has calculated (reverse mode). Conditions and \
        loops go by value. Gradients of gradients: grad(x -> sum(grad(f, x)), x).
        """,
      seeAlso: ["value_and_grad", "check_grad", "train"],
      examples: [
        Example("grad(x -> sum(x .^ 2), [1, 2, 3])", prints: "2  4  6"),
        Example(
          "(gA, gB) = grad((A, B) -> trace(A * B), [1, 2; 3, 4], eye(2)); gB",
          prints: "1  3\n2  4"),
        Example("grad(p -> p.a * p.b, {a = 2, b = 5}).a", prints: "5"),
        Example("grad(x -> grad(y -> y ^ 3, x), 2)", prints: "12"),
      ],
      using: { context, f, parameters -> Value in
        let gradients = try differentiate(f, parameters, "grad", context).gradients
        return gradients.count == 1 ? gradients[0] : .list(gradients)
      }),
    Builtin(
      "value_and_grad", in: .train,
      "The value of a function that returns one number, followed by its gradients.",
      Parameter<Function>("f", "a function of the parameters that returns one number"),
      Parameter<Rest>("parameters", "where: numbers, matrices, or lists and records of them"),
      shapes: "function, value, … → value",
      math: "one evaluation of f gives both",
      seeAlso: ["grad", "train"],
      examples: [
        Example("(loss, g) = value_and_grad(x -> sum(x .^ 2), [1, 2]); loss", prints: "5")
      ],
      using: { context, f, parameters -> [Value] in
        let result = try differentiate(f, parameters, "value_and_grad", context)
        return [result.value] + result.gradients
      }),
    Builtin(
      "check_grad", in: .train,
      "How far the gradient of a function is from differences of its values: about 1e-9 if it is right.",
      Parameter<Function>("f", "a function of the parameters that returns one number"),
      Parameter<Rest>("parameters", "where: numbers, matrices, or lists and records of them"),
      shapes: "function, value, … → value",
      math: "max |∂f/∂xᵢ − (f(x + h eᵢ) − f(x − h eᵢ)) / 2h|, over the largest |∂f/∂xᵢ|",
      seeAlso: ["grad"],
      examples: [
        Example("check_grad(x -> sum(exp(x) ./ x), [1, 2; 3, 4]) < 1e-7", prints: "true")
      ],
      using: { context, f, parameters -> Double in
        let form = try parameterForm(parameters, "check_grad")
        let gradients = try Differentiation.run(f.callable, at: form, others: [], context).gradients
        let leaves = form.leaves.map { Value($0.value) }
        var worst = 0.0
        for (place, gradient) in gradients.enumerated() {
          let slope = try CentralDifferences.gradient(at: form.leaves[place].value.matrix) {
            point in
            try Interrupt.check()
            var values = leaves
            if case .number = values[place] {
              values[place] = .number(point[0, 0])
            } else {
              values[place] = .matrix(point)
            }
            let value = try f.callable.call(Arguments(form.rebuilt(values)), context)
            return Double.from(value) ?? .nan
          }
          let error = CentralDifferences.largestError(gradient.value.matrix, slope)
          worst = error.isNaN ? error : max(worst, error)
          if worst.isNaN { break }
        }
        return worst
      }),
  ]

  private static func differentiate(
    _ f: Function, _ parameters: Rest, _ name: String, _ context: Context
  ) throws -> Differentiation.Result {
    try Differentiation.run(f.callable, at: try parameterForm(parameters, name), context)
  }

  private static func parameterForm(_ parameters: Rest, _ name: String) throws -> ParameterForm {
    if parameters.values.isEmpty {
      throw Problem(
        .value, "'\(name)' needs the place at which the gradient is taken", at: "parameters",
        help: "as in \(name)(f, [1, 2, 3])")
    }
    return try ParameterForm(parameters.values)
  }
}
