using SimulatedLock;
using Sluice.Testing;

// A counter that three workers increment under a lock. The servers and the worker would run in production as they stand here. The simulation lets workers pause
// and the network fail, and looks for an increment that was confirmed and is lost.
//   SimulatedLock                     500 runs, none of which fails
//   SimulatedLock --without-tokens    the counter does not check the tokens of the lock: a run fails, and is drawn with the faults that it needs
const int seeds = 500;
bool checksTokens = !args.Contains("--without-tokens");

try
{
    await Simulation.RunAsync(seeds, async network =>
    {
        var counter = new CounterServer(checksTokens);
        network.AddHost("lock").Run(selector => new LockServer(network.GetHost("lock").Time).RunAsync(selector));
        network.AddHost("counter").Run(counter.RunAsync);
        SimulatedHost[] hosts = [network.AddHost("anna"), network.AddHost("ben"), network.AddHost("carl")];
        Worker[] workers = [.. hosts.Select(host => new Worker(host.Selector, host.Time))];
        network.ScheduleFaults(10, TimeSpan.FromSeconds(5), SimulatedFaultKinds.All & ~SimulatedFaultKinds.Crash);

        await Task.WhenAll(hosts.Zip(workers, (host, worker) => host.RunAsync(_ => worker.RunAsync(increments: 2))));

        // An increment that was made and not confirmed is no error: the reply was lost.
        long confirmed = workers.Sum(worker => worker.Confirmed);
        if (counter.Value < confirmed)
        {
            throw new InvalidOperationException($"{confirmed} increments were confirmed, and the counter is {counter.Value}.");
        }
    });
    Console.WriteLine($"{seeds} runs: no increment was lost.");
}
catch (SimulationException failure)
{
    Console.WriteLine($"Seed {failure.Seed} with {failure.FaultCount} of 10 faults: {failure.InnerException!.Message}");
    Console.WriteLine(failure.Trace!.ToMermaid());
}
