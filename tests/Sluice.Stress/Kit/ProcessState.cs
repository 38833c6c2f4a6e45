using System.Diagnostics;

namespace Sluice.Stress.Kit;

/// <summary>What the process held before a race, to compare with what it holds afterwards.</summary>
internal sealed class ProcessState : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Faults _faults;
    private readonly int _descriptors = CountDescriptors();
    private readonly int _threads = ProcessHoldings.CountThreads();

    public ProcessState(Faults faults)
    {
        _faults = faults;
        TaskScheduler.UnobservedTaskException += OnUnobserved;
    }

    /// <summary>Ends the world, and looks for what it left.</summary>
    public async Task CheckAsync(World world)
    {
        Task disposing = world.DisposeAsync().AsTask();
        if (await Task.WhenAny(disposing, Task.Delay(s_patience)) != disposing)
        {
            _faults.Add("Disposing of the manager did not end.");
            return;
        }

        await disposing;
        await UntilAsync(() => world.Pool.Outstanding == 0, world.Pool.DescribeOutstanding);
        world.Pool.CheckPoison();
        await UntilAsync(() => CountDescriptors() <= _descriptors, () => $"{CountDescriptors() - _descriptors} descriptors were left open: {string.Join(", ", ProcessHoldings.Descriptors())}");
        await UntilAsync(() => ProcessHoldings.CountThreads() <= _threads, () => $"{ProcessHoldings.CountThreads() - _threads} threads of the manager were left.");
    }

    public void Dispose()
    {
        // An unobserved exception is reported when its task is finalized.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TaskScheduler.UnobservedTaskException -= OnUnobserved;
    }

    private static int CountDescriptors() => ProcessHoldings.Descriptors().Count();

    private async Task UntilAsync(Func<bool> condition, Func<string> fault)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > s_patience)
            {
                _faults.Add(fault());
                return;
            }

            await Task.Delay(10);
            GC.Collect();
        }
    }

    private void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e)
    {
        e.SetObserved();
        _faults.Add($"No one observed {e.Exception}");
    }
}
