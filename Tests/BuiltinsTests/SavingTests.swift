import Builtins
import Foundation
import Language
import Matrices
import Testing
import Vocabulary

/// save and load: what comes back is what was kept.
@Suite struct SavingTests {
  let caller = Caller()

  /// Keeps a value in a file and loads it again.
  private func kept(_ value: Value) throws -> Value {
    let folder = try TemporaryFolder()
    let path = Value.text("\(folder.path)/a.safetensors")
    try caller.call("save", value, path)
    return try caller.call("load", path)
  }

  private func run(_ code: String) throws -> Value {
    let context = caller.context
    let result = Session.withLargeStack { () -> Result<Value, Failure> in
      let session = Session(library: StandardLibrary.library, context: context)
      do throws(Failure) {
        return .success(try session.evaluate(SourceText(name: "test", text: code)))
      } catch {
        return .failure(error)
      }
    }
    do { return try result.get() } catch {
      Issue.record("\(error.rendered(style: .plain))")
      throw error
    }
  }

  @Test func valuesOfAllKindsComeBack() throws {
    var named = Matrix([[1, 2]])
    named.columnNames = ["a", "ü"]
    let record = Record([
      ("nothing", .nothing), ("yes", .boolean(true)), ("number", .number(0.1 + 0.2)),
      ("nan", .number(.nan)), ("inf", .number(-.infinity)), ("text", .text("\"\n\u{1}é")),
      ("range", .range(NumberRange(from: 0, to: 1, by: 0.1))), ("matrix", .matrix(named)),
      ("single", .matrix(Matrix([[1.5]]).converted(to: .single))), ("dots.in it", .number(1)),
      ("list", .list([.text("a"), .matrix(.identity(2)), .record(Record([("W", .number(2))]))])),
      ("empty", .record(Record())),
      ("function", .function(try #require(StandardLibrary.library["relu"]))),
    ])
    let back = try #require(Record.from(try kept(.record(record))))
    #expect(back.keys == record.keys)
    for (key, value) in zip(record.keys, record.values) {
      #expect(back[key]?.printed == value.printed, "\(key)")
    }
    #expect(back["matrix"].flatMap(Matrix.from)?.columnNames == ["a", "ü"])
    #expect(back["single"].flatMap(Matrix.from)?.precision == .single)
    #expect(Double.from(back["number"] ?? .nothing) == 0.1 + 0.2)
    #expect(Matrix.from(try kept(.matrix(.identity(3)))) == .identity(3))
    #expect(String.from(try kept(.text("alone"))) == "alone")
  }

  @Test(arguments: [
    "nmf([1, 2, 0; 2, 4, 1; 0, 1, 3], 2, seed=1, l1=0.01)",
    "nmf(rand(6, 5), 2, seed=1, loss=\"kl\")", "deep_nmf(rand(9, 8), {4, 2}, seed=1)",
    "mf([1, 2; 2, 4], 1, seed=1)", "mf([2, 1; 1, 3], 2, form=\"whw\", seed=1)",
    "pca(rand(7, 4), 2)",
  ])
  func modelsOfFactorizationsComeBack(_ code: String) throws {
    let model = try run(code)
    let back = try kept(model)
    guard case .object(let first) = model, case .object(let second) = back else {
      Issue.record("no object")
      return
    }
    #expect(first.kind == second.kind && first.fieldNames == second.fieldNames)
    for name in first.fieldNames {
      #expect(first.field(name)?.printed == second.field(name)?.printed, "\(name)")
    }
    #expect(first.summary(width: 80) == second.summary(width: 80))
    let before = try #require(Matrix.from(try caller.call("predict", model)))
    #expect(before.isIdentical(to: try #require(Matrix.from(try caller.call("predict", back)))))
    if first is any Transforming {
      let x = Value.matrix(before.rows(in: 0..<2).mapped(.abs))
      let codes = try #require(Matrix.from(try caller.call("transform", model, x)))
      #expect(
        codes.isIdentical(to: try #require(Matrix.from(try caller.call("transform", back, x)))))
    }
  }

  /// One network with every layer that a file must know again.
  private static let network = """
    net = input(8, 8, seed=5) |> conv2d(4, 3, relu, l2=0.001) |> batchnorm() |> maxpool2d(2)
    net = net |> gru(6, return="sequence", bidirectional=true) |> layernorm() |> activation("softplus")
    net = net |> nmf_layer(3, iterations=5, start=abs(randn(12, 3))) |> flatten()
    net = net |> dropout(0.1) |> dense(7, "gelu", constraint={-1, 1})
    net = add(net, net |> dense(7, tanh) |> dense(7))
    net = concat(net, net |> dense(2, relu)) |> dense(3, softmax)
    X = rand(30, 64)
    y = 1 + mod(0:29, 3)'

    """

  @Test func networksComeBackAndGoOn() throws {
    let result = try run(
      Self.network + """
        net = train(net, X, y, epochs=2, batch=8, optimizer=adamw(0.01), schedule=warmup(1, then=step(2)))
        path = "/tmp/mfs-test-network-\(UUID().uuidString).safetensors"
        save(net, path)
        back = load(path)
        (a, b) = {train(net, X, y, epochs=2), train(back, X, y, epochs=2)}
        {
          same = all(predict(net, X) == predict(back, X)), text = summary(net) == summary(back),
          onward = all(predict(a, X) == predict(b, X)), loss = all(a.history.loss == b.history.loss),
          classes = all(back.classes == 1:3), optimizer = b.optimizer, path = path
        }
        """)
    let record = try #require(Record.from(result))
    for key in ["same", "text", "onward", "loss", "classes"] {
      #expect(record[key]?.printed == "true", "\(key)")
    }
    #expect(record["optimizer"]?.printed == "adamw(0.01, decay=0.01)")
    try FileManager.default.removeItem(atPath: try #require(record["path"].flatMap(String.from)))
  }

  @Test func networksOfFactorsAndSharedWeightsComeBack() throws {
    let result = try run(
      """
      X = rand(12, 6)
      y = mod(0:11, 2)'
      coder = input(6, seed=2) |> dense(3, relu) |> dense(6, tied=1)
      net = network(nmf(X, 3, seed=1)) |> dense(2, softmax)
      learnt = train(net, X, y, epochs=2)
      nets = {train(coder, X, X, epochs=2), learnt, net, upto(learnt, 1) |> dense(4, tanh)}
      path = "/tmp/mfs-test-nets-\(UUID().uuidString).safetensors"
      save(nets, path)
      back = load(path)
      same(a, b) = all(predict(a, X) == predict(b, X)) && summary(a) == summary(b)
      {same(nets[1], back[1]) && same(nets[2], back[2]) && same(nets[3], back[3]) && same(nets[4], back[4]), path}
      """)
    guard case .list(let list) = result else {
      Issue.record("no list")
      return
    }
    #expect(list[0].printed == "true")
    try FileManager.default.removeItem(atPath: try #require(String.from(list[1])))
  }

  @Test func aNetworkThatIsNotTrainedHasTheWeightsOfItsSeed() throws {
    let result = try run(
      """
      net = input(3) |> dense(4, relu) |> dense(2, softmax)
      path = "/tmp/mfs-test-seed-\(UUID().uuidString).safetensors"
      save({net = net, other = input(2, seed=1)}, path)
      back = load(path)
      {all(back.net.W1 == net.W1) && back.net.seed == net.seed, back.other.seed, path}
      """)
    guard case .list(let list) = result else {
      Issue.record("no list")
      return
    }
    #expect(list[0].printed == "true" && list[1].printed == "1")
    try FileManager.default.removeItem(atPath: try #require(String.from(list[2])))
  }

  @Test func ratingsComeBack() throws {
    let table = try run(
      "ratings({who = {\"ann\", \"bob\", \"ann\"}, film = [7; 7; 9], stars = [5; 3; 4]})")
    guard case .object(let first) = table, case .object(let second) = try kept(table) else {
      Issue.record("no object")
      return
    }
    for name in first.fieldNames {
      #expect(first.field(name)?.printed == second.field(name)?.printed, "\(name)")
    }
  }

  @Test(arguments: ["", ", implicit=true", ", feedback=true"])
  func recommendersComeBack(_ options: String) throws {
    let result = try run(
      """
      r = ratings([1, 10, 5; 1, 20, 3; 2, 10, 4; 2, 30, 1; 3, 20, 2; 3, 30, 5])
      m = mf(r, 2, seed=1\(options))
      path = "/tmp/mfs-test-ratings-\(UUID().uuidString).safetensors"
      save(m, path)
      back = load(path)
      same = predict(m, 1, 30) == predict(back, 1, 30) && summary(m) == summary(back)
      {same && all(recommend(m, 2, 3).item == recommend(back, 2, 3).item), path}
      """)
    guard case .list(let list) = result else {
      Issue.record("no list")
      return
    }
    #expect(list[0].printed == "true")
    try FileManager.default.removeItem(atPath: try #require(String.from(list[1])))
  }

  @Test func sparseMatricesComeBack() throws {
    let result = try run(
      """
      S = sparse([0, 1.5, 0; 0, 0, 0; -2, 0, 3])
      path = "/tmp/mfs-test-sparse-\(UUID().uuidString).safetensors"
      save({S = S, T = float32(S')}, path)
      back = load(path)
      {type(back.S) == type(S) && all(full(back.S) == full(S)) && all(full(back.T) == full(S)'), path}
      """)
    guard case .list(let list) = result else {
      Issue.record("no list")
      return
    }
    #expect(list[0].printed == "true")
    try FileManager.default.removeItem(atPath: try #require(String.from(list[1])))
  }

  @Test func privateRunsKeepTheirAccount() throws {
    let result = try run(
      """
      X = rand(20, 3)
      y = mod(0:19, 2)'
      more = net -> train(net, X, y, epochs=2, batch=5, private=dp(noise=1.1, insecure_seed=3))
      net = more(input(3, seed=1) |> dense(2, softmax))
      path = "/tmp/mfs-test-private-\(UUID().uuidString).safetensors"
      save(net, path)
      back = load(path)
      (once, again) = {more(net), more(back)}
      spent = again.history.epsilon
      {summary(back) == summary(net) && back.history.epsilon[2] == net.history.epsilon[2]
        && length(spent) == 4 && spent[4] > spent[3] && spent[3] > spent[2]
        && all(spent == once.history.epsilon) && again.privacy.steps == 16
        && all(predict(again, X) == predict(once, X)), path}
      """)
    guard case .list(let list) = result else {
      Issue.record("no list")
      return
    }
    #expect(list[0].printed == "true")
    try FileManager.default.removeItem(atPath: try #require(String.from(list[1])))
  }

  @Test func fittedFunctionsGoOn() throws {
    let result = try run(
      """
      X = [1, 2; 2, 4; 3, 6]
      loss(p) = sum((X - p.W * p.H) .^ 2)
      start = {W = ones(3, 1), H = ones(1, 2)}
      how = adam(0.05)
      whole = train(loss, start, epochs=8, optimizer=how, constraints={W = "nonnegative"})
      half = train(loss, start, epochs=4, optimizer=how, constraints={W = "nonnegative"})
      path = "/tmp/mfs-test-fit-\(UUID().uuidString).safetensors"
      save(half, path)
      again = train(loss, load(path), epochs=4)
      {all(again.W == whole.W) && all(again.history.loss == whole.history.loss), path}
      """)
    guard case .list(let list) = result else {
      Issue.record("no list")
      return
    }
    #expect(list[0].printed == "true")
    try FileManager.default.removeItem(atPath: try #require(String.from(list[1])))
  }

  // MARK: Mistakes

  @Test func whatCannotBeKeptIsNamed() throws {
    let folder = try TemporaryFolder()
    let path = Value.text("\(folder.path)/a.safetensors")
    let function = SwiftFunction.number { .number($0) }
    #expect(
      caller.problem("save", function, path)?.message
        == "a file cannot keep a function of a program")
    #expect(
      caller.problem("save", path, .number(1))?.help
        == "the file comes second: save(x, \"f.safetensors\")")
    let net = try run("input(2) |> dense(1)")
    let csv = Value.text("\(folder.path)/a.csv")
    #expect(caller.problem("save", net, csv)?.message.contains(".safetensors file") == true)
    #expect(caller.problem("load", path)?.kind == .file)
  }

  /// A file of ours with another description of what is in it.
  private func problem(describing text: String, tensors: [(name: String, matrix: Matrix)] = [])
    throws -> Problem?
  {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a.safetensors"
    try SafeTensors(tensors: tensors, metadata: [("mfs", text)]).write(to: path)
    return caller.problem("load", .text(path))
  }

  @Test func newerDamagedAndForeignFiles() throws {
    #expect(
      try problem(describing: #"{"version":2,"value":1}"#)?.message.contains(
        "a newer mfs wrote this file, in version 2") == true)
    for text in [
      "", "{", #"{"version":1}"#, #"{"value":1}"#, #"{"version":1,"value":{}}"#,
      #"{"version":1,"value":{"tensor":"X"}}"#,
      #"{"version":1,"value":{"object":"ghost","parts":{}}}"#,
      #"{"version":1,"value":{"object":"network","parts":{}}}"#,
      #"{"version":1,"value":{"object":"network","parts":{"seed":1,"layers":[]}}}"#,
      #"{"version":1,"value":{"object":"network","parts":{"seed":1,"layers":[{"record":{"call":"write","x":1,"path":"/tmp/x"}}]}}}"#,
      #"{"version":1,"value":{"object":"network","parts":{"seed":1,"layers":[{"record":{"call":"dense","net":{"record":{"step":1}},"units":3}}]}}}"#,
      #"{"version":1,"value":{"object":"network","parts":{"seed":1,"layers":[{"record":{"call":"input","n":-3}}]}}}"#,
      #"{"version":1,"value":{"object":"optimizer","parts":{"call":"adam","rate":-1}}}"#,
      #"{"version":1,"value":{"object":"optimizer","parts":{"call":"step","every":1}}}"#,
      #"{"version":1,"value":{"function":"ghost"}}"#, #"{"version":1,"value":{"range":[1,0,3]}}"#,
    ] {
      #expect(try problem(describing: text)?.kind == .file, "\(text)")
    }
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/b.safetensors"
    try SafeTensors(tensors: [("layer.0.weight", .identity(2))], metadata: [("format", "pt")])
      .write(to: path)
    let record = try #require(Record.from(try caller.call("load", .text(path))))
    #expect(record.keys == ["layer.0.weight"])
    #expect(Matrix.from(record.values[0]) == .identity(2))
  }

  @Test func weightsThatAreNoNumbersAreRefused() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a.safetensors"
    let net = try run(
      "train(input(2, seed=1) |> dense(2, softmax), [0, 1; 1, 0], [0; 1], epochs=1)")
    try caller.call("save", net, .text(path))
    var file = try SafeTensors.read(path)
    let place = try #require(file.tensors.firstIndex { $0.name == "W1" })
    file.tensors[place].matrix[0, 0] = .nan
    try file.write(to: path)
    #expect(caller.problem("load", .text(path))?.message.contains("layer 1 is no number") == true)
    file.tensors[place].matrix = .zeros(3, 2)
    try file.write(to: path)
    #expect(
      caller.problem("load", .text(path))?.message.contains("'W1' is 3×2, and not 2×2") == true)
    file.tensors.remove(at: place)
    try file.write(to: path)
    #expect(caller.problem("load", .text(path))?.message.contains("missing") == true)
  }
}
