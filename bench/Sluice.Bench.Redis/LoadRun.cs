using System.Diagnostics;

namespace Sluice.Bench.Redis;

/// <summary>Calls a client from many callers for some time.</summary>
internal static class LoadRun
{
    public static async Task<LoadResult> RunAsync(IRedisLoad load, int callers, TimeSpan time)
    {
        long allocated = GC.GetTotalAllocatedBytes();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        Task<int>[] running = [.. Enumerable.Range(0, callers).Select(i => Task.Run(() => load.CallAsync($"key:{i}", $"value of caller {i}", () => watch.Elapsed > time)))];
        int calls = (await Task.WhenAll(running)).Sum();
        TimeSpan elapsed = watch.Elapsed;
        return new LoadResult(
            calls / elapsed.TotalSeconds,
            (GC.GetTotalAllocatedBytes() - allocated) / (double)calls,
            (Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / calls);
    }
}
