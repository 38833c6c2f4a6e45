namespace Sluice.Cli.Tests;

[TestFixture]
public sealed class FailuresTests
{
    [Test]
    public void The_reason_takes_the_place_of_a_pointer_to_an_inner_exception()
    {
        var reason = new InvalidOperationException("error:0A00045C:SSL routines::tlsv13 alert certificate required");
        var tls = new IOException("The decryption operation failed, see inner exception.", reason);
        Assert.That(Failures.MessageOf(new IOException($"Reading from 192.0.2.1:1: {tls.Message}", tls)), Is.EqualTo("Reading from 192.0.2.1:1: tlsv13 alert certificate required."));
        Assert.That(Failures.MessageOf(tls), Is.EqualTo("tlsv13 alert certificate required."));
        Assert.That(Failures.MessageOf(new IOException("Reading: closed", tls)), Is.EqualTo("Reading: closed"));
    }
}
