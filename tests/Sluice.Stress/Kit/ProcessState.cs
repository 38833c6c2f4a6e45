using System.Diagnostics;

namespace Sluice.Stress.Kit;

/// <summary>What the process held before a race, to compare with what it holds afterwards.</summary>
internal sealed class ProcessState : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Faults _faults;
    private readonly int _descriptors = CountDescriptors();
    private readonly int _threads = CountThreads();

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
        await UntilAsync(() => CountDescriptors() <= _descriptors, () => $"{CountDescriptors() - _descriptors} descriptors were left open: {string.Join(", ", Descriptors())}");
        await UntilAsync(() => CountThreads() <= _threads, () => $"{CountThreads() - _threads} threads of the manager were left.");
    }

    public void Dispose()
    {
        // An unobserved exception is reported when its task is finalized.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TaskScheduler.UnobservedTaskException -= OnUnobserved;
    }

    private static IEnumerable<string> Descriptors() => !Directory.Exists("/proc/self/fd")
        ? []
        : Directory.GetFiles("/proc/self/fd").Select(file =>
        {
            try
            {
                return new FileInfo(file).LinkTarget;
            }
            catch (IOException)
            {
                // Closed since.
                return null;
            }
        }).OfType<string>().Where(target => target.StartsWith("socket:", StringComparison.Ordinal)
            || target.StartsWith("pipe:", StringComparison.Ordinal)
            || target.StartsWith("anon_inode:", StringComparison.Ordinal));

    private static int CountDescriptors() => Descriptors().Count();

    private static int CountThreads() => !Directory.Exists("/proc/self/task")
        ? 0
        : Directory.GetDirectories("/proc/self/task").Count(task =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(task, "comm")).StartsWith("Sluice ", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                // Ended since.
                return false;
            }
        });

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
