using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Tests.Connecting.Resolving;

/// <summary>A resolver that asks a DNS server (RFC 1035) for the addresses of both families, IPv6 first. As little as the tests need.</summary>
internal sealed class DnsClient(IPEndPoint server) : INameResolver
{
    private const ushort TypeA = 1;
    private const ushort TypeAaaa = 28;

    public async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, AddressFamily family, CancellationToken cancellationToken)
    {
        ushort[] types = family switch
        {
            AddressFamily.InterNetwork => [TypeA],
            AddressFamily.InterNetworkV6 => [TypeAaaa],
            _ => [TypeAaaa, TypeA],
        };
        IPAddress[][] answers = await Task.WhenAll(types.Select(type => AskAsync(host, type, cancellationToken)));
        return [.. answers.SelectMany(addresses => addresses)];
    }

    private async Task<IPAddress[]> AskAsync(string host, ushort type, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken);
        byte[] name = [.. host.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];
        await socket.SendAsync((byte[])[0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. name, 0, (byte)type, 0, 1], cancellationToken);
        byte[] buffer = new byte[512];
        int length = await socket.ReceiveAsync(buffer, cancellationToken);
        return Parse(buffer.AsSpan(0, length), 12 + name.Length + 4, type);
    }

    private static IPAddress[] Parse(ReadOnlySpan<byte> answer, int at, ushort type)
    {
        int code = answer[3] & 0xf;
        if (code != 0)
        {
            throw new SocketException((int)SocketError.HostNotFound, $"The server answered with code {code}.");
        }

        var addresses = new List<IPAddress>();
        for (int left = BinaryPrimitives.ReadUInt16BigEndian(answer[6..]); left > 0; left--)
        {
            // Names in an answer are pointers to the question (4.1.4), as dnsmasq writes them.
            int record = at + 2;
            int length = BinaryPrimitives.ReadUInt16BigEndian(answer[(record + 8)..]);
            if (BinaryPrimitives.ReadUInt16BigEndian(answer[record..]) == type)
            {
                addresses.Add(new IPAddress(answer.Slice(record + 10, length)));
            }

            at = record + 10 + length;
        }

        return [.. addresses];
    }
}
