using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Sluice.Cli.EndPoints;
using Sluice.Engine;

namespace Sluice.Cli.Bench;

/// <summary>Puts a server under load: all connections, for the given duration.</summary>
internal sealed class Load(BenchSettings settings, LoadTotals totals)
{
    // Long enough that the loop practically never sleeps.
    private static readonly TimeSpan s_spin = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    // How late a datagram may be sent after the time from which its latency counts.
    private static readonly TimeSpan s_late = TimeSpan.FromMilliseconds(50);

    private readonly Messages _messages = new(settings);

    // Both are of a load with a rate, while it runs.
    private Func<long, CancellationToken, Task>? _waitUntil;
    private long? _start;

    /// <summary>Gets what is called once all connections are open.</summary>
    public Action? Connected { get; init; }

    /// <summary>Gets what is called after each second of the measurement, and at its end.</summary>
    public Action? SecondPassed { get; init; }

    /// <summary>Measures until the duration has passed, or until it is stopped. The totals are then complete, also after an exception.</summary>
    /// <exception cref="IOException">The server closed a connection, or sent back something else.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        await using var selector = new SelectorManager(SelectorOptions());
        using Pacer? pacer = settings.MessageRate is null ? null : new Pacer(TimeProvider.System);
        _waitUntil = pacer is null ? null : pacer.WaitUntilAsync;
        IEnumerable<Func<CancellationToken, Task>> loads = await OpenAllAsync(selector, stopping);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Connected?.Invoke();
        Task[] running = [.. loads.Select(load => WatchAsync(load, failed, ending.Token))];
        try
        {
            await CountAsync(failed.Task, stopping);
            totals.Stop();
            await AwaitLateAsync(stopping);
        }
        finally
        {
            totals.Stop();
            await ending.CancelAsync();
            await Task.WhenAll(running);
        }
    }

    private SelectorOptions SelectorOptions()
    {
        // One loop: pinned to a processor of its own, it does not disturb the server.
        SelectorOptions options = settings.Network.SelectorOptions(loops: 1);
        options.SpinDuration = settings.Spin ? s_spin : options.SpinDuration;
        return options;
    }

    // The time begins again with each connection: many of them may take long, and one that waits is an error.
    private async Task<IEnumerable<Func<CancellationToken, Task>>> OpenAllAsync(SelectorManager selector, CancellationToken stopping)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        try
        {
            Opened();
            EndPoint server = await FindAsync(selector, patience.Token);
            return await ConnectAsync(selector, server, Opened, patience.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            throw new TimeoutException($"Connecting to {settings.Address}: no answer within {settings.Timeout.TotalSeconds} s.");
        }

        void Opened() => patience.CancelAfter(settings.Timeout);
    }

    // All connections go to one address. Of a name that has several, such as localhost, it is the first one that answers: the server may listen at one of them.
    private async Task<EndPoint> FindAsync(SelectorManager selector, CancellationToken cancellationToken)
    {
        if (settings.Address.Kind == AddressKind.Unix)
        {
            return new UnixDomainSocketEndPoint(settings.Address.Host);
        }

        IReadOnlyList<IPEndPoint> servers = await settings.Network.ResolveAsync(settings.Address, cancellationToken);
        if (servers.Count == 1 || settings.IsDatagram)
        {
            return servers[0];
        }

        await using StreamSocket answering = await selector.Tcp().ConnectAsync(settings.Network.HostOf(settings.Address), settings.Address.Number, WithoutTimeout, cancellationToken);
        return answering.RemoteEndPoint;
    }

    private async Task<IEnumerable<Func<CancellationToken, Task>>> ConnectAsync(
        SelectorManager selector, EndPoint server, Action opened, CancellationToken cancellationToken)
    {
        if (settings.Kind == LoadKind.Connect)
        {
            return Enumerable.Range(0, settings.Connections).Select(_ => new ConnectLoad(selector.Tcp(), server, settings.Timeout, _messages, totals)).Select(load =>
                (Func<CancellationToken, Task>)load.RunAsync);
        }

        if (settings.IsDatagram)
        {
            return await ConnectDatagramsAsync(selector, server, cancellationToken);
        }

        if (settings.MessageRate is null && OperatingSystem.IsLinux() && EngineFactory.HasEpoll && settings.Network.Engine == SelectorEngine.Auto && !settings.Tls)
        {
            return [(await SystemCallLoad.ConnectAsync(settings, server, _messages, totals, opened, cancellationToken)).RunAsync];
        }

        var loads = new List<Func<CancellationToken, Task>>();
        for (int i = 0; i < settings.Connections; i++)
        {
            StreamSocket socket = server is UnixDomainSocketEndPoint unix
                ? await selector.Unix().ConnectAsync(unix, WithoutTimeout, cancellationToken)
                : await selector.Tcp().ConnectAsync(server, WithoutTimeout, cancellationToken);
            loads.Add(LoadOf(await OpenAsync(socket, cancellationToken), i));
            opened();
        }

        return loads;
    }

    // The limit of the settings takes the place of the library's own.
    private static void WithoutTimeout(StreamSocketOptions options) => options.ConnectTimeout = Timeout.InfiniteTimeSpan;

    private async ValueTask<Connection> OpenAsync(StreamSocket socket, CancellationToken cancellationToken)
    {
        Connection connection = socket.OpenConnection();
        return settings.Tls
            ? await connection.UpgradeToTlsClientAsync(new SslClientAuthenticationOptions().DangerousAcceptAnyCertificate(), cancellationToken: cancellationToken)
            : connection;
    }

    private async Task<IEnumerable<Func<CancellationToken, Task>>> ConnectDatagramsAsync(SelectorManager selector, EndPoint server, CancellationToken cancellationToken)
    {
        var loads = new List<Func<CancellationToken, Task>>();
        for (int i = 0; i < settings.Connections; i++)
        {
            DatagramSocket socket = await selector.Udp().ConnectAsync(server, cancellationToken: cancellationToken);
            int number = i;
            loads.Add(settings.MessageRate is { } rate
                ? cancellationToken => new PacedDatagramLoad(socket, _messages, ScheduleOf(rate, number), totals).RunAsync(cancellationToken)
                : new DatagramLoad(socket, _messages, settings.Depth, totals).RunAsync);
        }

        return loads;
    }

    private Func<CancellationToken, Task> LoadOf(Connection connection, int number) => settings.Kind switch
    {
        LoadKind.Echo when settings.MessageRate is { } rate => cancellationToken =>
            new PacedLoad(connection, _messages, ScheduleOf(rate, number), totals).RunAsync(cancellationToken),
        LoadKind.Send => new SendLoad(connection, _messages.Sent.Slice(0, _messages.Size), totals).RunAsync,
        LoadKind.Receive => new ReceiveLoad(connection, totals).RunAsync,
        _ => new EchoLoad(connection, _messages, settings.Depth, totals).RunAsync,
    };

    // Called in turn for each connection, once all are open: the messages of all have even times together.
    private Schedule ScheduleOf(double rate, int number) => new(rate, settings.Connections, number, _start ??= TimeProvider.System.GetTimestamp(), TimeProvider.System, _waitUntil!);

    private static async Task WatchAsync(Func<CancellationToken, Task> load, TaskCompletionSource failed, CancellationToken cancellationToken)
    {
        try
        {
            await load(cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The run is over.
        }
        catch (Exception exception)
        {
            failed.TrySetException(exception);
        }
    }

    // A signal ends the run early, with the results so far.
    private async Task CountAsync(Task failed, CancellationToken stopping)
    {
        if (await IsOverAsync(settings.WarmUp, failed, stopping))
        {
            return;
        }

        totals.Start();
        TimeSpan left = settings.Duration;
        while (left > TimeSpan.Zero)
        {
            TimeSpan tick = left < s_tick ? left : s_tick;
            bool over = await IsOverAsync(tick, failed, stopping);
            left -= tick;
            if (over)
            {
                break;
            }

            SecondPassed?.Invoke();
        }
    }

    // Whether the datagrams of the end come back shows after it. Until then the load goes on, so that it is the same for them as for the others.
    private Task AwaitLateAsync(CancellationToken stopping) => settings.IsDatagram
        ? Task.Delay(DatagramsInFlight.Patience + s_late, stopping).ContinueWith(_ => { }, TaskScheduler.Default)
        : Task.CompletedTask;

    private static async Task<bool> IsOverAsync(TimeSpan delay, Task failed, CancellationToken stopping)
    {
        Task passed = Task.Delay(delay, stopping);
        await (await Task.WhenAny(passed, failed) == failed ? failed : passed.ContinueWith(_ => { }, TaskScheduler.Default));
        return stopping.IsCancellationRequested;
    }
}
