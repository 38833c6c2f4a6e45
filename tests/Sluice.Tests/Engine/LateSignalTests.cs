using System.IO.Pipelines;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Authentication;
using Sluice.Channels.InMemory;
using Sluice.Channels.Reading;
using Sluice.Proxying;
using Sluice.Scheduling;
using Sluice.Sockets;

namespace Sluice.Tests.Engine;

/// <summary>
/// A signal that comes after what it was for has been taken ends one wait at most: then the waiter is parked again. A waiter whose event stays
/// ready runs a loop with nothing to do.
/// </summary>
[Parallelizable(ParallelScope.All)]
public sealed class LateSignalTests(SelectorEngine engine) : TlsFixture(engine)
{
    [Test]
    public async Task A_stream_that_is_idle_parks_its_reader()
    {
        var pipe = new Pipe();
        var source = new StreamSource(pipe.Reader.AsStream());
        await CheckAsync(new ByteReadChannel(source, pool: null), () => pipe.Writer.WriteAsync(new byte[] { 1 }).AsTask(), Gates(source));
    }

    [Test]
    public async Task A_pipe_in_memory_that_is_idle_parks_its_reader()
    {
        var channel = new ByteChannel();
        await CheckAsync(channel.Reader, () => channel.Writer.WriteAsync(new byte[] { 1 }).AsTask(), Gates(channel.Reader));
    }

    [Test]
    public async Task A_connection_that_is_idle_parks_its_reader()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await CheckAsync(client.Input, () => server.Output.WriteAsync(new byte[] { 1 }).AsTask(), Gates(client.Socket.Transport));
    }

    [Test]
    public async Task A_connection_under_TLS_that_is_idle_parks_its_reader([Values(SslProtocols.Tls12, SslProtocols.Tls13)] SslProtocols protocol)
    {
        (Connection client, Connection server) = await ConnectTlsAsync(Trusting(protocol: protocol));
        IByteSource source = ((IConnectionOwner)client.Socket).Layer!.Source;
        ReadinessEvent own = Gates(source)[0];
        ReadinessEvent below = Gates(client.Socket.Transport).First(gate => gate != own);

        // After a record that brings no bytes, such as a session ticket, the session itself is being read; else the channel below is waited on.
        await CheckAsync(client.Input, () => server.Output.WriteAsync(new byte[] { 1 }).AsTask(), [own, below], IsParked);

        bool IsParked() => (((PendingOperation<int>)Field(source, "_read")!).IsIdle ? below : own).Waited is not null;
    }

    [Test]
    public async Task A_full_connection_parks_its_writer()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        Task writing = Task.Run(async () => await client.Output.WriteAsync(new byte[50_000_000]));
        await Waiting.UntilAsync(() => client.Socket.Transport.Wait.For == "room");
        ReadinessEvent[] gates = Gates(client.Socket.Transport);
        await CheckParksAsync(gates);
        Task<long> reading = server.Input.SkipAsync(50_000_000).AsTask();
        await writing.Soon();
        Assert.That(await reading.Soon(), Is.EqualTo(50_000_000));
    }

    [Test]
    public async Task A_listener_without_clients_parks_its_acceptor()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task<StreamSocket> accepting = Task.Run(async () => await server.AcceptAsync());
        await CheckParksAsync(Gates(Field(server, "_transport")!));
        using Socket peer = await Peers.ConnectAsync(server.LocalEndPoint);
        await using StreamSocket accepted = await accepting.Soon();
    }

    [Test]
    public async Task A_datagram_socket_that_is_idle_parks_its_receiver()
    {
        await using DatagramSocket socket = await Selector.Udp().BindAsync("127.0.0.1");
        Task<DatagramReceiveResult> receiving = Task.Run(async () => await socket.ReceiveAsync(new byte[10]));
        await CheckParksAsync(Gates(Field(socket, "_transport")!));
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await peer.SendToAsync(new byte[] { 1 }, socket.LocalEndPoint).Soon();
        Assert.That((await receiving.Soon()).Count, Is.EqualTo(1));
    }

    [Test]
    public async Task What_is_said_before_the_owner_comes_waits_for_room_each_time_and_sends_all_of_it()
    {
        const int size = 20_000_000;
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        using (peer)
        {
            var handshake = new ConnectionPreamble(socket);
            Task sending = Task.Run(async () => await handshake.SendAsync(Pattern.Bytes(size), CancellationToken.None));
            await Waiting.UntilAsync(() => Field(handshake, "_sent") is ReadinessEvent { Waited: not null });

            // Room for some, and then none: the second wait is not ended by the first one's signal.
            byte[] buffer = new byte[100_000];
            long read = 0;
            for (int i = 0; i < 20; i++)
            {
                read += await ReadAsync(read);
            }

            await StaysParkedAsync(() => Field(handshake, "_sent") is ReadinessEvent { Waited: not null });
            while (read < size)
            {
                read += await ReadAsync(read);
            }

            await sending.Soon();

            async Task<int> ReadAsync(long from)
            {
                int count = await peer.ReceiveAsync(buffer).Soon();
                Assert.That(count, Is.Positive);
                Pattern.Check(buffer.AsSpan(0, count), from);
                return count;
            }
        }
    }

    private static async Task CheckAsync(ByteReadChannel input, Func<Task> feed, ReadinessEvent[] gates, Func<bool>? isParked = null)
    {
        try
        {
            byte[] buffer = new byte[1];
            for (int i = 0; i < 3; i++)
            {
                Task<int> reading = Task.Run(async () => await input.ReadAsync(buffer));
                await CheckParksAsync(gates, isParked);
                Assert.That(reading.IsCompleted, Is.False);
                await feed().Soon();
                Assert.That(await reading.Soon(), Is.EqualTo(1));
            }
        }
        finally
        {
            input.Cancel();
        }
    }

    private static async Task CheckParksAsync(ReadinessEvent[] gates, Func<bool>? isParked = null)
    {
        isParked ??= () => gates.Any(readiness => readiness.Waited is not null);
        await StaysParkedAsync(isParked);
        foreach (ReadinessEvent readiness in gates)
        {
            readiness.Set();
        }

        await StaysParkedAsync(isParked);
    }

    // An event that is ready parks its waiter only for a moment, when a turn's budget is spent.
    private static async Task StaysParkedAsync(Func<bool> isParked)
    {
        int inARow = 0;
        await Waiting.UntilAsync(() => (inARow = isParked() ? inARow + 1 : 0) == 20);
    }

    private static ReadinessEvent[] Gates(object owner)
    {
        var gates = new List<ReadinessEvent>();
        for (Type? type = owner.GetType(); type is not null; type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                switch (field.GetValue(owner))
                {
                    case ReadinessEvent readiness:
                        gates.Add(readiness);
                        break;
                    case ReadinessEvent[] several:
                        gates.AddRange(several);
                        break;
                    case MemoryPipe source:
                        gates.AddRange(Gates(source));
                        break;
                }
            }
        }

        return gates.Count > 0 ? [.. gates] : throw new InvalidOperationException($"{owner.GetType()} has no readiness.");
    }

    private static object? Field(object owner, string name)
    {
        Type? type = owner.GetType();
        FieldInfo? field = null;
        for (; field is null && type is not null; type = type.BaseType)
        {
            field = type.GetField(name, BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
        }

        return field!.GetValue(owner);
    }
}
