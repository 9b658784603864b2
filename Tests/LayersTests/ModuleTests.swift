import Autograd
import Layers
import Tensors
import Testing

/// Parameters and layers are found wherever a module may keep them, and as they are now.
@Suite struct ModuleTests {
  final class Replaceable: Module {
    var fc = Linear(inFeatures: 2, outFeatures: 3)
    var extra: Dropout?
    var blocks = [Linear(inFeatures: 1, outFeatures: 1)]
  }

  @Test func aReplacedLayerIsFound() {
    let model = Replaceable()
    #expect(model.parameterCount == 9 + 2)
    model.fc = Linear(inFeatures: 4, outFeatures: 5, bias: false)
    model.extra = Dropout(0.5)
    model.blocks.append(Linear(inFeatures: 1, outFeatures: 2))
    #expect(
      model.state.map { "\($0.name) \($0.tensor.shape)" } == [
        "fc.weight [5, 4]", "blocks.0.weight [1, 1]", "blocks.0.bias [1]", "blocks.1.weight [2, 1]",
        "blocks.1.bias [2]",
      ])
    model.evaluate()
    #expect(!model.fc.isTraining && !model.extra!.isTraining && !model.blocks[1].isTraining)
    model.extra = nil
    model.blocks = []
    #expect(model.namedChildren.map(\.name) == ["fc"])
  }

  struct Head {
    let scale = Parameter(Tensor([1]))
    let projection = Linear(inFeatures: 1, outFeatures: 1, bias: false)
    let width = 3
  }
  enum Tail {
    case none
    case linear(Linear)
  }
  enum Side: String { case left, right }

  final class Containers: Module {
    let mean: Statistic? = Statistic(Tensor([0]))
    let absent: Statistic? = nil
    let heads = [
      "b": Linear(inFeatures: 1, outFeatures: 1, bias: false),
      "a": Linear(inFeatures: 2, outFeatures: 1, bias: false),
    ]
    let byNumber = [10: Parameter(Tensor([1])), 9: Parameter(Tensor([2]))]
    let bySide = [Side.right: Parameter(Tensor([1])), .left: Parameter(Tensor([2]))]
    let pair = (Linear(inFeatures: 1, outFeatures: 1, bias: false), rest: Parameter(Tensor([3])))
    let headOfAll = Head()
    let many = [[Head()], []]
    let tail = Tail.linear(Linear(inFeatures: 1, outFeatures: 1, bias: false))
    let noTail = Tail.none
    let maybe: [Parameter?]? = [nil, Parameter(Tensor([4]))]
    lazy var late = Parameter(Tensor([5]))
    lazy var sizes = [1, 2]
    let names = ["x": 1]
  }

  @Test func containersAreFollowed() {
    let model = Containers()
    _ = model.late
    #expect(
      model.state.map(\.name) == [
        "by_number.9", "by_number.10", "by_side.left", "by_side.right", "pair.rest", "head_of_all.scale",
        "many.0.0.scale", "maybe.1", "late", "mean", "heads.a.weight", "heads.b.weight", "pair.0.weight",
        "head_of_all.projection.weight", "many.0.0.projection.weight", "tail.linear.weight",
      ])
    #expect(model.namedStatistics.map(\.name) == ["mean"])
    #expect(model.parameters.count == 15)
    model.evaluate()
    #expect(!model.heads["a"]!.isTraining && !model.many[0][0].projection.isTraining)
  }

  /// What a list names has only that name.
  @Test func listedPartsKeepTheirNames() {
    let row = Sequential(Linear(inFeatures: 1, outFeatures: 1), ReLU())
    #expect(row.state.map(\.name) == ["0.weight", "0.bias"])
    #expect(row.namedChildren.map(\.name) == ["0", "1"])
    let lstm = LSTM(inputSize: 1, hiddenSize: 1, bias: false)
    #expect(lstm.state.map(\.name) == ["weight_ih_l0", "weight_hh_l0"])
  }

  final class Child: Module {
    weak var parent: Parent?
    let weight = Parameter(Tensor([1]))
  }
  final class Parent: Module { let child = Child() }

  /// An object that is no module is the way to refer to another network without making it a part.
  final class Reference { let module = Linear(inFeatures: 1, outFeatures: 1) }
  final class Student: Module {
    let weight = Parameter(Tensor([1]))
    let teacher = Reference()
  }
  @Test func anotherObjectIsNoPart() { #expect(Student().state.map(\.name) == ["weight"]) }

  final class InASet: Module { let set: Set<Key> = [Key(layer: Linear(inFeatures: 1, outFeatures: 1))] }
  struct Key: Hashable {
    let layer: Linear
    static func == (a: Key, b: Key) -> Bool { a.layer === b.layer }
    func hash(into hasher: inout Hasher) {}
  }
  final class ByKey: Module {
    let layers = [Key(layer: Linear(inFeatures: 1, outFeatures: 1)): Parameter(Tensor(1))]
  }
  final class Late: Module { lazy var fc = Linear(inFeatures: 1, outFeatures: 1) }
  final class LateRow: Module { lazy var row: [any Layer] = [ReLU()] }
  final class TwoNames: Module {
    let fooBar = Parameter(Tensor([1]))
    let foo_bar = Parameter(Tensor([2]))
  }

  static let traps: [Trap] = [
    Trap("Module: Parent.child.parent is the Parent that holds it; a layer cannot be a part of itself") {
      let parent = Parent()
      parent.child.parent = parent
      _ = parent.parameters
    },
    Trap("Module: InASet.set is a set, whose parts have no names; use an array or a dictionary") {
      _ = InASet().parameters
    },
    Trap("Module: the keys of ByKey.layers are of the type Key; strings, whole numbers or cases of an enum") {
      _ = ByKey().parameters
    },
    Trap("Module: the lazy property Late.fc holds no Linear yet, which would be missing here; use let or var")
    {
      _ = Late().parameters
    },
    Trap("Module: the lazy property LateRow.row holds no Layer yet") { _ = LateRow().parameters },
    Trap("Module: two things in TwoNames are named foo_bar; rename a property, or a key") {
      _ = TwoNames().state
    },
  ]

  @Test(arguments: traps.indices) func whatCannotBeFollowedTraps(_ index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [index] in ModuleTests.traps[index].run()
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains(Self.traps[index].message))
  }
}
