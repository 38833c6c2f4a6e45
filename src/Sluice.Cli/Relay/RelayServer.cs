using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Authentication;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Recording;

namespace Sluice.Cli.Relay;

/// <summary>Runs <c>sluice relay</c>.</summary>
internal sealed class RelayServer(RelayArguments arguments)
{
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(5);

    private readonly TargetList _targets = new(arguments.Targets, arguments.Balance, s_retryAfter, TimeProvider.System);
    private readonly RelayLog _log = new(arguments.Quiet, arguments.Json);

    public async Task<int> RunAsync()
    {
        using var signals = new StopSignals();
        await using SelectorManager selector = arguments.Listen.Network.CreateSelector(arguments.Loops);
        using Tls.ServerTls? tls = arguments.Listen.Tls;
        using Recorder? recorder = arguments.Record is { } file ? Recorder.Create(file) : null;
        var dialer = new Dialer(selector, arguments.Dial);
        var handOver = new HandOver(arguments, selector);
        await using Listener listener = await handOver.OpenAsync(signals.Stopping);
        await using CancellationTokenRegistration hurrying = signals.Hurrying.Register(listener.Abort);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(signals.Stopping);
        _log.Started(listener.Name, _targets.All);
        Task checking = arguments.Check is { } interval ? new HealthCheck(_targets, dialer, _log).RunAsync(interval, ending.Token) : Task.CompletedTask;
        Task serving = listener.ServeAsync(
            (link, cancellationToken) => ServeAsync(link, dialer, recorder, cancellationToken),
            new ListenerLimits
            {
                MaxConnections = arguments.MaxConnections ?? ServeOptions.DefaultMaxConnections,
                Grace = arguments.Grace ?? ServeOptions.DefaultGrace,
                DatagramIdle = arguments.Listen.IdleTimeout ?? new ListenerLimits().DatagramIdle,
            },
            signals.Stopping);
        Task handing = handOver.RunAsync(_log, ending.Token);
        await serving;
        await ending.CancelAsync();
        await Task.WhenAll(checking, handing);
        return ExitCodes.Success;
    }

    private async Task ServeAsync(Link client, Dialer dialer, Recorder? recorder, CancellationToken cancellationToken)
    {
        (Target Target, Link Link)? connected = await ConnectAsync(client, dialer, cancellationToken);
        if (connected is not var (target, link))
        {
            // A reset, and not an orderly end, which would look like an empty answer.
            client.Abort();
            return;
        }

        string? error = null;
        long began = Stopwatch.GetTimestamp();
        var relayed = new RelayedConnection(client, link, arguments.Faults, recorder);
        _log.Connected(client.Name, target);
        try
        {
            await relayed.RunAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            error = cancellationToken.IsCancellationRequested ? "the relay stops" : exception.Message;
            client.Abort();
            link.Abort();
        }
        finally
        {
            await link.DisposeAsync();
            target.Leave();
            _log.Disconnected(client.Name, target, relayed.Counters, Stopwatch.GetElapsedTime(began), error);
        }
    }

    // The next target is tried when one does not answer: the client notices only that it took longer.
    private async Task<(Target Target, Link Link)?> ConnectAsync(Link client, Dialer dialer, CancellationToken cancellationToken)
    {
        foreach (Target target in _targets.InOrder())
        {
            target.Enter();
            try
            {
                Link link = await dialer.OpenAsync(target.Address, cancellationToken, HeaderOf(client));
                if (target.MarkUp())
                {
                    _log.TargetUp(target);
                }

                return (target, link);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested
                && exception is SocketException or IOException or TimeoutException or AuthenticationException or System.ComponentModel.Win32Exception)
            {
                target.Leave();
                target.MarkDown(TimeProvider.System.GetTimestamp());
                _log.TargetDown(target, exception.Message);
            }
            catch
            {
                target.Leave();
                throw;
            }
        }

        return null;
    }

    private ProxyHeader? HeaderOf(Link client) => arguments.SendProxy is not { } version ? null
        : client.Connection is { RemoteEndPoint: System.Net.IPEndPoint source, LocalEndPoint: System.Net.IPEndPoint destination } connection
            ? connection.Socket.ProxyHeader is { Source: not null, Destination: not null } header
                ? new ProxyHeader(header.Source, header.Destination, version)
                : new ProxyHeader(source, destination, version)
            : ProxyHeader.Local(version);
}
