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
}
