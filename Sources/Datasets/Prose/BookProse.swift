/// The prose of this workbook's own book, as it was at one time: a text to train language models on that needs no file
/// and no network.
///
/// Its tables, formulas on lines of their own, code, captions and references are left out, and so are sentences with
/// characters that hardly occur elsewhere. A paragraph is one line. It does not follow later changes of the book, so
/// that losses measured on it stay comparable.
///
/// - Book: chapters 8 and 10.
public enum BookProse {
  /// The whole text.
  public static let text = #"""
    The deep learning workbook, in Swift
    A workbook that you run: from small models to big ones, in twelve chapters. Each chapter is code that reads \#
    like its equations, a program that runs its experiments and draws its pictures, exercises that fail until you \#
    have solved them, and a page of a book.
    All of it stands on one engine, made here to be read: tensors, automatic differentiation, layers, optimisers. \#
    It gives PyTorch's numbers, and on a CPU it is fast: matrix products run in tiles made for the processor's \#
    registers (OpenBLAS does the shapes that these do not fit), convolutions go through Fourier transforms, and \#
    nothing of that shows in a model:
    Two commands
    You need Linux (Debian or Ubuntu are what it is tested on) and Swift 6.2 or newer, from swift.org/install. \#
    Then, in this folder:
    It looks for libpng, zlib and OpenBLAS, shows the command that installs what is missing and asks before it runs \#
    it (--yes, or no terminal, runs it), builds, and trains the network above on handwritten digits that it draws \#
    itself. When it is done, out/07-training-a-cnn/ has what the network learned, as pictures.
    runs every test: the engine against PyTorch's results, number by number, the chapters' plain code against the \#
    engine's fast kernels, and the exercises against their own known mistakes.
    The second takes several minutes on two cores, most of it building.
    How fast
    Medians of seven blocks of a second; the ratio is taken block by block, and above 1 the engine is faster.
    The machine shares its hardware with others, so both sides have slow and fast spells; the brackets show how far \#
    they reach.
    The limit of the two cores is measured beside each workload, and was at most 211 GFLOP/s. The convolutions pass \#
    it (135 % to 184 % of what was measured beside them, for batches, counted as the sums are written), because \#
    Fourier transforms save most of the multiplications. The results are no less exact for it: against double \#
    precision, no kernel's error is more than 1.11 times that of plain loops in single precision, and the article's \#
    convolutions' is smaller.
    Convolutions with a stride, a dilation or groups, and windows of 3×3 with many channels, are where PyTorch is \#
    still ahead: of 21 layers of well-known networks, 12 are faster here with their backward pass, and the others \#
    reach 0.74 of its speed or more. The tables, how cost grows, and where the speed comes from: How fast, and why.
    Learn
    The book's pages are in Book, the exercises go with them. A wrong answer is shown beside the right one, with \#
    the calculation by hand for the first place where they differ; a mistake that others have made before you is \#
    called by its name.
    Your files are in Exercises/Yours. Nothing you write there can break the workbook's own tests, and nothing \#
    leaves your machine.
    Run the chapters
    Every program has --help with examples, and --quick for a version that takes seconds. With MNIST's files in a \#
    folder, plain or gzipped:
    ./workbook golden DIR (or swift run -c release golden DIR) holds the engine to a folder of PyTorch's results, \#
    one safetensors file a case; those in Tests/GoldenTests/Fixtures are part of the tests.
    ./workbook bench --peer PYTHON measures the engine on the chapters' models, and beside it PyTorch, where that \#
    Python has it: the two take turns, block by block, from the same weights and batches, and the losses of their \#
    first steps must agree. bench shapes does the same for convolution layers of well-known networks, bench \#
    accuracy holds the fast kernels to double precision, bench growth draws how time and memory grow, and \#
    Benchmarks/feedback.sh measures how long a learner waits.
    Everything also works with plain swift run and swift test. For a speed that means something, add -c release.
    Find your way
    What was tested
    Debian 12 on x86-64 with Swift 6.3.1. macOS and 64-bit Arm are written for, with the C kernels' vectors chosen \#
    by the compiler instead of at run time, and not tested.
    The workbook was made from an article that introduces big models, whose two PyTorch programs run here exactly. \#
    CONTRIBUTING.md says how the house is built. MIT licence.
    The book
    One page for each chapter. A page goes with the chapter's folder in Chapters, with its program and with its \#
    exercises, and all four have the same number.
    The pages follow an article that introduces big models: what makes a model big, convolutional and recurrent \#
    networks with their formulas, one PyTorch program for each, and questions of training and optimising. They call \#
    it the article. Its two programs are rebuilt here exactly, and where it leaves out "training and test code", a \#
    chapter supplies it.
    How a page is read
    Each begins with a question and small numbers that you can check with a pencil, goes on to the equations, to \#
    plain code that reads like them, and to what PyTorch calls the same thing. Then it runs an experiment. Try \#
    names an exercise that asks for something the page does not print: ./workbook next finds yours. At the end \#
    stand what to remember, questions to discuss, with answers, and references.
    Every figure and table, and every number in the text that was measured, comes from a run of the chapter's \#
    program, with seed 1 unless the text says otherwise; figures from other people's work name their source. The \#
    runs' results are kept in Results; code on a page is cut out of the file that is compiled. Run a program \#
    yourself, and see what changes with --seed 2. Timings depend on the machine, which is named where they stand.
    Symbols
    One letter means one thing on all pages, unless a section says what else it stands for: those are in the second \#
    table.
    Where one formula counts both what goes in and what comes out, C_in and C_out stand for C and O, and K_H × K_W \#
    for a window that is not square. Small letters count: image n, channel c, filter or unit o, row i, column j, \#
    cell a and b of a window.
    How this house is built
    Before you send a change: ./workbook test is green, swift format lint --strict --recursive Sources Chapters \#
    Exercises Tests Benchmarks is silent, and you have run what you changed the way a learner would.
    The rules
    Floors. A module imports only from the floors above it in Package.swift. One file tells one idea; about 150 \#
    lines is comfortable, 400 is a lot. There is no Utils.swift.
    Values and variables. Tensor is numbers with a shape. Variable is a tensor's place in a computation. Data, \#
    pictures and files know only tensors; layers take and return variables.
    An op is one file in Sources/Autograd/Primitives: the formula, backward:, the shapes, forward and backward side \#
    by side. What is made of other ops stands in Composites.
    Fast and readable are two files. A kernel that matters exists twice: plain, in the chapter that explains it, \#
    and fast, in Tensors or CKernels. Tests hold one to the other.
    One place for numbers.
    The same bits. Random numbers are a function of (seed, stream, index). Work is cut into pieces by its size \#
    alone, never by the number of threads, and reduced in a fixed order.
    Errors. A programmer's mistake traps, with the op and both shapes in the message. The outside world throws an \#
    error that says which file, where, what was expected and what to do. Files are written beside the target and \#
    renamed.
    Names are the field's own: stride, logits, crossEntropy, learningRate. dy is always the upstream gradient. \#
    Shapes use one legend: N batch, C channels, H W height and width, T time, D features, V vocabulary.
    Documentation comments of everything public: one sentence, the formula, backward:, shapes, what traps or \#
    throws, PyTorch: with every difference, Source:, Book:.
    Tests
    A test that you have not seen fail is not yet a test: break the code once. Gradients are checked on a random \#
    projection of the output, every element. Against PyTorch, whole arrays are compared. A trap has an exit test \#
    that reads the message.
    Tests/GoldenTests/Fixtures holds PyTorch's results, one case a file. ./workbook golden DIR runs any folder of \#
    such files.
    Adding an op
    The numbers, forward and backward, in Sources/Tensors, if they need pointers or C.
    One file in Sources/Autograd/Primitives, in the form of its neighbours.
    A layer in Sources/Layers, named as PyTorch names it, if it has parameters.
    Tests: a case by hand, a gradient check, an exit test for every trap; PyTorch's numbers where there are some.
    An op of one's own needs none of this: see Variable.init(_:op:inputs:pullback:).
    Adding a chapter
    A chapter is four things that belong together, with the same number and name, and one line:
    Targets, the programs that ./workbook run knows, and the tests' dependencies follow from that line; a test asks \#
    for a row in the README's table. The tests of its module and of its program stand in Tests/ChapterTests and \#
    Tests/ExecutableTests. The module's name is Chapter13Name. The program's main.swift is the list of its \#
    experiments:
    SwiftPM remembers which folders there were: swift build --manifest-cache none once after a new one.
    Adding an experiment
    A struct, a file, and its name in the program's list; the subcommand, all, the folders and experiments follow.
    --quick is done in seconds, a chapter's standard run within two minutes on two cores, and --full takes what it \#
    needs: the book's results come from it where the two differ. What takes more than a second shows its Progress. \#
    Where chance matters, several seeds run and a Spread is shown; no seed is chosen for its result.
    Writing an exercise
    Each chapter is a module of its own, which finds itself by the chapter's line in Package.swift. In the folder:
    GatedStep.swift, the marked source: the task, and our answer between marks. The learner's file is made from it. \#
    What stands between // BEGIN SOLUTION and // END SOLUTION becomes throw Unfinished(); or, if the learner starts \#
    from something else, the lines after // INSTEAD, which are commented out.
    GatedStepExercise.swift: a class GatedStepExercise: Exercise with the checks, at least three known mistakes, \#
    three hints (an idea, the formula with shapes, nearly the code), what an answer may use of the engine \#
    (allowed), how hard it is (difficulty, 1 to 5) and how long it takes (minutes; both are estimates, and round).
    They ask the same of every answer: no chance, no clock. Inputs makes the numbers.
    The first case by hand is one in which sizes, strides and signs all differ; squares and ones hide mistakes.
    What comes from an answer may be any number.
    Each known mistake is complete, of the right shape, and told from all others by the answers that are compared.
    Answers in another style must pass: another order of sums, Double inside, helper functions.
    Find the fault
    A program that compiles, runs and learns badly. The learner sees its curve, finds the fault and mends it. kind \#
    is .findTheFault, and the source has the right lines and the given ones together:
    The program works on data that the checks hand it, and gives back what a check can measure by itself: weights, \#
    predictions, the loss of each step. It runs for a second or two. allowed may be .engine; the source then says \#
    import Engine.
    The text of a check names the symptom ("held-out digits are read as well as those it learned from"), for the \#
    learner reads it before having looked. The advice of a known mistake names the fault. All checks are of the \#
    layer .training.
    mistakes begins with the program as it is given; then come its half-mended versions, one for each fault left, \#
    and what learners try instead.
    State "not started" means that the file is as it was given.
    Before and after a change for speed
    A ratio to the peer, taken block by block, says more than a time: a machine has slow spells. Nothing else \#
    should run meanwhile. A workload is a few lines in Benchmarks/Workloads/Workload.swift, and its model in the \#
    peers' scripts.
    Writing the book
    A new page is a file Book/NN-name.md, with the number and name of its chapter, and one line in the table of \#
    Book/README.md. It begins with one question, and goes from numbers by hand over equations and code to an \#
    experiment; at the end stand what to remember, questions with answers, and references. Letters that mean \#
    something of their own go into the second table of symbols.
    What a run has found is never typed into a page, nor into the README. A run writes its results and pictures \#
    into Book/Results, they are committed, and the page says by markers what stands where:
    It reads 98.9 % of them.
    A plus sign before the format writes the sign of positive numbers too. Without a format, a whole number is \#
    printed as it is. Besides the metrics there are seconds, seed, version, command, machine.processor, \#
    machine.cores, machine.threads and machine.system. A timing stands beside its machine.
    Markers in fenced code and between backticks are left alone, as those above are.
    Your own model in five minutes
    How do you use the engine for a model and data of your own?
    The chapters' programs are one way to use it. This page makes another, as a package that depends on this one: a \#
    small network that tells circles, squares and triangles apart, learns them from a folder of PNG files, and \#
    exchanges its weights with PyTorch. The whole package is in your-own-model. Its code stands on this page as it \#
    is compiled, and the workbook's tests run it.
    The package
    A program of your own is a Swift package with two files to begin with. The manifest names the workbook and the \#
    two products that you need: Engine for tensors, layers and training, Workbench for progress and printed numbers.
    The path leads from your package's folder to your copy of the workbook. It has to be a path: the engine is \#
    compiled with flags for speed, and Swift's package manager accepts those from local packages only.
    The model
    A model is a class with layers as properties, and a call. The parameters are found by themselves, in the order \#
    in which they are declared, and get PyTorch's names: conv1.weight, classes.bias.
    The mean over each map (section 3.3) makes the last layer independent of the images' size.
    The data
    The pictures lie in one folder for each class: pictures/circle/1.png, pictures/square/1.png and so on. PNG \#
    reads a file of any kind as grey bytes. ImageSet holds all images with their labels, and ImagePart is a part of \#
    a set: here eight tenths to learn from, one tenth to watch by and one to test with (section 7.1).
    Training
    ImageClassification is the task: batches of these images, cross-entropy as the loss, accuracy as the metric. \#
    TrainingRun does the rest, and Progress shows how far an epoch has come.
    Checkpoints, early stopping, clipping and a log of every step are properties of the same TrainingSettings and \#
    TrainingRun. For something other than images, write a type that conforms to TrainingTask: it says what a batch \#
    is, and what the model's loss on a batch is.
    Run it
    If you have no pictures at hand, the program draws some.
    The first command also compiles the engine, once.
    Into PyTorch and back
    writeWeights(to:) writes a safetensors file with PyTorch's names and shapes, and readWeights(from:) takes one. \#
    So the same network, written in PyTorch with the same names, loads it as it is:
    pytorch.py does this for one picture, and prints the same probabilities. It needs the packages torch, \#
    safetensors and pillow:
    A file whose names or shapes do not fit the network is refused, with the names, and nothing is changed.
    Names
    What PyTorch calls it, and what it is called here. x and y are tensors, t labels, m a model.
    In PyTorch one type is both a tensor and a place in a computation. Here they are two: a Tensor is only numbers \#
    with a shape, and a Variable is a tensor that remembers where it came from. Data and files know tensors; layers \#
    take and return variables (section 4.6).
    How fast, and why
    How can a program do more multiplications in a second than its processor can?
    This appendix measures the engine, beside another and by itself, and says where its speed comes from. Its \#
    tables and figures go on counting after the twelve chapters: they are numbered 13.
    What is counted
    Take the article's network, and one image. Its second convolution has 14·14 places, 64 filters, and 32·25 \#
    numbers under each window. Written as the sums of chapter 2, that is one multiplication and one addition for \#
    each:
    With the additions it is twice as much, 22.1 million. The way back has two more products for each layer, one \#
    for the weights' gradient and one for the input's; only the images want none. So a training step costs 3 · \#
    22.13 - 1.25 = 65.1 million operations for each image. A billion of them in a second is a GFLOP/s.
    What could the processor do? Sources/CPeak/peak.c does nothing but multiply and add, in registers, and never \#
    touches memory. The limit is measured beside each workload, on all threads; the highest that was met here is \#
    211 GFLOP/s. On two threads, with 32 operations in a cycle, that is 211/2/32 ≈ 3.3 billion cycles in a second. \#
    What a program reaches, divided by the limit that was measured beside it, is its share. A program that waits \#
    for memory has a low share, however fast it multiplies; a picture with both bounds, the multiplier's and the \#
    memory's, is called a roofline [1].
    The sums are counted as they are written, whichever way they are computed. Two programs that do the same work \#
    can then be compared. And a share above 100 % is no error: a program that finds a way to multiply less can pass \#
    the limit.
    Side by side
    A machine has slow spells. Two programs that are timed one after the other may meet two different machines. So \#
    the engine and its peer take turns, a block of a second each, and the ratio is taken block by block; its median \#
    counts, and the lowest and the highest stand beside it.
    They must do the same work. Both start from the same weights and the same batches, out of one file. Both report \#
    the losses of their first five steps, and where these differ by more than a thousandth, nothing is measured. \#
    The peer may choose: of its two memory layouts for images the faster one is taken, its optimisers are the fused \#
    ones, and it has as many threads.
    The machine shares its hardware with others, so both sides have slow and fast spells; the brackets show how far \#
    they reach.
    The CNN in training, with 256 images a step, stands at 184 % of the limit, and the LSTM of two layers at 56 %. \#
    The first has most of its work in convolutions, where one can multiply less. The second is made of products of \#
    matrices, in which the engine saves none: all that it can do is to come near the limit.
    Starting a program takes time and memory too. So one more workload is a whole process:
    Why
    None of the ideas is new, and each stands in one file.
    Products in tiles
    A product of two matrices C = AB needs each number of A and B many times. Loaded from memory every time, they \#
    would come too slowly. So a small tile of C is held in registers, and grows along the sum: for each step of it, \#
    one row of B is loaded, and each number of a column of A is multiplied with all of that row [2].
    It can begin two multiply-adds in a cycle and load two registers. Each multiply-add takes four cycles or five; \#
    so 8 to 10 sums that do not wait for each other are needed to keep it busy. For each step along the sum, a tile \#
    costs:
    Six rows of 16 fit, with one register to spare.
    The rows of B that a tile walks along lie far apart in memory. So B is packed first: cut into panels 16 numbers \#
    wide, the rows of each one right after another. Of a panel 256 rows are used at a time, 256 · 16 · 4 bytes = 16 \#
    KiB, which stay in the cache next to the core while up to 128 rows of A pass by.
    The rows of A come from memory, and memory is slow to answer. A processor that must wait for it stands still, \#
    so what is wanted next is asked for early: with each tile, a few lines of the rows that follow are fetched \#
    ahead, and by the time it is their turn they are in the cache. Asked for all at once they would be in the way \#
    of the tile's own numbers.
    When a single image goes through a linear layer, each weight is used once, and all that counts is to read the \#
    weights in order: Sources/CKernels/few_rows.c. Shapes that neither fits are left to OpenBLAS.
    Convolutions that multiply less
    In the frequencies of an image a convolution is a product, number by number (section 2.6). The engine \#
    transforms squares of 16×16 numbers [3]. The article's second layer has images of 14×14 with a padding of 2. On \#
    a circle of 16 places, place −1 is place 15, and −2 is 14:
    The two zeros serve the left border and the right one, and one square holds the whole image. Larger images are \#
    cut into several.
    A transform of real numbers repeats itself, so that of 16·16 = 256 numbers 130 complex ones are enough. In each \#
    of these frequencies, 32 channels go to 64 filters, and a complex multiplication is four real ones:
    The 572 are those of the file, scaling aside: 14 rows of real numbers with 20 multiplications each, then two \#
    columns of real numbers with 20, and seven of complex ones with 36. Of a filter only five rows have to be \#
    transformed. There are 8.9 times fewer multiplications. It is not 8.9 times faster, for a transform has more \#
    additions than multiplications, and must move its numbers about. Table 2.2 has this layer measured: 2.83 ms as \#
    a product of windows, 0.58 ms so.
    For a single image the filters would cost nearly as much as the product. Their transforms are therefore kept \#
    with the weights, and forgotten when the weights change (kept in Sources/Tensors/Storage.swift). Both gradients \#
    are products in the frequencies again: Sources/Tensors/FFTGradients.swift.
    Sums as they are written, where there is little to sum
    The transforms work on sixteen channels side by side. A first layer has one, or three; a depthwise convolution \#
    has one in each group. There the sums are taken as the definition has them, sixteen columns of the output side \#
    by side, with the sums of several filters in registers, so that a number of the image, once loaded, serves all \#
    of these.
    Windows in strips, for everything else
    A stride, a dilation, several groups, or kernels so many that their transforms outgrow the caches: then the \#
    windows become columns, and the convolution a product of matrices (section 2.6). The matrix is large. For 256 \#
    channels of 56×56 and windows of 3×3 it has 256 · 9 · 56 · 56 numbers, 27.6 MiB for an image of 3.1 MiB. So it \#
    is never there as a whole. Some places at a time are copied, into the packed form that the tiles want, and \#
    multiplied while they are still in the cache; a library for graphics processors does the same with its fast \#
    memory [4]. A strip is at most about 256 KiB: with 32 · 25 = 800 numbers in a window, 64 places take 800 · 64 · \#
    4 bytes = 200 KiB.
    Which of the three ways is taken is decided by the sizes alone, from a count of multiplications, transforms and \#
    copies: Sources/Tensors/ConvolutionMethod.swift.
    Recurrent layers
    An LSTM has to go step by step: each state needs the one before. But not everything has to wait.
    The batch is cut among the threads. No sequence sees another. Each thread takes its sequences through all steps \#
    and synchronises once, at the end.
    The weights are packed once for all steps. With 256 units the weights of the state are 1024×256, a quarter of a \#
    million numbers. Packed again at each of 64 steps, every copy would be used for one word of each sequence only.
    The input's products come several steps at once. They need no state. 32 sequences would be 32 rows; four steps \#
    together are 128, and each panel of the weights is fetched once for all of them.
    The weights' gradient is one product over all steps. Added up step by step, 64 steps would read and write its \#
    quarter of a million numbers 64 times. All steps together are 64 · 64 = 4096 rows, taken 128 at a time: 32 \#
    times.
    Causal attention saves in another way (Sources/Tensors/Attention.swift). A query looks back only. Cut into \#
    blocks of 32, each multiplied with the keys up to its end, 128 queries need (32 + 64 + 96 + 128) · 32 of 128 · \#
    128 products: five eighths.
    One pass over memory
    The first convolution makes 64 · 32 · 28 · 28 numbers of a batch, 6.1 MiB. Written, read by ReLU, written again \#
    and read by the pooling, these are 24.5 MiB to move, for 1.5 MiB that are left in the end. The engine does not \#
    compute a convolution before somebody reads it. When ReLU and pooling come first, all three are one pass: of \#
    four sums that are still near, the largest is written, and one byte that says which it was. It is exact, \#
    because adding a bias and cutting off at zero keep the order: max(relu(x + b)) = relu(max(x) + b).
    A linear layer waits in the same way. In a transformer's block a GELU follows it (a smooth ReLU), or a sum with \#
    what went around it. For 4096 rows of 512 numbers, 8 MiB, a GELU by itself would read these from memory and \#
    write as many. Here 96 rows at a time are multiplied, go through the GELU while they are near, and are written \#
    once. On the way back a layer wants two products of the gradient at its result, one for its input and one for \#
    its weights. They take turns on 128 rows of it, which are read from memory only once.
    Memory kept
    Memory that is fresh from the system is slow at the first touch, because the system clears every page of it. \#
    But every step asks for the same sizes. So what a tensor lets go is kept for the next one of its size.
    Exponentials made of polynomials
    An LSTM's unit needs five exponentials a step, for three gates and two tanh. Two layers of 256 units need 2560 \#
    for each token, beside about a million multiply-adds. An exponential by itself that took 20 cycles would cost \#
    as much as 20 · 2 · 8 = 320 of these; 2560 of them, nearly as much as all products. So they are computed eight \#
    at once, by multiplications and additions alone. Divide by ln 2, round, and a small rest is left:
    For x = 2: 2/0.6931 = 2.885, n = 3, r = 2 - 2.07944 = -0.07944. Of a number so small a short polynomial is \#
    enough: 1 - 0.07944 + 0.00316 - 0.00008 = 0.92364. Times 2^3 this is 7.3891, as it should be. And 2^n costs \#
    nothing: n is written into the number's exponent.
    A GELU is x Phi(x), where Phi(x) is the share of normally distributed numbers below x.
    Threads that stay awake
    A step of training shares out work some hundred times, and between two times a few microseconds pass. A thread \#
    that has gone to sleep takes longer than that to wake up. Each begins with a run of neighbouring pieces, whose \#
    rows follow each other in memory; a thread that is done helps the others.
    The same bits
    In single precision (1 + 10^8) - 10^8 is 0, and 1 + (10^8 - 10^8) is 1. The order of a sum shows in its result. \#
    If each thread summed its share, the result would depend on how many threads there are. Here what is summed is \#
    cut into pieces by its size alone, and the pieces' sums are added in a fixed order, whichever thread computed \#
    them. So a run can be repeated to the last bit, on one thread or on many, on the same kind of processor.
    Other convolutions
    The article's layers are two of many. Here are those of well-known networks, and what they leave out:
    Where a ratio is below 1, the peer is ahead. Look first at layers with a stride that see the images themselves. \#
    Forward, AlexNet's first has a ratio of 0.84, ResNet's 0.78; the article's second layer, beside them, 4.41. \#
    With a stride there is no product in the frequencies, and the windows have to be copied. A window of AlexNet's \#
    first layer has 3 · 11 · 11 = 363 numbers, and each, once copied, meets 64 filters and no more. By the engine's \#
    own count a copy takes as long as sixteen multiplications; the 64 filters take about 70, so that near a fifth \#
    of the time goes into copies. With 256 filters it is a twentieth. With a stride of 4 the neighbours in a row of \#
    the matrix are no neighbours in the image, either: they come number by number. A kernel that reads the image \#
    where it lies does not copy at all.
    Transforms win where windows are large and there are many channels, but not too many: the products of windows \#
    of 3×3 save only two multiplications of three, and 512·512 kernels fill 512 · 512 · 130 · 8 bytes = 260 MiB \#
    with their transforms, which no cache holds.
    How time and memory grow
    Take twice as many images, or channels, or steps. Does it take twice as long? Each point of a curve is a \#
    process of its own, and a line through the points, both axes in logarithms, gives the exponent p in time propto \#
    work^p, as in section 1.5. Work is the number of multiplications: with twice as many channels in and out there \#
    are four times as many. Memory is held against the size itself.
    An exponent below 1 usually means that small work does not fill its tiles, its vectors or its threads: the \#
    first sizes are too slow, not the last too fast. Above 1, something has usually outgrown a cache. In \#
    convolution-width look at the kernels' transforms: C · C · 130 · 8 bytes are 1.0 MiB for 32 channels, 16 MiB \#
    for 128 and 65 MiB for 256. The exponent over all its sizes is 0.90, that of the worst doubling 1.22.
    Look twice at gpt-context. From 32 characters to 256 its multiplications grow by a seventh only, and the time \#
    from 21.9 to 26.1 ms. Over so small a range of work the exponent says little; what matters is what the count \#
    leaves out, the softmax of eight times as many weights.
    Time in proportion to the work may still grow faster than the size. Attention compares every step with every \#
    other: twice the steps, four times the work. Its memory does the same, because the way back needs every weight \#
    that was given. For 8 sequences, 4 heads and 1024 steps these are 8 · 4 · 1024 · 1024 numbers, 128 MiB. \#
    Measured, with all else that a step holds: 52 MiB for 512 steps, 170 for 1024. The recurrent network's memory \#
    has the exponent 0.50 in the steps, and attention's 1.24.
    More threads are the last thing to grow:
    What is done on one thread alone does not become faster by a second one, and all threads share one way to \#
    memory. So two of them are seldom twice as fast.
    Exactness
    Is speed bought with digits? Each fast kernel is held to plain loops in double precision, and so are the same \#
    loops in single precision. The error is the root of the mean square, as a share of the exact result's.
    The command fails where a kernel errs more than twice as much as plain loops. Some err less. The loops add 800 \#
    products one after another, and each addition rounds a sum that has become large. In the frequencies only 32 \#
    are added, and the transforms are made of short sums.
    How long one waits
    For a learner it also matters how long it takes from a clone to the first picture, and from saving a file to a \#
    verdict.
    Of the 113 s to the first picture, 110 s are the compiler's, once. Afterwards the whole tour, in its small \#
    version, takes 2.6 s. An answer to an exercise is compiled by itself, as a library that a small program loads, \#
    and not as a part of everything: so a verdict is there 0.6 s after saving, of which 0.5 s are compiling and \#
    checking.
    Try
    A count against a clock. The transforms save 8.9 of 10 million multiplications in the article's second layer. \#
    What do they save in time? And for windows of 3×3, where 14 · 14 · 9 stand against 130 · 4? Guess first; VGG's \#
    layer has 512 channels.
    The batch and the threads. At which batch does the article's network stop getting faster for each image? Divide \#
    the times by the sizes; they are in out/bench/growth/results.json. Then leave it a single thread.
    The same bits. Train on one thread and on two, and compare the weights byte by byte:
    cmp says nothing when they agree.
    To remember
    Operations are counted as the sums are written. A share of the limit above 100 % means fewer multiplications, \#
    not faster ones.
    Compare in turns, from the same weights and batches, and check first that both compute the same.
    A number that has been loaded should be used often while it is near: tiles in registers, panels and strips in \#
    caches, one pass for three layers. What is wanted next should be asked for before it is.
    What does not depend on the step before can be done for many steps at once.
    Copying windows has to be paid for by the filters that use them. Few filters and a stride make it expensive.
    Fast need not mean less exact; but that has to be measured, too.
    Big and small
    What makes a model big, and what does it cost to have one?
    A model is called big for its parameters: the numbers that it has learned. Their number, P, says much about \#
    three others: memory, operations, and data. All of them can be worked out with a pencil before anything is \#
    trained.
    A few words are used here that later chapters explain. A neural network is a function with many adjustable \#
    numbers: sums of products, and simple functions that bend, one after another. Its loss says how wrong its \#
    answers are (section 4.3). Training changes the parameters, step by step, so that the loss on some examples \#
    falls; an optimiser, such as Adam, decides how far each step goes (section 7.4). The test examples are others, \#
    which the network has not learned from (section 7.1). The article is the text that this workbook follows (The \#
    book).
    What makes a model big
    A token is a word or a piece of one. From LeNet-5 to GPT-3 is a factor of 175·10^9 / 60·10^3 ≈ 2.9 million.
    Four things grow together. The scale: more parameters. The structure: more layers. The data, for many \#
    parameters learn little from few examples. And the tasks: LeNet-5 reads digits; GPT-3 is asked for whatever can \#
    be written.
    Why layers? Because each works on what the one before has made. Take the tent, a function made of two ReLUs (a \#
    ReLU gives max(x, 0)):
    Between 0 and 1 it climbs to 1 in the middle, and falls again: two straight pieces. Put t(x) into t again. On \#
    its way up the inner tent runs through the outer one once, and on its way down once more: four pieces. Ten \#
    times is 2^10 = 1024 pieces, made by 20 ReLUs. In one layer side by side, each ReLU can add only one bend, so \#
    1024 pieces need 1023 of them. Depth multiplies where width adds [7]. That is why deep learning became the way \#
    to build big models.
    Counting parameters
    Convolutions. Each of C_out filters looks through a window of K_H × K_W at all C_in channels, and has one bias:
    The image's height and width do not appear, because every place of the image uses the same weights.
    Count LeNet-5. It is a good test, because the paper gives the number of each layer:
    with the vectors of V tokens and T positions, (V + T) D, on top. GPT-3 has L = 96, D = 12,288, V = 50,257, T = \#
    2048:
    The paper's table D.1 says 174,600 million [5]. Biases and norms are left out; at this size they do not show.
    Counting from a description. No model has to be made to be counted. This chapter's module describes a model as \#
    a row of parts, Part.linear(784, 128) for one, and asks each part for its parameters. Larger parts are made of \#
    smaller ones. This is a block of Llama 2 [12]:
    It differs from the block above in four ways. It has no biases. Its norm is RMSNorm, which divides by the root \#
    of the mean square and subtracts no mean, so it has one number for each feature instead of two. Its perceptron \#
    has three matrices: what one of them gives is multiplied, number by number, with what another gives. And in the \#
    model of 70 billion parameters, 64 heads of queries share 8 heads of keys and values, so two of the four \#
    matrices of the attention are eight times smaller.
    The program counts published models in this way:
    Of 19 models 19 agree: to the last parameter where somebody has published an exact count, else to the last \#
    digit that was published. But the same name can mean different models:
    LeNet-5 has 60,000 parameters as published. As it is written today, it has 61,706: plain pooling (44 fewer), \#
    every filter of C3 looks at all six maps (900 more), and the last layer is learned (850 more).
    AlexNet was cut in two for two devices, and three of its convolutions saw only half of the maps. The version in \#
    one piece that libraries offer has fewer filters instead.
    BERT's paper says "110M" and "340M". The exact counts are those of the model without the layers that only its \#
    training needs.
    GPT-2's paper calls its smallest model 117M [13]. It has 124 million parameters.
    The LSTM's paper gives no count; later papers do [14].
    A program counts its own parameters, too. In the engine and in PyTorch:
    Counting operations
    where H and W are the height and width of the result: that many places use each weight. Biases, ReLUs and \#
    pooling are small beside this and are left out. Take two layers of the article's network, for one image. The \#
    second convolution looks through windows of 5×5 at 32 channels, makes 64, and its result is 14×14. The first \#
    linear layer turns the 64·7·7 = 3136 numbers that are left after pooling into 128:
    Compare the rows. The second convolution has a ninth of the parameters and does nine tenths of the work. The \#
    first linear layer has most of the parameters and does next to nothing. Big and slow are two things.
    For attention, add the scores and the mixture: each of T tokens is compared with each of T, 2 T^2 D FLOP, and \#
    as many again to mix the values. For short texts that is little; at T = 6D it is as much as all the weights of \#
    a block (2 · 12 D^2 a token).
    print(model.summary(inputShape: [1, 1, 28, 28])) shows such a table for a model of the engine, op by op. It \#
    counts ReLU and pooling too, so its sum is a little larger. For PyTorch there is the package torchinfo.
    Memory
    To use a model, its weights must be in memory. With b bytes a number, that is bP: for GPT-3 in half precision \#
    (b = 2), 2 · 175·10^9 bytes = 350 GB.
    To train it takes more. With Adam and b = 4, for each parameter:
    With half precision it is 16 again: the optimiser keeps another copy of the weights in 4 bytes, since a small \#
    step would be rounded away in 2. A GPT-2 of 1.5 billion parameters needs 16 · 1.5·10^9 bytes = 24 GB before it \#
    has seen one example [9], and GPT-3 needs 16 · 175·10^9 bytes = 2800 GB. That is 35 devices with 80 GB each. \#
    Chapter 11 shows how to split a model across them.
    The article's network, result by result (convolution, ReLU, pooling, twice; then the linear layers):
    Our count leaves out the scores of attention, T^2 numbers for each head. Programs that compute them again on \#
    the way back do not keep them; others do, this engine among them, and then they weigh much. In GPT-3, 96 layers \#
    of 96 heads with T = 2048 have 96 · 96 · 2048^2 · 4 bytes = 155 GB of scores, nearly as much as everything else \#
    that is kept. Korthikanti and others count TBD (34 + 5 a T / D) bytes for a layer in half precision, with a \#
    heads [16]: the second term is the attention's.
    For the published models, with one example at a time and 4 bytes a number:
    Two things stand out. The activations of a single example are no small part: with a batch of 32, those of \#
    ResNet-50 are more than ten times as much as everything else. And Llama 2 7B, which is called small today, \#
    cannot be trained on a device with 80 GB.
    Scaling laws
    More than two points rarely lie on one line exactly; then one takes the line that is closest to them.
    One network in many sizes. Take the article's network with k channels in its first convolution instead of 32, \#
    2k in its second, and 4k numbers between its linear layers. It has 442k^2 + 72k + 10 parameters: 1,922 with k = \#
    2, 454,922 with k = 32. Train seven sizes of it on 6,400 digits, and the same on 320 digits, each with three \#
    seeds and always with about 400 steps:
    The figure shows both losses after the last step. The table's test columns belong to the weights that read the \#
    validation part best, which are those kept (section 7.7); its training loss is that of the end.
    With 6,400 digits, the smallest networks do badly on new digits and equally badly on those that they learned \#
    from: they underfit. They are too small for the task, or were not trained for long enough; after the same 400 \#
    steps for all sizes, this experiment cannot tell which. With 320 digits, the largest do almost perfectly on \#
    what they learned from, and much worse on the rest. They have learned these digits, not digits in general: they \#
    overfit. From the training loss alone one would choose the wrong network. And note what does not happen: the \#
    larger networks do not get much worse on new digits. A large model needs more data to be worth its size, but \#
    with little data it is no disaster.
    Is it a power law? The logarithms of the test losses on 6,400 digits, against the logarithms of the parameters:
    Up to 44,930 parameters the points lie along a line, with b = 0.46. How sure is that? Each point lies a little \#
    off the line, by a factor; nobody knows on which side it would lie with three other seeds. So sample these \#
    factors again from all that occurred, move the points accordingly, and fit again, a thousand times. The middle \#
    95 % of the thousand exponents go from 0.38 to 0.54. This is called the bootstrap [15]. The same thousand lines \#
    predict, for any size, where a new network should end up.
    Now predict. Ten times larger than 44,930 is the article's own network. The line says that it should reach a \#
    loss of 0.044, with 95 % between 0.027 and 0.082. Trained afterwards, it reaches 0.101. The law promised too \#
    much.
    And against the data? The same for a network of 28,874 parameters and 80 to 640 digits, to predict 6,400:
    Again the straight line promises too much; the law with a floor is too cautious, but its interval holds the \#
    result. Each interval accounts for the scatter of the points only, not for the question whether the law's form \#
    still holds beyond them.
    Language models were found to follow such laws over many powers of ten [10]. Against the parameters (without \#
    embeddings), given enough data, b = 0.076. Ten times larger: the loss is multiplied by 10^-0.076 = 0.84. To \#
    halve it, the model has to grow by 2^1/0.076 ≈ 9100 times.
    The loss cannot fall to zero, because no model can know the next word of a text for certain. A second form \#
    allows for that, and for both parameters and data being limited [6]. Here, as in its paper, N is the number of \#
    parameters and D that of the tokens:
    The first term is what no model can get rid of. The second is the price of a small model, the third that of too \#
    few tokens. Try it on two models that had about the same compute:
    The smaller one should win, because it has read more. It did [6]. A law like this is a fit, though, not a law \#
    of nature. Others who fitted the same points again found other numbers [11].
    A budget of compute
    On the way forward each token costs 2 FLOP a parameter. On the way back there are two such products for each \#
    layer, one for the gradient of its weights and one for that of its input: 4 FLOP more.
    GPT-3: 6 · 175·10^9 · 300·10^9 = 3.15·10^23. The paper's table D.1 says 3.14·10^23 [5].
    How long is that? M devices, each able to do S FLOP/s, of which the fraction u is really used, do M S u a \#
    second. Take M = 1000, S = 3·10^14, u = 0.4:
    Given C, should the model be large, or see many tokens? Let it read r tokens a parameter, D = rN, so that C = 6 \#
    r N^2. GPT-3 has r = 300/175 = 1.7. The experiments that led to Chinchilla found about r = 20 best, and \#
    Chinchilla itself has 1400/70 = 20. With r fixed, a hundred times the compute is ten times the model and ten \#
    times the reading.
    "Best" means the lowest loss for the training's compute. Llama 2 of 70 billion parameters read 2 trillion \#
    tokens [12], r = 29: a model that will be used much is better made smaller and trained for longer.
    To remember
    Linear: D_in D_out + D_out parameters. Convolution: C_out C_in K_H K_W + C_out. Transformer: about 12 L D^2.
    2 FLOP for each weight and each place that uses it.
    16 bytes a parameter to train with Adam, and the activations on top.
    A small training loss says little. A network that is too small does badly on everything; one that is too large \#
    for its data does badly on whatever is new.
    Loss against size is a straight line in logarithms, and not a steep one, as far as there are points.
    Training takes about 6 N D FLOP; about 20 tokens a parameter are best for the compute.
    To discuss
    The layer with a hundredth of the parameters does eight times the work.
    All widths of a perceptron are doubled. What happens to its parameters? The weights between two doubled layers \#
    are four times as many; the biases twice.
    In figure 1.3, the networks have a lower training loss with 320 digits than with 6 400. Is that not strange? \#
    Each of the 320 was seen 80 times, each of the 6,400 only four times. It is easier to memorise few things than \#
    many.
    A fitted line says what a model a thousand times larger will reach. Do you believe it? Less the farther it is \#
    from the points: the line leaves out the part that no model can get rid of, and whether there are data enough.
    Convolution
    How can a program see an edge, wherever in the image it lies?
    A fully connected layer gives every pixel a weight of its own. If it learns an edge in the upper left corner, \#
    it has learned nothing about the same edge in the lower right. A convolution looks at the image through a small \#
    window, and uses the same few weights wherever the window stands. So it needs few weights, and what it learns \#
    in one place holds in all.
    Sliding along a line
    Take five numbers and a window of two:
    Lay the window on the first two numbers, multiply what lies on top of each other, and add: -1·1 + 1·2 = 1. Move \#
    on by one: -1·2 + 1·4 = 2. And so on: 1 2 3 4. This window measures how much the numbers rise.
    The window fits in N - K + 1 places, so that many numbers come out.
    Sliding over an image
    Now in two dimensions. Put the kernel on the top left corner of the image:
    Filters made by hand
    is zero where the image is even, because its numbers sum to 0, and far from zero where it gets brighter to the \#
    right.
    A third well-known one is the Laplacian: the four neighbours minus four times the pixel itself.
    It asks how much a pixel differs from the mean of its neighbours. On even areas, and also where the brightness \#
    rises steadily, that is 0; at edges of every direction it is not. Subtract it from the identity, and what \#
    stands out from its surroundings stands out more. That filter is called sharpen:
    writes the chapter's picture, or yours, after each of eight such filters.
    Look at the fence in figure 2.1: its upright stripes are strong after the horizontal Sobel filter, which \#
    compares left with right, and gone after the vertical one. The sum of a kernel tells what it does to even areas:
    The code of a filter is short. It repeats the picture's edge outwards, so that a blur does not darken the \#
    border, and hands the rest to the engine:
    Stride, padding, dilation
    Three numbers say where the window goes [6].
    Stride s: it moves on by s pixels instead of one. The feature map shrinks by that factor.
    Padding p: p rows and columns of zeros are put around the image, so that the window can stand on the border. \#
    With K = 5 and p = 2 the feature map is as large as the image.
    Dilation d: the window's cells lie d pixels apart. It sees further, with no more weights.
    places. The article's network: H = 28, K = 5, p = 2, s = d = 1 gives lfloor (28 + 4 - 4 - 1)/1 rfloor + 1 = 28. \#
    Some others, to do with a pencil:
    In the third row 7/2 is not a whole number: the window cannot stand on the last column of zeros, and that \#
    column is never read. With p = d(K-1)/2 and stride 1 there are as many places as pixels. The whole arithmetic \#
    is one line of code, for the cell a of the window in its place i:
    Channels
    A coloured image has three numbers for each pixel, and the output of a layer with 32 filters has 32. So a \#
    kernel has a third axis: it looks at all C channels through the same window, and adds up. Each of O filters has \#
    a kernel and a bias of its own, and makes one channel of the output:
    with zeros outside the image. The layer has O C K^2 weights and O biases. The article's first layer, from 1 \#
    channel to 32 with K = 5: 32 · 1 · 25 + 32 = 832. Its second, from 32 to 64: 64 · 32 · 25 + 64 = 51,264.
    and PyTorch's torch.nn.functional.conv2d(x, weight, bias, stride=1, padding=2).
    Groups. Not every filter has to look at all channels. With g groups, the channels and the filters are divided \#
    into g equal parts, and each filter sees the channels of its own part only: O (C/g) K^2 weights instead of O C \#
    K^2. For 32 channels, 64 filters and K = 5:
    The extreme, as many groups as channels, is called a depthwise convolution. Followed by one with K = 1, which \#
    mixes the channels and sees no neighbours, it replaces a full one with a fraction of the weights; networks for \#
    mobile phones are made of such pairs [3].
    The same, faster
    Seven loops take their time. Two ideas make them fast.
    Windows as columns. Take the image of section 2.2 and its windows of 2×2. Write the four pixels under each \#
    window as a column, and the kernel as a row:
    The product of the row and the matrix is the feature map. With several channels the columns become longer, with \#
    several filters there are more rows, and all filters in all places are still one product of two matrices: what \#
    computers do fastest. The matrix holds most pixels K^2 times; memory is the price. This is called im2col, image \#
    to columns. The chapter's plain version is windowColumns in \#
    Chapters/02-Convolution/Module/WindowsAsColumns.swift.
    Fourier transforms. In the frequencies of an image, a convolution is a product number by number. Cut the image \#
    into tiles of 16×16, transform them and the kernels, multiply, and transform back: far fewer multiplications \#
    for windows of 5×5.
    times the article's second layer in four ways, and compares each with the loops in double precision.
    A GFLOP is a billion floating-point operations, here multiplications and additions. The first step, from loops \#
    to a product, changes no arithmetic: the same numbers are multiplied, but many at once in wide registers, and \#
    in an order that keeps them in the small memories near the processor. The second does the same with more care: \#
    the columns are copied row by row, not number by number, and all threads take part. The last step does change \#
    the arithmetic. It is counted by the multiplications of the loops all the same, and so it passes the limit: it \#
    has not multiplied faster, it has multiplied less.
    All four agree with the exact result to about a millionth of its largest number, or better: see the last \#
    column. The engine chooses by the sizes alone, so the results are the same bits every time.
    What a network looks at
    trains the article's network for one epoch on 10,000 digits that the program draws itself, after which it reads \#
    91.4 % of others correctly. It shows what the first layer's filters see before and after, and the filters \#
    themselves after it.
    Even filters initialised at random find edges, because almost any kernel with both signs does; figures 2.3 and \#
    2.5 are much alike. After one epoch the maps have changed little, but usefully: map 26, silent before, is \#
    silent no more. Kernel 4 is red above and blue below, and its map is bright along horizontal strokes. Kernel 17 \#
    is blue on its right, and its map is bright where strokes end on their right. Others have no obvious meaning.
    Each filter of the second layer looks at all 32 maps of the first at once. Its maps are smaller, more of each \#
    is dark, and what is bright tells more: map 46 has found the three horizontal strokes of the 5, map 57 the \#
    vertical one.
    The receptive field
    where layer l has a window of k_l cells, dilation d_l and stride s_l [5]. The jump j_l is how many pixels apart \#
    two neighbours after layer l look at the image. Pooling counts as a layer, for it has a window too. The \#
    article's network:
    Each of the 7×7 numbers in the end sees 16×16 of the 28×28 pixels, or as much of them as does not lie in the \#
    padding. The linear layer after it sees all. One can also find out without a formula: change one pixel after \#
    another, and see whether the number changes.
    The second convolution has the same window as the first, and yet adds 8 pixels instead of 4, because the \#
    pooling before it has doubled the jump.
    Dilation does it without losing places. Three layers with k = 3 and d = 1, 2, 4 see 1 + 2 = 3, 3 + 4 = 7 and 7 \#
    + 8 = 15 pixels, and with enough padding the maps stay as large as they were [1].
    because three ways lead from the middle to the result, and one from each end. Figure 2.7 shows it too: it is \#
    brightest in the middle. The chapter counts the ways backwards, from the result to the pixels:
    With every layer the receptive field grows by two pixels, but the part that holds the weight only grows as the \#
    square root of the number of layers: the ways pile up in the middle, as the number of heads does when many \#
    coins are tossed. Deep networks see less far than their receptive field says [2].
    Shared weights and equivariance
    A convolution is a product with a matrix. The window w = (-1, 1) on four numbers:
    A fully connected layer from four numbers to three has twelve weights, all its own. Here most are 0, because a \#
    place sees only its neighbours; and the others are the same two, because all places share them. What do these \#
    two rules save in the article's first layer, from 784 pixels to 32 · 784 = 25,088 numbers?
    The feature map moves along. For example, with w = (-1, 1) and t = 1:
    This is called translation equivariance: what moves in, moves out. Invariance would be that nothing changes; \#
    pooling goes a little of that way (chapter 3).
    If t is no multiple of s, the windows lie on other numbers than before, and no movement of the map need explain \#
    what comes out.
    moves digits to the right, pixel by pixel, and compares the maps with all movements of the maps they had \#
    before. What is left over is 0 where a layer is equivariant.
    With stride 1 nothing is left over, with stride 2 nothing at even movements, and the same with pooling. The \#
    article's network halves its maps twice; its last maps move along with steps of 4 pixels. At one pixel, 21 % of \#
    their size is left over. After one convolution with a stride of 2 it is 32 %, after one with pooling 29 %.
    The border breaks the rule in another way. The window that stands over it sees zeros where there was a picture, \#
    or will be one.
    A network with padding can therefore tell where in the image it is: near the border some numbers are different \#
    from all others [4]. On an even picture, one layer of 5×5 feels it 2 pixels deep, a second one 4, and after \#
    seven no number is free of it:
    To remember
    A convolution is a small window with the same weights everywhere.
    It does not flip the kernel.
    Places: lfloor (H + 2p - d(K-1) - 1)/s rfloor + 1. Weights: O C K^2 + O.
    Each filter makes one feature map from all channels.
    A layer adds d (k - 1) jumps to the receptive field; a stride lengthens the jump for all that follow.
    Shared weights: the input moves, and the map moves along; with a stride, only for multiples of it, and not at a \#
    padded border.
    Fast convolutions are products of matrices, or of frequencies; they give the same numbers as the loops, up to \#
    rounding.
    To discuss
    What does a kernel of all 1/9 do at the border, when zeros lie outside? It darkens: some of the nine are zeros. \#
    The chapter's filters repeat the border instead.
    Two layers of 3×3 see as far as one of 5×5. Which has fewer weights? With C channels throughout: 2· 9C^2 = \#
    18C^2 against 25C^2. And there is room for a ReLU between the two.
    A convolution with K = 1 sees no neighbours. What is it for? It mixes the channels, in each pixel by itself: a \#
    linear layer of C inputs and O outputs, used in every place. It makes many channels few, cheaply.
    Why does the matrix of windows hold a pixel K^2 times, and when does it not? With stride 1, K^2 windows lie \#
    over each pixel that is not near the border. With s = K each pixel lies under one window only, and is there \#
    once.
    The fastest way of table 2.2 is counted with more operations than it does. Is that honest? It is the number \#
    that lets one compare: the time for the same task. To judge how well the processor is used, one would have to \#
    count what is really done.
    A digit moves one pixel to the right. What happens to its feature maps? They move with it, except at the \#
    border: the first convolution has a stride of 1. After the first pooling that is no longer certain.
    Pooling
    A filter has found an edge. Does it matter at which pixel?
    To read a digit it matters that there is a stroke, and roughly where; one pixel to the left or right makes no 7 \#
    of a 1. Pooling makes a feature map smaller: one number stands for each small window. The layers after it have \#
    less to do, and each of their weights sees more of the image. Pooling itself has nothing to learn. What is \#
    thrown away for that?
    Max pooling
    Cut the map into windows of 2×2, and keep the largest number of each:
    with image n, channel c, row i and column j. Each channel is pooled by itself: as many channels come out as \#
    went in. On H rows the window has lfloor (H - k)/s rfloor + 1 places. What does not fill a window at the end is \#
    left out.
    Overlapping. Usually s = k, and the windows lie side by side. One row, with k = 3 and s = 2:
    The 3 and the 1 were looked at twice. With k = 2 the windows would be 2 5, 3 0 and 1 4, and the 6 would not \#
    count at all. AlexNet pools with k = 3 and s = 2; its authors report an error that is 0.4 percentage points \#
    lower than with k = s = 2 [1].
    With a border. ResNet begins with k = 3, s = 2 and a padding of p = 1, which makes 56 rows of 112: lfloor (112 \#
    + 2 - 3)/2 rfloor + 1 = 56. What stands in the border? In a convolution, zeros. Here zeros would be wrong. Take \#
    a map of negative numbers:
    Its largest number is -1. With zeros in the border 0 would win, and 0 stands nowhere in the map.
    Where it was. The maximum of a window came from one place. A small change of any other number in the window \#
    changes nothing, so when the network learns, that place alone receives the gradient (section 4.7 shows how). \#
    For training, the place of each maximum is therefore recorded. Among equal numbers the first in the order of \#
    reading counts, here as in PyTorch.
    All kinds of pooling walk over windows, and where the windows lie is the same question for rows and for \#
    columns. The chapter's own code answers it once. Of each window it keeps the part that lies inside the map, \#
    which is all that the border needs:
    The loops over the windows are yours to write in the exercises; ours are in MaxPooling.swift.
    The engine's call, with the article's window, and one with a border:
    PyTorch's are max_pool2d(x, 2) and max_pool2d(x, 3, stride=2, padding=1) of torch.nn.functional. In both, the \#
    stride is the window's size if none is given.
    Average pooling
    Keep the mean of each window instead. The same map:
    with zeros outside the map, where p is the padding, and m is how many numbers are counted. Without padding that \#
    is k^2. With padding there is a choice. A row of three sixes, with k = 3, s = 1, p = 1:
    If they count, m is always k^2, and the border fades. If not, m is the number of places inside the map, and an \#
    even map stays even. The first is the default; the second has to be asked for:
    PyTorch: avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False).
    The mean is a sum of products, so average pooling is a convolution: each channel by itself, with a stride of s \#
    and all weights 1/k^2. Max pooling is none: the maximum of a sum is seldom the sum of the maxima. The maximum \#
    says how clear the clearest match was; the mean says how much there was in all. One clear 8 among three zeros \#
    has the mean 2, and so have four faint 2s.
    LeNet-5 took the sum of each window, times a factor, plus a bias; both were learned, one pair for each channel \#
    [2].
    Global and adaptive pooling
    Make the window as large as the whole map. One number is left of each channel:
    A map with the rows 2 0 and 1 5 gives (2 + 0 + 1 + 5)/4 = 2. It says how much of its feature there is in the \#
    image, and not where.
    What is that good for? The article's network ends with 64 maps of 7×7, which are 64 · 49 = 3136 numbers. A \#
    linear layer from them to ten classes has 3136·10 + 10 = 31,370 parameters. After global pooling it is 64·10 + \#
    10 = 650. In VGG-16, the first linear layer alone has 512·49·4096 + 4096 = 102,764,544 of the network's 138 \#
    million parameters [3]: three in four. And a mean does not ask how many numbers there were, so the same network \#
    takes images of any size. The idea is from "Network in network" [4].
    where lfloor x rfloor is x rounded down and lceil x rceil is x rounded up. Five numbers to two:
    Rounding outwards leaves no number out; x_2 is used twice. Where n is a multiple of m, this is average pooling \#
    with k = s = n/m. It even works the other way round, two numbers to three:
    In two dimensions, rows and columns are shared out apart.
    PyTorch: x.mean([2, 3]) and adaptive_avg_pool2d(x, 7).
    What survives downsampling
    It is often said that pooling keeps the key information. It keeps a part of it. Four windows:
    Max pooling makes 1 of all four: a diagonal, a bar and a point look the same. The mean makes 0.5, 0.5, 0.25, \#
    0.25: it tells much from little, but not the shapes. And a third way, the corner alone, which is what a stride \#
    without pooling looks at, makes 1, 1, 1, 0: it does not see the last point at all.
    It is also said that pooling makes small movements of the image harmless. Take a single match, in a row of \#
    zeros, with k = s = 2:
    one half for k = 2 and t = 1. Pooling is somewhat indifferent to movements, for some movements, in some places. \#
    With several matches in one window, max hides the weaker ones until the strongest leaves.
    How it looks. One digit, with larger and larger windows. Max makes strokes thick until everything is ink. The \#
    mean makes them faint. The corner tears holes into them.
    The same on what a trained network sees in it:
    is the share of the differences between pixels that z accounts for, if one may choose its brightness and \#
    contrast as well as can be. Here i runs over all pixels of 500 digits, and bar x, bar z are the means.
    Windows of 2×2 keep a quarter of the numbers, and with the mean 81 % of the differences; with max 72 %. The \#
    mean has to lead: of all pictures with one number for each window, that of the means is the closest to the \#
    original. Max pooling is not made to preserve the image.
    And the place? A single pooled number does not show where in its window the stroke was. Does that hold for the \#
    map as a whole? We moved digits by 0 to k - 1 columns, pooled them with windows of k × k, and trained a small \#
    network to tell from the pooled numbers by how many columns they had been moved.
    Much of the place is still there. After windows of 4×4, the network is right in 94 % of the cases for the mean, \#
    and in 78 % for max, where guessing gives a quarter. A stroke that crosses from one window into the next makes \#
    one mean grow and the other fall, bit by bit; for the maximum it has to get there first. So the saying that \#
    pooling makes a network blind to small movements is wrong for the map as a whole: what no single number tells, \#
    its neighbours tell together. It is most wrong for means, which is good if the place matters, and bad if it \#
    does not.
    In the first row the means do slightly better even than the pixels that were not pooled. A likely reason is \#
    that the small network then has a quarter of the weights to learn from the same digits; but the difference is \#
    small, there are three seeds, and this experiment does not test it.
    Aliasing. That a stride without smoothing may lose fine detail, or turn it into something else, is known from \#
    signals in general. His networks answer more evenly when the image moves [5]. Azulay and Weiss moved images by \#
    a few pixels before large trained networks, and saw their answers change; they blame the same [7].
    Nor is pooling the only way to make a map smaller. A convolution with a stride of 2 halves it too, and learns \#
    what to keep; on several image tasks that was no worse [6]. Others compared max pooling with a learned mean as \#
    LeNet's and found max much better, and overlapping windows no better than others [8].
    The way back
    When a network learns, it needs to know for every number in it how the loss would change if that number grew a \#
    little: the number's gradient. Chapter 4 says where gradients come from. A pooling has nothing to learn, but it \#
    hands on: from the gradient dy_ij of each of its results it makes the gradient dx_rt of each number of its \#
    input, in row r and column t.
    Take the map of section 3.1, with gradients of 10, 20, 30 and 40 from above. The maxima were 4, 2, 2 and 7:
    where p_ij is the place that was written down for window [i,j]. There is a sum because windows may overlap: \#
    when the same pixel wins in two windows, it receives both gradients.
    Look at the last rows. Windows of 2×2 do not reach the seventh row and column: nothing arrives there. The \#
    corner gives everything to one number in four and nothing to the others, whatever their size. With overlapping \#
    windows a large number can win more than once, and the mean gives most to numbers that lie in several windows. \#
    Nothing is lost on the way: what arrives adds up to what was sent, unless a part went into the border's zeros.
    On a real feature map the winners follow the strokes:
    Before the pooling there stands a ReLU. It hands on nothing where its result is 0 (chapter 4). How much gets \#
    through?
    Max pooling reaches 25 % of the places and loses less of the gradient at the ReLU than the mean, because what \#
    wins is less often 0. It is lost only where a whole window is 0. The mean reaches every place, and the \#
    gradients that it sends to zeros are wasted.
    PyTorch's and the engine's are y.backward(dy) and y.backward(from: dy); among equal numbers, both send the \#
    gradient to the first.
    Does it help a network?
    Now to the claim itself: does pooling make a network less sensitive to movements of the image? We compare small \#
    networks that read our digits, all built alike: two convolutions of 5×5 with 8 and 16 filters, each followed by \#
    ReLU and by a way to make the maps smaller, then a linear layer. The ways are those of this chapter:
    The linear layer has a weight for each place of each map, as in the article's network; or it stands after a \#
    global mean, and has a weight for each map. Then all five have the same number of parameters.
    Each network learns from 4,000 digits, 3 times, all in the middle of the image. Then it reads 500 others, moved \#
    by 0 to 6 pixels to the right, to the left, down and up. All of it is done 3 times, with other digits and other \#
    first weights.
    No network here is indifferent to a move. With max pooling, 94 % of the digits in the middle are read \#
    correctly; moved by three pixels, 53 %. Without any pooling it is 48 % then, with means 45 %, and with strides \#
    40 %. So max pooling helps, though less than is often claimed, and the mean does not help at all. What helps \#
    most is the blur: 63 %. And all fall in the end, because the linear layer has a weight for each place, and the \#
    digit no longer stands where its weights are.
    What pooling surely brings is economy. The network with max pooling has 11,274 parameters where the one without \#
    has 128,874, needs 1,602,496 operations for an image instead of 5,600,896, and reads digits in the middle about \#
    as well. (ReLU and pooling are counted here, which section 1.3 leaves out.) A stride saves more, 410,032 \#
    operations, since what would be thrown away is never computed; here it pays for that with some accuracy.
    Now the networks with a global mean. Does the answer stay when the digit moves, be it right or wrong?
    These networks read far fewer digits, and differ much from seed to seed: a mean over all places leaves little \#
    to decide by, and the training is short. Their accuracy should not be compared without its deviation. How it \#
    falls may be: a network without pooling reads 39 % in the middle and 38 % after four pixels. A convolution's \#
    maps move along with its input (section 2.9), a mean stays the same when they do, and what changes comes from \#
    the border, which the digit gets close to. It also reads the fewest: each number of its last maps sees only 9×9 \#
    pixels. With pooling between and after the convolutions it is 16×16. A wider view is what pooling gives besides \#
    economy.
    The curve of the stride bends: 80 % of its answers stay after one pixel, 72 % after two, and 75 % after four. \#
    Two strides of 2 make a step of 4. If the image moves by 4, the last maps move by one place, and their mean \#
    stays the same. If it moves by less, other numbers are computed than before. That is aliasing, made visible. \#
    Max pooling has the same step, and after one pixel 86 % of its answers stay; of the mean's 94 %, of the blurred \#
    maximum's 94 %. Smoothing before the step is what makes the difference.
    To remember
    Max keeps the clearest match of each window, the mean how much there was. One such number does not say where.
    In a mean, ask whether the border counts.
    Global pooling: one number a channel, from maps of any size, and few weights after it.
    What is at best true: moved by less than a window, some of the numbers stay.
    Going backwards through a maximum, the gradient goes to the winner; through a mean, to all in equal parts.
    Pooling saves work and parameters, and widens the view. Against movements it helps a little; a blur before the \#
    stride helps more.
    To discuss
    ReLU and max pooling follow one another. Does the order matter? Not for the result: ReLU never turns an order \#
    round, so the largest stays the largest. After the pooling, ReLU has only a quarter of the work, for k = s = 2.
    And ReLU with average pooling? It matters: of -4 and 4, first ReLU and then the mean gives 2; the other way \#
    round gives 0.
    Two poolings with k = s = 2, or one with k = s = 4? For max the same, where the size is a multiple of 4: the \#
    maximum of maxima. For the mean too, because all windows are equally large.
    Can a network with global pooling tell a 6 from a 9? Yes, if a filter before it sees enough of the image at \#
    once to find a loop with a stroke above it. It cannot learn it from where small features are.
    Table 3.3: why does the corner lose more of its gradient than max pooling, though both reach a quarter of the \#
    places? The corner stands anywhere, on zeros too. The maximum of a window is 0 only where the whole window is.
    Fully connected
    A network has half a million weights, and it is wrong. Which of them are to blame, and by how much?
    To answer for one weight is easy: change it a little, and see what becomes of the error. To answer for all of \#
    them in this way takes half a million runs. This chapter does it in one run forwards and one run backwards. On \#
    the way it builds what nearly every network ends with: fully connected layers. ./workbook run fully-connected \#
    runs its experiments.
    The linear layer
    Two numbers go in, x = [2, 1], and three come out. Each of the three is a weighted sum of both, and a bias:
    Here n counts the examples, i the D_in numbers that go in, o the D_out that come out. W^mathsfT is W with rows \#
    and columns exchanged. The layer has D_out D_in weights and D_out biases.
    The article's network ends in two such layers. Its feature maps, 64 · 7 · 7 = 3136 numbers, become 128, and \#
    these become 10 scores. The first layer has 128 · 3136 + 128 = 401,536 parameters, the second 10 · 128 + 10 = \#
    1290. The convolutions had 832 and 51,264 (section 2.5). Of all parameters, 88.3 % are the first linear \#
    layer's. For the work it is the other way round. A linear layer uses each weight once for an image; a \#
    convolution uses it again at every place. A multiplication and the addition after it count as two:
    What if the convolutions were linear layers too, from all the same numbers to all the same numbers? The second \#
    would have 12,544 · 6272 weights, one for each pair:
    Measured on AMD EPYC. The convolutions are fast because neighbours share their windows' weights and the engine \#
    saves most of the formula's work (section 2.6).
    The engine's call is linear(x, weight, bias: bias), and the layer that owns its weights \#
    Linear(inFeatures:outFeatures:); PyTorch's are torch.nn.functional.linear(x, weight, bias) and torch.nn.Linear.
    Activations
    Two linear layers in a row are no better than one. Take y = 2x + 1, then 3y - 4: together 3(2x+1) - 4 = 6x - 1, \#
    linear again. Something that bends has to stand between. Three are common, each for one number x at a time:
    At x = 2: ReLU gives 2 with the slope 1. The sigmoid gives 0.8808 with 0.8808 · 0.1192 = 0.1050. Tanh gives \#
    0.9640 with 1 - 0.9640^2 = 0.0707. ReLU has a corner at 0 and no slope there; by agreement one takes 0.
    0 - 0 = 0, 1 - 0 = 1, 1 - 0 = 1, 2 - 2 = 0. Linear, bend, linear: that is the smallest multilayer perceptron. \#
    With enough bends side by side it comes as close as you like to any continuous function on a bounded piece of \#
    space. That was proved for functions like the sigmoid by Cybenko in 1989. It says that good weights exist, not \#
    that they are found.
    The slopes matter on the way back, where they are multiplied. The sigmoid's is largest at 0, and there it is \#
    0.5 · 0.5 = 0.25. After ten sigmoids at most 0.25^10 ≈ 0.00000095 is left from the slopes. ReLU's slope is 1 or \#
    0: what it lets through, it lets through whole.
    The engine has relu(x), sigmoid(x), tanh(x); PyTorch torch.relu, torch.sigmoid, torch.tanh.
    Softmax and cross-entropy
    The last layer gives a score for each of C classes (here C counts classes, not channels). Such scores are \#
    called logits. Softmax makes probabilities of them:
    where x now stands for the logits, and c and k count the classes. Take the row x = [0, 0, 1.0986], where 1.0986 \#
    is ln 3. The powers are 1, 1, 3, their sum is 5, and y = [0.2, 0.2, 0.6].
    On paper that is all. In a Float it is not: the largest is about 3.4 · 10^38, and while e^88 ≈ 1.7 · 10^38 \#
    still fits, e^89 ≈ 4.5 · 10^38 does not. It becomes infinite, and infinite divided by infinite is no number. \#
    The remedy costs nothing. Subtract the same number from all scores of a row: every power is divided by the same \#
    factor, which cancels. Subtract the largest score m_n of the row:
    Now no power is above e^0 = 1, and nothing can grow too large.
    If class 2 is right, L = -ln 0.6 = 0.5108. If class 0 is right, L = -ln 0.2 = ln 5 = 1.6094. Certain and right \#
    costs nothing; certain and wrong has no upper limit. To give ten classes the same probability costs ln 10 = \#
    2.3026.
    Here lies a second trap. With x = [0, 110] and class 0 right, p = e^-110 / (1 + e^-110). The smallest positive \#
    Float is about 1.4 · 10^-45; already e^-104 ≈ 6.8 · 10^-46 is less than half of it and becomes zero. But the \#
    loss is an ordinary number. Take the logarithm before rounding does harm:
    Here it is 110 + ln(e^-110 + 1) - 0 = 110. So the loss takes logits, never probabilities: crossEntropy(x, t) in \#
    the engine, torch.nn.functional.cross_entropy(x, t) in PyTorch. Nothing warns you of a softmax before it; it is \#
    a frequent mistake.
    The way back
    The chain rule. If y moves 3 times as much as u, and u moves 2 times as much as x, then y moves 6 times as much \#
    as x: slopes along a path multiply. If x reaches L on two paths, both count: slopes of different paths add. For \#
    L = x^2 + 3x at x = 5: by the square 2 · 5 = 10, by the other path 3, together 13.
    It is called the upstream gradient and has y's shape. A layer is given dy, and has to say dx, and the same for \#
    its weights. For an activation it is dx = dy · y', number by number.
    The gradient is what was predicted minus what would have been right. Our row with class 2 right: dx = [0.2, \#
    0.2, 0.6 - 1] = [0.2, 0.2, -0.4]. Is it true? Move the first logit by 0.01 either way. The losses are ln(e^0.01 \#
    + 4) - ln 3 = 0.512834 and ln(e^-0.01 + 4) - ln 3 = 0.508834, and (0.512834 - 0.508834) / 0.02 = 0.2000.
    The linear layer. x_ni goes into every y_no of its row, with the slope w_oi: sum over o. w_oi goes into y_no \#
    for every example, with the slope x_ni: sum over n. The same with the slope 1 for the bias:
    or dx = dyW and dW = dy^mathsfT x. If you forget which of them is transposed: only one way has the right shape.
    One step of learning. One example x = [1, 2], two classes, class 0 is right, all weights and biases 0.
    Class 0 now has the probability 1 / (1 + e^-1.2) = 0.7685, and the loss is -ln 0.7685 = 0.2633. The network has \#
    learned. At the next step there is a gradient for the layer before, too. With dy = [-0.2315, 0.2315], dx_0 = \#
    -0.2315 · 0.1 + 0.2315 · (-0.1) = -0.0463 and dx_1 is twice that, -0.0926. Going on so from layer to layer is \#
    back-propagation:
    The input of each layer is kept on the way forwards, because dW needs it. The three functions called on the way \#
    back are the formulas above; you write them in the exercises.
    What does it cost? Forwards, a linear layer multiplies N D_in D_out times; backwards as often for dx, and again \#
    for dW. The way back costs about twice the way there, for any number of weights.
    The first weights
    Weights must not begin equal (see the discussion), so they begin as random numbers. How large?
    The variance is the mean square of the distance from the mean. Let all weights be independent with mean 0 and \#
    variance σ^2. So each linear layer multiplies the mean square by D_in σ^2. With D_in = 100 and ten layers:
    That is for activations that are nearly straight around 0, as tanh is. ReLU sets one half of the numbers to 0. \#
    If they lie evenly around 0, half of the mean square is lost at each layer.
    In the article's network, fc1 has the fans 3136 and 128: In a convolution each result sees one window, so the \#
    fans are C_in K_H K_W and C_out K_H K_W.
    With ReLU each layer then keeps frac13 · frac12 = frac16 of the mean square, biases aside. Ten such layers \#
    leave (1/6)^10 ≈ 1.7 · 10^-8 of it. The rules are Initial.xavierUniform(shape:) and \#
    Initial.kaimingNormal(shape:) in Sources/Layers/Initial.swift, and torch.nn.init.xavier_uniform_, \#
    kaiming_normal_ in PyTorch (He's first name is Kaiming).
    Does it matter? Digits, taken to mean 0 and mean square 1, go through 20 layers of 100 units. Once with the \#
    table's σ = 0.01, once by each rule, once with σ = 1.
    In the table, idle are those of ReLU's units that are 0 for every image, and those of tanh's values that lie \#
    within 1 % of the ends of its range.
    Each layer multiplies by nearly the same factor, as calculated above: with σ = 0.01 a tenth, because tanh is \#
    nearly straight near 0. With σ = 1 tanh goes to its ends: 81 % of its values lie within 1 % of them. Its slope \#
    is nearly 0 there, and all the same the gradient grows: where tanh is not at its end, weights of this size \#
    multiply by more than the flat places take away. How many of ReLU's units are idle does not depend on the size \#
    at all: twice the weights make twice the sums, and a sum below 0 stays below.
    Do such networks learn? We take plain steps against the gradient, with the best of the learning rates 0.001, \#
    0.01 and 0.1 for each. In most rows the best is at an end of that range, so a wider search might do better than \#
    the table:
    Where no gradient arrives, nothing is learned. Where it grows from layer to layer, no learning rate suits all \#
    of them. Only between the two is there something to choose: The standard deviations over three seeds are large: \#
    so early, and so deep, much is chance.
    A tiny automatic differentiation
    It would be tedious to derive a formula for each network, and it is not necessary: a network is made of small \#
    steps, and the slopes of each step are known. Take c = a + b and y = c · a with a = 3, b = 2, so c = 5 and y = \#
    15. Begin at the end with dy/dy = 1. Each line hands on its gradient:
    Check: y = a^2 + ab has the slopes 2a + b = 8 and a = 3. Note that a was used twice, and got a part from each \#
    use. The parts are added. A whole neuron with its error is no more than this, a few times over:
    The engine does the same with tensors. A Variable holds a value, the variables it was made from, and a \#
    pullback: a function that takes dy and gives the gradients at the inputs. Here is a whole op, from \#
    Sources/Autograd/Primitives/Exponential.swift:
    The slope of e^x is e^x, and that is y. The pullback keeps the tensor y from the forward pass, which is why \#
    training needs more memory than inference.
    loss.backward() in Sources/Autograd/Backward.swift goes through the history. In which order? A variable may \#
    hand its gradient on only when it has received all parts of it, that is, after everything that was made from \#
    it. The engine numbers variables as they are made. What was made from c is newer than c. So it is enough to go \#
    from the newest to the oldest. Each hands on once. It would not do to follow every path by itself: if x_1 = x_0 \#
    + x_0, x_2 = x_1 + x_1 and so on, a hundred additions make 2^100 ≈ 1.3 · 10^30 paths.
    Then layer.weight.gradient has the answer; in PyTorch layer.weight.grad. Four things are the same in both:
    The gradients of several calls of backward add up until they are cleared: optimizer.clearGradients(), \#
    optimizer.zero_grad().
    The history is let go on the way back. To go back twice, say backward(keepingGraph: true), \#
    backward(retain_graph=True).
    A pullback can be wrong. checkGradient compares it with small differences, as we did with 0.01; \#
    torch.autograd.gradcheck does too.
    The chapter's own automatic differentiation is smaller still. It knows numbers, not tensors, and writes each \#
    step on a tape, one long array: the value, up to two places further up from which it was made, and the slope \#
    for each. So the way back is a loop over an array, from its end to its beginning:
    An array has one more advantage. A graph of objects that hold each other is released link by link, each from \#
    within the one before, and a long chain overflows the stack; a closure that captures its own result is never \#
    released at all. Places in an array hold nothing.
    Two half moons, 200 points, and a network of one hidden layer with 16 units of tanh. Its gradients come from \#
    the tape, and once more from the way back written by hand in section 4.4:
    The price is time: a step on the tape for each multiplication, where a layer by hand needs one loop for all of \#
    them. The engine is in between: it records one step for each op on whole tensors.
    Back through convolution and pooling
    A convolution is a linear layer in which most weights are 0 and the others are shared. So there is no new rule, \#
    only bookkeeping. Call one weight at one place of the window a tap. Three places of a window of two make six \#
    taps:
    On the way there, the tap (i, a) adds w_a x_i+a to y_i. On the way back it has two routes: it hands dy_ix_i+a \#
    to the weight, and dy_iw_a to the input. Let dy be 1, 2, −1:
    Add up what arrives: dw = [2 + 0 - 1, 0 + 2 - 3] = [1, -1] and dx = [4, -2 + 8, -4 - 4, 2] = [4, 6, -8, 2]. The \#
    bias goes into every place with the slope 1: db = 1 + 2 - 1 = 2.
    There is a fine test, because without its bias y is linear in w and in x. They do.
    Channels, filters and images only make more taps: a weight adds up over all places and all images, an input \#
    over all filters. Stride and padding change which x a tap reads, and its routes back lead to the same one. A \#
    tap that read a zero outside the image gives nothing to the weight, and what it would hand to the input is \#
    dropped.
    Pooling has no weights. In max pooling only the largest number of a window determined the result, and it gets \#
    all of the window's gradient. In average pooling each contributed equally, and each gets an equal part. Windows \#
    of two, stride 1, with dy = 1, 2, 3:
    Both times the sum is 6, that of dy. Where windows overlap, the parts are added, as everywhere in this chapter. \#
    Among equals the first gets all.
    After conv2d, maxPool2d and avgPool2d the engine does all this in backward(); PyTorch does too, and has the two \#
    routes of a convolution also singly, as torch.nn.grad.conv2d_weight and torch.nn.grad.conv2d_input.
    What a row looks for, and what it does not know
    A row of W has one weight for each pixel, so it is an image itself. Here are those of a linear classifier, \#
    trained on digits. Its score for a class is the sum of ink times weight:
    In the row of 0 the middle is blue: ink there is evidence against a 0. The row of 1 is red there. The linear \#
    classifier reads 88.4 % of the test digits. It has one template for each digit, and handwriting has more than \#
    one form. A multilayer perceptron with 64 hidden units reads 92.8 %:
    These rows are harder to read, for what counts is their sum, weighted by the next layer. Two things are plain. \#
    And a few rows are as they were initialised everywhere. Their units are 0 for nearly all images, 2 of them for \#
    every one; ReLU's slope is 0 there, and no gradient gets through. Such a unit is dead.
    Nothing in these sums says which pixels are neighbours. So give all images the same new order of pixels. We can \#
    no longer read them:
    To a multilayer perceptron it makes no difference. Put its weights in the same order, and every sum is the same \#
    as before; and first weights in another order are as likely as in the old one. The article's CNN was made for \#
    neighbours. Both have the same number of parameters, within 200:
    For the perceptron the difference is 0.1 percentage points, which is chance. The CNN loses 7.3 percentage \#
    points and falls behind the perceptron. Its design assumes that neighbours belong together and that a stroke \#
    means the same wherever it is. That makes it better on digits; on shuffled digits the assumption is wrong.
    To remember
    y = x W^mathsfT + b; back: dx = dyW, dW = dy^mathsfT x, db the sum of dy over the examples.
    Without something that bends, many linear layers are one.
    Subtract the largest score before taking powers, and give the loss logits. The gradient is what was predicted \#
    minus what would have been right.
    Slopes along a path multiply, and paths add. Go from the newest variable to the oldest, each once.
    Variance:
    A linear layer has a weight for every pair of numbers, and does not know which are neighbours.
    To discuss
    What happens if all weights of two layers begin at the same number? All numbers between the layers are equal, \#
    and so are their gradients. They stay equal for ever: the layer works like one with a single number.
    The linear classifier of section 4.8 began with all weights at 0, and learned. Why may it? Its ten rows get \#
    different gradients at the first step, because different classes are right. Between two layers there would be \#
    nothing to tell the units apart.
    How could a dead unit be kept alive? By a small slope below 0: a leaky ReLU lets some gradient through. Or by \#
    smaller steps, since a large one may push the sum below 0 for every image.
    The gradient of the cross-entropy sums to 0 over the classes of a row. Why? Or: the same number added to all \#
    scores changes nothing.
    Where does the flip of the kernel, dropped in section 2.2, come back? At dx. Read the table by x: x_r gets \#
    w_ady_r-a, and the two indices run against each other. That is the mathematicians' convolution.
    GRU
    You read a sentence from left to right and know at its end what it was about. How can a network do that, if it \#
    reads one word at a time?
    The networks of chapters 2 to 4 see their whole input at once, and it always has the same size. A sequence has \#
    no fixed length, and what matters may lie far back. This chapter builds the plain recurrent network, shows by \#
    measurement why it forgets, and builds the unit that was made to remember: the gated recurrent unit, GRU. Its \#
    experiments are run by ./workbook run gru.
    A state that goes on
    A recurrent network keeps a few numbers from step to step, its state h. Each step makes a new state of the \#
    step's input x and of the state before. Take one number for each, the weight 1 for the input and 0.5 for the \#
    state, and a function that keeps the result between −1 and 1. The sequence is 1, 0, 0, and the state begins at \#
    0:
    with the input x_t of size N × D, the states of size N × H, weights W (H × D) and U (H × H), and biases b and \#
    c. Here H is the size of the state. One bias would do; PyTorch has two, and section 5.5 shows where the second \#
    one matters. The step is two of chapter 4's linear layers and a tanh:
    The engine's layer is RNN(inputSize:hiddenSize:), PyTorch's torch.nn.RNN(input_size, hidden_size). Both take a \#
    batch of sequences as T × N × D, steps first, and give all states, T × N × H, and the last one.
    The same weights at every step. That is the idea. A sequence of 200 steps needs no more parameters than one of \#
    5, and what is learned at one place in the sequence holds at every other, as a filter's weights do at every \#
    place of an image (section 2.1).
    The first state is usually zero. If one long text is cut into pieces, the last state of one piece is the first \#
    of the next. Sequences that have nothing to do with each other must each begin with zeros.
    What a loss at the end asks of the first step
    Let the state of our example be wanted at 1 after the third step, with the loss L = frac12 (h_3 - 1)^2 = \#
    0.3364. What should U do? The same weight was used three times, so it is to blame three times, and by the chain \#
    rule (section 4.4) the parts add. Unroll the loop: three steps in a row are three layers that happen to share \#
    their weights. Then go back from the last to the first, with the slope of tanh, 1 - h^2, at each:
    Together dU = -0.2885 - 0.2624 = -0.5508. Check: with U = 0.51 the loss is 0.3309, with 0.49 it is 0.3419, and \#
    (0.3309 - 0.3419) / 0.02 = -0.55.
    Look at the middle column: −0.79, −0.34, −0.07. The message from the loss gets weaker with every step back.
    Back-propagation through time
    With whole matrices, one step backwards is the linear layer's backward pass, twice:
    The sign odot multiplies number by number. If other losses look at the states on the way, each adds its own \#
    gradient dy_t to what step t + 1 has sent back. That is all of back-propagation through time, and it does not \#
    depend on what a step does inside:
    The engine does the same in one op for the whole sequence. Every state must be kept until the way back has used \#
    it, so memory grows with T. For very long sequences one goes back a limited number of steps only: truncated \#
    back-propagation hands the state on from chunk to chunk, and stops the gradient at the border. In PyTorch and \#
    in the engine that is hidden.detach() and hidden.detached(). What lies further back than a chunk can still be \#
    remembered, but nothing teaches the network to do so.
    Why gradients vanish, and when they explode
    The chapter's own code sends the gradient of a loss at the last step back through time. Then the same with U \#
    multiplied by a factor:
    As it comes, σ is a little above 1, the bound allows growth, and the gradient vanishes all the same: few \#
    vectors are lengthened by the whole of σ, and tanh takes its share. With U four times as large it grows by \#
    thousands. Between the two lies a narrow range in which it stays, and nothing holds a network there while it \#
    learns.
    A gradient that explodes can be cut short. Take all gradients of all parameters as one long vector, and when \#
    its length is above a maximum, multiply it by maximum / length: clipping by norm, from the same paper, whose \#
    authors found maxima from half to ten times the average length workable. In the engine it is \#
    clipGradients(of:toNorm:), in PyTorch torch.nn.utils.clip_grad_norm_. Against vanishing it does nothing: what \#
    is not there cannot be lengthened. For that the step itself has to change.
    The gated recurrent unit
    If a state is to last, the simplest step is to copy it. The GRU lets the network choose, for each unit and at \#
    each step, between the old state and a new one:
    The update gate z_t lies between 0 and 1. Near 1 it keeps the old state, near 0 it takes the candidate state \#
    tilde h_t. A gate is computed like a plain RNN's state, with weights of its own and with a sigmoid for tanh. \#
    (The article calls the GRU's first gate an input gate. Input gates belong to the LSTM of chapter 6; the GRU's \#
    two are the update gate and the reset gate.) The reset gate r_t decides how much of the old state the candidate \#
    may see:
    One unit, old state 0.8. Let the sums inside the gates be 2 and −1, let the input add 0.5 to the candidate, and \#
    let U_h be 1 and its bias 0:
    The state has hardly moved. And on the way back the term z_t odot h_t-1 is a path without U and without tanh: \#
    of dh_t, the share z_t arrives at once. After fifty steps with z = 0.99 that is 0.99^50 = 0.61. The old state \#
    is reached on three more paths, through both gates and through the candidate, and their parts are added \#
    (stepBackward in GatedRecurrentUnitBackward.swift).
    Two GRUs. The formula above is PyTorch's. In the published paper of Cho and others [2] the reset gate acts \#
    before the product:
    These are different functions. Two units with h = [1, -1] and r = [1, 0], and a U_h that exchanges the two:
    Also the bias c_h is inside the reset gate in one and outside in the other. PyTorch's documentation gives the \#
    reason for its choice: speed. With the gate after the product, all three products with h_t-1 are one. Weights \#
    trained with one formula are wrong in the other. Some books also exchange z and 1 - z; so when you load \#
    somebody's weights, compare one step's numbers first. The code has both places:
    What it costs. Three times the plain network's weights, 3 H (D + H + 2) with both biases. The engine's layer is \#
    GRU(inputSize:hiddenSize:), PyTorch's torch.nn.GRU; their states agree to rounding, which the tests check. \#
    PyTorch stacks the three weights in the order r, z, candidate, and calls the candidate n.
    The adding problem
    Each network has 32 units and a linear layer on its last state. Adam, clipping to norm 1, new sequences at \#
    every step, 5 seeds. The plain RNN has two learning rates, so that it does not fail because of a bad one; the \#
    LSTM of chapter 6 stands beside for comparison. A problem counts as solved when the error on new sequences is \#
    below 0.01:
    The GRU solves both lengths with every seed. At 200 steps the better of the plain RNN's two rates has an error \#
    of about 0.168: it has found the mean, and no more.
    The LSTM, with PyTorch's first weights, solves 50 steps with every seed, though later than the GRU: it took \#
    about 600 training steps, the GRU 240. Of the runs with 200 steps it solves 0 % within these training steps, of \#
    which there are 1,200. Chapter 6 looks into what helps it.
    All networks stay on the dashed line at first. Does the gradient tell why? Before training it vanishes in all \#
    three:
    But the GRU has weights with which the gradient lasts, and it finds them. The same measurement after training \#
    on 50 steps:
    Of the trained GRU's gradient 64 % is left after 50 steps.
    What the gates do, and how far it reaches
    A trained GRU reads a sequence that it has not seen. Each row is a unit, each column a step:
    Before the first mark the gates are still settling: the state was zero, and gates depend on it. At the mark, \#
    about a third of the units let go and take the candidate, which is made of the marked number. From then on \#
    nearly everything is yellow: the number is kept, while thirty others pass by. At the second mark the gates open \#
    again, and the sum is made. Over many sequences, 14 of 32 units have an update gate that differs by more than \#
    0.2 between marked steps and others. The reset gates hardly react to the marks:
    Did it learn to add, or to add in sequences of 50 steps? The same networks, not trained any further, on other \#
    lengths:
    Not to add as such. At twice the length the GRU's error is 0.024, still far below the baseline, at 400 steps it \#
    is 0.22: worse than always answering 1. A gate of 0.99 loses 1 % of its unit's state at each step. Over 50 \#
    steps the network makes up for that, over 400 it cannot. Shorter sequences than 50 are answered worse, too: \#
    what the network does between the marks is tuned to the length that it knows. The LSTM reaches less far, and \#
    its deviations are as large as its errors, because single seeds fail completely. The plain RNN has nothing to \#
    lose.
    Copy memory
    A harder one: ten symbols out of eight are shown, then come T steps of nothing, then the ten are to be repeated \#
    in order. Remembering nothing and guessing evenly costs 10 ln 8 / (T + 20) nats a step, since ten of T + 20 \#
    answers are guesses [5]. Networks of 64 units:
    To remember
    A state goes on from step to step; the weights are the same at every step.
    Back-propagation through time: from the last step to the first, each weight's parts added up.
    One step back multiplies by U and by slopes of at most 1. Below a largest singular value of 1 the gradient must \#
    vanish; above it, it may explode. Clipping helps against the second only.
    PyTorch resets after the product, the paper before it. Check one step before you load weights.
    Compare with a baseline that remembers nothing: 1/6 for adding, 10 ln 8 / (T + 20) for copying.
    To discuss
    All states of a plain RNN lie between −1 and 1. Why can its gradient grow without limit all the same? The \#
    gradient says how fast the state changes with an earlier one, not how large it is. With a large U two nearly \#
    equal states move apart at every step, within the same bounds.
    A GRU with z = 1 everywhere has no vanishing gradient. Why is that no solution? It never changes its state, so \#
    it reads nothing. What is needed is a gate that is open at a few steps and closed at the others.
    Why is the mark given beside the number, instead of asking for the sum of the first and the last number? The \#
    network could then count steps, or use only the beginning and the end. With marks it has to decide at each \#
    step, by what it reads, whether to store.
    What would change if the GRU's final state were z odot tilde h + (1 - z) odot h? Nothing for learning: the \#
    sigmoid of -a is one minus the sigmoid of a, so the weights of z only change their sign. For weights from \#
    elsewhere it changes everything.
    Truncated back-propagation goes back 20 steps. Can the network use what lies 100 steps back? It can, if it has \#
    learned to hold something over shorter distances and goes on holding it. No gradient ever tells it to.
    Training a CNN
    The article gives a network and leaves out "training and test code". This chapter supplies both, and with them \#
    a question: when such a run says "99 %", how much of that is the network, how much the recipe, and how much \#
    luck?
    Three parts
    The images are divided before anything else. The training part is what the network learns from. The validation \#
    part is what we watch while it learns: how long to train, how fast. If you check it often enough, your choices \#
    start to fit it. So there is a third part, the test part, which is read once, at the end. Only its figure says \#
    what the network would do with a digit that nobody has seen.
    It is easy to fool yourself, as a calculation shows. Twenty networks that all read 98 % of everything are \#
    compared on 1,000 validation images. The best of twenty lies nearly two of these above the middle, so it seems \#
    to read 98.8 %. On the test part it is back at 98 %.
    ImageData in Sources/Datasets/ImageSet.swift holds the three, and no image is in two of them.
    The digits
    Without a network connection there are still digits: the program draws them. A random hand chooses one of \#
    several ways to write the digit and moves a pen of varying width along it; the drawing is then fitted into \#
    20×20 pixels and centred in 28×28 by its centre of mass, as the images of MNIST were (LeCun and others, 1998). \#
    Every image is a function of a seed and its number, so that a run can be repeated exactly. With MNIST's own \#
    files, use --data.
    Are drawn digits good for anything but practice? There is a hard test. Let the network learn from drawn digits \#
    alone, and read what people wrote. Of 5,000 real digits, the second half of MNIST's test files, it reads 96.7 \#
    %, in the mean of 3 seeds; the standard deviation of one run is 0.2 %. The first half was used to make the \#
    drawn digits lifelike, so a figure on it would be too good: it is a validation part.
    The loss on drawn digits that were held out is much lower than on real ones. The difference comes from ways of \#
    writing that the program does not draw.
    Batches and the loop
    One pass over all images is an epoch. It is cut into batches, in an order that is shuffled again each time: the \#
    gradient over 64 images is a rough estimate of the full gradient, at a fraction of the cost. With 12,000 images \#
    and batches of 64 an epoch has 188 steps; the last batch has only 32 images.
    Why shuffle? Files are often sorted. A network that sees all zeros, then all ones, learns to answer "zero", \#
    then "one". Shuffled, each batch is a fair sample.
    Each step is the same five things: take a batch, run it forwards, compare with the labels, run backwards, \#
    change the weights. This is an epoch of the engine's training, and below it one step:
    A few things are worth noticing. clearGradients comes before backward, because gradients are added up (section \#
    4.6). The loss is looked at before a step is made from it. And the order of the images comes from the seed and \#
    the epoch's number alone, not from a generator that has run since the start. This is what makes resuming \#
    possible (section 7.6).
    The loss is the cross-entropy: minus the logarithm of the probability that the network gave to the right digit, \#
    in the mean over the batch. A network that knows nothing gives each of ten digits 1/10, and has a loss of ln 10 \#
    ≈ 2.303. That is a good thing to check at the first step of any classifier. If three images of a batch got 0.9, \#
    0.5 and 0.01 for what they are, the loss is (0.105 + 0.693 + 4.605)/3 = 1.801: the confident mistake outweighs \#
    everything else.
    PyTorch's loop has the same lines: loss = F.cross_entropy(model(x), t), optimizer.zero_grad(), loss.backward(), \#
    optimizer.step(). The article's listing uses F without saying where it comes from; the line that is missing is \#
    import torch.nn.functional as F.
    Optimisers
    Let w be one weight and g the slope of the loss there. With batches it is called stochastic, SGD, because g has \#
    chance in it.
    Momentum remembers. The weight has a velocity u, 0 at first:
    First u = 2 and w = 1 - 0.2 = 0.8. Then u = 0.9 · 2 + 1 = 2.8 and w = 0.8 - 0.28 = 0.52; without momentum it \#
    would be 0.7.
    The other idea is to look at how large slopes usually are. RMSProp keeps a running mean of the squared slope \#
    and divides by its root, so that every weight takes steps of about the same length, whatever its slopes are:
    The chapter's module has each optimiser in a few lines, for plain arrays of numbers:
    Adam (Kingma and Ba, 2014) has both: a running mean m of the slope, and one of its square. Because both begin \#
    at 0 they are too small at first, by a factor that is known, and are divided by it; t counts the steps from 1:
    The first has the slopes 2 and 1, the second, two thousand times as flat, 0.001 and −0.001:
    In the second, the weight whose slopes agree goes on, and the one whose slopes contradict each other hardly \#
    moves.
    With all of these, the learning rate in this chapter falls linearly to 0: large steps first, small ones to \#
    settle.
    A fair comparison
    Six optimisers on the same network and the same 1,500 images. Fair means that each has its own learning rate: \#
    about 0.001 suits Adam, and with 0.001 SGD would still be at its beginning. Each tries its usual rate, three \#
    times as much and a third, and goes on where the best is at an end; what counts is the validation loss. Then it \#
    trains from 3 other seeds with that rate, and the test part is read.
    The rates that work lie far apart: SGD wants steps a hundred times as long as Adam's, because it multiplies by \#
    the slope, which is small, and Adam divides by its size. Momentum wants a smaller one than SGD, for it adds up \#
    to ten slopes. Adam and AdamW lie on each other: in so few steps a weight decay of 0.01 does nothing. They are \#
    ahead from the beginning; Nesterov's momentum catches up with them, while plain momentum, with the same rate, \#
    oscillates more and ends where SGD does. RMSProp's first step is a leap: its mean of squares begins at 0 and is \#
    not corrected for it, as Adam's is. It is a short run, of 2 epochs; it says nothing about long ones.
    What a step costs is mostly forwards and backwards. The optimiser's own part is small, and its memory is not: \#
    Adam keeps two numbers for every weight, and triples what the weights take.
    Evaluation
    The accuracy is the share of images whose most probable digit is the right one. It is one number, and it hides \#
    which mistakes are made. The confusion matrix does not: its row says what the digit is, its column what the \#
    network took it for, and the cell how often that happened. Everything off the diagonal is a mistake. Take two \#
    classes and five images, with the labels 0, 0, 0, 1, 1 and the guesses 0, 1, 0, 1, 1:
    The network of figure 7.3 read 96.55 % correctly, and 69 wrongly. The third way to look is at the mistakes \#
    themselves, the surest first, for a network that is sure and wrong has learned something that is not so.
    Which would you have read yourself?
    How much is luck
    Other first weights and another order of the images give another network. 4 seeds, the same 3,000 images:
    From the lowest to the highest it is 88.85 % to 89.85 %. If you compare two recipes by one run each and find a \#
    difference of that size, you have found nothing. And picking the seed that came out best is the mistake of \#
    section 7.1: that choice is fitted to the test part.
    Saving and resuming
    A long training is interrupted sooner or later. It must be able to go on as if nothing had been: the same \#
    weights at the end, to the last bit. Anything weaker cannot be tested, and hides what was forgotten.
    What does the next step depend on? On the weights, of course. On what the optimiser remembers of each: u, or m \#
    and v, and the number of steps t; if only the weights are saved, the momentum is lost and Adam's correction \#
    starts again. On the learning rate, which depends on how many steps are done. On the order of the images, and \#
    on the place in it. On the generator of random numbers, where layers draw from it. On what augmentation will do \#
    to the next image. And with early stopping (section 7.7) on the best weights so far, and on how long ago they \#
    were.
    Here most of it takes care of itself, because it is a function of numbers that are known: order and \#
    augmentation of the seed and the epoch, the learning rate of the step. What remains is a file of weights, \#
    memories and a position:
    The file is written under another name first and then renamed, so that a crash in the midst of writing leaves \#
    the one before. Interrupt a run by Ctrl-C, and it says how to go on; with --checkpoint it is also safe from a \#
    crash:
    A run cannot be resumed with other settings than it was begun with. The program says which differ, with both \#
    values: a learning rate that falls to 0 in 30 epochs is not the one that falls in 50. The tests kill a run \#
    three times, by a signal that it cannot catch, and compare the weights at the end byte for byte. The number of \#
    threads may change in between; on a processor of another kind the last bits may differ, because its matrix \#
    products add in another order.
    PyTorch's counterpart is a dictionary with the state_dict() of the model and of the optimiser, given to \#
    torch.save. Where the data loader stands is for the user to keep.
    Early stopping and augmentation
    The training loss falls and falls. The validation loss falls, then levels off, and may rise again: from there \#
    on the network memorises its images. Early stopping keeps the weights of the epoch with the lowest validation \#
    loss, and ends the run when that epoch was too long ago. How many epochs one waits is called the patience. With \#
    a patience of 2 and the losses 0.9, 0.4, 0.5, 0.3, 0.35, 0.31 the run ends after epoch 6 and goes back to epoch \#
    4. A patience of 1 would have ended it after epoch 3, with 0.4: curves have bumps, and Prechelt (1998) found \#
    that more patience makes networks a little better and training much longer.
    Another way is to have more images. Augmentation makes them from those that are there: a digit that is moved by \#
    a pixel, turned by a few degrees or drawn on stretched rubber is still that digit, and the network learns that. \#
    Every epoch changes every image in a different way.
    The rubber is the elastic distortion of Simard, Steinkraus and Platt (2003). Each pixel gets a random shift; \#
    the shifts are smoothed, so that neighbours move alike; and the new image is read at the shifted places. How \#
    far a digit may be moved is decided by what digits mean, not by the program. A 6 turned by half a turn is no 6 \#
    any more.
    With only 500 images to learn from, this is the effect:
    Without augmentation the network memorises its few images: its training loss is the lowest, and its loss on \#
    images that it has not seen is among the highest. Moved, turned or stretched digits teach it what does not \#
    matter. All changes together give the lowest mean loss, but shifts alone are within a standard deviation of it: \#
    by the standard of section 7.5 this run cannot tell the two apart. Noise does not help here, because the digits \#
    of the test part have none of that kind. At the beginning most changes make the loss higher, as figure 7.7 \#
    shows; only rotation is below no augmentation from the second epoch on. The harder images slow the network \#
    down, and a run of three epochs would show only that.
    On real digits it pays too. From 8,000 of MNIST's test images, with all changes together and 20 epochs, the \#
    network reads 99.36 % of 1,500 others, in the mean of 3 seeds, with a standard deviation of 0.10 %.
    Run it
    The output folder then has the filters of both layers and what they see in one digit, the learning curves, the \#
    confusion matrix, the mistakes with what they were taken for, the weights by PyTorch's names, and results.json.
    When the loss runs away
    A step that is too long lands where the slope is larger still, and so on, until the loss is no longer a number. \#
    The program stops before it makes a step from such a loss, says at which step that was, and keeps the last \#
    weights that gave a finite one.
    A digit of your own
    Draw one digit in any painting program, or photograph one, and save it as PNG:
    The picture is made to look as the training images do. The colour of most of its edge is the paper, and what \#
    differs from that is ink, dark or light or coloured. Specks are left out. The strokes are fitted into 20×20 \#
    pixels and moved so that their centre of mass is in the middle of 28×28. This is necessary: a network knows \#
    only the kind of images that it has seen, and a large photograph, black on white, is of another kind. Figure \#
    7.8 shows what was made of a picture 480 pixels wide, drawn to look like a photograph with uneven light and \#
    grain.
    It cannot read two digits in one picture; the program says so when it sees two strokes side by side. And it has \#
    no way to say "this is no digit". Draw a letter, and it will name a digit, perhaps with confidence.
    Capstone
    Exercise 7.9 puts the parts together that you wrote in chapters 2 to 7: your convolution, your pooling, your \#
    linear layers and their gradients, your step of Adam and your loop. When it reads digits, nothing in it is \#
    magic any more.
    To remember
    Three parts, and the test part is used once. A number that was used to choose something overstates it.
    The loss before training is ln of the number of classes, or something is wrong.
    Momentum adds up what agrees; Adam divides by how large slopes usually are. Compare optimisers each at its own \#
    learning rate.
    One run is one sample. Use several seeds, and give the mean and the standard deviation.
    A checkpoint holds everything that the next step depends on. The proof is that the weights agree to the last \#
    bit.
    Changed images are more images, for a run that is long enough to need them.
    To discuss
    A colleague trains ten networks, takes the one with the best test accuracy and reports that accuracy. What is \#
    wrong, and how would you repair it with the same ten networks? The test part has become a validation part, and \#
    the best of ten looks better than it is. Choose by the validation part, and read the test part for the chosen \#
    one only.
    Why is the validation loss used for early stopping, not the validation accuracy? The loss moves with every \#
    image; the accuracy only when a guess changes sides, so with few images it stays the same for epochs and then \#
    jumps.
    With augmentation the training loss stays above the validation loss. Is something broken? No. The training \#
    images are the changed, harder ones, the validation images are as they are; and the training loss is a mean \#
    over the epoch, most of it with weights that were not yet so good.
    After a restart somebody loads the weights and makes a new Adam. The loss usually jumps.
    Would you mirror digits from left to right to have more of them? No: a mirrored 2 is no 2, and a mirrored 5 \#
    looks rather like a 2. For photographs of animals mirroring is the most usual augmentation of all.
    Training an RNN
    Has a network read a text, or has it only recognised some words?
    The second program of the article is a recurrent classifier: it reads a text word by word and says what kind of \#
    text it is. The listing is short. It leaves open what to do with texts of different lengths, how to train, and \#
    how to find out whether the order of the words played any part. This chapter supplies all three, and lets a \#
    second network write.
    Texts as numbers
    The vocabulary is that of the training part alone. A word that occurs only in the test part is unknown, as it \#
    would be in real use. In a file of your own, words that occur once in the training part count as unknown too, \#
    so that the network has seen number 1 before it meets it in earnest.
    The first layer turns numbers into vectors. The rows are weights like all others. On the way back, a row gets \#
    the sum of the gradients of all places where its word stood, and the rows of words that did not occur get none. \#
    In PyTorch it is nn.Embedding(V, D).
    Sentences that need their order
    Much of what is called reading is counting words. A review that contains "awful" is probably no praise, \#
    wherever the word stands. If we want to see a network use the order of words, we need texts in which nothing \#
    else helps.
    The corpus of this chapter is made by a grammar: short reviews, each of them praise or a complaint. They come \#
    in pairs. The two of a pair have the same words in another order, and mean the opposite:
    To get them right one must know what a "not" belongs to, also where there are two of them ("nobody says that it \#
    was not good"); what came before and what after ("before it became good, it had been bad"); and whose opinion \#
    counts ("unlike my sister, who hated it, I loved it"). Other sentences around them say how the weather was.
    Nobody who counts words can do this. Let a rule look at the counts alone, in whatever clever way. The two \#
    sentences of a pair have equal counts, so the rule gives both the same answer, and exactly one of the two \#
    answers is right: 50 % of all pairs, no matter how long it is trained. Three baselines belong beside every text \#
    classifier, and here they are, with a fourth that counts pairs of neighbouring words:
    A table like this is worth making before any network is trained. If the bag of words reaches 94 % and your LSTM \#
    95 %, the LSTM may have learned to count.
    The article's network
    The network is the article's: an embedding of width H, LSTM layers of width H, and a linear layer that makes \#
    class scores of the output at the last step. The state that the LSTM begins with is passed in explicitly, and \#
    the one that it ends with comes back:
    In PyTorch these are the lines of the article's class RNN:
    and weights travel between the two by name. initHidden gives two tensors of zeros, [layers, N, H]: one for the \#
    hidden state, one for the cell.
    One detail decides whether training begins at all. When a sentence has twenty words and the verdict stands \#
    among the first ten, its gradient passes the forget gate ten times. A gate that begins half open, at σ(0) = \#
    0.5, leaves 0.5^10 ≈ 0.001 of it. With a forget bias of 1 the gate begins at σ(1) = 0.73, and 0.73^10 ≈ 0.043 \#
    is left. The program sets the bias to 1, as chapter 6 recommends; --forget-bias 0 shows the difference.
    Padding and the last real step
    A batch is a rectangle, and texts are not. The shorter texts are filled up at their end with number 0:
    The article's listing takes the last column, out[:, -1]. For the first text that is the output after "good". \#
    For the second it is the output after three words that nobody wrote. The listing is right for what it was \#
    written for, batches of equal length. With padded batches it reads padding, and worse: the answer to a text \#
    then depends on which other texts happen to be in its batch.
    What we want is the output at each text's last real step. If l_n is the length of text n, counted from 1, and o \#
    are the outputs, it is o_n, l_n - 1:
    With lengths, the engine's LSTM stops each text after its last word. PyTorch does it by pack_padded_sequence \#
    with enforce_sorted=False, and h_n[-1] then is the state that we want. The tests hold both to the same numbers, \#
    and also fill the padding with NaN to make sure that nobody reads it.
    Two networks were trained, one judged by the last column and one by the last real step, on batches of texts of \#
    similar length, which have little padding. Then both were shown the same test texts alone, in batches of 250 \#
    texts, and in batches that were filled up further:
    The same care is needed for losses. Where every step has a loss, as in section 8.8, padding must count neither \#
    in the sum nor in the number that the sum is divided by:
    Take texts of 1 and 3 words with the losses 0.7 and 0.7, 0.1, 0.1. The mean over real words is 1.6/4 = 0.4. \#
    Divided by all 6 places it would be 0.27, and the same texts in a wider batch would have a smaller loss still.
    Training and testing
    The training is that of chapter 7: three parts, shuffled batches, cross-entropy, Adam with a learning rate that \#
    falls to 0, a look at the validation part after every epoch, checkpoints, and the test part once at the end. It \#
    is the same code. What a training run needs to know of its task is which examples there are, how a batch of \#
    them is made, and what the loss is.
    With two classes, a network that knows nothing has a loss of ln 2 = 0.693. It stays there for a while:
    The plateau at the beginning is no fault. No single word says anything about the class, so there is no easy \#
    first step downhill: the network must find a use for the order of words before the loss moves at all. Somebody \#
    who gives up while the loss is still 0.69 concludes that the network cannot learn the task.
    What the gates do
    Figure 8.3 follows the network through one sentence, word by word. If the text ended here, what would it say?
    The cells change little at most words and much at a few. Once the verdict is known, the forget gates stay near \#
    1, and the cells carry it to the end of the text. That is the mechanism of chapter 6 at work on a sentence.
    Clipping
    The gradient of a recurrent network is a sum over all steps, and now and then it is many times as long as \#
    usual. One such step throws the weights far away. Clipping limits the length of the gradient, all parameters \#
    taken together as one long vector:
    The direction stays. With g = (3, 4), lVert g rVert = 5 and c = 1 it becomes (0.6, 0.8). The method is due to \#
    Pascanu, Mikolov and Bengio (2013); in PyTorch it is clip_grad_norm_, called between backward() and step().
    What happens without? Plain gradient descent with larger and larger learning rates, from the same first weights:
    Clipping is no remedy for a learning rate that is wrong for every step. It makes the rare long step harmless.
    Batches of similar length
    In a batch of random texts, one long text makes all others wait. The remedy is to put texts of similar length \#
    together, and to keep enough chance in the order: shuffle all texts, cut the order into pools of some dozen \#
    batches, sort each pool by length, cut it into batches, and shuffle the batches.
    Texts whose lengths differ more, as real ones do, gain more.
    A network that writes
    Change two things in the classifier: let the classes be the characters, and judge every step instead of the \#
    last one alone. The result is a language model. After every character it gives a probability to each that may \#
    come next, and its loss is the mean cross-entropy over all characters of a text.
    Truncated back-propagation
    Back-propagation through a text of a hundred thousand steps would need the memory of all of them. So it is \#
    truncated. The text is cut into N streams that are read side by side, T steps at a time. The state at the end \#
    of a batch is what the next batch begins with, but as plain numbers without a history:
    Gradients flow through T steps; memory goes through all of them. Two things are easy to get wrong here. The \#
    batches must come in the order of the text, or each begins with the state of another page. And if the state \#
    keeps its history, every step goes back to the beginning of the text, slower and slower, until the memory is \#
    full. In PyTorch the line that prevents it is hidden = hidden.detach().
    Nats, perplexity, and what counting reaches
    A loss of L nats a character is as hard as a free choice among e^L characters that are all equally likely; that \#
    number is the perplexity. But is a loss of 1.9 good? Ask what counting would reach. Count how often character c \#
    followed the character a, and smooth the counts, so that nothing is impossible:
    P(1 mid 0) = 3/4 and P(0 mid 1) = 1/2. The text 0 1 0 then has a loss of (-ln tfrac34 - ln tfrac12)/2 = 0.490. \#
    The unigram does the same without context, the trigram with two characters of it.
    The network knows more than triples of characters do. It has found words, and something of how sentences are \#
    built.
    Temperature and top-k
    To write, choose a character by its probability, read it, and go on. Two knobs change the choice. The \#
    temperature tau divides the scores before the softmax, p_c propto e^z_c/tau. Top-k keeps the k likeliest and \#
    leaves out the rest.
    Greedy text goes in circles: the likeliest way on soon comes back to where it was. A high temperature invents \#
    words. In between lies text that looks like this book from a distance. The last column is a check that such a \#
    table should have: the longest run of characters that stands in the training text in the same way. A network \#
    that has memorised its text writes beautifully, and copies.
    Run it
    predict and write use the weights of the last run, and say which of your words or letters the network does not \#
    know.
    Texts of your own
    Each line of the file is a label, a tab and a text, in UTF-8. The program divides the lines itself, class by \#
    class, and keeps equal texts in one part, so that nothing is tested that was learned. What it cannot use it \#
    refuses with the number of the line: a missing tab, an empty text, a class with fewer than three texts, a file \#
    with one class only. Of a long text the first 200 words are read; --words changes that.
    Capstone
    Exercise 8.10 is the article's classifier of your own parts: your embedding, your LSTM and its way back, your \#
    step of Adam.
    To remember
    Put the majority, the last word and the bag of words beside every text classifier.
    An answer must not depend on the batch.
    A forget bias of 1 lets gradients pass at the beginning.
    Clip the gradient's length; it changes rare long steps and nothing else.
    Truncated back-propagation carries numbers, not history, and reads the text in its order.
    Hold a language model to unigrams, bigrams and trigrams counted from the same text.
    To discuss
    Your LSTM reaches 93 % on real reviews, a bag of words 92 %. What have you learned about the LSTM? Little. Make \#
    pairs like those of section 8.2 from your texts, by hand if need be, and test on them.
    Would padding at the beginning of the text solve the problem of the last column? Then the last column is a real \#
    word for every text. But the LSTM's state has gone through the padding first, and is no longer zero when the \#
    text begins; the answer still depends a little on how much padding there was.
    Why is the unknown word given to the network during training? Its row of the embedding would stay at its random \#
    first numbers, and the network would read noise wherever a word is unknown.
    The validation loss of a language model is measured with the state carried from the beginning of the text. What \#
    changes if every 64 characters begin with zeros? The first characters of each piece are predicted without \#
    context, so the loss is higher. Compare only losses that are measured in the same way.
    Why does a greedy text repeat itself? The state is finite and the choice has no chance in it: as soon as nearly \#
    the same state comes back, so does the same continuation.

    """#
}
