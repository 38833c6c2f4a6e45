using System.Net;
using System.Net.Sockets;
using TcpConnection = Sluice.Testing.Tcp.TcpConnection;

namespace Sluice;

public sealed partial class Socket
{
    public void Bind(EndPoint localEP)
    {
        ThrowIfClosed();
        _bound = localEP is IPEndPoint { Port: 0 } any ? new IPEndPoint(any.Address, FreePort(any)) : localEP;
    }

    public void Listen(int backlog = 511)
    {
        ThrowIfClosed();
        _listener = _bound is UnixDomainSocketEndPoint name
            ? _host.Unix.Listen(name, backlog, deletes: true, Change)
            : _host.Tcp.Listen((IPEndPoint)_bound!, _settings, backlog, Change);
    }

    public Task<Socket> AcceptAsync() => AcceptAsync(CancellationToken.None).AsTask();

    public async ValueTask<Socket> AcceptAsync(CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        while (true)
        {
            if (_listener!.TryAccept() is { } accepted)
            {
                return new Socket(AddressFamily, accepted);
            }

            await WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Connect(EndPoint remoteEP) => SimulatedRun.Current.Wait(ConnectAsync(remoteEP));

    public Task ConnectAsync(EndPoint remoteEP) => ConnectAsync(remoteEP, CancellationToken.None).AsTask();

    public Task ConnectAsync(IPAddress address, int port) => ConnectAsync(new IPEndPoint(address, port));

    public async ValueTask ConnectAsync(EndPoint remoteEP, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        if (remoteEP is UnixDomainSocketEndPoint name)
        {
            Use(_host.Unix.Connect(name, _settings));
            return;
        }

        TcpConnection connection = _host.Tcp.Connect((IPEndPoint)remoteEP, _bound as IPEndPoint, _settings);
        Use(connection);
        while (!_connected)
        {
            await WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        ThrowIf(connection.TakeError());
    }

    private static void ThrowIf(SocketError error)
    {
        if (error != SocketError.Success)
        {
            throw new SocketException((int)error);
        }
    }

    // No other socket takes it: the seed draws ports from 28,232.
    private int FreePort(IPEndPoint at)
    {
        Testing.Tcp.TcpListener trial = _host.Tcp.Listen(at, _settings, 0, static () => { });
        trial.Close();
        return trial.Local.Port;
    }
}
