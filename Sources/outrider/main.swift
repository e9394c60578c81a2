import OutriderCLI

OutriderProgram.prepare()
await OutriderProgram.main()
