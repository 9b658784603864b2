import ArgumentParser
import Workbench

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "How fast the engine is, beside PyTorch where it is installed.",
    discussion: """
      Without a subcommand, trains and runs the chapters' models. The two sides take turns, block by block, so that both
      meet the same machine; they begin from the same weights and batches, and the losses of their first steps must
      agree. The fast kernels' accuracy is shown with it.

      EXAMPLES
        bench                                     all workloads, PyTorch too when python3 has it
        bench --peer ~/torch/bin/python           with the PyTorch of this Python
        bench --only cnn-train-64 --threads 1
        bench --list
        bench shapes                              convolution layers of well-known networks
        bench accuracy                            the fast kernels' errors, beside those of plain loops
        bench growth                              time and memory against batch, width, length and threads
      """,
    version: Results.projectVersion,
    subcommands: [
      Workloads.self, Shapes.self, GrowthReport.self, Accuracy.self, EpochProcess.self, GrowthPoint.self,
      PeakProcess.self,
    ],
    defaultSubcommand: Workloads.self)
}

runCommand(Bench.self)
