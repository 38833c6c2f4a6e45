using System.Net.Sockets;
using Sluice.Engine.Unix;

namespace Sluice.Testing.Tests;

/// <summary>Streams of the Unix domain within a simulated host do what those of Linux do.</summary>
public sealed class UnixTests
{
    private const string Path = "/run/server";

    [Test]
    public Task A_client_is_served_by_path_and_by_abstract_name([Values(Path, "\0name")] string name) => RunAsync(200, async (host, selector) =>
    {
        host.Run(async server =>
        {
            await using ServerSocket listener = await server.Unix().BindAsync(name);
            await listener.ServeAsync((connection, token) => connection.Input.CopyToAsync(connection.Output, token).AsTask());
        });
        await host.Time.Delay(TimeSpan.FromMilliseconds(1));
        await using StreamSocket socket = await selector.Unix().ConnectAsync(name);
        byte[] sent = new byte[500_000];
        host.Network.Random.NextBytes(sent);
        Connection connection = socket.OpenConnection();
        Task writing = WriteAsync();
        byte[] received = await connection.Input.ReadToEndAsync(1_000_000);
        await writing;

        Assert.That(received.AsSpan().SequenceEqual(sent), Is.True);
        Assert.That(socket.RemoteEndPoint, Is.EqualTo(new UnixDomainSocketEndPoint(name)));
        Assert.That(File.Exists(Path), Is.False);

        async Task WriteAsync()
        {
            await connection.Output.WriteAsync(sent);
            await connection.Output.CompleteAsync();
        }
    });

    [Test]
    public Task A_name_has_one_listener_and_goes_with_it() => RunAsync(1, async (_, selector) =>
    {
        Assert.That(await ConnectErrorAsync(selector, Path), Is.EqualTo(SocketError.AddressNotAvailable));
        ServerSocket listener = await selector.Unix().BindAsync(Path);
        SocketException taken = await Failure.OfAsync<SocketException>(async () => await selector.Unix().BindAsync(Path));
        SocketException wrong = await Failure.OfAsync<SocketException>(async () => await selector.Unix().ConnectDatagramAsync(Path));
        Assert.That((taken.SocketErrorCode, wrong.SocketErrorCode), Is.EqualTo((SocketError.AddressAlreadyInUse, SocketError.ProtocolType)));
        await listener.DisposeAsync();
        Assert.That(await ConnectErrorAsync(selector, Path), Is.EqualTo(SocketError.AddressNotAvailable));
    });

    [Test]
    public Task A_name_that_stays_refuses_and_is_replaced() => RunAsync(1, async (_, selector) =>
    {
        ServerSocket listener = await selector.Unix().BindAsync(Path, options => options.DeleteOnClose = false);
        await listener.DisposeAsync();
        Assert.That(await ConnectErrorAsync(selector, Path), Is.EqualTo(SocketError.ConnectionRefused));
        await using ServerSocket next = await selector.Unix().BindAsync(Path);
        await using StreamSocket socket = await selector.Unix().ConnectAsync(Path);
    });

    [Test]
    public Task A_crash_leaves_paths_behind_and_no_abstract_names() => Simulation.RunAsync(10, async network =>
    {
        SimulatedHost host = network.AddHost("host");
        await host.RunAsync(async selector =>
        {
            await selector.Unix().BindAsync(Path);
            await selector.Unix().BindAsync("\0name");
        });
        host.Crash();
        host.Restart();
        await host.RunAsync(async selector =>
        {
            Assert.That(await ConnectErrorAsync(selector, Path), Is.EqualTo(SocketError.ConnectionRefused));
            Assert.That(await ConnectErrorAsync(selector, "\0name"), Is.EqualTo(SocketError.ConnectionRefused));
            await using ServerSocket again = await selector.Unix().BindAsync(Path);
        });
    });

    [Test]
    public Task Another_host_has_other_names() => Simulation.RunAsync(1, async network =>
    {
        await network.AddHost("one").RunAsync(async selector => await selector.Unix().BindAsync(Path));
        await network.AddHost("other").RunAsync(async selector =>
            Assert.That(await ConnectErrorAsync(selector, Path), Is.EqualTo(SocketError.AddressNotAvailable)));
    });

    [Test]
    public Task A_full_backlog_delays_a_client_until_there_is_room() => RunAsync(50, async (host, selector) =>
    {
        await using ServerSocket listener = await selector.Unix().BindAsync(Path, options => options.Backlog = 1);
        Task<StreamSocket>[] connects = [.. Enumerable.Range(0, 4).Select(_ => selector.Unix().ConnectAsync(Path).AsTask())];
        await host.Time.Delay(TimeSpan.FromSeconds(1));
        Assert.That(connects.Count(connect => connect.IsCompletedSuccessfully), Is.EqualTo(2));
        for (int i = 0; i < connects.Length; i++)
        {
            await listener.AcceptAsync();
        }

        await Task.WhenAll(connects);
        await Failure.OfAsync<TimeoutException>(async () =>
        {
            for (int i = 0; i < 3; i++)
            {
                await selector.Unix().ConnectAsync(Path, options => options.ConnectTimeout = TimeSpan.FromSeconds(5));
            }
        });
    });

    [Test]
    public Task A_listener_that_closes_resets_who_waits() => RunAsync(50, async (_, selector) =>
    {
        ServerSocket listener = await selector.Unix().BindAsync(Path);
        await using StreamSocket socket = await selector.Unix().ConnectAsync(Path);
        await listener.DisposeAsync();
        Assert.That(await ReadErrorAsync(socket), Is.EqualTo(SocketError.ConnectionReset));
    });

    [Test]
    public Task A_close_with_unread_bytes_is_a_reset_and_one_without_is_an_end() => RunAsync(200, async (_, selector) =>
    {
        (StreamSocket reset, StreamSocket closesUnread) = await selector.Unix().CreatePairAsync();
        Assert.That(reset.Transport.TrySendDirect("unread"u8), Is.EqualTo(6));
        closesUnread.Transport.Close();
        Assert.That(await ReadErrorAsync(reset), Is.EqualTo(SocketError.ConnectionReset));

        (StreamSocket ended, StreamSocket closes) = await selector.Unix().CreatePairAsync();
        Assert.That(closes.Transport.TrySendDirect("last words\n"u8), Is.EqualTo(11));
        closes.Transport.Close();
        ByteReadChannel input = ended.OpenReadChannel();
        Assert.That((await input.ReadLineAsync(), await input.ReadLineAsync()), Is.EqualTo(("last words", (string?)null)));
    });

    [Test]
    public Task A_write_after_the_close_of_the_peer_fails_at_once() => RunAsync(50, async (_, selector) =>
    {
        (StreamSocket writer, StreamSocket closes) = await selector.Unix().CreatePairAsync();
        closes.Transport.Close();
        int sent = 0;
        IOException failure = await Failure.OfAsync<IOException>(() =>
        {
            sent = writer.Transport.TrySendDirect("late"u8);
            return Task.CompletedTask;
        });
        Assert.That((sent, ErrorOf(failure)), Is.EqualTo((0, SocketError.ConnectionReset)));
    });

    [Test]
    public Task A_half_close_leaves_the_other_direction_open_and_the_peer_is_known() => RunAsync(200, async (_, selector) =>
    {
        (StreamSocket first, StreamSocket second) = await selector.Unix().CreatePairAsync();
        Connection one = first.OpenConnection(), other = second.OpenConnection();
        await one.Output.WriteLineAsync("all");
        await one.Output.CompleteAsync();
        Assert.That((await other.Input.ReadLineAsync(), await other.Input.ReadLineAsync()), Is.EqualTo(("all", (string?)null)));
        await other.Output.WriteLineAsync("answer");
        Assert.That(await one.Input.ReadLineAsync(), Is.EqualTo("answer"));
        Assert.That(first.PeerCredentials, Is.EqualTo(new PeerCredentials(1, 1000, 1000)));
        Assert.That(UnixEndPoints.IsUnnamed((UnixDomainSocketEndPoint)first.RemoteEndPoint), Is.True);
    });

    [Test]
    public Task A_peer_that_does_not_read_stops_the_writer() => RunAsync(50, async (host, selector) =>
    {
        (StreamSocket writer, StreamSocket reader) = await selector.Unix().Configure(options => options.SendBufferSize = 10_000).CreatePairAsync();
        Task writing = writer.OpenConnection().Output.WriteAsync(new byte[100_000]).AsTask();
        await host.Time.Delay(TimeSpan.FromMinutes(1));
        Assert.That(writing.IsCompleted, Is.False);
        await reader.OpenConnection().Input.ReadExactlyAsync(100_000);
        await writing;
    });

    private static Task RunAsync(int seeds, Func<SimulatedHost, SelectorManager, Task> test) => Simulation.RunAsync(seeds, network =>
    {
        SimulatedHost host = network.AddHost("host");
        return host.RunAsync(selector => test(host, selector));
    });

    private static async Task<SocketError> ConnectErrorAsync(SelectorManager selector, string name) =>
        (await Failure.OfAsync<SocketException>(async () => await selector.Unix().ConnectAsync(name))).SocketErrorCode;

    private static async Task<SocketError> ReadErrorAsync(StreamSocket socket) =>
        ErrorOf(await Failure.OfAsync<IOException>(async () => await socket.OpenReadChannel().ReadLineAsync()));

    private static SocketError ErrorOf(IOException failure) => ((SocketException)failure.InnerException!).SocketErrorCode;
}
