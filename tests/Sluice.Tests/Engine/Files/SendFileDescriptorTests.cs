using System.Net.Sockets;

namespace Sluice.Tests.Engine.Files;

/// <summary>What a file leaves behind whose sending is ended by a close. Counts the descriptors of the process.</summary>
public sealed class SendFileDescriptorTests(SelectorEngine engine) : BothEngines(engine)
{
    private string _path = string.Empty;

    [SetUp]
    public void NameFile() => _path = Path.GetTempFileName();

    [TearDown]
    public void DeleteFile() => File.Delete(_path);

    [Test]
    public async Task A_close_ends_the_sending_and_leaves_no_descriptor()
    {
        await File.WriteAllBytesAsync(_path, Pattern.Bytes(32 * 1024 * 1024));
        await CloseWhileSendingAsync();
        int before = Descriptors.Count();
        for (int i = 0; i < 5; i++)
        {
            await CloseWhileSendingAsync();
        }

        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    private async Task CloseWhileSendingAsync()
    {
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector);
        using Socket closing = peer;
        Task sending = ours.OpenWriteChannel().SendFileAsync(_path).AsTask();
        Assert.That(async () => await sending.WaitAsync(TimeSpan.FromMilliseconds(100)), Throws.InstanceOf<TimeoutException>());

        ours.Abort();

        Assert.That(await sending.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
        await ours.Completion.Soon();
    }
}
