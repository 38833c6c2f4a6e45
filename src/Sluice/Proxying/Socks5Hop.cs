using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Proxying;

/// <summary>Connects through a SOCKS5 proxy (RFC 1928), optionally with a user name and a password (RFC 1929).</summary>
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

    /// <exception cref="ArgumentException">The user name or the password is too long, or the user name is empty.</exception>
    public Socks5Hop(EndPoint proxy, NetworkCredential? credentials)
        : base(proxy)
    {
        _login = credentials is null
            ? null
            : [LoginVersion, .. Field(credentials.UserName, 1, nameof(credentials)), .. Field(credentials.Password, 0, nameof(credentials))];
    }

    protected override async ValueTask AskAsync(ConnectionPreamble preamble, EndPoint target, CancellationToken cancellationToken)
    {
        byte[] greeting = _login is null ? [Version, 1, NoLogin] : [Version, 2, NoLogin, Login];
        await preamble.SendAsync(greeting, cancellationToken).ConfigureAwait(false);
        byte[] chosen = await preamble.Input.ReadExactlyAsync(2, cancellationToken).ConfigureAwait(false);
        CheckVersion(chosen[0]);
        if (chosen[1] == Login && _login is not null)
        {
            await LogInAsync(preamble, _login, target, cancellationToken).ConfigureAwait(false);
        }
        else if (chosen[1] != NoLogin)
        {
            string wanted = _login is null ? "it requires a login." : "it requires another login than a user name and a password.";
            throw chosen[1] == NoMethod
                ? Failure(SocketError.AccessDenied, target, wanted, chosen[1])
                : new InvalidDataException($"It selected the method {chosen[1]}, which was not offered.");
        }

        await preamble.SendAsync(Request(target), cancellationToken).ConfigureAwait(false);
        await ReadReplyAsync(preamble.Input, target, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask LogInAsync(ConnectionPreamble preamble, byte[] login, EndPoint target, CancellationToken cancellationToken)
    {
        await preamble.SendAsync(login, cancellationToken).ConfigureAwait(false);
        byte[] answer = await preamble.Input.ReadExactlyAsync(2, cancellationToken).ConfigureAwait(false);
        if (answer[0] != LoginVersion)
        {
            throw new InvalidDataException($"It answers the login in version {answer[0]} instead of {LoginVersion}.");
        }

        if (answer[1] != 0)
        {
            throw Failure(SocketError.AccessDenied, target, "it rejects the user name and the password.", answer[1]);
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

        // The address that the proxy has bound, which is not used. The server's bytes begin behind it.
        byte[] type = await input.ReadExactlyAsync(2, cancellationToken).ConfigureAwait(false);
        int length = type[1] switch
        {
            Internet => 4,
            InternetV6 => 16,
            Name => (await input.ReadExactlyAsync(1, cancellationToken).ConfigureAwait(false))[0],
            _ => throw new InvalidDataException($"It sent an address of the unknown type {type[1]}."),
        };
        await input.SkipExactlyAsync(length + sizeof(ushort), cancellationToken).ConfigureAwait(false);
    }

    private static void CheckVersion(byte version)
    {
        if (version != Version)
        {
            throw new InvalidDataException($"It uses version {version} instead of {Version}.");
        }
    }

    // RFC 1928, 6.
    private static (SocketError Error, string Reason) Explain(byte reply) => reply switch
    {
        1 => (SocketError.SocketError, "it reports a general failure."),
        2 => (SocketError.AccessDenied, "its rules do not allow the connection."),
        3 => (SocketError.NetworkUnreachable, "it cannot reach the network."),
        4 => (SocketError.HostUnreachable, "it cannot reach the host."),
        5 => (SocketError.ConnectionRefused, "the host refuses the connection."),
        6 => (SocketError.TimedOut, "the time to live has expired."),
        7 => (SocketError.OperationNotSupported, "it does not support the connect command."),
        8 => (SocketError.AddressFamilyNotSupported, "it does not support this type of address."),
        _ => (SocketError.SocketError, $"it failed with the code {reply}."),
    };

    private static byte[] Field(string text, int least, string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length >= least && bytes.Length <= byte.MaxValue
            ? [(byte)bytes.Length, .. bytes]
            : throw new ArgumentException($"SOCKS5 allows {least} to {byte.MaxValue} bytes for each of user name, password and host.", name);
    }
}
