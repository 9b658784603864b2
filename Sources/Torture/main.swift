import Workbench

runCommand(Torture.self)
