using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sluice.Engine.Files;

namespace Sluice.Tests.Engine.Files;

/// <summary>Files that are not plain: all of their bytes, or an error that says so, and the token is heeded.</summary>
[Platform("Linux")]
[Parallelizable(ParallelScope.All)]
public sealed partial class SendFileKindsTests(SelectorEngine engine) : BothEngines(engine)
{
    // POSIX_FADV_DONTNEED, fcntl.h.
    private const int DontNeed = 4;

    private readonly TemporaryFolder _folder = new();

    public enum Sink
    {
        Socket,
        Memory,
        Stream,
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task A_file_that_does_not_say_how_long_it_is_is_sent_to_its_end(
        [Values("/proc/version", "/proc/filesystems", "/proc/self/cmdline", "/sys/kernel/cpu_byteorder", "/dev/null")] string path, [Values] Sink sink)
    {
        if (!File.Exists(path))
        {
            Assert.Ignore($"There is no {path} here.");
        }

        // Not File.ReadAllBytes, which believes what /sys says.
        using var expected = new MemoryStream();
        await using (FileStream file = File.OpenRead(path))
        {
            await file.CopyToAsync(expected);
        }

        await using Target target = await Target.OpenAsync(Selector, sink);

        await target.Output.WriteStringAsync("before").Soon();
        await target.Output.SendFileAsync(path).Soon();

        byte[] got = await target.EndAsync();
        Assert.That(got[..6], Is.EqualTo("before"u8.ToArray()));
        Assert.That(got[6..], Is.EqualTo(expected.ToArray()));
    }

    [Test]
    public async Task A_fifo_is_sent_until_its_writers_have_closed_it([Values] Sink sink, [Values] bool writerIsFirst)
    {
        string path = await MakeFifoAsync();
        await using Target target = await Target.OpenAsync(Selector, sink);
        Task writing = writerIsFirst ? WriteAsync(path, 300_000) : Task.CompletedTask;
        Task sending = target.Output.SendFileAsync(path).AsTask();
        if (!writerIsFirst)
        {
            // Waits out a call that ends without a writer.
            await Task.Delay(50);
            Assert.That(sending.IsCompleted, Is.False, "There is no writer yet.");
            writing = WriteAsync(path, 300_000);
        }

        await writing.Soon();
        await sending.Soon();

        byte[] got = await target.EndAsync();
        Assert.That(got, Has.Length.EqualTo(300_000));
        Pattern.Check(got, 0);
    }

    [TestCase("fifo")]
    [TestCase("/dev/null")]
    [TestCase("file")]
    public async Task A_path_with_a_NUL_is_refused_and_opens_no_other_file(string name)
    {
        string path = name == "fifo" ? await MakeFifoAsync() : _folder.PathOf(name);
        await File.AppendAllTextAsync(_folder.PathOf("file"), "secret");
        var channel = new ByteChannel();
        Assert.ThrowsAsync<ArgumentException>(() => channel.Writer.SendFileAsync(path + "\0.txt").AsTask().Soon());
        Assert.That(channel.Writer.TotalBytesWritten, Is.Zero);
    }

    [Test]
    public async Task A_fifo_without_a_writer_holds_up_no_other_connection_and_the_token_ends_the_wait()
    {
        await using var selector = new SelectorManager(new SelectorOptions { Engine = Selector.Engine, LoopCount = 1, HandoffAfter = Timeout.InfiniteTimeSpan });
        string path = await MakeFifoAsync();
        using var cancel = new CancellationTokenSource();
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        var outcome = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            if (await connection.Input.ReadLineAsync(token) == "file")
            {
                outcome.SetResult(await Waiting.FailureAsync(() => connection.Output.SendFileAsync(path, cancel.Token)));
            }

            await connection.Output.WriteLineAsync("served", token);
        });
        using Socket first = await Peers.ConnectAsync(server.LocalEndPoint);
        using Socket second = await Peers.ConnectAsync(server.LocalEndPoint);
        await first.SendAsync("file\n"u8.ToArray()).Soon();

        // Waits out the way to where the file's sender waits for a writer: nothing shows it.
        await Task.Delay(50);
        await second.SendAsync("\n"u8.ToArray()).Soon();

        Assert.That(await second.ReadToEndAsync().Soon(), Is.EqualTo("served\r\n".Length));

        await cancel.CancelAsync();
        Exception? failure = await outcome.Task.Soon();
        Assert.That(failure, Is.InstanceOf<OperationCanceledException>());
        Assert.That(((OperationCanceledException)failure!).CancellationToken, Is.EqualTo(cancel.Token));
        Assert.That(await first.ReadToEndAsync().Soon(), Is.EqualTo("served\r\n".Length), "The channel stays usable.");
        await server.StopAsync(Patience).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task What_a_fifo_gives_is_sent_before_it_gives_more()
    {
        string path = await MakeFifoAsync();
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector);
        using Socket closing = peer;
        await using StreamSocket socket = ours;
        using var cancel = new CancellationTokenSource();
        Task sending = ours.OpenWriteChannel().SendFileAsync(path, cancel.Token).AsTask();
        await using (var writer = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            await writer.WriteAsync("hello"u8.ToArray());
            await writer.FlushAsync();
            byte[] got = new byte[5];
            Assert.That(await peer.ReceiveAsync(got).Soon(), Is.EqualTo(5));
            Assert.That(sending.IsCompleted, Is.False);

            await cancel.CancelAsync();

            Assert.That(await sending.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        }
    }

    [Test]
    public async Task A_device_without_end_is_sent_until_the_token_ends_it_and_by_count_as_far_as_wanted([Values] Sink sink)
    {
        await using Target target = await Target.OpenAsync(Selector, sink);
        using SafeFileHandle zero = File.OpenHandle("/dev/zero");

        await target.Output.SendFileAsync(zero, 0, 300_000).Soon();
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Assert.That(await target.Output.SendFileAsync("/dev/zero", cancel.Token).AsTask().OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());

        byte[] got = await target.EndAsync();
        Assert.That(got, Has.Length.GreaterThanOrEqualTo(300_000));
        Assert.That(got.AsSpan().IndexOfAnyExcept((byte)0), Is.Negative);
    }

    [Test]
    public async Task What_is_no_file_with_bytes_is_an_error_before_anything_is_sent([Values] Sink sink)
    {
        await using Target target = await Target.OpenAsync(Selector, sink);
        string path = _folder.PathOf("s");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));

        Assert.That(await target.Output.SendFileAsync(_folder.PathOf(string.Empty)).AsTask().OutcomeAsync(), Is.InstanceOf<UnauthorizedAccessException>());
        Assert.That(await target.Output.SendFileAsync(path).AsTask().OutcomeAsync(), Is.InstanceOf<IOException>());
        using SafeFileHandle pipe = File.OpenHandle(await MakeFifoAsync(), access: FileAccess.ReadWrite);
        Assert.That(await target.Output.SendFileAsync(pipe, 0, 1).AsTask().OutcomeAsync(), Is.InstanceOf<NotSupportedException>());
        Assert.That(
            await target.Output.SendFileAsync(_folder.PathOf("not")).AsTask().OutcomeAsync(), Is.InstanceOf<FileNotFoundException>());

        await target.Output.WriteStringAsync("after").Soon();
        Assert.That(await target.EndAsync(), Is.EqualTo("after"u8.ToArray()));
    }

    [Test]
    public async Task A_part_beyond_four_gigabytes_is_sent([Values] Sink sink)
    {
        const long offset = 5L * 1024 * 1024 * 1024;
        string path = _folder.PathOf("sparse");
        await using (var writer = new FileStream(path, FileMode.Create))
        {
            writer.Seek(offset, SeekOrigin.Begin);
            await writer.WriteAsync(Pattern.Bytes(400_000));
        }

        await using Target target = await Target.OpenAsync(Selector, sink);
        using SafeFileHandle file = File.OpenHandle(path);

        await target.Output.SendFileAsync(file, offset - 100_000, 500_000).Soon();

        byte[] got = await target.EndAsync();
        Assert.That(got, Has.Length.EqualTo(500_000));
        Assert.That(got.AsSpan(0, 100_000).IndexOfAnyExcept((byte)0), Is.Negative);
        Pattern.Check(got.AsSpan(100_000), 0);
    }

    [Test]
    public async Task A_file_that_becomes_shorter_while_it_is_sent_is_an_error()
    {
        string path = _folder.PathOf("shrinks");
        await File.WriteAllBytesAsync(path, new byte[64 * 1024 * 1024]);
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector);
        using Socket closing = peer;
        await using StreamSocket socket = ours;
        Task sending = ours.OpenWriteChannel().SendFileAsync(path).AsTask();
        Assert.That(async () => await sending.WaitAsync(TimeSpan.FromMilliseconds(200)), Throws.InstanceOf<TimeoutException>());

        using (SafeFileHandle file = File.OpenHandle(path, access: FileAccess.Write, share: FileShare.ReadWrite))
        {
            RandomAccess.SetLength(file, 1000);
        }

        Task<long> receiving = peer.ReadToEndAsync();
        Assert.That(await sending.OutcomeAsync(), Is.InstanceOf<EndOfStreamException>());
        await ours.CloseAsync().Soon();
        await receiving.Soon();
    }

    [Test]
    public async Task A_file_that_is_not_in_memory_is_seen_to_be_on_the_disk_and_arrives_whole([Values(1, 65_536, 262_144, 5_000_001)] int length)
    {
        string path = _folder.PathOf("cold");
        await File.WriteAllBytesAsync(path, Pattern.Bytes(length));
        using SafeFileHandle file = File.OpenHandle(path, access: FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
        Assert.That(PageCache.Has(file, 0, length), Is.True);
        for (int i = 0; PageCache.Has(file, 0, length); i++)
        {
            if (i == 100)
            {
                Assert.Ignore("The filesystem of temporary files lets nothing go.");
            }

            Assert.That(Advise(file, 0, 0, DontNeed), Is.Zero);
            await Task.Delay(10);
        }

        await using Target target = await Target.OpenAsync(Selector, Sink.Socket);
        await target.Output.SendFileAsync(path).Soon();

        byte[] got = await target.EndAsync();
        Assert.That(got, Has.Length.EqualTo(length));
        Pattern.Check(got, 0);
        Assert.That(PageCache.Has(file, 0, length), Is.True);
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, nint offset, nint length, int advice);

    private static Task WriteAsync(string path, int count) => Task.Run(async () =>
    {
        await using var writer = new FileStream(path, FileMode.Open, FileAccess.Write);
        await writer.WriteAsync(Pattern.Bytes(count));
    });

    private async Task<string> MakeFifoAsync()
    {
        string path = _folder.PathOf("fifo");
        await RealPeer.RunAsync("mkfifo", path);
        return path;
    }

    /// <summary>A channel, and what has come out of it at its end.</summary>
    private sealed class Target(ByteWriteChannel output, Task<byte[]> receiving, IAsyncDisposable? socket) : IAsyncDisposable
    {
        public ByteWriteChannel Output { get; } = output;

        public static async Task<Target> OpenAsync(SelectorManager selector, Sink sink)
        {
            switch (sink)
            {
                case Sink.Memory:
                    var channel = new ByteChannel();
                    return new Target(channel.Writer, channel.Reader.ReadToEndAsync(limit: int.MaxValue).AsTask(), null);
                case Sink.Stream:
                    var stream = new MemoryStream();
                    var ended = new TaskCompletionSource<byte[]>();
                    return new Target(stream.AsByteWriteChannel(), ended.Task, null) { Ended = () => ended.SetResult(stream.ToArray()) };
                default:
                    (StreamSocket ours, Socket peer) = await Peers.PairAsync(selector);
                    return new Target(ours.OpenWriteChannel(), ReadToEndAsync(peer), ours);
            }
        }

        public async Task<byte[]> EndAsync()
        {
            await Output.CompleteAsync().Soon();
            Ended?.Invoke();
            return await receiving.Soon();
        }

        public async ValueTask DisposeAsync()
        {
            if (socket is not null)
            {
                await socket.DisposeAsync();
            }
        }

        private Action? Ended { get; init; }

        private static async Task<byte[]> ReadToEndAsync(Socket peer)
        {
            await using var stream = new NetworkStream(peer, ownsSocket: true);
            using var all = new MemoryStream();
            await stream.CopyToAsync(all);
            return all.ToArray();
        }
    }
}
