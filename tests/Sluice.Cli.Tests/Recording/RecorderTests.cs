using System.Net;
using System.Text;
using Sluice.Cli.Recording;

namespace Sluice.Cli.Tests.Recording;

[TestFixture]
public sealed class RecorderTests
{
    private static readonly IPEndPoint s_client = new(IPAddress.Loopback, 1000);
    private static readonly IPEndPoint s_server = new(IPAddress.Loopback, 80);

    [Test]
    public void A_full_disk_ends_the_recording_and_leaves_what_was_recorded()
    {
        var failures = new List<string>();
        using var disk = new FullDisk(left: 600);
        using var recorder = new Recorder(disk, TimeProvider.System, failures.Add);
        var conversation = new ConversationRecorder(recorder, s_client, s_server, isDatagrams: false);
        foreach (string text in (string[])["first", new string('x', 1000), "third"])
        {
            conversation.Add(fromClient: true, Encoding.ASCII.GetBytes(text));
        }

        Assert.That(failures, Is.EqualTo(new[] { "No space left on device" }));
        disk.Position = 0;
        Conversation recorded = Conversation.ReadAll(disk).Single();
        Assert.That(recorded.Messages.Select(message => Encoding.ASCII.GetString(message.Bytes)), Is.EqualTo(new[] { "first" }));
    }
}
