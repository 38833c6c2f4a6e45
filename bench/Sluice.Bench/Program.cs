using Sluice.Bench;

return CommandLine.Create().Parse(args).Invoke();
