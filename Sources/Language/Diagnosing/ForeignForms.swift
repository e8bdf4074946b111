/// A call of another language whose place a formula takes here.
struct ForeignForm {
  let parameters: [String]
  /// What is written here, with the names of the parameters in it.
  let ours: String

  private init(_ call: Substring, _ ours: String) {
    let inside = call.drop { $0 != "(" }.dropFirst().dropLast()
    parameters = inside.split(separator: ",").map { String($0).trimmedSpaces }
    self.ours = ours
  }

  /// The forms of a name, of which one has as many parameters as a call has arguments.
  static func all(_ name: String) -> [ForeignForm] { table[name] ?? [] }

  private static let table: [String: [ForeignForm]] = {
    var table: [String: [ForeignForm]] = [:]
    for family in [elements, sums, matrices, models, texts] {
      for (call, ours) in family {
        let name = String(call.prefix { $0 != "(" })
        table[name, default: []].append(ForeignForm(call[...], ours))
      }
    }
    return table
  }()

  private static let elements: [(call: String, ours: String)] = [
    ("square(x)", "x .^ 2"), ("cbrt(x)", "sign(x) .* abs(x) .^ (1/3)"),
    ("hypot(x, y)", "sqrt(x .^ 2 + y .^ 2)"), ("exp2(x)", "2 .^ x"),
    ("log10(x)", "log(x) / log(10)"), ("log2(x)", "log(x) / log(2)"),
    ("power(A, y)", "A .^ y"), ("reciprocal(x)", "1 ./ x"), ("negative(x)", "-x"),
    ("logit(p)", "log(p ./ (1 - p))"),
    ("gelu(x)", "0.5 .* x .* (1 + erf(x / sqrt(2)))"), ("silu(x)", "x .* sigmoid(x)"),
    ("swish(x)", "x .* sigmoid(x)"), ("elu(x)", "where(x > 0, x, expm1(x))"),
    ("leaky_relu(x)", "where(x > 0, x, 0.01 * x)"), ("softsign(x)", "x ./ (1 + abs(x))"),
    ("log_softmax(x)", "x .- logsumexp(x, dim=2)"), ("erfc(x)", "1 - erf(x)"),
    ("atan2(y, x)", "atan(y ./ x) + where(x < 0, where(y < 0, -pi, pi), 0)"),
    ("arcsin(x)", "asin(x)"),
    ("arccos(x)", "acos(x)"), ("arctan(x)", "atan(x)"),
    ("arctan2(y, x)", "atan(y ./ x) + where(x < 0, where(y < 0, -pi, pi), 0)"),
    ("deg2rad(x)", "x * pi / 180"), ("radians(x)", "x * pi / 180"),
    ("rad2deg(x)", "x * 180 / pi"), ("degrees(x)", "x * 180 / pi"),
    ("trunc(x)", "sign(x) .* floor(abs(x))"), ("fix(x)", "sign(x) .* floor(abs(x))"),
    ("idivide(x, y)", "floor(x ./ y)"), ("floor_divide(x, y)", "floor(x ./ y)"),
    ("isfinite(x)", "abs(x) < inf"), ("isinf(x)", "abs(x) == inf"),
    ("factorial(n)", "prod(1:n)"), ("multiply(A, B)", "A .* B"), ("times(A, B)", "A .* B"),
    ("divide(A, B)", "A ./ B"), ("subtract(A, B)", "A - B"),
    ("logical_and(a, b)", "a & b"), ("logical_or(a, b)", "a | b"), ("logical_not(a)", "!a"),
    ("equal(a, b)", "a == b"), ("isequal(a, b)", "a == b"), ("array_equal(a, b)", "a == b"),
    ("allclose(a, b)", "max(abs(a - b)) < 1e-8"), ("isclose(a, b)", "abs(a - b) < 1e-8"),
    ("float(x)", "x"),
  ]

  private static let sums: [(call: String, ours: String)] = [
    ("rowSums(A)", "sum(A, dim=2)"), ("colSums(A)", "sum(A, dim=1)"),
    ("rowMeans(A)", "mean(A, dim=2)"), ("colMeans(A)", "mean(A, dim=1)"),
    ("percentile(x, p)", "quantile(x, p / 100)"), ("prctile(x, p)", "quantile(x, p / 100)"),
    ("nanmean(x)", "mean(x[!isnan(x)])"), ("nansum(x)", "sum(x[!isnan(x)])"),
    ("nanmax(x)", "max(x[!isnan(x)])"), ("nanmin(x)", "min(x[!isnan(x)])"),
    ("nanstd(x)", "std(x[!isnan(x)])"), ("nanmedian(x)", "median(x[!isnan(x)])"),
    ("count_nonzero(x)", "sum(x != 0)"), ("count(x)", "sum(x != 0)"),
    ("sumsq(x)", "sum(x .^ 2)"), ("rms(x)", "sqrt(mean(x .^ 2))"),
    ("ptp(x)", "max(x) - min(x)"), ("trapz(y)", "sum(y[1:end-1] + y[2:end]) / 2"),
    ("trapz(x, y)", "sum(diff(x) .* (y[1:end-1] + y[2:end])) / 2"),
    ("isempty(x)", "length(x) == 0"), ("logaddexp(a, b)", "logsumexp([a, b])"),
    ("argsort(x)", "sort(x, order=true).order"), ("sortperm(x)", "sort(x, order=true).order"),
    ("searchsorted(x, v)", "sum(x < v) + 1"), ("inner(a, b)", "dot(a, b)"),
    ("vdot(a, b)", "dot(a, b)"), ("mse(y, p)", "mean((y - p) .^ 2)"),
    ("mean_squared_error(y, p)", "mean((y - p) .^ 2)"),
    ("mean_absolute_error(y, p)", "mean(abs(y - p))"),
    ("r2_score(y, p)", "1 - sum((y - p) .^ 2) / sum((y - mean(y)) .^ 2)"),
    ("cross_entropy(p, Y)", "-mean(sum(Y .* log(p), dim=2))"),
  ]

  private static let matrices: [(call: String, ours: String)] = [
    ("range(n)", "1:n"), ("range(a, b)", "a:b"), ("range(a, b, step)", "a:step:b"),
    ("arange(n)", "1:n"), ("arange(a, b)", "a:b"), ("arange(a, b, step)", "a:step:b"),
    ("seq(a, b)", "a:b"), ("seq(a, b, step)", "a:step:b"),
    ("array(x)", "x"), ("asarray(x)", "x"), ("matrix(x)", "x"), ("vector(x)", "x"),
    ("matmul(A, B)", "A * B"), ("mtimes(A, B)", "A * B"), ("mm(A, B)", "A * B"),
    ("bmm(A, B)", "A * B"), ("mldivide(A, b)", "A \\ b"), ("outer(a, b)", "a * b'"),
    ("transpose(A)", "A'"), ("ctranspose(A)", "A'"), ("t(A)", "A'"),
    ("vec(A)", "reshape(A, length(A), 1)"),
    ("fliplr(A)", "reverse(A, dim=2)"), ("zeros_like(A)", "zeros(size(A))"),
    ("ones_like(A)", "ones(size(A))"), ("logspace(a, b, n)", "10 .^ linspace(a, b, n)"),
    ("geomspace(a, b, n)", "exp(linspace(log(a), log(b), n))"),
    ("randperm(n)", "shuffle(1:n)"), ("permutation(n)", "shuffle(1:n)"),
    ("rnorm(n)", "randn(n, 1)"), ("runif(n)", "rand(n, 1)"),
    ("uniform(a, b)", "a + (b - a) * rand()"),
    ("choice(x)", "x[randint(1, length(x))]"), ("sample(x, n)", "shuffle(x)[1:n]"),
    ("vander(x, n)", "x .^ (n-1:-1:0)"), ("polyfit(x, y, n)", "lstsq(x .^ (n:-1:0), y)"),
    ("polyval(p, x)", "x .^ (length(p)-1:-1:0) * p"),
    ("cdist(A, B)", "sqrt(max(sum(A .^ 2, dim=2) .+ sum(B .^ 2, dim=2)' - 2 * A * B', 0))"),
    ("lsqnonneg(A, b)", "nnls(A, b)"), ("orth(A)", "qr(A).Q"),
    ("matrix_rank(A)", "rank(A)"), ("matrix_power(A, n)", "A ^ n"),
    ("cholesky(A)", "chol(A)"), ("slogdet(A)", "logdet(A)"), ("eigh(A)", "eig(A)"),
    ("eigvals(A)", "eig(A).values"), ("eigvalsh(A)", "eig(A).values"),
    ("svdvals(A)", "svd(A).S"), ("svds(A, k)", "svd(A, k)"),
    ("randi(n)", "randint(1, n)"), ("randi(n, rows, cols)", "randint(1, n, rows, cols)"),
    ("zscore(X)", "standardize(X)"), ("scale(X)", "standardize(X)"),
    ("minmax_scale(X)", "(X .- min(X, dim=1)) ./ (max(X, dim=1) - min(X, dim=1))"),
  ]

  private static let models: [(call: String, ours: String)] = [
    ("linear_regression(X, y)", "lstsq([X, ones(rows(X), 1)], y)"),
    ("accuracy_score(y, p)", "mean(y == p)"), ("arrayfun(f, x)", "map(x, f)"),
    ("cellfun(f, x)", "map(x, f)"), ("assertEqual(a, b)", "assert(a == b)"),
  ]

  private static let texts: [(call: String, ours: String)] = [
    ("str(x)", "\"{x}\""), ("num2str(x)", "\"{x}\""), ("string(x)", "\"{x}\""),
    ("repr(x)", "\"{x}\""), ("mat2str(x)", "\"{x}\""), ("strcat(a, b)", "a + b"),
    ("append(xs, x)", "xs += {x}"), ("push(xs, x)", "xs += {x}"),
  ]

  // MARK: Filling

  /// What is written here for a call with these arguments. `isOperand` says that an operator stands
  /// beside the call.
  func filled(_ arguments: [String], isOperand: Bool) -> String {
    let letters = Array(ours)
    var text = ""
    var place = 0
    while place < letters.count {
      var end = place
      while end < letters.count, Self.isWordLetter(letters[end]) { end += 1 }
      guard end > place else {
        text.append(letters[place])
        place += 1
        continue
      }
      let word = String(letters[place..<end])
      if let index = parameters.firstIndex(of: word), end == letters.count || letters[end] != "(" {
        let isWhole =
          Self.opens(letters[..<place]) && (end == letters.count || ",)]}".contains(letters[end]))
        let needsBrackets = !isWhole && Self.isFormula(arguments[index])
        text += needsBrackets ? "(\(arguments[index]))" : arguments[index]
      } else {
        text += word
      }
      place = end
    }
    return isOperand && Self.isFormula(text) ? "(\(text))" : text
  }

  private static func isWordLetter(_ letter: Character) -> Bool {
    letter.isLetter || letter.isNumber || letter == "_"
  }

  /// Whether what comes next begins an argument, an element or a hole.
  private static func opens(_ before: ArraySlice<Character>) -> Bool {
    before.last { $0 != " " }.map { "([{,;=".contains($0) } ?? true
  }

  /// Whether a text has an operator outside brackets and quotes.
  private static func isFormula(_ text: String) -> Bool {
    var depth = 0
    var isQuoted = false
    for letter in text {
      if letter == "\"" { isQuoted.toggle() }
      if isQuoted { continue }
      if "([{".contains(letter) { depth += 1 }
      if ")]}".contains(letter) { depth -= 1 }
      if depth == 0, "+-*/\\^<>=!&|: ".contains(letter) { return true }
    }
    return false
  }
}
