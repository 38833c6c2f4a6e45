using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Snippets;

internal static class UdpSnippets
{
    public static async Task EchoAsync(SelectorManager selector, CancellationToken token)
    {
        // <udp-echo>
        await using DatagramSocket server = await selector.Udp().BindAsync("127.0.0.1", 9000, cancellationToken: token);
        byte[] buffer = new byte[2048];
        while (true)
        {
            DatagramReceiveResult received = await server.ReceiveAsync(buffer, token);      // allocates nothing
            await server.SendAsync(buffer.AsMemory(0, received.Count), received.RemoteEndPoint, token);
        }

        // </udp-echo>
    }

    public static async Task ConnectAsync(SelectorManager selector, ReadOnlyMemory<byte> question, CancellationToken token)
    {
        // <udp-connect>
        await using DatagramSocket socket = await selector.Udp().ConnectAsync("127.0.0.1", 9000, cancellationToken: token);
        await socket.SendAsync(question, token);
        try
        {
            using Datagram answer = await socket.ReceiveAsync(token);                       // rents its buffer until it is disposed
            Console.WriteLine($"{answer.RemoteEndPoint}: {Encoding.UTF8.GetString(answer.Payload.Span)}");
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            Console.WriteLine("No server listens there yet.");                                 // the socket stays usable
        }

        // </udp-connect>
    }

    public static async Task AllAsync(DatagramSocket socket, CancellationToken token)
    {
        // <udp-all>
        await foreach (Datagram datagram in socket.ReceiveAllAsync(token))                  // until the socket is closed
        {
            using (datagram)
            {
                Console.WriteLine($"{datagram.Payload.Length} bytes from {datagram.RemoteEndPoint}");
            }
        }

        // </udp-all>
    }

    public static async Task BatchesAsync(DatagramSocket socket, OutgoingDatagram[] outgoing, CancellationToken token)
    {
        // <udp-batches>
        var batch = new Datagram[64];
        int count = await socket.ReceiveBatchAsync(batch, token);                           // waits for one, then takes all that have arrived
        foreach (Datagram datagram in batch.AsSpan(0, count))
        {
            datagram.Dispose();
        }

        int sent = await socket.SendBatchAsync(outgoing, token);                            // fewer than given if the system refuses the next one
        long lost = socket.DroppedDatagrams;                                                // by the kernel, because the receiver was too slow; Linux

        // </udp-batches>
        Console.WriteLine($"{sent} sent, {lost} lost");
    }

    public static async Task GroupsAsync(SelectorManager selector, int interfaceIndex, ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        // <udp-groups>
        await using DatagramSocket member = await selector.Udp().BindAsync("0.0.0.0", 5000, options => options.ReuseAddress = true, token);
        member.JoinGroup(IPAddress.Parse("239.1.2.3"), interfaceIndex);                     // IPv6 groups work alike
        member.JoinGroup(IPAddress.Parse("232.1.2.3"), IPAddress.Parse("192.0.2.7"));       // only from this source

        UdpSocketBuilder udp = selector.Udp().Configure(options =>
        {
            options.Broadcast = true;                                                       // without it, sending to broadcast addresses is AccessDenied
            options.MulticastTimeToLive = 4;
            options.MulticastLoopback = false;
            options.MulticastInterface = interfaceIndex;
        });
        await using DatagramSocket sender = await udp.BindAsync(cancellationToken: token);
        await sender.SendAsync(bytes, new IPEndPoint(IPAddress.Parse("239.1.2.3"), 5000), token);
        await sender.SendAsync(bytes, new IPEndPoint(IPAddress.Broadcast, 5000), token);
        member.LeaveGroup(IPAddress.Parse("239.1.2.3"), interfaceIndex);

        // </udp-groups>
    }

    public static async Task InfoAsync(SelectorManager selector, byte[] buffer, CancellationToken token)
    {
        // <udp-info>
        await using DatagramSocket socket = await selector.Udp().BindAsync("0.0.0.0", 9000, options =>
        {
            options.ReceivePacketInfo = true;
            options.ReceiveTimeToLive = true;                                               // this and the next need the epoll engine
            options.ReceiveTrafficClass = true;
        }, token);
        DatagramReceiveResult received = await socket.ReceiveAsync(buffer, token);
        Console.WriteLine($"to {received.Info.LocalAddress} at interface {received.Info.InterfaceIndex}");
        Console.WriteLine($"time to live {received.Info.TimeToLive}, congestion met: {received.Info.Ecn == EcnCodepoint.CongestionExperienced}");

        // </udp-info>
    }
}
