using System.Diagnostics;

namespace Sluice.Tests.CrossCutting.Closing;

/// <summary>Every way to read and to write, against every way to close, at every moment: the caller is told what closed the connection, in one exception.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class CloseMomentTests(SelectorEngine engine) : TlsFixture(engine)
{
    // Each kind of connection and close begins elsewhere in the lists of calls, so that few rounds cover them all.
    private const int Rounds = 14;

    [Test]
    public async Task A_call_at_any_moment_of_a_close_says_what_closed_it([Values] ConnectionKind kind, [Values] CloseKind close)
    {
        if (close is CloseKind.DisposeManager or CloseKind.StopServer && kind is ConnectionKind.Memory or ConnectionKind.MemoryTls)
        {
            Assert.Ignore("A connection in memory has neither a manager nor a server.");
        }

        await using SelectorManager lasting = CreateManager();
        int first = (((int)kind * 6) + (int)close) * Rounds;
        for (int i = first; i < first + Rounds; i++)
        {
            ClosingCall read = ClosingCalls.Reads[i % ClosingCalls.Reads.Count];
            ClosingCall write = ClosingCalls.Writes[i % ClosingCalls.Writes.Count];
            await using SelectorManager? own = close == CloseKind.DisposeManager ? CreateManager() : null;
            await CloseAsync(kind, close, own ?? lasting, read, write, i);
        }
    }

    private async Task CloseAsync(ConnectionKind kind, CloseKind close, SelectorManager manager, ClosingCall read, ClosingCall write, int round)
    {
        ClosingPair pair = await PairAsync(kind, manager, close);
        (Connection near, Connection far) = (pair.Near, pair.Far);

        // The peer sends or is silent, reads or lets the writer wait.
        Task[] peer =
        [
            round % 3 == 0 ? Task.CompletedTask : Task.Run(() => FloodAsync(far, read.Given ?? new byte[100])).OutcomeAsync(),
            round % 5 == 0 ? Task.CompletedTask : Task.Run(() => far.Input.SkipAsync(long.MaxValue).AsTask()).OutcomeAsync(),
        ];
        using var begun = new CountdownEvent(2);
        Task<Exception?> reading = Task.Run(() => RepeatAsync(near, read, begun)).OutcomeAsync();
        Task<Exception?> writing = Task.Run(() => RepeatAsync(near, write, begun)).OutcomeAsync();
        begun.Wait(Patience);
        for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < TimeSpan.FromMicroseconds(7 * (round % 60));)
        {
            Thread.SpinWait(5);
        }

        Task closing = CloseAsync(pair, close, manager);
        Check(await reading.Soon(), close, $"{read}, round {round}");
        Check(await writing.Soon(), close, $"{write}, round {round}");
        pair.HandlerEnd?.SetResult();
        far.Abort();
        await closing.Soon();
        await Task.WhenAll(peer).Soon();
        await (pair.Serving ?? Task.CompletedTask).Soon();
    }

    private static Task CloseAsync(ClosingPair pair, CloseKind close, SelectorManager manager) => close switch
    {
        CloseKind.Abort => Task.Run(pair.Near.Abort),
        CloseKind.CloseAsync => pair.Near.CloseAsync().AsTask(),
        CloseKind.DisposeAsync => pair.Near.DisposeAsync().AsTask(),
        CloseKind.DisposeManager => manager.DisposeAsync().AsTask(),
        CloseKind.StopServer => pair.Server!.StopAsync(TimeSpan.Zero),
        _ => Task.WhenAll(Task.Run(pair.Near.Abort), Task.Run(() => pair.Near.CloseAsync().AsTask())),
    };

    private static void Check(Exception? failure, CloseKind close, string what)
    {
        Assert.That(failure, Is.TypeOf<ObjectDisposedException>(), $"{what}: {failure}");
        Assert.That(failure!.InnerException, Is.Null, $"{what}: {failure}");
        Assert.That(failure.Message, Does.Match(close switch
        {
            CloseKind.Abort => "connection .*to .* was aborted by Abort",
            CloseKind.CloseAsync or CloseKind.DisposeAsync => "connection .*to .* was closed by CloseAsync or DisposeAsync",
            CloseKind.DisposeManager => "connection .*to .* was closed because its SelectorManager was disposed",
            CloseKind.StopServer => "connection .*to .* was closed because its server was stopped",
            _ => "connection .*to .* was (aborted by Abort|closed by CloseAsync or DisposeAsync)",
        }), what);
    }

    private static async Task RepeatAsync(Connection connection, ClosingCall call, CountdownEvent begun)
    {
        begun.Signal();
        while (true)
        {
            await call.RunAsync(connection);
        }
    }

    private static async Task FloodAsync(Connection far, byte[] given)
    {
        while (true)
        {
            await far.Output.WriteAsync(given);
        }
    }

    private SelectorManager CreateManager() => new(new SelectorOptions { Engine = Engine, LoopCount = 1 });

    private async Task<ClosingPair> PairAsync(ConnectionKind kind, SelectorManager manager, CloseKind close)
    {
        bool unix = kind == ConnectionKind.Unix;
        ClosingPair pair;
        if (kind is ConnectionKind.Memory or ConnectionKind.MemoryTls)
        {
            (Connection near, Connection far) = ByteChannel.CreateConnectedPair();
            pair = new ClosingPair(near, far);
        }
        else
        {
            pair = close == CloseKind.StopServer
                ? await ClosingPair.ServeAsync(unix, manager, Selector)
                : await ClosingPair.ConnectAsync(unix, manager, Selector);
        }

        if (kind is not (ConnectionKind.Tls or ConnectionKind.MemoryTls))
        {
            return pair;
        }

        Task<Connection> serving = pair.Far.UpgradeToTlsServerAsync(Serving()).AsTask();
        return pair with { Near = await pair.Near.UpgradeToTlsClientAsync(Trusting()).Soon(), Far = await serving.Soon() };
    }
}
