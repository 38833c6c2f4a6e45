using Sluice.Serving.Initializing;
using Sluice.Tests.CrossCutting.Callbacks;

namespace Sluice.Tests.Serving;

[TestFixture]
public sealed class PendingConnectionsTests
{
    [Test]
    public async Task A_clock_that_blocks_keeps_no_other_connection_waiting()
    {
        Action? meanwhile = null;
        int asked = 0;
        var connections = new PendingConnections(max: 1, new UserTime(_ =>
        {
            if (meanwhile is not null)
            {
                asked++;
                var other = new Thread(() => meanwhile());
                other.Start();
                Assert.That(other.Join(TimeSpan.FromSeconds(10)), Is.True, "The clock was asked under the lock.");
            }
        }));
        await connections.EnterAsync(CancellationToken.None);
        LinkedListNode<(StreamSocket Socket, long Since)> first = connections.Begin(null!);
        meanwhile = () => connections.Complete(first);

        connections.Begin(null!);
        using var enough = new CancellationTokenSource();
        Task entering = connections.EnterAsync(enough.Token).AsTask();
        await enough.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(() => entering.Soon());

        Assert.That(asked, Is.GreaterThan(2));
    }

    [Test]
    public async Task A_clock_that_throws_ends_no_wait_for_a_place([Values("TimeProvider.GetTimestamp", "TimeProvider.CreateTimer")] string throwing, [Values] bool cancels)
    {
        int threw = 0;
        bool throws = false;
        var connections = new PendingConnections(max: 1, new UserTime(call =>
        {
            if (throws && call == throwing)
            {
                threw++;
                throw new NotSupportedException("a clock");
            }
        }));
        await connections.EnterAsync(CancellationToken.None);
        connections.Begin(null!);
        throws = true;
        using var cancellation = new CancellationTokenSource();
        Task entering = connections.EnterAsync(cancellation.Token).AsTask();
        await Waiting.UntilAsync(() => Volatile.Read(ref threw) > 1 || entering.IsCompleted);
        Assert.That(entering.IsCompleted, Is.False);
        if (cancels)
        {
            await cancellation.CancelAsync();
            Assert.CatchAsync<OperationCanceledException>(() => entering.Soon());
            connections.Release();
        }
        else
        {
            connections.Release();
            await entering.Soon();
            connections.Release();
        }

        // One place, neither lost nor doubled.
        await connections.EnterAsync(CancellationToken.None).AsTask().Soon();
        throws = false;
        using var enough = new CancellationTokenSource();
        Task second = connections.EnterAsync(enough.Token).AsTask();
        Assert.That(second.IsCompleted, Is.False);
        await enough.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(() => second.Soon());
    }
}
