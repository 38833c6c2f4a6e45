using System.ComponentModel;
using System.Net.Sockets;

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

    [Test]
    public void A_command_that_cannot_be_started_is_no_bug() =>
        Assert.That(Failures.IsExpected(new Win32Exception(24, "An error occurred trying to start process '/bin/sh'")), Is.True);

    [Test]
    [Platform(Exclude = "Win", Reason = "The numbers are those of Unix.")]
    public void A_lack_of_descriptors_is_told_from_faults_of_the_other_side()
    {
        var shortage = new SocketException((int)SocketError.TooManyOpenSockets);
        Assert.That(Failures.IsLocalShortage(shortage), Is.True);
        Assert.That(Failures.IsLocalShortage(new IOException("Writing", shortage)), Is.True);
        Assert.That(Failures.IsLocalShortage(new Win32Exception(24)), Is.True);
        Assert.That(Failures.IsLocalShortage(new Win32Exception(2)), Is.False);
        Assert.That(Failures.IsLocalShortage(new SocketException((int)SocketError.ConnectionRefused)), Is.False);
    }
}
