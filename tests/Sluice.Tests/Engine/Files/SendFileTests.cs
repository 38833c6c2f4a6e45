using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Tests.Engine.Files;

[Parallelizable(ParallelScope.All)]
public sealed class SendFileTests(SelectorEngine engine) : BothEngines(engine)
{
    private const int Long = 8 * 1024 * 1024;

    private string _path = string.Empty;

    [SetUp]
    public void NameFile() => _path = Path.GetTempFileName();

    [TearDown]
    public void DeleteFile() => File.Delete(_path);

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(256 * 1024)]
    [TestCase(Long + 1)]
    public async Task A_file_arrives_whole_between_what_was_written_before_and_after(int length)
    {
        (ByteWriteChannel output, NetworkStream peer) = await OpenAsync();
        await File.WriteAllBytesAsync(_path, Pattern.Bytes(length));
        Task<byte[]> receiving = ReadToEndAsync(peer);

        await output.WriteStringAsync("before").Soon();
        await output.SendFileAsync(_path).Soon();
        await output.WriteStringAsync("after").Soon();
        await output.CompleteAsync().Soon();

        byte[] got = await receiving;
        Assert.That(got[..6], Is.EqualTo("before"u8.ToArray()));
        Assert.That(got[^5..], Is.EqualTo("after"u8.ToArray()));
        Assert.That(got, Has.Length.EqualTo(length + 11));
        Pattern.Check(got.AsSpan(6, length), 0);
    }

    [Test]
    public async Task Part_of_a_file_can_be_sent()
    {
        (ByteWriteChannel output, NetworkStream peer) = await OpenAsync();
        await File.WriteAllBytesAsync(_path, Pattern.Bytes(100_000));
        using SafeFileHandle file = File.OpenHandle(_path);

        await output.SendFileAsync(file, 1000, 50_000).Soon();
        await output.CompleteAsync().Soon();

        byte[] got = await ReadToEndAsync(peer);
        Assert.That(got, Has.Length.EqualTo(50_000));
        Pattern.Check(got, 1000);
    }

    [Test]
    public async Task A_file_that_is_shorter_than_said_is_sent_as_far_as_it_goes_and_the_channel_stays_usable()
    {
        (ByteWriteChannel output, NetworkStream peer) = await OpenAsync();
        await File.WriteAllBytesAsync(_path, Pattern.Bytes(300_000));
        using SafeFileHandle file = File.OpenHandle(_path);
        Task<byte[]> receiving = ReadToEndAsync(peer);

        Exception? failure = await output.SendFileAsync(file, 0, 400_000).OutcomeAsync();

        Assert.That(failure, Is.InstanceOf<EndOfStreamException>().With.Message.Contains("100000 bytes"));
        await output.WriteStringAsync("after").Soon();
        await output.CompleteAsync().Soon();
        byte[] got = await receiving;
        Assert.That(got, Has.Length.EqualTo(300_005));
        Pattern.Check(got.AsSpan(0, 300_000), 0);
    }

    [TestCase(10, long.MaxValue)]
    [TestCase(1, long.MaxValue - 1)]
    [TestCase(100_000, long.MaxValue - 100_000)]
    public async Task More_than_a_file_can_have_is_sent_as_far_as_it_goes_and_the_channel_stays_usable(long offset, long count)
    {
        byte[] bytes = Pattern.Bytes(300_000);
        await File.WriteAllBytesAsync(_path, bytes);
        (StreamSocket socket, Socket peer) = await Peers.PairAsync(Selector);
        await using StreamSocket ours = socket;
        await using var stream = new NetworkStream(peer, ownsSocket: true);
        using var all = new MemoryStream();
        Task receiving = stream.CopyToAsync(all);
        ByteWriteChannel output = ours.OpenWriteChannel();
        using SafeFileHandle file = File.OpenHandle(_path);

        Exception? failure = await output.SendFileAsync(file, offset, count).OutcomeAsync();
        await output.WriteStringAsync("after").Soon();
        await output.CompleteAsync().Soon();

        await receiving.Soon();
        Assert.That(failure, Is.InstanceOf<EndOfStreamException>());
        Assert.That(all.ToArray(), Is.EqualTo((byte[])[.. bytes[(int)offset..], .. "after"u8]));
    }

    [Test]
    public async Task A_file_that_may_not_be_read_leaves_the_channel_usable()
    {
        (ByteWriteChannel output, NetworkStream peer) = await OpenAsync();
        await File.WriteAllBytesAsync(_path, Pattern.Bytes(1000));
        using SafeFileHandle file = File.OpenHandle(_path, access: FileAccess.Write);

        Assert.That(await output.SendFileAsync(file, 0, 1000).OutcomeAsync(), Is.InstanceOf<UnauthorizedAccessException>().Or.InstanceOf<IOException>());

        await output.WriteStringAsync("after").Soon();
        await output.CompleteAsync().Soon();
        Assert.That(await ReadToEndAsync(peer), Is.EqualTo("after"u8.ToArray()));
    }

    [Test]
    public async Task A_file_that_is_not_there_is_reported_and_the_channel_stays_usable()
    {
        (ByteWriteChannel output, NetworkStream peer) = await OpenAsync();

        Assert.That(await output.SendFileAsync(_path + ".not").OutcomeAsync(), Is.InstanceOf<FileNotFoundException>());

        await output.WriteStringAsync("after").Soon();
        await output.CompleteAsync().Soon();
        Assert.That(await ReadToEndAsync(peer), Is.EqualTo("after"u8.ToArray()));
    }

    [Test]
    public async Task Sending_to_a_peer_that_does_not_read_waits_and_what_is_on_its_way_when_it_is_cancelled_still_arrives_in_its_place()
    {
        (ByteWriteChannel output, NetworkStream peer) = await OpenAsync();
        await File.WriteAllBytesAsync(_path, Pattern.Bytes(4 * Long));
        using var cancel = new CancellationTokenSource();
        Task sending = output.SendFileAsync(_path, cancel.Token).AsTask();
        Assert.That(async () => await sending.WaitAsync(TimeSpan.FromMilliseconds(300)), Throws.InstanceOf<TimeoutException>());

        await cancel.CancelAsync();

        Assert.That(await sending.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        Task ending = Task.Run(async () =>
        {
            await output.WriteStringAsync("after");
            await output.CompleteAsync();
        });
        byte[] got = await ReadToEndAsync(peer);
        await ending.Soon();
        Assert.That(got[^5..], Is.EqualTo("after"u8.ToArray()));
        Pattern.Check(got.AsSpan(0, got.Length - 5), 0);
    }

    [Test]
    public async Task Wrong_arguments_are_refused_before_anything_is_sent()
    {
        (ByteWriteChannel output, _) = await OpenAsync();
        using SafeFileHandle file = File.OpenHandle(_path);

        Assert.That(() => output.SendFileAsync(file, -1, 1).AsTask(), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => output.SendFileAsync(file, 0, -1).AsTask(), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => output.SendFileAsync(null!, 0, 1).AsTask(), Throws.ArgumentNullException);
        Assert.That(async () => await output.SendFileAsync(string.Empty), Throws.ArgumentException);
    }

    private static async Task<byte[]> ReadToEndAsync(NetworkStream peer)
    {
        using var all = new MemoryStream();
        await peer.CopyToAsync(all).Soon();
        return all.ToArray();
    }

    private async Task<(ByteWriteChannel Output, NetworkStream Peer)> OpenAsync()
    {
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector);
        return (ours.OpenWriteChannel(), new NetworkStream(peer, ownsSocket: true));
    }
}
