using System.Net;
using System.Net.Sockets;
using Sluice.Cli.Output;

namespace Sluice.Cli.EndPoints;

/// <summary>Listens at a TCP, TLS or Unix end point, or at an inherited listener.</summary>
internal sealed class SocketListener(ServerSocket server, Address address, ErrorOutput errors) : Listener
{
    private readonly ServeOptions _options = new();

    public override string Name => server.LocalEndPoint switch
    {
        IPEndPoint ip => address.Kind == AddressKind.Tls ? $"tls://{ip}" : $"{ip}",
        UnixDomainSocketEndPoint when address.Kind == AddressKind.Unix => $"{address}",
        EndPoint other => $"{other}",
    };

    public override int Port => (server.LocalEndPoint as IPEndPoint)?.Port ?? 0;

    public override async Task ServeAsync(Func<Link, CancellationToken, Task> handler, ListenerLimits limits, CancellationToken stopping)
    {
        _options.MaxConnections = limits.MaxConnections;
        _options.Grace = limits.GraceOfHandOver ?? limits.Grace;
        _options.OnError = (connection, exception) => errors.Report(connection, exception, NameOf(connection));

        // A signal may come after a hand-over, which has begun another grace.
        await using CancellationTokenRegistration registration = limits.GraceOfHandOver is null ? default
            : stopping.UnsafeRegister(_ => server.StopAsync(limits.Grace, CancellationToken.None), null);
        await server.ServeAsync(
            (connection, cancellationToken) => handler(new ConnectionLink(connection, NameOf(connection)), cancellationToken),
            _options,
            limits.GraceOfHandOver is null ? stopping : CancellationToken.None);
    }

    public override void SetMaxConnections(int maxConnections) => _options.MaxConnections = maxConnections;

    public override void Abort() => _ = server.StopAsync(TimeSpan.Zero);

    public override ValueTask DisposeAsync() => server.DisposeAsync();

    // A client's Unix domain socket has no path as a rule.
    private string NameOf(Connection connection) => connection.RemoteEndPoint is IPEndPoint ip ? $"{ip}" : $"{address}";
}
