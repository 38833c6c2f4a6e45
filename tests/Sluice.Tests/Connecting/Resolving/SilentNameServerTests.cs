using System.Globalization;

namespace Sluice.Tests.Connecting.Resolving;

/// <summary>Names whose server does not answer, for ten seconds and more, asked through the system.</summary>
public sealed class SilentNameServerTests(SelectorEngine engine) : BothEngines(engine)
{
    // Well below the two attempts of five seconds each that the system makes; the rest is for a busy machine.
    private const double Seconds = 5;

    [TestCase(40)]
    [TestCase(1000)]
    public async Task A_silent_name_server_delays_no_timeout_no_cancellation_no_other_name_and_no_other_work(int count)
    {
        await using NetworkNamespaces network = await NetworkNamespaces.CreateAsync();
        await NetworkNamespaces.SetNameServerAsync(network.Near, "127.0.0.1");
        await using ChildProcess client = NetworkNamespaces.Start(network.Near, "connect-to-silent-names", Engine.ToString(), count.ToString(CultureInfo.InvariantCulture));

        string[] answer = (await client.ReadLineAsync()).Split("; ");

        TestContext.Out.WriteLine(string.Join("; ", answer));
        Assert.That(answer[0], Is.EqualTo($"{count} TimeoutException"));
        Assert.That(SecondsIn(answer[1]), Is.LessThan(Seconds), "the connects");
        Assert.That(SecondsIn(answer[2]), Is.LessThan(Seconds), "work of the thread pool");
        Assert.That(answer[3], Is.EqualTo("localhost done"));
        Assert.That(SecondsIn(answer[4]), Is.LessThan(Seconds), "a name of /etc/hosts");
        Assert.That(answer[5], Is.EqualTo("OperationCanceledException").Or.EqualTo("TaskCanceledException"));
        Assert.That(SecondsIn(answer[6]), Is.LessThan(Seconds), "the cancellation");
    }

    private static double SecondsIn(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
