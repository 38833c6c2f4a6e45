using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Proxying;

/// <summary>A SOCKS5 proxy (RFC 1928), asked with CONNECT; with a user name and a password if there are (RFC 1929).</summary>
internal sealed class Socks5Hop : ProxyHop
{
    private const byte Version = 5;
    private const byte LoginVersion = 1;
    private const byte NoLogin = 0;
    private const byte Login = 2;
    private const byte NoMethod = 0xff;
    private const byte Connect = 1;
    private const byte Internet = 1;
    private const byte Name = 3;
    private const byte InternetV6 = 4;

    private readonly byte[]? _login;

    /// <exception cref="ArgumentException">User name or password are longer than can be said, or the name is empty.</exception>
    public Socks5Hop(EndPoint proxy, NetworkCredential? credentials)
        : base(proxy)
    {
        _login = credentials is null
            ? null
            : [LoginVersion, .. Field(credentials.UserName, 1, nameof(credentials)), .. Field(credentials.Password, 0, nameof(credentials))];
    }

    protected override async ValueTask AskAsync(ConnectionPreamble handshake, EndPoint target, CancellationToken cancellationToken)
    {
        byte[] greeting = _login is null ? [Version, 1, NoLogin] : [Version, 2, NoLogin, Login];
        await handshake.SendAsync(greeting, cancellationToken).ConfigureAwait(false);
        byte[] chosen = await handshake.Input.ReadExactlyAsync(2, cancellationToken).ConfigureAwait(false);
        CheckVersion(chosen[0]);
        if (chosen[1] == Login && _login is not null)
        {
            await LogInAsync(handshake, _login, target, cancellationToken).ConfigureAwait(false);
        }
        else if (chosen[1] != NoLogin)
        {
            string wanted = _login is null ? "it wants a login." : "it wants another login than a user name and a password.";
            throw chosen[1] == NoMethod
                ? Failure(SocketError.AccessDenied, target, wanted, chosen[1])
                : new InvalidDataException($"It chose the method {chosen[1]}, which it was not offered.");
        }

        await handshake.SendAsync(Request(target), cancellationToken).ConfigureAwait(false);
        await ReadReplyAsync(handshake.Input, target, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask LogInAsync(ConnectionPreamble handshake, byte[] login, EndPoint target, CancellationToken cancellationToken)
    {
        await handshake.SendAsync(login, cancellationToken).ConfigureAwait(false);
        byte[] answer = await handshake.Input.ReadExactlyAsync(2, cancellationToken).ConfigureAwait(false);
        if (answer[0] != LoginVersion)
        {
            throw new InvalidDataException($"It answers the login in version {answer[0]}, and not {LoginVersion}.");
        }

        if (answer[1] != 0)
        {
            throw Failure(SocketError.AccessDenied, target, "it does not accept the user name and the password.", answer[1]);
        }
    }

    private static byte[] Request(EndPoint target)
    {
        byte[] address;
        int port;
        if (target is DnsEndPoint name)
        {
            (address, port) = ([Name, .. Field(name.Host, 1, nameof(target))], name.Port);
        }
        else
        {
            var endPoint = (IPEndPoint)target;
            byte type = endPoint.AddressFamily == AddressFamily.InterNetwork ? Internet : InternetV6;
            (address, port) = ([type, .. endPoint.Address.GetAddressBytes()], endPoint.Port);
        }

        byte[] request = [Version, Connect, 0, .. address, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(^2), (ushort)port);
        return request;
    }

    private async ValueTask ReadReplyAsync(ByteReadChannel input, EndPoint target, CancellationToken cancellationToken)
    {
        byte[] reply = await input.ReadExactlyAsync(2, cancellationToken).ConfigureAwait(false);
        CheckVersion(reply[0]);
        if (reply[1] != 0)
        {
            (SocketError error, string reason) = Explain(reply[1]);
            throw Failure(error, target, reason, reply[1]);
        }

        // What the proxy bound, which says nothing to us, and ends before the first byte of the server's.
        byte[] type = await input.ReadExactlyAsync(2, cancellationToken).ConfigureAwait(false);
        int length = type[1] switch
        {
            Internet => 4,
            InternetV6 => 16,
            Name => (await input.ReadExactlyAsync(1, cancellationToken).ConfigureAwait(false))[0],
            _ => throw new InvalidDataException($"It says an address of the type {type[1]}."),
        };
        await input.SkipExactlyAsync(length + sizeof(ushort), cancellationToken).ConfigureAwait(false);
    }

    private static void CheckVersion(byte version)
    {
        if (version != Version)
        {
            throw new InvalidDataException($"It speaks version {version}, and not {Version}.");
        }
    }

    // RFC 1928, 6.
    private static (SocketError Error, string Reason) Explain(byte reply) => reply switch
    {
        1 => (SocketError.SocketError, "it failed, and does not say how."),
        2 => (SocketError.AccessDenied, "its rules do not allow that."),
        3 => (SocketError.NetworkUnreachable, "it cannot reach the network."),
        4 => (SocketError.HostUnreachable, "it cannot reach the host."),
        5 => (SocketError.ConnectionRefused, "the host refuses the connection."),
        6 => (SocketError.TimedOut, "the time to live has expired."),
        7 => (SocketError.OperationNotSupported, "it does not know how to connect."),
        8 => (SocketError.AddressFamilyNotSupported, "it does not know this type of address."),
        _ => (SocketError.SocketError, $"it failed with the code {reply}."),
    };

    private static byte[] Field(string text, int least, string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length >= least && bytes.Length <= byte.MaxValue
            ? [(byte)bytes.Length, .. bytes]
            : throw new ArgumentException($"SOCKS5 takes {least} to {byte.MaxValue} bytes for each of user name, password and host.", name);
    }
}
