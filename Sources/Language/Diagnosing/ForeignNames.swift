import Vocabulary

/// The names of other languages, and what is written here.
extension Diagnostic {
  /// What is written instead of a name of another language, where that is a name too.
  static let renamed: [String: String] = [
    "True": "true", "False": "false", "TRUE": "true", "FALSE": "false", "None": "nothing",
    "null": "nothing", "NULL": "nothing", "nil": "nothing", "len": "length", "numel": "length",
    "shape": "size", "disp": "print", "println": "print", "Inf": "inf", "NaN": "nan", "NA": "nan",
    "Infinity": "inf", "PI": "pi", "int": "floor", "raise": "error", "throw": "error",
    "strip": "trim", "strtrim": "trim", "flip": "reverse", "flipud": "reverse",
    "reversed": "reverse", "sorted": "sort", "hstack": "hcat", "horzcat": "hcat", "cbind": "hcat",
    "vstack": "vcat", "vertcat": "vcat", "rbind": "vcat", "nrow": "rows", "ncol": "cols",
    "nrows": "rows", "ncols": "cols", "toupper": "upper", "uppercase": "upper", "tolower": "lower",
    "lowercase": "lower", "strsplit": "split_text", "ifelse": "where", "lapply": "map",
    "sapply": "map", "maximum": "max", "minimum": "min",
    "nonzero": "find", "typeof": "type", "diagm": "diag", "repmat": "repeat", "tile": "repeat",
    "fabs": "abs", "read_csv": "read",
    "csvread": "read", "readmatrix": "read", "loadtxt": "read", "startswith": "starts_with",
    "endswith": "ends_with", "startsWith": "starts_with", "endsWith": "ends_with",
    "NAN": "nan", "undefined": "nothing", "which": "find", "rem": "mod", "isna": "isnan",
    "argwhere": "find", "flatnonzero": "find", "isnull": "isnan",
  ]

  /// The same where they are called: alone they may be variables that have no value yet.
  private static let renamedCalls: [String: String] = [
    "echo": "print", "puts": "print", "display": "print", "ln": "log", "inverse": "inv",
    "average": "mean", "stdev": "std", "sd": "std", "variance": "var", "identity": "eye",
    "histogram": "hist", "imagesc": "heatmap", "imshow": "image", "readtable": "read",
    "stop": "error", "random": "rand", "isinstance": "type", "class": "type", "dim": "size",
    "single": "float32", "f32": "float32", "double": "float64", "f64": "float64",
    "linear": "dense", "Linear": "dense", "Dense": "dense", "rep": "repeat",
    "MaxPooling2D": "maxpool2d", "AveragePooling2D": "avgpool2d", "SimpleRNN": "rnn",
    "BatchNormalization": "batchnorm", "BatchNorm1d": "batchnorm", "BatchNorm2d": "batchnorm",
    "train_test_split": "split", "to_categorical": "one_hot", "OneHotEncoder": "one_hot",
    "clip": "clamp", "clip_by_value": "clamp", "expit": "sigmoid", "column_stack": "hcat",
    "row_stack": "vcat", "confusion_matrix": "confusion", "f1_score": "f1",
    "precision_score": "precision", "recall_score": "recall", "cumulative_sum": "cumsum",
  ]

  /// What is written instead of the calls of other languages.
  private static let foreignCalls: [String: String] = [
    "cat": "write [A, B] side by side, [A; B] one above the other",
    "concatenate": "write vcat(A, B), or hcat(A, B)",
    "power": "write x ^ y, or A .^ y element by element",
    "clear": ":reset begins anew at the prompt",
    "figure": "every picture stands by itself: write plot(x, y)",
    "kmeans": "write nmf(X, k), or mf(X, k)",
    "Sequential": "write input(784) |> dense(10, softmax)", "sleep": "programs do not wait",
    "time": "write now(), or tic() and toc()", "open": "write read(\"data.csv\")",
    "help": "write ?nmf at the prompt",
    "doc": "write ?nmf at the prompt", "close": "every picture stands by itself",
    "hold": "every picture stands by itself: write plot(x, y)",
    "del": "memory comes back by itself: leave the line out", "pip": "everything is there already",
    "goto": "write a loop with break or continue",
    "seq": "write 1:n, or 1:2:n with a step",
    "ndims": "every matrix has two dimensions", "dict": "write {a = 1, b = 2}",
    "struct": "write {a = 1, b = 2}", "NMF": "write nmf(X, rank)", "PCA": "write pca(X, k)",
    "TruncatedSVD": "write svd(X, k)", "KMeans": "write nmf(X, k), or mf(X, k)",
    "astype": "write float32(A) or float64(A)", "copy": "values are never shared: write B = A",
    "ravel": "write reshape(A, 1, length(A))", "flatten": "write reshape(A, 1, length(A))",
    "tolist": "the elements of a matrix are numbers already", "item": "write A[1]",
    "fit": "a function makes the model: write m = nmf(X, rank)",
    "fit_transform": "write m = nmf(X, rank), and m.W for the codes",
    "meshgrid": "a column and a row combine by themselves: x .+ y'",
    "roll": "write hcat(x[end-k+1:end], x[1:end-k]), or vcat for a column",
    "circshift": "write hcat(x[end-k+1:end], x[1:end-k]), or vcat for a column",
    "einsum": "write the products: A * B, A .* B, sum(A .* B)",
    "bincount": "write map(unique(x), v -> sum(x == v))",
    "mode": "write v = unique(x), and v[argmax(map(v, u -> sum(x == u)))]",
    "permute": "every matrix has two dimensions: write A'",
    "squeeze": "every matrix has two dimensions: there is nothing to take away",
    "normalize": "write X ./ sum(X, dim=2) for rows that sum to 1, standardize(X) for mean 0",
    "StandardScaler": "write standardize(X)", "LinearRegression": "write lstsq(X, y)",
    "Ridge": "write lstsq([X; sqrt(l2) * eye(cols(X))], [y; zeros(cols(X), 1)])",
    "LogisticRegression": "write train(input(n) |> dense(1, sigmoid), X, y)",
    "LatentDirichletAllocation": "write nmf(X, k, loss=\"kl\")",
    "TSNE": "write pca(X, 2), or nmf(X, 2)", "tsne": "write pca(X, 2), or nmf(X, 2)",
    "UMAP": "write pca(X, 2), or nmf(X, 2)", "umap": "write pca(X, 2), or nmf(X, 2)",
    "FastICA": "write pca(X, k), or nmf(X, k)", "ica": "write pca(X, k), or nmf(X, k)",
    "minimize": "write train(f, x0): it descends any function",
    "fminsearch": "write train(f, x0): it descends any function",
    "fminunc": "write train(f, x0): it descends any function",
    "DataLoader": "train(net, X, y, batch=32) draws the batches itself",
    "CrossEntropyLoss": "write train(net, X, y, loss=\"crossentropy\")",
    "MSELoss": "write train(net, X, y, loss=\"mse\")",
    "NLLLoss": "write train(net, X, y, loss=\"crossentropy\")",
    "BCELoss": "write train(net, X, y, loss=\"binary_crossentropy\")",
    "CountVectorizer": "write word_counts(texts)",
    "backward": "write grad(loss, W)", "compile": "write train(net, X, y, optimizer=adam(0.001))",
  ]

  /// Words that other languages begin a command with: `clear all`.
  private static let commands: Set = [
    "clear", "clc", "close", "hold", "help", "doc", "del", "pip", "goto",
  ]

  /// What is written instead of a command of another language.
  static func command(_ name: String) -> String? {
    commands.contains(name) ? foreignCalls[name] ?? foreignNames[name] : nil
  }

  /// What is written instead of a name of another language, and the name that it is here.
  static func foreign(_ name: String, at range: SourceRange) -> (help: String, ours: String?)? {
    if let text = activation(name, at: range) { return ("write \(text)", text) }
    if let ours = renamed[name] { return (foreignNames[name] ?? "write \(ours)", ours) }
    if let help = foreignNames[name] { return (help, nil) }
    let all = SourceTokens(range.source)
    let next = all.index(at: range.upper)
    guard all.tokens[next].is(.openRound), all.tokens[next].range.lower == range.upper else {
      return nil
    }
    if let ours = renamedCalls[name] { return ("write \(ours)", ours) }
    if let help = foreignCalls[name] { return (help, nil) }
    return ForeignForm.all(name).first.map { form in
      ("write \(formula(name, range)?.code ?? form.ours)", nil)
    }
  }

  /// Activations that are no functions here, as layers take them: in quotes.
  private static let activations = [
    "gelu": "gelu", "silu": "silu", "swish": "silu", "elu": "elu", "leaky_relu": "leaky_relu",
    "linear": "linear",
  ]

  /// The text that an argument which is the bare name of an activation should be.
  private static func activation(_ name: String, at range: SourceRange) -> String? {
    guard let ours = activations[name] else { return nil }
    let all = SourceTokens(range.source)
    let index = all.index(at: range.lower)
    guard index > 0, index + 1 < all.tokens.count,
      [Symbol.openRound, .comma, .assign].contains(where: all.tokens[index - 1].is),
      [Symbol.closeRound, .comma].contains(where: all.tokens[index + 1].is)
    else { return nil }
    return "\"\(ours)\""
  }

  /// Names of other languages, with what is written here.
  static let foreignNames: [String: String] = [
    "True": "write true", "False": "write false", "TRUE": "write true", "FALSE": "write false",
    "None": "write nothing", "null": "write nothing", "NULL": "write nothing",
    "nil": "write nothing",
    "len": "write length(x), or rows(x) and cols(x)", "numel": "write length(x)",
    "shape": "write size(x)", "disp": "write print(x)", "println": "write print(x)",
    "printf": "write print with a hole: print(\"loss {x:.4}\")",
    "fprintf": "write print with a hole: print(\"loss {x:.4}\")",
    "sprintf": "write a text with a hole: \"loss {x:.4}\"",
    "str": "write a text with a hole: \"{x}\"", "num2str": "write a text with a hole: \"{x}\"",
    "string": "write a text with a hole: \"{x}\"", "strcat": "write a + b",
    "range": "write 1:n, or 1:2:n with a step", "arange": "write 1:n, or 1:2:n with a step",
    "matmul": "write A * B", "transpose": "write A'", "append": "write xs += {x}",
    "push": "write xs += {x}", "isempty": "write length(x) == 0",
    "float": "numbers need no conversion", "c": "write [1, 2, 3]",
    "int": "write floor(x) or round(x)", "array": "write [1, 2; 3, 4]",
    "matrix": "write [1, 2; 3, 4]", "vector": "write [1; 2; 3]",
    "np": "functions have no prefix: write zeros(3, 3)",
    "numpy": "functions have no prefix: write zeros(3, 3)",
    "torch": "functions have no prefix: write zeros(3, 3)",
    "math": "functions have no prefix: write sqrt(2)",
    "self": "functions belong to no object: write f(x)",
    "this": "functions belong to no object: write f(x)",
    "exit": "write :quit at the prompt", "quit": "write :quit at the prompt",
    "whos": "write :vars at the prompt", "who": "write :vars at the prompt",
    "and": "write a && b", "or": "write a || b", "not": "write !a", "xor": "write a != b",
    "raise": "write error(\"…\")", "throw": "write error(\"…\")",
    "argsort": "write sort(x, order=true).order", "sortperm": "write sort(x, order=true).order",
    "zeros_like": "write zeros(size(x))", "ones_like": "write ones(size(x))",
    "randperm": "write shuffle(1:n)", "fliplr": "write reverse(x, dim=2)",
    "arrayfun": "write map(x, f)", "cellfun": "write map(x, f)",
    "assertEqual": "write assert(a == b)",
    "Inf": "write inf", "NaN": "write nan", "NA": "write nan", "Infinity": "write inf",
    "PI": "write pi", "console": "write print(x)", "library": "everything is there already",
    "eps": "write 2 ^ -52", "clc": "Ctrl-L clears the screen at the prompt",
    "e": "write exp(1) for Euler's number",
  ]

  /// Names with a dot in them, which is a letter in R.
  private static let dottedNames: [String: String] = [
    "read.csv": "read", "read.table": "read", "write.csv": "write", "is.na": "isnan",
    "is.nan": "isnan", "set.seed": "seed", "which.max": "argmax", "which.min": "argmin",
    "as.integer": "floor",
  ]

  /// What a name with a dot in it is called here, given where its first part stands.
  static func dotted(_ range: SourceRange) -> (whole: SourceRange, ours: String)? {
    let all = SourceTokens(range.source)
    let first = all.index(at: range.lower)
    guard first + 2 < all.tokens.count, all.tokens[first].range == range,
      all.tokens[first + 1].is(.dot)
    else { return nil }
    let whole = range.joined(all.tokens[first + 2].range)
    return dottedNames[whole.text].map { (whole, $0) }
  }

  /// The name of a function that may be called something else elsewhere.
  static func callee(_ name: String) -> String { renamed[name] ?? renamedCalls[name] ?? name }

  /// What is written instead of a method of another language.
  static func foreignMethod(_ name: String) -> String? {
    methods.contains(name)
      ? nil
      : foreignNames[name] ?? foreignCalls[name]
        ?? ForeignForm.all(name).first.map { "write \($0.ours)" }
  }

  /// Fields of models as other libraries call them.
  private static let fields: [String: [String]] = [
    "components_": ["H", "V", "components"], "reconstruction_err_": ["error"],
    "n_iter_": ["iterations"], "singular_values_": ["S", "s"], "n_components_": ["rank"],
    "explained_variance_ratio_": ["explained", "ratio"], "mean_": ["mean"], "cost": ["loss"],
    "basis": ["W"], "coef": ["H"], "coef_": ["W", "H"], "history_": ["history"],
    "get_weights": ["weights"], "state_dict": ["weights"], "num_parameters": ["parameters"],
  ]

  /// The field that one of another library is here.
  static func renamedField(_ name: String, _ known: [String]) -> String? {
    fields[name]?.first { known.contains($0) }
  }

  /// Names of libraries that stand before those of functions elsewhere.
  static let prefixes: Set<String> = [
    "np", "numpy", "torch", "math", "Math", "nn", "pd", "pandas", "plt", "tf", "jnp", "jax",
    "scipy",
    "sklearn", "keras", "random", "linalg", "std", "F",
  ]

  /// A call whose function has the name of a library before it: `np.linalg.svd(A)`.
  static func unprefixed(_ range: SourceRange) -> (name: String, prefix: SourceRange)? {
    guard prefixes.contains(range.text) else { return nil }
    let all = SourceTokens(range.source)
    var place = all.index(at: range.lower)
    while place + 2 < all.tokens.count, case .name = all.tokens[place].kind,
      all.tokens[place + 1].is(.dot), case .name(let name) = all.tokens[place + 2].kind
    {
      place += 2
      if !(place + 1 < all.tokens.count && all.tokens[place + 1].is(.dot)) {
        return (
          callee(name),
          SourceRange(range.source, range.lower, all.tokens[place].range.lower)
        )
      }
    }
    return nil
  }

  /// Whether a function is an operator here.
  static func isProduct(_ name: String) -> Bool { name == "dot" || name == "matmul" }

  /// The call of a layer that stands alone, as it was written: `dense(10)`.
  static func layerWithoutInput(_ callee: Signature, _ missing: String, at range: SourceRange)
    -> String?
  {
    guard callee.parameters.first?.name == "net", !["net", "X", "x"].contains(missing) else {
      return nil
    }
    let all = SourceTokens(range.source)
    let name = all.index(at: range.lower)
    guard name + 2 < all.tokens.count, all.tokens[name + 1].is(.openRound),
      case .number = all.tokens[name + 2].kind, name == 0 || !all.tokens[name - 1].is(.pipe),
      let close = all.partner(of: name + 1)
    else { return nil }
    return all.tokens[name].range.joined(all.tokens[close].range).text
  }

  /// The function and the value of a call that has them the other way round: `map(f, xs)`.
  static func swapped(_ problem: Problem, _ places: [Fault.Place]) -> (
    function: Fault.Operand, other: Fault.Operand
  )? {
    guard problem.kind == .type, let wanted = problem.arguments.first?.parameter,
      problem.message == "'\(wanted)' needs a function", places.count >= 2,
      case .function = places[0].operand.known, places[1].parameter == wanted,
      places[0].operand.range.source === places[1].operand.range.source
    else { return nil }
    return (places[0].operand, places[1].operand)
  }
}
