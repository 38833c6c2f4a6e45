using System.Net;
using System.Net.Sockets;

namespace Sluice.Testing.Tests;

/// <summary>The simulated TCP does what that of Linux does.</summary>
public sealed class TcpTests
{
    [Test]
    public Task A_port_without_a_listener_refuses_at_once() => Simulation.RunAsync(200, async network =>
    {
        network.AddHost("server");
        SimulatedHost client = network.AddHost("client", IPAddress.Parse("10.1.0.1"));

        SocketException failure = await Failure.OfAsync<SocketException>(() => client.RunAsync(selector => ConnectAsync(selector, "server")));

        Assert.That(failure.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
        Assert.That(network.Time.Elapsed, Is.LessThan(TimeSpan.FromSeconds(1)));
    });

    [Test]
    public Task A_black_hole_times_out_after_the_retries_of_Linux() => Simulation.RunAsync(200, async network =>
    {
        network.AddHost("server", IPAddress.Parse("10.1.0.2")).BlackHole(Programs.Port);
        SimulatedHost client = network.AddHost("client");

        SocketException failure = await Failure.OfAsync<SocketException>(() => client.RunAsync(async selector =>
            await selector.Tcp().ConnectAsync("server", Programs.Port, options => options.ConnectTimeout = Timeout.InfiniteTimeSpan)));

        // 1, 2, 4, 8, 16, 32 and 64 seconds (tcp(7), tcp_syn_retries).
        Assert.That(failure.SocketErrorCode, Is.EqualTo(SocketError.TimedOut));
        Assert.That(network.Time.Elapsed.TotalSeconds, Is.EqualTo(127).Within(1));
    });

    [Test]
    public Task A_connect_timeout_ends_the_wait() => Simulation.RunAsync(200, async network =>
    {
        network.AddHost("server").BlackHole(Programs.Port);
        SimulatedHost client = network.AddHost("client");

        await Failure.OfAsync<TimeoutException>(() => client.RunAsync(async selector =>
            await selector.Tcp().ConnectAsync("server", Programs.Port, options => options.ConnectTimeout = TimeSpan.FromSeconds(5))));

        Assert.That(network.Time.Elapsed.TotalSeconds, Is.EqualTo(5).Within(0.1));
    });

    [Test]
    public Task A_full_backlog_delays_a_client_until_there_is_room() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        await using ServerSocket listener = await server.RunAsync(async selector =>
            await selector.Tcp().BindAsync("::", Programs.Port, options => options.Backlog = 1));
        Task<StreamSocket>[] connects = [.. Enumerable.Range(0, 4).Select(_ => client.RunAsync(selector => ConnectAsync(selector, "server")))];
        await network.Time.Delay(TimeSpan.FromSeconds(0.9));
        int connected = connects.Count(connect => connect.IsCompletedSuccessfully);

        StreamSocket[] accepted = await server.RunAsync(async _ =>
        {
            var sockets = new StreamSocket[4];
            for (int i = 0; i < sockets.Length; i++)
            {
                sockets[i] = await listener.AcceptAsync();
            }

            return sockets;
        });

        Assert.That(connected, Is.InRange(2, 4));
        Assert.That(accepted, Has.Length.EqualTo(4));
        await Task.WhenAll(connects);
    });

    [Test]
    public Task A_half_close_leaves_the_other_direction_open() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        network.AddHost("server").Run(selector => Programs.ServeAsync(selector, async connection =>
        {
            byte[] all = await connection.Input.ReadToEndAsync(1000);
            await connection.Output.WriteLineAsync($"{all.Length} bytes");
        }));
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await ConnectAsync(selector, "server");
            Connection connection = socket.OpenConnection();
            await connection.Output.WriteAsync(new byte[100]);
            await connection.Output.CompleteAsync();
            Assert.That(await connection.Input.ReadLineAsync(), Is.EqualTo("100 bytes"));
            Assert.That(await connection.Input.ReadLineAsync(), Is.Null);
        });
    });

    [Test]
    public Task An_abort_is_a_reset() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        network.AddHost("server").Run(selector => Programs.ServeAsync(selector, async connection =>
        {
            await connection.Input.ReadLineAsync();
            connection.Abort();
        }));
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await ConnectAsync(selector, "server");
            Connection connection = socket.OpenConnection();
            await connection.Output.WriteLineAsync("hello");
            IOException failure = await Failure.OfAsync<IOException>(async () => await connection.Input.ReadLineAsync());
            Assert.That(ErrorOf(failure), Is.EqualTo(SocketError.ConnectionReset));
        });
    });

    [Test]
    public Task A_close_with_unread_bytes_is_a_reset_and_one_without_is_not() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        SimulatedHost server = network.AddHost("server");
        await using ServerSocket listener = await server.RunAsync(async selector => await selector.Tcp().BindAsync("::", Programs.Port));
        await using StreamSocket one = await client.RunAsync(selector => ConnectAsync(selector, "server"));
        await using StreamSocket other = await server.RunAsync(async _ => await listener.AcceptAsync());
        Connection connection = one.OpenConnection();
        await connection.Output.WriteLineAsync("hello");
        await network.Time.Delay(TimeSpan.FromSeconds(1));

        // Not CloseAsync, which reads what the peer still sends.
        other.Transport.Close();

        IOException failure = await Failure.OfAsync<IOException>(async () => await connection.Input.ReadLineAsync());
        Assert.That(ErrorOf(failure), Is.EqualTo(SocketError.ConnectionReset));
    });

    [Test]
    public Task A_peer_that_does_not_read_stops_the_writer_at_the_size_of_the_buffers() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        SimulatedHost server = network.AddHost("server");
        await using ServerSocket listener = await server.RunAsync(async selector =>
            await selector.Tcp().BindAsync("::", Programs.Port, options => options.ReceiveBufferSize = 8_000));
        StreamSocket socket = await client.RunAsync(async selector =>
            await selector.Tcp().ConnectAsync("server", Programs.Port, options => options.SendBufferSize = 8_000));
        StreamSocket accepted = await server.RunAsync(async _ => await listener.AcceptAsync());
        byte[] sent = new byte[200_000];
        network.Random.NextBytes(sent);
        Task writing = client.RunAsync(async _ =>
        {
            await socket.OpenConnection().Output.WriteAsync(sent);
            await socket.CloseAsync();
        });
        await network.Time.Delay(TimeSpan.FromMinutes(1));
        Assert.That(writing.IsCompleted, Is.False);

        // The writer is not woken before a third of the buffer is free.
        Assert.That(socket.Transport.UnacknowledgedBytes, Is.InRange(5_334, 8_000));

        byte[] received = await server.RunAsync(async _ => await accepted.OpenConnection().Input.ReadToEndAsync(1_000_000));
        await writing;

        Assert.That(received.AsSpan().SequenceEqual(sent), Is.True);
    });

    [Test]
    public Task Keep_alive_finds_a_peer_that_is_gone() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        SimulatedHost server = network.AddHost("server");
        server.Run(Programs.EchoAsync);
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port, options =>
            {
                options.KeepAlive = true;
                options.KeepAliveTime = TimeSpan.FromSeconds(60);
                options.KeepAliveInterval = TimeSpan.FromSeconds(10);
                options.KeepAliveCount = 3;
            });
            Task<string?> read = socket.OpenConnection().Input.ReadLineAsync().AsTask();
            await network.Time.Delay(TimeSpan.FromMinutes(30));
            Assert.That(read.IsCompleted, Is.False);
            server.Crash();
            TimeSpan crashed = network.Time.Elapsed;
            IOException failure = await Failure.OfAsync<IOException>(() => read);
            Assert.That(ErrorOf(failure), Is.EqualTo(SocketError.TimedOut));
            Assert.That((network.Time.Elapsed - crashed).TotalSeconds, Is.InRange(30, 91));
        });
    });

    [Test]
    public Task A_user_timeout_ends_a_connection_whose_bytes_are_not_acknowledged() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        SimulatedHost server = network.AddHost("server");
        server.Run(Programs.EchoAsync);
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port, options => options.UserTimeout = TimeSpan.FromSeconds(7));
            Connection connection = socket.OpenConnection();
            network.Partition(client, server);
            TimeSpan sent = network.Time.Elapsed;
            await connection.Output.WriteLineAsync("hello");
            IOException failure = await Failure.OfAsync<IOException>(async () => await connection.Input.ReadLineAsync());
            Assert.That(ErrorOf(failure), Is.EqualTo(SocketError.TimedOut));
            Assert.That((network.Time.Elapsed - sent).TotalSeconds, Is.EqualTo(7).Within(0.1));
        });
    });

    [Test]
    public Task Addresses_that_are_taken_or_foreign_cannot_be_bound() => Simulation.RunAsync(1, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        await server.RunAsync(async selector =>
        {
            await using ServerSocket listener = await selector.Tcp().BindAsync("0.0.0.0", Programs.Port);
            SocketException taken = await Failure.OfAsync<SocketException>(async () => await selector.Tcp().BindAsync("::", Programs.Port));
            SocketException foreign = await Failure.OfAsync<SocketException>(async () => await selector.Tcp().BindAsync("192.0.2.1", Programs.Port));
            Assert.That(taken.SocketErrorCode, Is.EqualTo(SocketError.AddressAlreadyInUse));
            Assert.That(foreign.SocketErrorCode, Is.EqualTo(SocketError.AddressNotAvailable));
        });
    });

    [Test]
    public Task A_host_connects_to_itself_by_localhost() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost host = network.AddHost("host");
        host.Run(Programs.EchoAsync);
        await host.RunAsync(async selector =>
        {
            await using StreamSocket socket = await ConnectAsync(selector, "localhost");
            Connection connection = socket.OpenConnection();
            await connection.Output.WriteLineAsync("hello");
            Assert.That(await connection.Input.ReadLineAsync(), Is.EqualTo("hello"));
            Assert.That(IPAddress.IsLoopback(((IPEndPoint)socket.RemoteEndPoint).Address), Is.True);
        });
    });

    [Test]
    public Task A_connect_is_given_no_port_that_a_listener_has() => Simulation.RunAsync(1, async network =>
    {
        await network.AddHost("host").RunAsync(async selector =>
        {
            var ports = new HashSet<int>();
            for (int i = 0; i < 1000; i++)
            {
                ports.Add((await selector.Tcp().BindAsync("127.0.0.1")).Port);
            }

            int port = ports.First();
            for (int i = 0; i < 500; i++)
            {
                await using StreamSocket socket = await selector.Tcp().ConnectAsync("127.0.0.1", port, options => options.LingerSeconds = 0);
                Assert.That(ports, Does.Not.Contain(((IPEndPoint)socket.LocalEndPoint).Port));
            }
        });
    });

    private static SocketError ErrorOf(IOException failure) => ((SocketException)failure.InnerException!).SocketErrorCode;

    private static async Task<StreamSocket> ConnectAsync(SelectorManager selector, string host) => await selector.Tcp().ConnectAsync(host, Programs.Port);
}
