using System.Diagnostics;

namespace Sluice.Tests.CrossCutting.Closing;

/// <summary>An upgrade to TLS against our own close at every moment: it is refused, or the connection that it returned is closed too.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class UpgradeCloseTests(SelectorEngine engine) : TlsFixture(engine)
{
    private const int Rounds = 40;

    [Test]
    public async Task An_upgrade_at_any_moment_of_our_own_close_says_what_closed_it(
        [Values(ConnectionKind.Tcp, ConnectionKind.Memory)] ConnectionKind kind,
        [Values(CloseKind.Abort, CloseKind.CloseAsync)] CloseKind close,
        [Values] bool server)
    {
        for (int i = 0; i < Rounds; i++)
        {
            (Connection near, Connection far) = kind == ConnectionKind.Memory ? ByteChannel.CreateConnectedPair() : await ConnectPairAsync();
            Task<Exception?> peer = Task.Run(async () =>
            {
                Connection secured = server ? await far.UpgradeToTlsClientAsync(Trusting()) : await far.UpgradeToTlsServerAsync(Serving());
                await secured.Input.SkipAsync(long.MaxValue);
            }).OutcomeAsync();
            Task<Exception?> upgrading = Task.Run(async () =>
            {
                Connection secured = server ? await near.UpgradeToTlsServerAsync(Serving()) : await near.UpgradeToTlsClientAsync(Trusting());
                await secured.Input.ReadByteAsync();
            }).OutcomeAsync();

            // Each round closes at another moment of the handshake, which takes some milliseconds.
            for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < TimeSpan.FromMicroseconds(150 * i);)
            {
                Thread.SpinWait(5);
            }

            Task closing = close == CloseKind.Abort ? Task.Run(near.Abort) : near.CloseAsync().AsTask();
            Exception? failure = await upgrading.Soon();
            far.Abort();
            await closing.Soon();
            await peer.Soon();
            Assert.That(failure, Is.TypeOf<ObjectDisposedException>(), $"round {i}: {failure}");
            Assert.That(failure!.InnerException, Is.Null, $"round {i}: {failure}");
            Assert.That(failure.Message, Does.Contain(close == CloseKind.Abort ? "was aborted by Abort" : "was closed by CloseAsync"), $"round {i}: {failure}");
        }
    }

    [Test]
    public async Task An_upgrade_after_a_close_in_memory_says_what_closed_it([Values(CloseKind.Abort, CloseKind.CloseAsync)] CloseKind close)
    {
        (Connection near, Connection far) = ByteChannel.CreateConnectedPair();
        if (close == CloseKind.Abort)
        {
            near.Abort();
        }
        else
        {
            await near.CloseAsync().Soon();
        }

        Exception? failure = await near.UpgradeToTlsClientAsync(Trusting()).OutcomeAsync();
        Assert.That(failure, Is.TypeOf<ObjectDisposedException>().With.Message.Contains(close == CloseKind.Abort ? "was aborted by Abort" : "was closed by CloseAsync"));
        far.Abort();
    }
}
