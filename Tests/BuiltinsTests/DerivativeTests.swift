import Builtins
import Foundation
import Language
import Matrices
import Testing
import Vocabulary

/// Every derivative of the library against differences of values, and against differences of
/// gradients.
@Suite struct DerivativeTests {
  /// A network for rows of four that computes in 64 bits, so that differences mean something.
  private static func wide(_ layers: String, input: String = "4") -> String {
    "train(input(\(input), seed=1) |> \(layers), zeros(2, 4), zeros(2, 3), epochs=0, precision=\"f64\", "
      + "loss=\"mse\")"
  }

  /// Calls of every builtin that calculates with traced values, as programs write them: `x` is 3×4,
  /// `y` 3×4, `s` 3×3 and well conditioned, `p` positive 3×4, `v` a column of 5, `t` a number.
  static let calls: [String: [String]] = [
    "exp": ["exp(x)", "exp(t)"], "log": ["log(p)", "log(t)"], "sqrt": ["sqrt(p)"],
    "abs": ["abs(x)"], "sin": ["sin(x)"], "cos": ["cos(x)"], "tan": ["tan(0.5 * x)"],
    "asin": ["asin(0.3 * x)"], "acos": ["acos(0.3 * x)"], "atan": ["atan(x)", "atan(t)"],
    "sinh": ["sinh(x)"], "cosh": ["cosh(x)"], "erf": ["erf(x)", "erf(t)"],
    "log1p": ["log1p(p)"], "expm1": ["expm1(x)"], "softplus": ["softplus(x)"],
    "tril": ["tril(s)", "tril(x, 1)"], "triu": ["triu(s)", "triu(x, -1)"],
    "tanh": ["tanh(x)"], "sigmoid": ["sigmoid(x)"], "relu": ["relu(x)"],
    "pow": ["pow(p, y)", "pow(p, 3)", "pow(t, y)", "pow(p, t)"],
    "mod": ["mod(x, 0.7)", "mod(4.3, p)"],
    "softmax": ["softmax(x)", "softmax(x, dim=1)", "softmax(v)"],
    "logsumexp": ["logsumexp(x)", "logsumexp(x, dim=1)", "logsumexp(x, dim=2)"],
    "clamp": ["clamp(x, -0.5, 0.5)", "clamp(t, 0, 9)"],
    "where": ["where(x > 0, x, y)", "where(x > 0, t, y)", "where(x > 0, y, 0)"],
    "float32": ["float64(float32(x)) .* 0 + x"], "float64": ["float64(x)"],
    "sum": ["sum(x)", "sum(x, dim=1)", "sum(x, dim=2)", "sum(t)"],
    "mean": ["mean(x)", "mean(x, dim=1)", "mean(x, dim=2)"],
    "prod": [
      "prod(x)", "prod(x, dim=1)", "prod(x, dim=2)", "prod(x .* (1 - eye(4))[1:3, :])",
      "prod(hcat(x, zeros(3, 2)), dim=2)", "prod(vcat(x, zeros(1, 4)), dim=1)",
    ],
    "var": ["var(x)", "var(x, dim=1)", "var(x, dim=2)"],
    "std": ["std(x)", "std(x, dim=1)", "std(x, dim=2)"],
    "min": ["min(x)", "min(x, dim=1)", "min(x, dim=2)", "min(x, y)", "min(x, 0.1)"],
    "max": ["max(x)", "max(x, dim=1)", "max(x, dim=2)", "max(x, y)", "max(t, y)"],
    "cumsum": ["cumsum(x)", "cumsum(x, dim=2)", "cumsum(v')"],
    "diff": ["diff(x)", "diff(x, dim=2)", "diff(v')", "diff(diff(x))"],
    "dot": ["dot(v, v .^ 2)", "dot(v', exp(v))", "dot(v, v')"],
    "reverse": ["reverse(x)", "reverse(x, dim=2)", "reverse(v)"],
    "kron": ["kron(x, y)", "kron(s, v)", "kron([1, 2], x)"],
    "sort": ["sort(x)", "sort(x, dim=2, descending=true)", "sort(v, order=true).values"],
    "median": ["median(x)", "median(x, dim=1)", "median(x, dim=2)"],
    "quantile": ["quantile(x, 0.3)", "quantile(x, [0, 0.4, 1])", "quantile(x, [0.2, 0.9], dim=1)"],
    "cov": ["cov(x)", "cov(v, v .^ 2)", "cov(v)"], "corr": ["corr(x)", "corr(v, v .^ 2)"],
    "solve": ["solve(s, x)", "s \\ s", "x \\ y", "x' \\ y'", "t \\ x"],
    "lstsq": ["lstsq(x', y')", "lstsq(x, y)"], "inv": ["inv(s)"],
    "pinv": ["pinv(x)", "pinv(x')", "pinv(s)"], "det": ["det(s)"], "logdet": ["logdet(s)"],
    "trace": ["trace(s)"], "chol": ["chol(s * s')"],
    "norm": [
      "norm(x)", "norm(v)", "norm(v, 2)", "norm(x, 1)", "norm(x, inf)", "norm(v, 1)",
      "norm(v, inf)", "norm(x, 2)",
    ],
    "eig": [
      "eig(s * s').values", "eig(s * s').vectors", "eig(diag([1, 5, 9]) + 0.3 * s).values",
      "eig(diag([1, 5, 9]) + 0.3 * s).vectors",
    ],
    "svd": [
      "svd(x).S", "svd(x).U", "svd(x).V", "svd(x').U", "svd(x').V", "svd(s).U", "svd(x, 2).U",
      "svd(x, 2).V", "svd(x, 1).S",
    ],
    "qr": ["qr(x).Q", "qr(x).R", "qr(x').Q", "qr(x').R", "qr(s).Q", "qr(s).R"],
    "lu": ["lu(s).L", "lu(s).U", "lu(x).L", "lu(x).U", "lu(x').L", "lu(x').U", "lu(s).P * s"],
    "pca": [
      "pca(x').codes", "pca(x').components", "pca(x').variance", "pca(x').explained",
      "pca(x').mean", "pca(x, 2).codes", "pca(x, 2).components", "pca(x', 1).codes",
    ],
    "cond": ["cond(x)", "cond(s)"],
    "conv": [
      "conv(x, y)", "conv(x, s, \"same\")", "conv(x, s[1:2, 1:2], \"valid\")", "conv(v, v')",
    ],
    "reshape": ["reshape(x, 2, 6)"], "diag": ["diag(v)", "diag(x)", "diag(x')"],
    "repeat": ["repeat(x, 2, 3)"], "hcat": ["hcat(x, y, s)", "hcat({x, y})"],
    "vcat": ["vcat(x, [], y)"],
    "predict": [
      "predict(\(wide("dense(5, tanh) |> dense(3, softmax)")), x)",
      "predict(\(wide("dense(3, sigmoid) |> dropout(0.5) |> activation(relu)")), x)",
      "predict(\(wide("batchnorm() |> dense(3, tanh)")), x)",
      "predict(\(wide("layernorm() |> dense(3)")), x)",
      "predict(\(wide("conv2d(5, 2, tanh) |> flatten() |> dense(3)", input: "2, 2")), x)",
      "predict(\(wide("avgpool2d(2) |> flatten() |> dense(3, softmax)", input: "2, 2")), x)",
      "predict(\(wide("maxpool2d(2) |> flatten() |> dense(3)", input: "2, 2")), x)",
      "predict(\(wide("rnn(4) |> dense(3)", input: "2, 2")), x)",
      "predict(\(wide("gru(4) |> dense(3)", input: "2, 2")), x)",
      "predict(\(wide("lstm(4) |> dense(3)", input: "2, 2")), x)",
    ],
  ]

  /// The operators and what else of the language calculates.
  static let expressions = [
    "S * x", "x * C", "S * x * C", "D - s", "s - D", "s + D", "D .* s", "D ./ s",
    "(S * tanh(x)) .^ 2",
    "S' * (S * x)",
    "x + y", "x - y", "x .* y", "x ./ p", "p .^ y", "x .^ 3", "x' * y", "s ^ 3", "s ^ -2", "-x",
    "t * x", "x / t", "x + t", "t - x", "x .* v[1:3]", "x .+ y[1, :]", "x .- x[:, 2]", "x % 0.7",
    "x[2, 3]", "x[{1, 1, 3}, [2, 4]]", "x[2:end, :]", "v[end]", "v[2:3]", "x[y > 0]", "x[:, 2]'",
    "[x, y; y, x]", "[t, v[1]; 1, 2]", "2 .^ x", "t ^ 3", "t ^ t", "v' * v", "[x[1, :], 1, t]",
    "repeat(x, 9, 9) * repeat(y', 9, 9)", "sum(repeat(x, 9, 9)) * y", "x ./ mean(repeat(p, 9, 9))",
    "repeat(x, 9, 9)[3, 30] * x", "repeat(v, 30, 1)[9] + t", "(repeat(x, 9, 9) * y[1, 1])[2:3, :]",
    "x * y'", "(v * v')[2:4, :]", "x .* x[1, 1]", "[1, 2] .* t", "t .* [x; y]",
  ]

  static let programs = [
    "function f(x)\n z = zeros(3, 4)\n for i in 1:3\n z[i, :] = x[i, :] .^ i\n end\n z[2, 2] = 5\n sum(z .* z)\n end",
    "function f(x)\n z = x\n z[x > 0] = 0\n z[1, 1] += x[2, 2]\n z[:, 3] = 2\n sum(z .^ 2)\n end",
    "function f(x)\n s = 0\n for c in x\n s = s + norm(c) ^ 3\n end\n s\n end",
    "function f(x)\n s = 0\n for e in x[1, :]\n s += e ^ 3\n end\n s\n end",
    "function f(x)\n s = x[1, 1]\n while abs(s) < 10\n s = s * 1.5 + x[2, 2]\n end\n s\n end",
    "function f(x)\n g(a) = if sum(a) > 0 then sum(a .^ 2) else sum(a .^ 3) end\n g(x[1, :]) + g(x[2, :]) + g(x[3, :])\n end",
    "function f(x)\n (a, b, c) = x[:, 1]\n a * b + c ^ 2\n end",
    "f(x) = reduce(map(x[1, :], e -> e ^ 2), (a, b) -> a * b)",
    "f(x) = sum(map(list(x), c -> prod(c))[2])",
    "function f(x)\n r = {a = x, b = {x[1, 1], 3}}\n r.a[1, 2] = 7\n sum(r.a .^ 2) + r.b[1] ^ 3\n end",
    "function f(x)\n y = x\n y += x\n y *= 2\n y -= x .* x\n sum(y .^ 2)\n end",
    "f(x) = sum(grad(z -> sum(z .^ 4) * x[1, 1], x))",
    "function f(x)\n z = zeros(1, 6)\n z[1] = x[1, 1]\n for i in 2:6\n z[i] = z[i - 1] * x[2, 2] + x[1, 2]\n end\n sum(z .^ 2) + z[3]\n end",
    "function f(x)\n z = zeros(4, 4)\n z[1, :] = x[1, :]\n for i in 2:4\n z[i, :] = z[i - 1, :] .* x[3, :]\n end\n z[2, 2] = 1\n y = z\n y[1, 1] = 3\n sum(z[2, :] .^ 2) + sum(y .* z)\n end",
    "function f(x)\n z = x\n z[:, 1] = x[1, 1]\n z[z > 0.5] = x[2, 2]\n z[{1, 2}, 3:4] = x[2:3, 1:2]\n sum(z .^ 3)\n end",
    "function f(x)\n z = x\n for i in 1:3\n z[i, i] = sum(z)\n end\n sum(z .^ 2)\n end",
  ]

  /// The same values everywhere: away from kinks, ties and singular matrices.
  static let preparation = """
    x = [0.31, -0.72, 1.13, -1.54; 0.85, 0.46, -0.27, 1.98; -1.39, 0.64, 0.15, -0.93]
    y = [-0.55, 0.81, 0.37, -1.26; 1.44, -0.68, 0.92, 0.23; 0.19, -1.07, 1.61, 0.58]
    s = [3.1, 0.4, -0.7; 0.2, 2.6, 0.5; -0.3, 0.8, 2.2]
    p = [0.6, 1.3, 2.1, 0.9; 1.7, 0.4, 1.1, 2.5; 0.8, 1.9, 0.7, 1.2]
    v = [0.7; -1.2; 0.4; 1.9; -0.3]
    t = 1.3
    S = sparse([1.3, 0, -0.4; 0, 0.8, 0])
    C = sparse([0.5, 0; 0, 0; -1.1, 0.2; 0, 0.7])
    D = sparse([0, 1.5, 0; 0.3, 0, 0; 0, 0, -2])
    weigh(z) = sum(reshape(cos(1:length(z)), rows(z), cols(z)) .* z)
    """

  private func value(of code: String) -> Double {
    Session.withLargeStack {
      let session = Session(
        library: StandardLibrary.library, context: Context(output: { _ in }))
      do throws(Failure) {
        let text = "\(Self.preparation)\n\(code)"
        return Double.from(try session.evaluate(SourceText(name: "test", text: text))) ?? .nan
      } catch {
        Issue.record("\(code): \(error.rendered(style: .plain))")
        return .nan
      }
    }
  }

  static let all = (calls.values.flatMap { $0 } + expressions).sorted()

  @Test(arguments: all)
  func gradientEqualsDifferences(_ expression: String) {
    let error = value(
      of: "check_grad((x, y, s, p, v, t) -> weigh(\(expression)), x, y, s, p, v, t)")
    #expect(error < 2e-7, "\(expression): \(error)")
  }

  /// A centered matrix with fewer rows than columns has a vector that is not determined.
  @Test(arguments: all.filter { !$0.hasPrefix("predict") && !$0.hasPrefix("pca(x, 2)") })
  func secondDerivativeEqualsDifferencesOfFirstOnes(_ expression: String) {
    let error = value(
      of: """
        function turned(x, y, s, p, v, t)
          (gx, gy, gs, gp, gv, gt) = grad((x, y, s, p, v, t) -> weigh(\(expression)) ^ 2 / 2,
            x, y, s, p, v, t)
          weigh(gx) + weigh(gy .* y) + weigh(gs) + weigh(gp) + weigh(gv .* v) + gt
        end
        check_grad(turned, x, y, s, p, v, t)
        """)
    #expect(error < 1e-6, "\(expression): \(error)")
  }

  @Test(arguments: programs)
  func programsHaveGradients(_ program: String) {
    #expect(value(of: "\(program)\ncheck_grad(f, x)") < 2e-7, "\(program)")
  }

  @Test func everyDerivativeIsChecked() {
    for builtin in StandardLibrary.library.all {
      switch builtin.derivative {
      case .rule, .composed: #expect(Self.calls[builtin.name] != nil, "\(builtin.name)")
      case .byValue, .throughParts, .refused, nil: #expect(Self.calls[builtin.name] == nil)
      }
    }
    for name in Self.calls.keys { #expect(StandardLibrary.library[name] != nil, "\(name)") }
  }

  @Test func singlePrecisionKeepsItsPrecision() {
    #expect(
      value(
        of: """
          X = float32(x)
          g = grad(A -> sum(tanh(A * A') .* 2), X)
          G = grad(A -> sum(tanh(A * A') .* 2), x)
          norm(g - G) / norm(G)
          """) < 1e-6)
  }

  @Test(arguments: all.filter { !$0.hasPrefix("predict") && !$0.hasPrefix("s ^") })
  func tracedValuesAreThePlainOnes(_ expression: String) {
    let difference = value(
      of: """
        f(x, y, s, p, v, t) = weigh(\(expression))
        abs(f(x, y, s, p, v, t) - value_and_grad(f, x, y, s, p, v, t)[1])
        """)
    #expect(difference < 1e-13, "\(expression)")
  }

  /// Gradients that PyTorch 2 finds in 64 bits.
  static let torch: [(function: String, parameter: String, gradient: String)] = [
    (
      "a -> sum(log(softmax(a))[:, 2])", "x",
      """
      [-0.264218665622, 0.905672097261, -0.599908437369, -0.04154499427; -0.196117148388, \
      0.867217536477, -0.063989062898, -0.607111325192; -0.067282296926, 0.487706780788, \
      -0.313844347651, -0.106580136211]
      """
    ),
    (
      "a -> logdet(a * a') + sum((a \\ x) .^ 2)", "s",
      """
      [-0.142806820446, 0.869305011965, -0.791036076429; 1.147143846262, -0.877654690913, \
      1.47640448882; -1.134303203216, 1.671019631258, -1.116668631781]
      """
    ),
    (
      "a -> sum(sin(chol(a * a')))", "s",
      """
      [-0.973526322058, 1.005385853493, 0.830406501953; 1.03269832291, -0.79631126819, \
      -0.080167272174; 0.669781243212, 0.420012622917, -0.377032067814]
      """
    ),
    (
      "a -> sum(tanh(pinv(a)))", "x",
      """
      [0.712516498342, -0.629983006259, -2.592019058937, -0.906029531488; 0.909459338987, \
      -1.422645654457, -4.431395760316, -1.345738078816; 0.654982385747, -0.203662569642, \
      -1.954180904359, -0.73875625347]
      """
    ),
    (
      "a -> sum(grad(b -> sum(tanh(b * b')), a) .^ 2)", "x",
      """
      [40.389944248966, -20.437478811737, -0.704808964159, 21.494133565853; 0.660614510356, \
      -0.281047474076, -0.11407876624, 0.509092532817; -13.466334422584, 22.173253547009, \
      -31.48041629521, 39.902673710942]
      """
    ),
  ]

  @Test(arguments: torch.indices)
  func gradientsAreThoseOfPyTorch(_ index: Int) {
    let (function, parameter, gradient) = Self.torch[index]
    let error = value(of: "max(abs(grad(\(function), \(parameter)) - \(gradient)))")
    #expect(error < 1e-10, "\(function): \(error)")
  }

  // MARK: Memory

  /// The memory of its own that this process occupies, in MB: pages of files come and go as the system likes.
  private var occupied: Double {
    let text = (try? String(contentsOfFile: "/proc/self/smaps_rollup", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("Anonymous:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? .nan) / 1024
  }

  private func descend(_ steps: Int) -> String {
    """
    loss(W, H) = sum((s - W * H * W') .^ 2) + grad(a -> sum(a .^ 3), W[1, 1])
    (W, H) = {x[:, 1:2], s[1:2, 1:2]}
    for i in 1:\(steps)
      (gW, gH) = grad(loss, W, H)
      W -= 1e-5 * gW
      H -= 1e-5 * gH
    end
    loss(W, H)
    """
  }

  @Test func stepsLeaveNothingBehind() {
    _ = value(of: descend(1000))
    // A single matrix kept a step would be 4 MB every time; another thread takes its memory once.
    let growths = (0..<5).map { _ in
      let before = occupied
      _ = value(of: descend(20_000))
      return occupied - before
    }
    #expect(growths.contains { $0 < 2 }, "MB: \(growths)")
  }

  @Test func aMillionOperationsAreFreedWithoutRecursion() {
    let slope = value(
      of: """
        function f(a)
          for i in 1:1000000
            a = a * 1.000001
          end
          a
        end
        grad(f, 2)
        """)
    #expect(abs(slope - 2.718280469) < 1e-6)
  }

  @Test func aFailedGradientLeavesPlainValues() {
    let sum = value(
      of: """
        function g(a)
          r = try grad(b -> [b, b], a) catch e; 1 end
          r * a ^ 2
        end
        grad(g, 3) + g(1) + grad(g, 2)
        """)
    #expect(sum == 11)
  }
}
