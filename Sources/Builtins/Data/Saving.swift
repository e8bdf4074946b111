import Factorization
import Matrices
import Networks
import Vocabulary

extension StandardLibrary {
  /// The kinds of objects that files keep. A new one is one word here.
  static let kept: [any Storable.Type] = [
    Network.self, OptimizerValue.self, ScheduleValue.self, Augmentation.self,
    FittedModel.self, NMFModel.self, DeepModel.self, DenseModel.self,
    PCAModel.self, RatingsTable.self,
    RatingsModel.self, Sparse.self,
  ]

  /// Builtins that keep values as they are.
  static let keeping: [Builtin] = [saving, loading]

  private static let saving = Builtin(
    "save", in: .data,
    "Keeps a network, a model, a matrix or a record of such in a file, to go on with it later.",
    Parameter<Value>("x", "what to keep"),
    Parameter<Value>("path", "the file: .safetensors keeps everything; others as write does"),
    shapes: "value, value → value",
    math: """
      safetensors: arrays under names, which Python reads with safetensors.numpy.load_file(path); what \
      else there is lies as JSON in the metadata. A network keeps its layers, weights, history and the \
      state of its optimizer: load it and train goes on, bit for bit. The file is written beside its \
      place and then renamed.
      """,
    seeAlso: ["load", "write", "train"],
    examples: [
      Example(
        """
        path = "/tmp/mfs-example-save.safetensors"
        save({W = [1, 2; 3, 4], name = "mine"}, path)
        load(path).W
        """, prints: "1  2\n3  4"),
      Example(
        """
        path = "/tmp/mfs-example-net.safetensors"
        input(4, seed=1) |> dense(3, relu) |> dense(2, softmax) |> save(path)
        load(path).parameters
        """, prints: "23"),
    ],
    using: { context, x, path -> Value in
      let full = try target(path, context, "save(x, \"f.safetensors\")", x)
      try writeFile(x, to: full)
      return .nothing
    })

  private static let loading = Builtin(
    "load", in: .data, "What save has kept, as it was; of a file of another program a record.",
    Parameter<String>("path", "the file: .safetensors; others as read does"),
    shapes: "text → value",
    math: """
      Of safetensors from elsewhere: one dimension is a column, of three and more the first counts the \
      rows and the others lie along the columns; numbers of up to 16 bits become f32.
      """,
    seeAlso: ["save", "read"],
    examples: [
      Example(
        """
        path = "/tmp/mfs-example-load.safetensors"
        m = nmf([1, 2; 2, 4; 3, 6], 1, seed=1)
        save({parts = m.H, names = {"a", "b"}}, path)
        load(path).names
        """, prints: "{\"a\", \"b\"}")
    ],
    using: { (context: Context, path: String) -> Value in
      try readFile(try Paths.resolve(path, context), context)
    })
}
