using System.Net;
using System.Net.Sockets;

namespace Sluice.Cli.Bench;

/// <summary>What <c>sluice bench</c> runs: all connections, for a time.</summary>
internal sealed class Load(BenchSettings settings, BenchOutput output)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    private readonly LoadTotals _totals = new();
    private readonly Messages _messages = new(settings);

    public async Task<int> RunAsync()
    {
        using var signals = new StopSignals();

        // One loop: on a processor of its own it does not disturb whom it measures, and what it counts it counts on one thread.
        await using var selector = new SelectorManager(new SelectorOptions { Engine = settings.Engine, LoopCount = 1 });
        TcpSocketBuilder tcp = selector.Tcp();
        EndPoint server = await ResolveAsync(signals.Stopping);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(signals.Stopping);
        output.Begin(settings);
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task[] running = await StartAsync(tcp, server, failed, ending.Token);
        try
        {
            await CountAsync(failed.Task, signals.Stopping);
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(running);
        }

        if (_totals.Messages == 0)
        {
            return Failures.Report($"Nothing came back from {settings.Address}.");
        }

        output.End(settings, _totals);
        return ExitCodes.Success;
    }

    private async Task<EndPoint> ResolveAsync(CancellationToken cancellationToken)
    {
        IPAddress[] addresses = await Dns.GetHostAddressesAsync(settings.Address.Host, cancellationToken);
        return new IPEndPoint(addresses.Length > 0 ? addresses[0] : throw new SocketException((int)SocketError.HostNotFound), settings.Address.Port);
    }

    private async Task<Task[]> StartAsync(TcpSocketBuilder tcp, EndPoint server, TaskCompletionSource failed, CancellationToken cancellationToken)
    {
        var connections = new List<Func<Task>>();
        for (int i = 0; i < settings.Connections; i++)
        {
            if (settings.Connect)
            {
                connections.Add(() => new ConnectLoad(tcp, server, _messages, _totals).RunAsync(cancellationToken));
            }
            else
            {
                StreamSocket socket = await tcp.ConnectAsync(server, cancellationToken: cancellationToken);
                connections.Add(() => new EchoLoad(socket.OpenConnection(), _messages, settings.Depth, _totals).RunAsync(cancellationToken));
            }
        }

        return [.. connections.Select(connection => WatchAsync(connection, failed, cancellationToken))];
    }

    private static async Task WatchAsync(Func<Task> connection, TaskCompletionSource failed, CancellationToken cancellationToken)
    {
        try
        {
            await connection();
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The time is over.
        }
        catch (Exception exception)
        {
            failed.TrySetException(exception);
        }
    }

    // A signal ends it early, with what was counted until then.
    private async Task CountAsync(Task failed, CancellationToken stopping)
    {
        if (await IsOverAsync(settings.WarmUp, failed, stopping))
        {
            return;
        }

        _totals.Start();
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

            output.Tick(_totals);
        }

        _totals.Stop();
    }

    private static async Task<bool> IsOverAsync(TimeSpan delay, Task failed, CancellationToken stopping)
    {
        Task passed = Task.Delay(delay, stopping);
        await (await Task.WhenAny(passed, failed) == failed ? failed : passed.ContinueWith(_ => { }, TaskScheduler.Default));
        return stopping.IsCancellationRequested;
    }
}
