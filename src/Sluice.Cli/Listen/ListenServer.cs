using System.Runtime.ExceptionServices;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;

namespace Sluice.Cli.Listen;

/// <summary>Runs <c>sluice listen</c>.</summary>
internal sealed class ListenServer(ListenArguments arguments)
{
    // The standard output is for what clients send.
    private readonly ServerLog _log = new(Console.Error, arguments.Json, arguments.Verbose || arguments.Json);

    // Written by the handler that ends the listener, read after its end.
    private Exception? _failure;

    // Without one, the listener itself reports errors of connections.
    private bool HasLog => arguments.Verbose || arguments.Json;

    // Those of a connection, besides its own.
    private int OtherDescriptors => arguments.Mode switch
    {
        ListenMode.Exec => CommandLink.Descriptors,
        ListenMode.File => 1,
        _ => 0,
    };

    private bool IsSerial => arguments.Mode == ListenMode.Standard;

    public async Task<int> RunAsync()
    {
        if (arguments.Mode == ListenMode.File)
        {
            CheckFile(arguments.Value);
        }

        using var signals = new StopSignals();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(signals.Stopping);
        await using SelectorManager selector = arguments.Listen.Network.CreateSelector(loops: IsSerial ? 1 : null, arguments.Listen.Errors);
        using Tls.ServerTls? tls = arguments.Listen.Tls;
        await using Listener listener = await Listeners.OpenAsync(selector, arguments.Address, arguments.Listen, signals.Stopping);
        await using CancellationTokenRegistration hurrying = signals.Hurrying.Register(listener.Abort);

        // What clients send stands on the same terminal as the progress would.
        using var traffic = new TrafficProgress(isWanted: !arguments.Json && (arguments.Mode != ListenMode.Standard || Console.IsOutputRedirected), "in", "out");
        _log.Started(listener.Name, $"Listening at {listener.Name}");
        var limits = new ListenerLimits
        {
            MaxConnections = IsSerial && !(arguments.Keep && arguments.Address.Kind == AddressKind.Udp) ? 1 : arguments.MaxConnections ?? ConnectionCapacity.Of(arguments.Address, OtherDescriptors),
            DatagramIdle = arguments.Listen.IdleTimeout ?? new ListenerLimits().DatagramIdle,
        };
        await using var standard = new StandardLink();
        ILinkServer server = CreateServer(standard);
        await listener.ServeAsync((link, cancellationToken) => ServeAsync(server, link, traffic, ending, signals.Stopping, cancellationToken), limits, ending.Token);
        if (_failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return ExitCodes.Success;
    }

    // What cannot be read would be an error for each client. A pipe, which has no length, waits for its writer when it is opened.
    private static void CheckFile(string path)
    {
        PlainPath.ThrowIfFolder(path);
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new FileNotFoundException($"There is no file {path}.");
        }

        if (file.Length > 0)
        {
            File.OpenHandle(path).Dispose();
        }
    }

    private ILinkServer CreateServer(StandardLink standard) => arguments.Mode switch
    {
        ListenMode.Exec => new CommandServer(arguments.Value),
        ListenMode.Chat => new ChatServer(),
        ListenMode.File => new FileServer(arguments.Value),
        ListenMode.Receive => new ReceivingServer(),
        ListenMode.Send => new SendingServer(),
        _ => new StandardServer(standard, sendsInput: !arguments.Keep),
    };

    private async Task ServeAsync(ILinkServer server, Link link, CancellationToken cancellationToken)
    {
        // The listener ends peers of datagrams.
        Connection? connection = link.Connection;
        using var idle = new IdleWatch(
            connection is null ? null : arguments.Listen.IdleTimeout, TimeProvider.System, () => connection!.Input.TotalBytesRead + connection.Output.TotalBytesWritten, cancellationToken);
        try
        {
            await server.ServeAsync(link, idle.Token);
        }
        catch (Exception) when (idle.HasEnded)
        {
            link.Abort();
            throw idle.CreateFailure();
        }
    }

    private async Task ServeAsync(ILinkServer server, Link link, TrafficProgress traffic, CancellationTokenSource ending, CancellationToken stopping, CancellationToken cancellationToken)
    {
        // A signal ends connections at once. The end of a single connection, which also stops the listener, leaves it time to be closed.
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        _log.Connected(link.Name);
        if (link.Connection is { } connection)
        {
            traffic.Begin(link, () => (connection.Input.TotalBytesRead, connection.Output.TotalBytesWritten));
        }

        try
        {
            await ServeAsync(server, link, cut.Token);
            _log.Disconnected(link.Name);
        }
        catch (Exception) when (cut.IsCancellationRequested)
        {
            link.Abort();
            _log.Disconnected(link.Name, "the server stops");
        }
        catch (Exception exception) when (IsSerial && (!arguments.Keep || exception is OutputException))
        {
            _failure = exception;
            link.Abort();
            _log.Disconnected(link.Name, Failures.MessageOf(exception));
        }
        catch (CommandException exception)
        {
            _log.Disconnected(link.Name, Failures.MessageOf(exception));
        }
        catch (Exception exception) when (HasLog && Failures.IsExpected(exception))
        {
            link.Abort();
            _log.Disconnected(link.Name, Failures.MessageOf(exception));
        }
        finally
        {
            traffic.End(link);
            if (IsSerial && (!arguments.Keep || _failure is not null))
            {
                await ending.CancelAsync();
            }
        }
    }
}
