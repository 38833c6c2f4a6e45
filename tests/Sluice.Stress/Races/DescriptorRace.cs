using System.Net;
using System.Net.Sockets;
using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>
/// A socket is closed while it writes and its options are set, and sockets that have nothing to do with it are opened: their descriptors may well be its
/// own of a moment ago. None of its bytes, options and ends may reach them.
/// </summary>
internal sealed class DescriptorRace : Race
{
    public override IReadOnlyList<Wire> Wires { get; } = [Wire.Tcp, Wire.Tls];

    public override async Task RunAsync(Round round)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        (Connection first, Connection second) = await round.World.ConnectPairAsync();
        Random closing = round.Fork(), writing = round.Fork();
        await round.TogetherAsync(
            () => round.TryAsync(Allowed.Closed | Allowed.Peer | Allowed.Busy, () => Writes.ManyAsync(first.Output, writing, 10_000_000), what: "Writing"),
            () => SetOptionsAsync(round, first.Socket),
            () => round.TryAsync(Allowed.Closed | Allowed.Peer, () => first.Input.CopyToAsync(Stream.Null).AsTask(), what: "Reading"),
            () => CloseAsync(round, first, closing),
            () => MeetAsync(round, listener));
        second.Abort();
    }

    private static async Task SetOptionsAsync(Round round, StreamSocket socket)
    {
        bool open = true;
        while (open)
        {
            open = false;
            await round.TryAsync(
                Allowed.Closed | Allowed.Socket,
                () =>
                {
                    socket.Options.KeepAlive = true;
                    open = true;
                },
                "Setting an option");
        }

        await round.TryAsync(Allowed.Closed | Allowed.Peer | Allowed.Busy, () => socket.ShutdownOutputAsync(), what: "Shutting down");
    }

    private static Task CloseAsync(Round round, Connection connection, Random random)
    {
        Thread.SpinWait(random.Next(100_000));
        return random.Next(2) == 0
            ? round.TryAsync(Allowed.None, connection.Abort, "Aborting")
            : round.TryAsync(Allowed.None, () => connection.CloseAsync(), what: "Closing");
    }

    private static async Task MeetAsync(Round round, Socket listener)
    {
        for (int i = 0; i < 8; i++)
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            client.Connect(listener.LocalEndPoint!);
            using Socket accepted = listener.Accept();
            accepted.Send("stranger"u8);
            await Task.Delay(1);
            byte[] buffer = new byte[100];
            int count = client.Receive(buffer);
            if (!buffer.AsSpan(0, count).SequenceEqual("stranger"u8) || IsKeptAlive(client) || IsKeptAlive(accepted)
                || client.Poll(0, SelectMode.SelectRead) || accepted.Poll(0, SelectMode.SelectRead))
            {
                round.Fault("A stranger's socket has got our bytes, our option, or an end.");
            }
        }
    }

    private static bool IsKeptAlive(Socket socket) => (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)! != 0;
}
