using System.Diagnostics;
using System.Net.Sockets;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;
using Sluice.Cli.Recording;

namespace Sluice.Cli.Relay;

/// <summary>Runs <c>sluice relay</c>.</summary>
/// <param name="arguments">The arguments.</param>
/// <param name="readAgain">Reads them again for a reload; null if they cannot change.</param>
internal sealed class RelayServer(RelayArguments arguments, Func<RelayArguments>? readAgain)
{
    // Half of the default. With small messages on many connections a relay is no faster after longer spins, and takes more of a processor (bench/relay).
    private static readonly TimeSpan s_spin = TimeSpan.FromMicroseconds(10);

    // Written by a reload; a connection reads it once.
    private volatile RelayPlan? _plan;

    // Completes when nothing reads the standard output any more, and that is the only target: the relay ends.
    private readonly TaskCompletionSource _unread = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Both are written by the only connection of a relay that listens at no socket, and read after it.
    private volatile bool _failed;
    private volatile bool _hasNoReader;

    public async Task<int> RunAsync()
    {
        CheckFiles(arguments);
        using var signals = new StopSignals();
        await using SelectorManager selector = arguments.Listen.Network.CreateSelector(arguments.Loops, arguments.Quiet ? null : arguments.Listen.Errors, s_spin);
        using Tls.ServerTls? tls = arguments.Listen.Tls;
        var plan = new RelayPlan(arguments, selector);
        _plan = plan;
        using Recorder? recorder = arguments.Record is { } file ? Recorder.Create(file, isShared: arguments.HandOver is not null, plan.Log.RecordingEnded) : null;
        using var traffic = new TrafficProgress(isWanted: !arguments.Quiet && !arguments.Json && !UsesTerminal(arguments), "there", "back");
        var handOver = new HandOver(arguments, selector);
        await using Listener listener = await handOver.OpenAsync(plan.Log, signals.Stopping);
        await using CancellationTokenRegistration hurrying = signals.Hurrying.Register(listener.Abort);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(signals.Stopping);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        Task reloading = new Reloading(plan, readAgain, Replace).RunAsync(ending.Token);
        plan.Log.Started(listener.Name, plan.Targets.All, handOver.FixedDifferences());
        Task serving = listener.ServeAsync(
            (link, cancellationToken) => ServeAsync(link, _plan, recorder, traffic, cancellationToken),
            new ListenerLimits
            {
                MaxConnections = plan.MaxConnections,
                Grace = arguments.Grace ?? ServeOptions.DefaultGrace,
                GraceOfHandOver = arguments.HandOver is null ? null : arguments.Grace ?? Timeout.InfiniteTimeSpan,
                DatagramIdle = arguments.Listen.IdleTimeout ?? new ListenerLimits().DatagramIdle,
            },
            stopping.Token);
        Task handing = handOver.RunAsync(plan.Log, ending.Token);
        if (await Task.WhenAny(serving, _unread.Task) == _unread.Task)
        {
            await stopping.CancelAsync();
        }

        await serving;
        await ending.CancelAsync();
        await Task.WhenAll(reloading, handing);
        return ExitCode(isSingle: listener is SingleListener);

        RelayPlan Replace(RelayArguments renewed)
        {
            CheckFiles(renewed);
            var next = new RelayPlan(renewed, selector, _plan);
            listener.SetMaxConnections(next.MaxConnections);
            _plan = next;
            return next;
        }
    }

    private int ExitCode(bool isSingle)
    {
        if (_unread.Task.IsCompleted || (isSingle && _hasNoReader))
        {
            return ExitCodes.OutputClosed;
        }

        return isSingle && _failed ? ExitCodes.Failure : ExitCodes.Success;
    }

    private static void CheckFiles(RelayArguments arguments)
    {
        if (arguments.Dial.UseTls || arguments.Targets.Any(target => target.Kind == AddressKind.Tls))
        {
            arguments.Dial.Tls.CheckFiles();
        }
    }

    // The relayed bytes stand on the same terminal as the progress would.
    private static bool UsesTerminal(RelayArguments arguments) =>
        !Console.IsOutputRedirected && arguments.Targets.Append(arguments.Address).Any(address => address.Kind == AddressKind.Standard);

    private async Task ServeAsync(Link client, RelayPlan plan, Recorder? recorder, TrafficProgress traffic, CancellationToken cancellationToken)
    {
        (Target Target, Link Link)? connected = await new TargetConnector(plan).ConnectAsync(client, cancellationToken);
        if (connected is not var (target, link))
        {
            // A reset, and not an orderly end, which would look like an empty answer.
            client.Abort();
            _failed = true;
            return;
        }

        string? error = null;
        long began = Stopwatch.GetTimestamp();
        var relayed = new RelayedConnection(client, link, plan.Arguments.Faults, arguments.Listen.IdleTimeout, recorder);
        plan.Log.Connected(client.Name, target);
        traffic.Begin(relayed, relayed.Count);
        try
        {
            await relayed.RunAsync(cancellationToken);
            error = link.Failure ?? client.Failure;
            _failed = error is not null;
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            _failed = !cancellationToken.IsCancellationRequested;
            _hasNoReader = exception is OutputException { HasNoReader: true };
            if (_hasNoReader && plan.Targets.All.Count == 1)
            {
                _unread.TrySetResult();
            }

            error = _failed ? Failures.MessageOf(exception) : "the relay stops";
            client.Abort();
            link.Abort();
        }
        finally
        {
            traffic.End(relayed);
            await link.DisposeAsync();
            target.Leave();
            plan.Log.Disconnected(client.Name, target, relayed.Counters, Stopwatch.GetElapsedTime(began), error);
        }
    }
}
