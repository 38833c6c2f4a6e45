using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Tests.Datagrams;

/// <summary>A real server that others have written: it answers questions about names.</summary>
public sealed class DnsTests(SelectorEngine engine) : BothEngines(engine)
{
    private const ushort Address = 1;
    private const ushort Text = 16;

    [Test]
    public async Task A_name_server_answers()
    {
        int port = FreePort();
        await using RealPeer server = RealPeer.Start(
            "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--no-resolv", "--no-hosts", "--user=root", "--listen-address=127.0.0.1",
            "--bind-interfaces", $"--port={port}", "--address=/here.example/192.0.2.42", $"--txt-record=long.example,{new string('t', 200)}");
        await using DatagramSocket socket = await Selector.Udp().ConnectAsync("127.0.0.1", port);

        byte[] answer = await AskAsync(socket, 1, "here.example", Address);
        Assert.That(answer[^4..], Is.EqualTo(IPAddress.Parse("192.0.2.42").GetAddressBytes()));
        for (ushort id = 2; id < 200; id++)
        {
            answer = await AskAsync(socket, id, id % 2 == 0 ? "here.example" : "long.example", id % 2 == 0 ? Address : Text);
            Assert.That(answer, Has.Length.GreaterThan(id % 2 == 0 ? 30 : 200));
        }
    }

    // A question without an answer is asked again: UDP promises nothing, and the server may not listen yet.
    private static async Task<byte[]> AskAsync(DatagramSocket socket, ushort id, string name, ushort type)
    {
        byte[] question = Question(id, name, type);
        byte[] buffer = new byte[1500];
        for (int attempt = 0; attempt < 100; attempt++)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            try
            {
                await socket.SendAsync(question);
                DatagramReceiveResult result = await socket.ReceiveAsync(buffer, patience.Token);
                if (BinaryPrimitives.ReadUInt16BigEndian(buffer) == id)
                {
                    Assert.That(buffer[3] & 0xf, Is.Zero, "No error.");
                    return buffer[..result.Count];
                }
            }
            catch (OperationCanceledException)
            {
                // Lost.
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
            {
                await Task.Delay(50);
            }
        }

        throw new AssertionException("The name server does not answer.");
    }

    // RFC 1035, 4.1: a header that wants recursion, and one question.
    private static byte[] Question(ushort id, string name, ushort type)
    {
        var question = new List<byte> { (byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
        foreach (string label in name.Split('.'))
        {
            question.Add((byte)label.Length);
            question.AddRange(Encoding.ASCII.GetBytes(label));
        }

        question.AddRange([0, (byte)(type >> 8), (byte)type, 0, 1]);
        return [.. question];
    }

    // Also a TCP one, since a name server takes both.
    private static int FreePort()
    {
        while (true)
        {
            using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                tcp.Bind(udp.LocalEndPoint!);
                return ((IPEndPoint)udp.LocalEndPoint!).Port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }
}
