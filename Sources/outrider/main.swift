import OutriderCLI

await OutriderProgram.main()
