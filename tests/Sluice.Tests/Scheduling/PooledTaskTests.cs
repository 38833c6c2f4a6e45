using Sluice.Scheduling;

namespace Sluice.Tests.Scheduling;

public sealed class PooledTaskTests
{
    [Test]
    public async Task A_method_of_the_framework_and_a_pooled_one_continue_with_the_result()
    {
        var signal = new ReadinessEvent(ThreadPoolScheduler.Instance);
        Task<WaitOutcome> framework = AwaitAsync(signal);
        signal.Set();
        Assert.That(await framework.Soon(), Is.EqualTo(WaitOutcome.Ready));

        Assert.That(signal.TryConsume(), Is.True);
        Task<WaitOutcome> pooled = PooledAsync(signal).AsValueTask().AsTask();
        signal.Interrupt();
        Assert.That(await pooled.Soon(), Is.EqualTo(WaitOutcome.Interrupted));
    }

    [Test]
    public async Task A_method_that_returns_one_passes_on_its_result_and_its_failure()
    {
        Assert.That(await TwiceAsync(Task.FromResult(21)).AsValueTask(), Is.EqualTo(42));
        var later = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> twice = TwiceAsync(later.Task).AsValueTask().AsTask();
        later.SetResult(4);
        Assert.That(await twice.Soon(), Is.EqualTo(8));
        Assert.ThrowsAsync<FormatException>(() => TwiceAsync(Task.FromException<int>(new FormatException())).AsValueTask().AsTask());
    }

    [Test]
    public void A_canceled_wait_throws_with_the_token()
    {
        using var canceller = new CancellationTokenSource();
        var signal = new ReadinessEvent(ThreadPoolScheduler.Instance);
        Task<WaitOutcome> waiting = PooledAsync(signal, canceller.Token).AsValueTask().AsTask();
        canceller.Cancel();
        OperationCanceledException canceled = Assert.ThrowsAsync<OperationCanceledException>(() => waiting.Soon())!;
        Assert.That(canceled.CancellationToken, Is.EqualTo(canceller.Token));
    }

    // What a connection costs that waits for its peer.
    [Test]
    public void A_method_that_waits_for_a_signal_allocates_its_state_alone()
    {
        const int count = 1000;
        ReadinessEvent[] signals = [.. Enumerable.Range(0, count).Select(_ => new ReadinessEvent(ThreadPoolScheduler.Instance))];
        var waits = new PooledTask<WaitOutcome>[count];

        // Compiles it.
        waits[0] = PooledAsync(signals[0]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i < count; i++)
        {
            waits[i] = PooledAsync(signals[i]);
        }

        // The object's header and the fields of its result and of its method. A delegate would be 64 bytes more.
        double each = (GC.GetAllocatedBytesForCurrentThread() - before) / (count - 1.0);
        Assert.That(each, Is.InRange(1, 160));
        Array.ForEach(signals, signal => signal.Close());
        Assert.That(waits.Select(wait => wait.AsValueTask().AsTask().Soon().GetAwaiter().GetResult()), Is.All.EqualTo(WaitOutcome.Closed));
    }

    private static async Task<WaitOutcome> AwaitAsync(ReadinessEvent signal) => await signal.Wait(CancellationToken.None);

    private static async PooledTask<WaitOutcome> PooledAsync(ReadinessEvent signal, CancellationToken cancellationToken = default) =>
        await signal.Wait(cancellationToken);

    private static async PooledTask<int> TwiceAsync(Task<int> task) => 2 * await task;
}
