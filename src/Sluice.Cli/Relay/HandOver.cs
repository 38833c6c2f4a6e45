using System.Net;
using System.Net.Sockets;
using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Relay;

/// <summary>Takes the listener over from a relay that runs, and hands it to the next one: no connection is refused in between.</summary>
internal sealed class HandOver(RelayArguments arguments, SelectorManager selector)
{
    // A predecessor that runs answers within a few milliseconds.
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(1);

    private ServerSocket? _server;
    private bool _isTakenOver;
    private ServerSocket? _offer;

    /// <summary>Takes the listener of a predecessor over if there is one, and otherwise opens it. A successor can connect from then on.</summary>
    /// <exception cref="TimeoutException">The predecessor does not answer.</exception>
    /// <exception cref="SocketException">The listener cannot be opened, or the path of the successor.</exception>
    public async Task<Listener> OpenAsync(RelayLog log, CancellationToken cancellationToken)
    {
        if (arguments.HandOver is null)
        {
            return await Listeners.OpenAsync(selector, arguments.Address, arguments.Listen, cancellationToken);
        }

        // A certificate that cannot be read leaves the listener with the predecessor.
        Listeners.Prepare(arguments.Address, arguments.Listen);
        _server = await TakeOverAsync(arguments.HandOver, log, cancellationToken);
        _isTakenOver = _server is not null;
        _server = _server is null
            ? await Listeners.BindAsync(selector, arguments.Address, arguments.Listen, cancellationToken)
            : Listeners.Apply(_server, arguments.Address, arguments.Listen);
        _offer = await _server.BindHandOverAsync(arguments.HandOver, cancellationToken);
        return new SocketListener(_server, arguments.Address, arguments.Listen.Errors);
    }

    /// <summary>
    /// Gets what of the arguments has no effect on a listener that was taken over, as <see cref="RelayArguments.FixedDifferences"/> does: its end point, if the
    /// predecessor listens at another one. A name that is resolved is not compared.
    /// </summary>
    public IReadOnlyList<string> FixedDifferences()
    {
        bool isSame = (_isTakenOver ? _server!.LocalEndPoint : null) switch
        {
            null => true,
            IPEndPoint ip => arguments.Address.HasPort && (arguments.Address.Number == 0 || arguments.Address.Number == ip.Port) && IsHost(ip.Address),
            UnixDomainSocketEndPoint unix => arguments.Address.Kind == AddressKind.Unix && unix.Equals(new UnixDomainSocketEndPoint(arguments.Address.Host)),
            _ => false,
        };
        return isSame ? [] : ["LISTEN"];
    }

    /// <summary>Waits for a successor, and hands the listener over. Called once the listener serves.</summary>
    public async Task RunAsync(RelayLog log, CancellationToken stopping)
    {
        if (_server is null)
        {
            return;
        }

        try
        {
            await _server.HandOverAsync(arguments.HandOver!, _offer, stopping);
            log.HandedOver();
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The relay stops without a successor. The listener may be closed before the token is canceled.
        }
    }

    // One that is stopped, or has no processor, would otherwise be waited for in silence.
    private async Task<ServerSocket?> TakeOverAsync(string path, RelayLog log, CancellationToken cancellationToken)
    {
        Task<ServerSocket?> taking = selector.TryTakeOverAsync(path, arguments.Listen.Apply, cancellationToken);
        if (await Task.WhenAny(taking, Task.Delay(s_silence, cancellationToken)) != taking && !cancellationToken.IsCancellationRequested)
        {
            log.Waiting(path);
        }

        try
        {
            return await taking;
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"Taking the listener over at {path}: {exception.Message} Is it stopped?", exception);
        }
    }

    private bool IsHost(IPAddress address) =>
        !IPAddress.TryParse(arguments.Listen.Network.HostOf(arguments.Address), out IPAddress? wanted) || Plain(wanted).Equals(Plain(address));

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
