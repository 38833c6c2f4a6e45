namespace Sluice.TestKit;

/// <summary>What the whole process allocates while something runs.</summary>
internal static class ProcessAllocations
{
    /// <summary>
    /// The limit, in bytes a message, below which nothing is allocated for a message. The smallest object has 24 bytes. Less than that is what a handoff, or a move
    /// of connections between loops, takes now and then, divided by all messages.
    /// </summary>
    public const double Noise = 4;

    private const int Attempts = 12;
    private const long QuietBytes = 200_000;

    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs something until it allocates less than a limit a message, several times at most.</summary>
    /// <remarks>
    /// The test runner and the runtime allocate now and then, and work that an earlier test left behind may go on for a while. They only add, so the least of a few
    /// attempts is nearest the truth, and the first below the limit is enough.
    /// </remarks>
    /// <returns>The least, in bytes a message.</returns>
    public static async Task<double> LeastPerMessageAsync(double limit, int messages, Func<Task> runAsync)
    {
        double least = double.MaxValue;
        for (int attempt = 0; attempt < Attempts && least >= limit; attempt++)
        {
            // Far above the limit, something else in the process allocates: the next attempt waits until it is over, and tells what it is if it goes on.
            using AllocationSampler? sampler = attempt > 0 && least > limit + 1000 ? new AllocationSampler() : null;
            if (sampler is not null)
            {
                await UntilQuietAsync(sampler);
            }

            long before = GC.GetTotalAllocatedBytes(precise: true);
            await runAsync().Soon();
            double perMessage = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)messages;
            TestContext.Out.WriteLine($"{perMessage:0.000} bytes a message; {sampler?.Describe()}");
            least = Math.Min(least, perMessage);
        }

        return least;
    }

    // A thread of the runner may look for work without a pause while a fixture runs alone (https://github.com/nunit/nunit/issues/2761).
    private static async Task UntilQuietAsync(AllocationSampler sampler)
    {
        long start = Environment.TickCount64;
        long before;
        do
        {
            before = GC.GetTotalAllocatedBytes();
            await Task.Delay(s_quiet);
            if (sampler.Largest.Contains("NUnit.Framework.Internal.Execution", StringComparison.Ordinal))
            {
                Assert.Ignore($"The test runner itself allocates all the time: {sampler.Describe()}");
            }
        }
        while (GC.GetTotalAllocatedBytes() - before > QuietBytes && Environment.TickCount64 - start < Waiting.Patience.TotalMilliseconds);
    }
}
