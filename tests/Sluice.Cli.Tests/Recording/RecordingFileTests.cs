using System.Net;
using System.Text;
using Sluice.Cli.Recording;

namespace Sluice.Cli.Tests.Recording;

[TestFixture]
[Platform("Linux", Reason = "A hand-over needs Linux.")]
public sealed class RecordingFileTests
{
    private static readonly IPEndPoint s_server = new(IPAddress.Loopback, 80);

    [Test]
    public void A_file_that_another_relay_records_to_is_refused()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("record", "old");
        using (Recorder recorder = Create(file, isShared: false))
        {
            Record(recorder, client: 1, "kept");
            IOException refused = Assert.Throws<IOException>(() => Create(file, isShared: false))!;
            Assert.That(refused.Message, Does.StartWith($"{file} is in use by another process"));
        }

        Assert.That(Read(file), Is.EqualTo(new[] { "kept" }));
        Create(file, isShared: false).Dispose();
        Assert.That(Read(file), Is.Empty);
    }

    [Test]
    public void Relays_that_share_a_file_append_to_it_in_turn()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("record", "old");
        using (Recorder first = Create(file, isShared: true))
        {
            Record(first, client: 1, "one");
            using Recorder second = Create(file, isShared: true);
            Record(first, client: 2, "two");
            Record(second, client: 3, "three");
            Record(first, client: 4, "four");
        }

        Assert.That(Read(file), Is.EqualTo(new[] { "one", "two", "three", "four" }));
    }

    private static Recorder Create(string file, bool isShared) => Recorder.Create(file, isShared, failed => Assert.Fail(failed));

    private static void Record(Recorder recorder, int client, string text) =>
        new ConversationRecorder(recorder, new IPEndPoint(IPAddress.Loopback, client), s_server, isDatagrams: false).Add(fromClient: true, Encoding.ASCII.GetBytes(text));

    private static string[] Read(string file)
    {
        using FileStream recorded = File.OpenRead(file);
        return [.. Conversation.ReadAll(recorded).Select(one => Encoding.ASCII.GetString(one.Messages.Single().Bytes))];
    }
}
