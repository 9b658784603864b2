import Engine
import Chapter07TrainingACNN
let data = ImageData.generatedDigits()
let run = TrainingRun(Recipe(), on: data)
let c = ContinuousClock()
for _ in 1...5 { let t = c.now; let r = try run.nextEpoch { _ in }; print(r, c.now - t) }
print(evaluate(run.model, on: data.test).accuracy)
