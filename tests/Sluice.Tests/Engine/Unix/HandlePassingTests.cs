using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sluice.Channels.Reading;
using Sluice.Engine;
using Sluice.Engine.Interop;

namespace Sluice.Tests.Engine.Unix;

[Platform("Linux")]
public sealed class HandlePassingTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly LineReadOptions s_lenient = new() { Ending = LineEnding.Lenient };

    private readonly UnixFolder _folder = new();
    private readonly TaskCompletionSource<(long Bytes, int Handles)> _reading = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task A_file_goes_over_and_is_read_there()
    {
        (StreamSocket from, StreamSocket to) = await Selector.Unix().CreatePairAsync().Soon();
        await File.WriteAllTextAsync(_folder["f"], "contents");
        using (SafeFileHandle file = File.OpenHandle(_folder["f"]))
        {
            await from.SendHandlesAsync([file], "take this"u8.ToArray()).Soon();
        }

        byte[] buffer = new byte[100];
        using ReceivedHandles received = await to.ReceiveHandlesAsync(buffer).Soon();
        Assert.That(System.Text.Encoding.ASCII.GetString(buffer, 0, received.ByteCount), Is.EqualTo("take this"));
        Assert.That(received.Count, Is.EqualTo(1));
        Assert.That(received.IsTruncated, Is.False);
        using SafeFileHandle got = received.TakeFile(0);
        byte[] contents = new byte[8];
        RandomAccess.Read(got, contents, 0);
        Assert.That(contents, Is.EqualTo("contents"u8.ToArray()));
        Assert.Throws<InvalidOperationException>(() => received.TakeFile(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => received.TakeFile(1));
        Assert.That(IsCloseOnExec(got), Is.True);
    }

    [Test]
    public async Task Handles_without_a_descriptor_are_refused_and_the_connection_stays_usable()
    {
        (StreamSocket from, StreamSocket to) = await Selector.Unix().CreatePairAsync().Soon();
        byte[] bytes = "x"u8.ToArray();
        using var invalid = new SafeFileHandle(-1, ownsHandle: false);
        using var unused = new SafeFileHandle(100_000, ownsHandle: false);
        Assert.ThrowsAsync<ArgumentException>(() => from.SendHandlesAsync([null!], bytes).AsTask().Soon());
        Assert.ThrowsAsync<ArgumentException>(() => from.SendHandlesAsync([invalid], bytes).AsTask().Soon());
        Assert.ThrowsAsync<ArgumentException>(() => from.SendHandlesAsync([unused], bytes).AsTask().Soon());
        Assert.Throws<ArgumentException>(() => Selector.AdoptListener(new SafeSocketHandle(100_000, ownsHandle: false)));

        await from.SendHandlesAsync([], bytes).Soon();
        using ReceivedHandles received = await to.ReceiveHandlesAsync(new byte[10]).Soon();
        Assert.That((received.ByteCount, received.Count), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task A_list_that_enumerates_more_handles_than_it_counts_is_refused()
    {
        (StreamSocket from, _) = await Selector.Unix().CreatePairAsync().Soon();
        await File.WriteAllTextAsync(_folder["f"], "contents");
        using SafeFileHandle file = File.OpenHandle(_folder["f"]);
        var handles = new WrongCount([.. Enumerable.Repeat(file, 4 * StreamSocket.MaxHandles)]);
        Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => from.SendHandlesAsync(handles, "x"u8.ToArray()).AsTask().Soon());
    }

    [Test]
    public async Task The_line_feed_of_a_line_that_a_view_has_read_is_counted_and_copied_when_descriptors_come_next([Values] bool together)
    {
        (StreamSocket from, StreamSocket to) = await Selector.Unix().CreatePairAsync().Soon();
        var copy = new ArrayBufferWriter<byte>();
        Connection output = from.OpenConnection();
        ByteReadChannel input = to.OpenReadChannel();
        ByteReadChannel view = input.AsTee(copy);
        await output.Output.WriteStringAsync("one\r").Soon();
        Assert.That(await view.ReadLineAsync(s_lenient).Soon(), Is.EqualTo("one"));
        using SafeFileHandle file = OpenFile();
        if (!together)
        {
            await output.Output.WriteStringAsync("\n").Soon();
        }

        await from.SendHandlesAsync([file], together ? "\nX"u8.ToArray() : "X"u8.ToArray()).Soon();
        byte[] buffer = new byte[10];
        using ReceivedHandles received = await to.ReceiveHandlesAsync(buffer).Soon();
        Assert.That((received.ByteCount, received.Count, buffer[0]), Is.EqualTo((1, 1, (byte)'X')));
        Assert.That((view.TotalBytesRead, input.TotalBytesRead, copy.WrittenCount), Is.EqualTo((5, 6, 5)));
    }

    [Test]
    public async Task Bytes_behind_a_line_feed_that_could_not_be_copied_come_before_later_ones()
    {
        (StreamSocket from, StreamSocket to) = await Selector.Unix().CreatePairAsync().Soon();
        Connection output = from.OpenConnection();
        var pipe = new System.IO.Pipelines.Pipe();
        var refusing = new RefusingWriter(pipe.Writer);
        ByteReadChannel view = to.OpenReadChannel().AsTee(refusing);
        await output.Output.WriteStringAsync("one\r").Soon();
        await view.ReadLineAsync(s_lenient).Soon();
        await output.Output.WriteStringAsync("\ntwo").Soon();
        refusing.Refuses = true;
        Assert.ThrowsAsync<NotSupportedException>(() => view.ReadAsync(new byte[10]).AsTask().Soon());
        refusing.Refuses = false;
        await from.SendHandlesAsync([], "three"u8.ToArray()).Soon();
        byte[] buffer = new byte[10];
        using ReceivedHandles first = await to.ReceiveHandlesAsync(buffer).Soon();
        Assert.That(System.Text.Encoding.ASCII.GetString(buffer, 0, first.ByteCount), Is.EqualTo("two"));
        using ReceivedHandles second = await to.ReceiveHandlesAsync(buffer).Soon();
        Assert.That(System.Text.Encoding.ASCII.GetString(buffer, 0, second.ByteCount), Is.EqualTo("three"));
    }

    [Test]
    public async Task A_line_feed_of_two_bytes_that_comes_in_pieces_is_skipped([Values] bool begun, [Values(1, 10)] int room)
    {
        (StreamSocket from, StreamSocket to) = await Selector.Unix().CreatePairAsync().Soon();
        ByteReadChannel input = to.OpenReadChannel();
        var wide = new LineReadOptions { Ending = LineEnding.Lenient, Encoding = System.Text.Encoding.Unicode };
        await from.SendHandlesAsync([], System.Text.Encoding.Unicode.GetBytes("a\r")).Soon();
        Assert.That(await input.ReadLineAsync(wide).Soon(), Is.EqualTo("a"));
        await from.SendHandlesAsync([], "\n"u8.ToArray()).Soon();
        if (begun)
        {
            using var cancellation = new CancellationTokenSource();
            Task<int> reading = input.ReadAsync(new byte[10], cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            Assert.CatchAsync<OperationCanceledException>(() => reading.Soon());
        }

        byte[] buffer = new byte[room];
        Task<ReceivedHandles> receiving = to.ReceiveHandlesAsync(buffer).AsTask();
        await from.SendHandlesAsync([], new byte[] { 0, (byte)'b', 0 }).Soon();
        using ReceivedHandles received = await receiving.Soon();
        Assert.That((received.ByteCount, buffer[0], input.TotalBytesRead), Is.EqualTo((Math.Min(room, 2), (byte)'b', 6 + Math.Min(room, 2))));
    }

    [Test]
    public async Task Descriptors_of_a_call_that_fails_behind_a_line_feed_are_closed_and_reported_as_lost()
    {
        (StreamSocket from, StreamSocket to) = await Selector.Unix().CreatePairAsync().Soon();
        ByteReadChannel input = to.OpenReadChannel();
        using SafeFileHandle file = OpenFile();
        await from.SendHandlesAsync([], "one\r"u8.ToArray()).Soon();
        await input.ReadLineAsync(s_lenient).Soon();
        int before = Descriptors.Count();
        using var cancellation = new CancellationTokenSource();
        Task<ReceivedHandles> receiving = to.ReceiveHandlesAsync(new byte[10], cancellation.Token).AsTask();
        await from.SendHandlesAsync([file], "\n"u8.ToArray()).Soon();
        await Waiting.UntilAsync(() => input.TotalBytesRead == 5);
        await cancellation.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(() => receiving.Soon());
        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
        await from.SendHandlesAsync([], "X"u8.ToArray()).Soon();
        using ReceivedHandles received = await to.ReceiveHandlesAsync(new byte[10]).Soon();
        Assert.That((received.ByteCount, received.Count, received.IsTruncated), Is.EqualTo((1, 0, true)));
    }

    [Test]
    public async Task Descriptors_do_not_pass_beside_a_TLS_session()
    {
        (StreamSocket from, StreamSocket to) = await Selector.Unix().CreatePairAsync().Soon();
        Task<Connection> serving = to.OpenConnection().UpgradeToTlsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = TestCertificates.Server }).AsTask();
        Connection near = await from.OpenConnection().UpgradeToTlsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = TestCertificates.Trusting(TestCertificates.Authority) }).Soon();
        Connection far = await serving.Soon();

        Assert.ThrowsAsync<InvalidOperationException>(async () => await from.SendHandlesAsync([], "secret"u8.ToArray()));
        Assert.ThrowsAsync<InvalidOperationException>(async () => await to.ReceiveHandlesAsync(new byte[100]));

        await near.Output.WriteLineAsync("encrypted").Soon();
        await near.Output.FlushAsync().Soon();
        Assert.That(await far.Input.ReadLineAsync().Soon(), Is.EqualTo("encrypted"));
        near.Abort();
        Exception? failure = await far.Input.ReadLineAsync().OutcomeAsync().Soon();
        Assert.That(failure!.Message, Does.StartWith("Reading from the client of "));
    }

    [Test]
    public async Task As_many_as_there_can_be_go_at_once_and_no_more()
    {
        (StreamSocket from, StreamSocket to) = await Selector.Unix().CreatePairAsync().Soon();
        int before = Descriptors.Count();
        using SafeFileHandle file = OpenFile();
        SafeHandle[] many = [.. Enumerable.Repeat((SafeHandle)file, StreamSocket.MaxHandles)];
        await from.SendHandlesAsync(many, new byte[] { 1 }).Soon();
        using (ReceivedHandles received = await to.ReceiveHandlesAsync(new byte[10]).Soon())
        {
            Assert.That(received.Count, Is.EqualTo(StreamSocket.MaxHandles));
            Assert.That(Descriptors.Count(), Is.GreaterThanOrEqualTo(before + StreamSocket.MaxHandles));
        }

        Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await from.SendHandlesAsync([.. many, file], new byte[] { 1 }));
        Assert.ThrowsAsync<ArgumentException>(async () => await from.SendHandlesAsync(many, default));
        Assert.ThrowsAsync<ArgumentException>(async () => await to.ReceiveHandlesAsync(default));
        await Waiting.UntilAsync(() => Descriptors.Count() <= before + 1);
    }

    [Test]
    public async Task Descriptors_that_are_not_taken_are_closed_and_a_plain_read_loses_no_byte([Values] bool plain)
    {
        (StreamSocket from, StreamSocket to) = await Selector.Unix().CreatePairAsync().Soon();
        using SafeFileHandle file = OpenFile();
        ByteReadChannel input = to.OpenReadChannel();
        int before = Descriptors.Count();
        byte[] buffer = new byte[100];
        for (int i = 0; i < 300; i++)
        {
            // Two messages, of which the first ends a receive: what follows must be found all the same.
            await from.SendHandlesAsync([file, file], "first\n"u8.ToArray()).Soon();
            await from.SendHandlesAsync([], "second\n"u8.ToArray()).Soon();
            if (plain)
            {
                Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("first"));
                Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("second"));
            }
            else
            {
                for (int count = 0; count < 13;)
                {
                    using ReceivedHandles received = await to.ReceiveHandlesAsync(buffer).Soon();
                    count += received.ByteCount;
                }
            }
        }

        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
        if (plain)
        {
            await from.SendHandlesAsync([], "x"u8.ToArray()).Soon();
            using ReceivedHandles last = await to.ReceiveHandlesAsync(buffer).Soon();
            Assert.That(last.IsTruncated, Is.True);
        }
    }

    [Test]
    public async Task They_come_in_the_order_of_what_is_written_before_and_after()
    {
        (StreamSocket from, StreamSocket to) = await Selector.Unix().CreatePairAsync().Soon();
        using SafeFileHandle file = OpenFile();
        await from.SendHandlesAsync([file], "0"u8.ToArray()).Soon();
        ByteWriteChannel output = from.OpenWriteChannel();
        await output.WriteStringAsync("before ").Soon();
        await from.SendHandlesAsync([file], "with "u8.ToArray()).Soon();
        await output.WriteStringAsync("after").Soon();
        await output.CompleteAsync().Soon();

        var text = new System.Text.StringBuilder();
        int count = 0;
        byte[] buffer = new byte[64];
        while (true)
        {
            using ReceivedHandles received = await to.ReceiveHandlesAsync(buffer).Soon();
            if (received.ByteCount == 0)
            {
                break;
            }

            text.Append(System.Text.Encoding.ASCII.GetString(buffer, 0, received.ByteCount));
            count += received.Count;
        }

        Assert.That(text.ToString(), Is.EqualTo("0before with after"));
        Assert.That(count, Is.EqualTo(2));
    }

    [Test]
    public async Task What_the_channel_has_buffered_comes_first_and_one_reads_at_a_time()
    {
        (StreamSocket from, StreamSocket to) = await Selector.Unix().CreatePairAsync().Soon();
        ByteReadChannel input = to.OpenReadChannel();
        Connection sender = from.OpenConnection();
        await sender.Output.WriteStringAsync("line\r\nrest").Soon();
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("line"));
        byte[] buffer = new byte[10];
        using ReceivedHandles rest = await to.ReceiveHandlesAsync(buffer).Soon();
        Assert.That(buffer.AsSpan(0, rest.ByteCount).ToArray(), Is.EqualTo("rest"u8.ToArray()));

        using var cancellation = new CancellationTokenSource();
        Task<ReceivedHandles> receiving = to.ReceiveHandlesAsync(buffer, cancellation.Token).AsTask();
        Assert.ThrowsAsync<InvalidOperationException>(async () => await input.ReadLineAsync());
        await cancellation.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(async () => await receiving.Soon());
        await sender.Output.WriteLineAsync("again").Soon();
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("again"));
    }

    [Test]
    public async Task A_line_feed_that_comes_late_is_not_part_of_what_is_received()
    {
        (StreamSocket from, StreamSocket to) = await Selector.Unix().CreatePairAsync().Soon();
        ByteReadChannel input = to.OpenReadChannel();
        await from.SendHandlesAsync([], "line\r"u8.ToArray()).Soon();
        Assert.That(await input.ReadLineAsync(new LineReadOptions { Ending = LineEnding.Lenient }).Soon(), Is.EqualTo("line"));
        await from.SendHandlesAsync([], "\nnext"u8.ToArray()).Soon();
        byte[] buffer = new byte[10];
        using ReceivedHandles received = await to.ReceiveHandlesAsync(buffer).Soon();
        Assert.That(buffer.AsSpan(0, received.ByteCount).ToArray(), Is.EqualTo("next"u8.ToArray()));
    }

    [Test]
    public async Task A_peer_that_does_not_read_suspends_the_sending_and_gets_all_of_it()
    {
        (StreamSocket from, StreamSocket to) = await Selector.Unix().CreatePairAsync().Soon();
        using SafeFileHandle file = OpenFile();
        byte[] message = new byte[100_000];
        int sent = 0;
        Task sending;
        using var cancellation = new CancellationTokenSource();
        while ((sending = from.SendHandlesAsync([file], message, cancellation.Token).AsTask()).IsCompletedSuccessfully)
        {
            sent++;
        }

        Assert.ThrowsAsync<InvalidOperationException>(async () => await from.SendHandlesAsync([], message));
        await cancellation.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(async () => await sending.Soon());
        Task reading = ReadAsync();
        await from.CloseAsync().Soon();
        await reading.Soon();
        (long bytes, int handles) = await _reading.Task.Soon();

        // The one that was given up is on its way all the same.
        Assert.That(bytes, Is.EqualTo((sent + 1) * (long)message.Length));
        Assert.That(handles, Is.EqualTo(sent + 1));

        async Task ReadAsync()
        {
            long bytes = 0;
            int handles = 0;
            byte[] buffer = new byte[64 * 1024];
            while (true)
            {
                using ReceivedHandles received = await to.ReceiveHandlesAsync(buffer);
                bytes += received.ByteCount;
                handles += received.Count;
                if (received.ByteCount == 0)
                {
                    _reading.SetResult((bytes, handles));
                    return;
                }
            }
        }
    }

    [Test]
    public async Task Closing_leaves_no_descriptor_behind_wherever_they_are()
    {
        using SafeFileHandle file = OpenFile();
        int before = Descriptors.Count();
        for (int i = 0; i < 20; i++)
        {
            (StreamSocket from, StreamSocket to) = await Selector.Unix().CreatePairAsync().Soon();
            Task<Exception?> sending = Task.FromResult<Exception?>(null);
            for (int j = 0; j < 10; j++)
            {
                using var soon = new CancellationTokenSource(10);
                sending = from.SendHandlesAsync([file, file], new byte[100_000], soon.Token).OutcomeAsync();
                await sending.Soon();
            }

            Task<Exception?> receiving = Task.Run(async () =>
            {
                using ReceivedHandles received = await to.ReceiveHandlesAsync(new byte[10]);
                to.Abort();
                return (Exception?)null;
            });
            await receiving.Soon();
            from.Abort();
        }

        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    [Test]
    public async Task Over_tcp_it_is_refused()
    {
        (StreamSocket client, _) = await ConnectSocketsAsync();
        Assert.ThrowsAsync<InvalidOperationException>(async () => await client.SendHandlesAsync([], new byte[1]));
        Assert.ThrowsAsync<InvalidOperationException>(async () => await client.ReceiveHandlesAsync(new byte[1]));
    }

    [Test]
    public async Task A_socket_goes_over_and_is_adopted_there()
    {
        (StreamSocket from, StreamSocket to) = await Selector.Unix().CreatePairAsync().Soon();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen();
        using Socket peer = await Peers.ConnectAsync(listener.LocalEndPoint!);
        using (Socket accepted = await listener.AcceptAsync())
        {
            await from.SendHandlesAsync([accepted.SafeHandle], new byte[1]).Soon();
        }

        using ReceivedHandles received = await to.ReceiveHandlesAsync(new byte[1]).Soon();
        await using StreamSocket ours = Selector.AdoptStream(received.TakeSocket(0));
        await peer.SendAsync("hello\n"u8.ToArray());
        Assert.That(await ours.OpenReadChannel().ReadLineAsync().Soon(), Is.EqualTo("hello"));
    }

    private SafeFileHandle OpenFile()
    {
        File.WriteAllText(_folder["any"], "any");
        return File.OpenHandle(_folder["any"]);
    }

    /// <summary>A close reads away what comes, and a receive that had begun before it may be next.</summary>
    [Test]
    public async Task What_a_receive_gets_once_the_socket_is_closing_is_not_handed_out()
    {
        (StreamSocket from, StreamSocket to) = await Selector.Unix().CreatePairAsync().Soon();
        using (SafeFileHandle file = OpenFile())
        {
            await from.SendHandlesAsync([file], new byte[100]).Soon();
        }

        var closing = new ClosingCollection(to.Transport);
        int received = 0;
        await Waiting.UntilAsync(() =>
        {
            received = to.Transport.TryReceive(new byte[100], closing);
            return closing.Count > 0;
        });

        Assert.That(received, Is.EqualTo(IByteSource.WouldBlock));
    }

    private static bool IsCloseOnExec(SafeHandle handle) =>
        File.ReadLines($"/proc/self/fdinfo/{handle.DangerousGetHandle()}").Any(line => line.StartsWith("flags:", StringComparison.Ordinal)
            && (Convert.ToInt32(line[6..].Trim(), 8) & 0x80000) != 0);

    // Between the system's receive and what is made of it: closes the socket's input.
    private sealed class ClosingCollection(StreamTransport transport) : System.Collections.ObjectModel.Collection<SocketHandle>
    {
        protected override void InsertItem(int index, SocketHandle item)
        {
            item.Dispose();
            transport.CloseInput();
            base.InsertItem(index, item);
        }
    }

    private sealed class WrongCount(SafeHandle[] handles) : IReadOnlyList<SafeHandle>
    {
        public int Count => 1;

        public SafeHandle this[int index] => handles[index];

        public IEnumerator<SafeHandle> GetEnumerator() => ((IEnumerable<SafeHandle>)handles).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed class RefusingWriter(IBufferWriter<byte> writer) : IBufferWriter<byte>
    {
        public bool Refuses { get; set; }

        public void Advance(int count) => writer.Advance(count);

        public Memory<byte> GetMemory(int sizeHint = 0) => Refuses ? throw new NotSupportedException("the caller's writer") : writer.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
