using Sluice.Stress;
using Sluice.Stress.Kernel;
using Sluice.Stress.Kit;
using Sluice.Stress.Races;
using Sluice.Stress.Weaving;

if (args is ["--weave", var path])
{
    Console.WriteLine($"{Weaver.Weave(path)} steps of {path} are woven.");
    return 0;
}

Settings settings;
try
{
    settings = Settings.Parse(args);
}
catch (FormatException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}

Race[] races =
[
    new ClosingRace(), new CancellingRace(), new AcceptingRace(), new DisposingRace(), new HandoffRace(), new StoppingRace(),
    new DatagramRace(), new DescriptorRace(), new ConnectingRace(), new JoiningRace(), new HoldingRace(), new UpgradingRace(), new FullSocketRace(), new DroppingRace(),
    new BroadcastingRace(), new RequestingRace(), new PoolingRace(), new ReconnectingRace(), new DeliveringRace(),
];

Yields.Begin(settings.Seed);
HostileKernel.Begin(settings.Seed);
Writes.Prepare();
return await new Runner(settings).RunAsync(races);
